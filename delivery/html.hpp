// The HTML form of a mail, made from its plain text: one column, no images, nothing from elsewhere. A screen
// reader learns from it which part is in which language, and reads a code one character at a time.
#pragma once

#include <string>

#include "delivery/mail.hpp"

namespace ttp::delivery {

/// A whole HTML document with line feeds. Everything of the mail is escaped.
std::string to_html(const Mail& mail);

}  // namespace ttp::delivery

// Common passwords, which are refused for new credentials (SPEC 3.1).
#pragma once

#include <string_view>

namespace ttp::service {

/// Whether a password is a common one or a slight variation: case and accents are ignored, digits and signs
/// around it are dropped, and digits or signs written for letters are undone. Repetitions of a short piece
/// and rows of the keyboard or the alphabet count as common, too.
bool is_common_password(std::string_view password);

}  // namespace ttp::service

// Common passwords, which are refused for new credentials (SPEC 3.1).
#pragma once

#include <string_view>

namespace ttp::service {

/// Whether a password is, or is little more than, a common one: case and accents forgiven, digits and signs
/// around it dropped, letters written as digits or signs undone; also one short piece repeated, and plain
/// rows of the keyboard or the alphabet.
bool is_common_password(std::string_view password);

}  // namespace ttp::service

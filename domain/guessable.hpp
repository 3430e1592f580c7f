// Passwords that their owner's names, or words of the programme, make easy to guess (SPEC 3.1).
#pragma once

#include <string_view>

#include "domain/values.hpp"

namespace ttp::domain {

/// Whether a password consists of its owner's user name, e-mail address and names and of words of the
/// programme. Case, accents, spaces, digits and signs do not count, and digits and signs written for letters
/// are read as these letters.
bool is_guessable(std::string_view password, const PasswordOwner& owner);

}  // namespace ttp::domain

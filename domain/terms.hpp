// The terms of use: the portal's (accepted at each sign-in), the mail factor's (accepted at its enrolment)
// and the programme's (accepted at activation); and the words that an account's owner attests. Every version
// that was ever in force stays here, because the log names the accepted version.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "domain/business_days.hpp"
#include "domain/enums.hpp"

namespace ttp::domain {

enum class Terms : std::uint8_t { portal, mail_factor, programme, signing_authority };
template <>
inline constexpr std::array<Names, 4> enum_names<Terms>{"portal", "mail_factor", "programme",
                                                        "signing_authority"};

struct TermsText {
  unsigned version = 0;
  std::string_view en_title, fr_title;
  std::string_view en, fr;  ///< numbered clauses, an empty line between two
  Date effective;           ///< in force from this day on, in Ottawa
};

/// Every version, oldest first: versions count 1, 2, 3 and their effective days ascend.
std::span<const TermsText> terms_versions(Terms terms);

/// Given versions, oldest first: the one in force on a day in Ottawa (`local_date`).
const TermsText& in_force(std::span<const TermsText> versions, Date on);

/// The version in force on a day in Ottawa; without a day, the newest.
const TermsText& in_force(Terms terms,
                          Date on = std::chrono::year::max() / std::chrono::December / std::chrono::last);

}  // namespace ttp::domain

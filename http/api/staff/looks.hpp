// Reads of a person, a company or a letter by staff are in the log (SPEC 7).
#pragma once

#include <optional>

#include "domain/staff.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

// Records that the caller, who is of the staff, is about to see this. A refusal says that it could not be
// recorded: then nothing is shown.
std::optional<domain::Refusal> look_refusal(const Call& call, domain::Look look, domain::UserId of);
/// At several persons or companies at once, as a search shows them.
std::optional<domain::Refusal> look_refusal(const Call& call, domain::Look look);
std::optional<domain::Refusal> look_refusal(const Call& call, domain::Look look, domain::AccountId of);
std::optional<domain::Refusal> look_refusal(const Call& call, domain::Look look, domain::LetterId of);

}  // namespace ttp::http

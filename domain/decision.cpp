#include "domain/decision.hpp"

#include <algorithm>

namespace ttp::domain {

std::optional<Refusal> why_fields(std::vector<FieldFault> faults) {
  if (faults.empty()) return std::nullopt;
  const Reason reason = faults.front().reason;
  return Refusal{reason, std::move(faults), {}, {}};
}

std::optional<Time> next_allowed(const std::vector<Time>& attempts, std::size_t limit, Duration window,
                                 Time now) {
  std::vector<Time> recent;
  std::ranges::copy_if(attempts, std::back_inserter(recent), [&](Time at) { return at + window > now; });
  if (recent.size() < limit) return std::nullopt;
  std::ranges::sort(recent);
  return recent[recent.size() - limit] + window;
}

Refusal taken_refusal(Unique kind) {
  switch (kind) {
    case Unique::user_name:
      return why_field(taken(kind), "/user_name");
    case Unique::business_number:
      return why_field(taken(kind), "/business_number");
    case Unique::client_number:
      return why_field(taken(kind), "/client_number");
    case Unique::email:  // an address is claimed with the code that was mailed to it
    case Unique::partner_identity:
    case Unique::urn:
      break;
  }
  return why(taken(kind));
}

}  // namespace ttp::domain

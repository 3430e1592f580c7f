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

}  // namespace ttp::domain

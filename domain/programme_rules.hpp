// Parts of rules that programme.cpp and profiles.cpp share. Nothing else includes this file.
#pragma once

#include <utility>

#include "domain/programme.hpp"

namespace ttp::domain::programme_rules {

template <class E>
ProgrammeDecision record(E event) {
  ProgrammeDecision decision;
  decision.events.emplace_back(std::move(event));
  return decision;
}
inline ProgrammeDecision refuse(Refusal why) {
  ProgrammeDecision decision;
  decision.refusal = std::move(why);
  return decision;
}
inline ProgrammeDecision refuse(Reason reason) {
  return refuse(why(reason));
}

}  // namespace ttp::domain::programme_rules

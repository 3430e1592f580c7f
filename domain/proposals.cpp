#include "domain/proposals.hpp"

#include <algorithm>

namespace ttp::domain {
namespace {

bool was_proposed_by(const Person& person, UserId officer) {
  return std::ranges::find(person.staff_proposers, officer) != person.staff_proposers.end();
}

}  // namespace

std::optional<Reason> approval_refusal(const Proposal& proposal, StaffRole role, const Facts& facts) {
  if (proposal.officer == facts.caller.id) return Reason::second_officer_required;
  if (!facts.proposer.has(role)) return Reason::proposer_without_role;
  if (was_proposed_by(facts.caller, proposal.officer) || was_proposed_by(facts.proposer, facts.caller.id))
    return Reason::officers_not_independent;
  return std::nullopt;
}

}  // namespace ttp::domain

// Proposals: what takes two officers (SPEC 3.4, 3.11, 3.12). One officer proposes, another approves within
// fourteen days. A proposal names what it is about and falls with it.
#pragma once

#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/permissions.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

inline constexpr Duration proposal_lifetime = days{14};
/// Two officers of whom one proposed the other for a staff role approve nothing together for this long.
inline constexpr Duration staff_proposal_memory = days{30};

/// The part that all proposals have; the subject of each stands beside it.
struct Proposal {
  ProposalId id;
  UserId officer;  ///< proposed it
  Remark reason;
  Time proposed_at;
  Time lapses_at() const { return proposed_at + proposal_lifetime; }
  bool is_open_at(Time now) const { return now < lapses_at(); }
  /// Whether a command that names this identifier finds it, and still open.
  bool is_open_as(ProposalId named, Time now) const { return id == named && is_open_at(now); }
  friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// Why the caller, who holds this role, may not approve: two different officers are needed, of whom neither
/// proposed the other for a staff role lately, and who both hold the role now.
std::optional<Reason> approval_refusal(const Proposal& proposal, StaffRole role, const Facts& facts);

}  // namespace ttp::domain

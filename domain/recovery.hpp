// Recovery with the service desk's permit (SPEC 3.2): a person who has neither password nor mailbox shows
// who they are to the service desk, and gets a permit in a registered letter to their company. With the
// permit they set a new password. The rules are in recovery.cpp, their declarations in
// recovery_decisions.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/proposals.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

// ---- limits (ours) ----------------------------------------------------------------------------------------

inline constexpr Duration recovery_permit_lifetime = days{30};  // a letter takes fifteen of them
inline constexpr std::uint32_t recovery_permit_tries = 5;

// ---- commands ---------------------------------------------------------------------------------------------

/// Service desk: the person's identity was checked, in the way that `reason` tells. Has a permit sent to this
/// company, whose user the person is; for the owner of a company a second officer must approve it first
/// (Facts::owns_account).
struct ProposeRecovery {
  UserId user;
  AccountId account;
  Remark reason;
};
/// Service desk: the second officer approves.
struct ApproveRecovery {
  UserId user;
  AccountId account;
  ProposalId proposal;
};
/// Service desk: ends the proposal, or the permit that was issued.
struct WithdrawRecovery {
  UserId user;
  AccountId account;
  ProposalId proposal;
  Remark reason;
};
/// The person can sign in and did not ask for it.
struct ObjectToRecovery {
  UserId user;
  AccountId account;
  ProposalId proposal;
};
/// A new address, and what shows that the person reads its mailbox: the code that was mailed to it for a
/// registration.
struct NewMailbox {
  EmailAddress email;
  UserId registration;
  RegistrationCode code;
  Time expires_at;
};
/// Redeems the permit. Facts::secret_matches states whether reference number, family name and permit are one
/// person's; the code of a new mailbox was checked, and the new password is in the vault as `verifier`.
struct RecoverUser {
  UserId user;
  AccountId account;
  Urn urn;
  FamilyName family_name;
  RecoveryPermit permit;
  Password new_password;
  std::optional<NewMailbox> mailbox{};
  VerifierId verifier{};
};
/// Issued by the service: somebody who knows the person's reference number and family name entered a wrong
/// permit.
struct NoteWrongPermit {
  UserId user;
  AccountId account;
};

// ---- events -----------------------------------------------------------------------------------------------

struct RecoveryProposed {
  UserId user;
  ProposalId proposal;
  AccountId account;
  UserId officer;
  Remark reason;
  Time proposed_at;
};
/// `proposal` names the recovery from here on, also if no second officer was needed.
struct RecoveryPermitted {
  UserId user;
  ProposalId proposal;
  AccountId account;
  CodeId code;
  LetterId letter;
  UserId officer;
  std::optional<UserId> approved_by;  ///< nothing: the person owned no company
  Remark reason;
  Time permitted_at;
  Time expires_at;
};
struct RecoveryPermitRejected {
  UserId user;
  ProposalId proposal;
  std::uint32_t tries = 0;
  Time at;
};

enum class RecoveryEnd : std::uint8_t { lapsed, withdrawn, objected, too_many_tries, expired };
template <>
inline constexpr std::array<Names, 5> enum_names<RecoveryEnd>{"lapsed", "withdrawn", "objected",
                                                              "too_many_tries", "expired"};
/// The proposal or its permit ended unused.
struct RecoveryEnded {
  UserId user;
  ProposalId proposal;
  RecoveryEnd cause{};
  std::optional<UserId> by;
  std::optional<Remark> reason;
  Time ended_at;
};
/// The permit was redeemed: the password is new, a lock is lifted, and the address is new if one was given.
struct UserRecovered {
  UserId user;
  ProposalId proposal;
  std::uint32_t credential_version = 0;
  VerifierId verifier{};
  std::optional<EmailAddress> email;
  std::optional<EmailAddress> previous_email;
  Time recovered_at;
};

// ---- state ------------------------------------------------------------------------------------------------

/// A recovery that waits for a second officer.
struct RecoveryProposal {
  Proposal proposal;
  AccountId account;
  friend bool operator==(const RecoveryProposal&, const RecoveryProposal&) = default;
};

enum class PermitState : std::uint8_t { open, used, ended, expired };
template <>
inline constexpr std::array<Names, 4> enum_names<PermitState>{"open", "used", "ended", "expired"};
/// The permit that was issued last. It is also dead if its letter was returned or cancelled.
struct IssuedPermit {
  Proposal proposal;
  AccountId account;
  CodeId code;
  LetterId letter;
  std::optional<UserId> approved_by;
  Time permitted_at;
  Time expires_at;
  std::uint32_t tries = 0;
  PermitState state{};
  bool is_open_at(Time now) const { return state == PermitState::open && now < expires_at; }
  friend bool operator==(const IssuedPermit&, const IssuedPermit&) = default;
};

}  // namespace ttp::domain

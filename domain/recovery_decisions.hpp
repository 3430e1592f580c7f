// The decisions about recoveries. They read and write the person's stream and that of the company to which
// the letter goes.
#pragma once

#include "domain/account.hpp"
#include "domain/decision.hpp"
#include "domain/lists.hpp"
#include "domain/user.hpp"

namespace ttp::domain {

using RecoveryRecord = Extended<UserEvent, LetterOrdered, LetterCancelled>;
using RecoveryDecision = Decision<RecoveryRecord>;

RecoveryDecision decide(const User&, const Account&, const ProposeRecovery&, const Facts&);
RecoveryDecision decide(const User&, const Account&, const ApproveRecovery&, const Facts&);
RecoveryDecision decide(const User&, const Account&, const WithdrawRecovery&, const Facts&);
RecoveryDecision decide(const User&, const Account&, const ObjectToRecovery&, const Facts&);
RecoveryDecision decide(const User&, const Account&, const RecoverUser&, const Facts&);
RecoveryDecision decide(const User&, const Account&, const NoteWrongPermit&, const Facts&);

/// The company of the person's open recovery; nil if there is none.
AccountId account_of_recovery(const User& user, ProposalId proposal);

}  // namespace ttp::domain

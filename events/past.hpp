// Events as they were stored by earlier versions of the program: the struct and the row of each past schema
// version, and the upcast to the next one. Never change what is here; a new schema version adds to it.
#pragma once

#include <tuple>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "events/fields.hpp"

namespace ttp::events::past {

// ---- account.owner_reassignment_proposed@1: no time of its own -------------------------------------------
struct OwnerReassignmentProposed1 {
  domain::AccountId account;
  domain::ProposalId proposal;
  domain::UserId new_owner;
  domain::UserId officer;
  domain::Remark reason;
};
inline domain::OwnerReassignmentProposed upcast(OwnerReassignmentProposed1 old, domain::Time recorded_at) {
  return {old.account, old.proposal, old.new_owner, old.officer, std::move(old.reason), recorded_at};
}

// ---- programme.informal_review_requested@1: no time of its own -------------------------------------------
struct InformalReviewRequested1 {
  domain::AccountId account;
  domain::UserId by;
  domain::Remark grounds;
};
inline domain::InformalReviewRequested upcast(InformalReviewRequested1 old, domain::Time recorded_at) {
  return {old.account, old.by, std::move(old.grounds), recorded_at};
}

// ---- programme.cancellation_appealed@1: no time of its own -----------------------------------------------
struct CancellationAppealed1 {
  domain::AccountId account;
  domain::UserId by;
  domain::Remark grounds;
};
inline domain::CancellationAppealed upcast(CancellationAppealed1 old, domain::Time recorded_at) {
  return {old.account, old.by, std::move(old.grounds), recorded_at};
}

// ---- the list ---------------------------------------------------------------------------------------------
// clang-format off
inline constexpr auto rows = std::tuple{
    row<OwnerReassignmentProposed1>(
        "account.owner_reassignment_proposed", 1, &OwnerReassignmentProposed1::account,
        field("account", &OwnerReassignmentProposed1::account),
        field("proposal", &OwnerReassignmentProposed1::proposal),
        field("new_owner", &OwnerReassignmentProposed1::new_owner),
        field("officer", &OwnerReassignmentProposed1::officer),
        personal("reason", &OwnerReassignmentProposed1::reason)),
    row<InformalReviewRequested1>(
        "programme.informal_review_requested", 1, &InformalReviewRequested1::account,
        field("account", &InformalReviewRequested1::account),
        field("by", &InformalReviewRequested1::by),
        personal("grounds", &InformalReviewRequested1::grounds)),
    row<CancellationAppealed1>(
        "programme.cancellation_appealed", 1, &CancellationAppealed1::account,
        field("account", &CancellationAppealed1::account),
        field("by", &CancellationAppealed1::by),
        personal("grounds", &CancellationAppealed1::grounds)),
};
// clang-format on

}  // namespace ttp::events::past

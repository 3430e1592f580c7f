// Events as earlier versions of the program stored them: the struct and the row of each past schema version,
// and the upcast to the next one. Never change an entry; a new schema version adds one.
#pragma once

#include <tuple>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/fields.hpp"

namespace ttp::events::past {

// ---- account.owner_reassignment_proposed@1: no time of its own --------------------------------------------
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

// ---- programme.informal_review_requested@1: no time of its own --------------------------------------------
struct InformalReviewRequested1 {
  domain::AccountId account;
  domain::UserId by;
  domain::Remark grounds;
};
inline domain::InformalReviewRequested upcast(InformalReviewRequested1 old, domain::Time recorded_at) {
  return {old.account, old.by, std::move(old.grounds), recorded_at};
}

// ---- programme.cancellation_appealed@1: no time of its own ------------------------------------------------
struct CancellationAppealed1 {
  domain::AccountId account;
  domain::UserId by;
  domain::Remark grounds;
};
inline domain::CancellationAppealed upcast(CancellationAppealed1 old, domain::Time recorded_at) {
  return {old.account, old.by, std::move(old.grounds), recorded_at};
}

// ---- user.credential_registered@1: the credential's version names the verifier ----------------------------
struct CredentialRegistered1 {
  domain::UserId user;
  domain::CredentialKind kind{};
  std::uint32_t credential_version = 0;
  domain::Language language{};
  std::optional<domain::UserName> user_name;
  std::optional<domain::Issuer> issuer;
  std::optional<domain::Subject> subject;
  domain::FamilyName family_name;
  domain::GivenNames given_names;
  domain::EmailAddress email;
  domain::Telephone telephone;
};
inline domain::CredentialRegistered upcast(CredentialRegistered1 old, domain::Time) {
  return {old.user,
          old.kind,
          old.credential_version,
          old.language,
          std::move(old.user_name),
          std::move(old.issuer),
          std::move(old.subject),
          std::move(old.family_name),
          std::move(old.given_names),
          std::move(old.email),
          std::move(old.telephone),
          domain::numbered_verifier(old.credential_version)};
}

// ---- user.password_changed@1: the credential's version names the verifier ---------------------------------
struct PasswordChanged1 {
  domain::UserId user;
  std::uint32_t credential_version = 0;
};
inline domain::PasswordChanged upcast(PasswordChanged1 old, domain::Time) {
  return {old.user, old.credential_version, domain::numbered_verifier(old.credential_version)};
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
    row<CredentialRegistered1>(
        "user.credential_registered", 1, &CredentialRegistered1::user,
        field("user", &CredentialRegistered1::user),
        field("kind", &CredentialRegistered1::kind),
        field("credential_version", &CredentialRegistered1::credential_version),
        field("language", &CredentialRegistered1::language),
        personal("user_name", &CredentialRegistered1::user_name),
        personal("issuer", &CredentialRegistered1::issuer),
        personal("subject", &CredentialRegistered1::subject),
        personal("family_name", &CredentialRegistered1::family_name),
        personal("given_names", &CredentialRegistered1::given_names),
        personal("email", &CredentialRegistered1::email),
        personal("telephone", &CredentialRegistered1::telephone)),
    row<PasswordChanged1>(
        "user.password_changed", 1, &PasswordChanged1::user,
        field("user", &PasswordChanged1::user),
        field("credential_version", &PasswordChanged1::credential_version)),
};
// clang-format on

}  // namespace ttp::events::past

// Documents of proposals: what waits for a second officer. All kinds have one form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/account.hpp"
#include "domain/user.hpp"
#include "http/api/documents.hpp"

namespace ttp::http {

/// The proposer and the reason are for the officers who can approve it, and for privacy auditors.
struct ProposalDocument {
  domain::ProposalId id;
  std::string kind;  ///< as in the work list
  std::optional<domain::AccountId> account_id;
  std::optional<domain::UserId> user_id;  ///< whose role changes, or whose data would be erased
  std::optional<domain::UserId> owner_id;
  std::optional<domain::UserId> new_owner_id;
  std::optional<domain::RoleChange> change;
  std::optional<domain::StaffRole> role;
  std::optional<domain::LegalGround> ground;
  std::optional<domain::UserId> officer_id;
  std::optional<domain::Remark> reason;
  domain::Time proposed_at;
  domain::Time lapses_at;
  std::vector<OpenAction> actions;
};

/// Each needs the open proposal in the state. `facts` are those of the reader; the proposer is added here.
ProposalDocument enrolment_release_document(const service::StateSource& states,
                                            const domain::Account& account, domain::Facts facts);
ProposalDocument owner_reassignment_document(const service::StateSource& states,
                                             const domain::Account& account, domain::Facts facts);
ProposalDocument staff_role_change_document(const service::StateSource& states, const domain::User& user,
                                            domain::Facts facts);
ProposalDocument erasure_document(const service::StateSource& states, const domain::User& user,
                                  domain::Facts facts);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::ProposalDocument> = fields<http::ProposalDocument>(
    field("id", &http::ProposalDocument::id),
    field("kind", &http::ProposalDocument::kind),
    field("account_id", &http::ProposalDocument::account_id),
    field("user_id", &http::ProposalDocument::user_id),
    field("owner_id", &http::ProposalDocument::owner_id),
    field("new_owner_id", &http::ProposalDocument::new_owner_id),
    field("change", &http::ProposalDocument::change),
    field("role", &http::ProposalDocument::role),
    field("ground", &http::ProposalDocument::ground),
    field("officer_id", &http::ProposalDocument::officer_id),
    field("reason", &http::ProposalDocument::reason),
    field("proposed_at", &http::ProposalDocument::proposed_at),
    field("lapses_at", &http::ProposalDocument::lapses_at),
    field("actions", &http::ProposalDocument::actions));
// clang-format on
}  // namespace ttp::events

// Recoveries with the service desk's permit (SPEC 3.2): their documents, and the handlers of the desk, of the
// person who can object, and of the person who redeems the permit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/recovery_decisions.hpp"
#include "http/api/documents.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

enum class RecoveryState : std::uint8_t { proposed, permitted, used, ended, expired };

}  // namespace ttp::http

namespace ttp::domain {
template <>
inline constexpr std::array<Names, 5> enum_names<http::RecoveryState>{"proposed", "permitted", "used",
                                                                      "ended", "expired"};
}  // namespace ttp::domain

namespace ttp::http {

/// The last recovery of a person. The officers and the reason are for the service desk.
struct RecoveryDocument {
  domain::ProposalId id;
  domain::UserId user_id;
  domain::AccountId account_id;
  RecoveryState state{};
  std::optional<domain::UserId> officer_id;
  std::optional<domain::UserId> approved_by_id;
  std::optional<domain::Remark> reason;
  domain::Time proposed_at;
  std::optional<domain::Time> lapses_at;  ///< of a proposal
  std::optional<domain::Time> permitted_at;
  std::optional<domain::Time> expires_at;  ///< of the permit
  std::optional<domain::LetterId> letter_id;
  std::optional<std::uint32_t> tries_left;
  std::vector<OpenAction> actions;
};

struct RecoveredDocument {
  domain::Time recovered_at;
};

/// The registration token and the mailed code that prove a new mailbox. Both may be absent.
struct FromNewMailbox {
  static constexpr bool looks_up = false;
  void fill(domain::RecoverUser& command, const Call& call, const Json* body, Faults& faults) const;
  void describe(Route& route) const;
};

/// The action of a person who can object to their open recovery.
void add_objection(std::vector<OpenAction>& actions, const domain::User& user, domain::Time now);

Answered<RecoveryDocument> staff_recovery(Call&);
Answered<RecoveryDocument> own_recovery(Call&);
Response recovered(Call& call, const service::CommandResult& outcome);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::RecoveryDocument> = fields<http::RecoveryDocument>(
    field("id", &http::RecoveryDocument::id),
    field("user_id", &http::RecoveryDocument::user_id),
    field("account_id", &http::RecoveryDocument::account_id),
    field("state", &http::RecoveryDocument::state),
    field("officer_id", &http::RecoveryDocument::officer_id),
    field("approved_by_id", &http::RecoveryDocument::approved_by_id),
    field("reason", &http::RecoveryDocument::reason),
    field("proposed_at", &http::RecoveryDocument::proposed_at),
    field("lapses_at", &http::RecoveryDocument::lapses_at),
    field("permitted_at", &http::RecoveryDocument::permitted_at),
    field("expires_at", &http::RecoveryDocument::expires_at),
    field("letter_id", &http::RecoveryDocument::letter_id),
    field("tries_left", &http::RecoveryDocument::tries_left),
    field("actions", &http::RecoveryDocument::actions));
template <> inline constexpr auto shape<http::RecoveredDocument> = fields<http::RecoveredDocument>(
    field("recovered_at", &http::RecoveredDocument::recovered_at));
// clang-format on
}  // namespace ttp::events

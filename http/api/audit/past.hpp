// Documents of past states for auditors: an account or a user as a GET showed them at a moment, and the
// changes between two moments, as sentences in both languages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/api/accounts/documents.hpp"
#include "http/api/programme/documents.hpp"
#include "http/api/route.hpp"
#include "http/api/signing_in/documents.hpp"

namespace ttp::http {

/// `position` is the position of the last included event; absent before the first event.
struct AccountStateDocument {
  std::optional<storage::Position> position;
  domain::Time at;
  AccountDocument account;
  std::vector<MemberDocument> members;
  MembershipDocument membership;
  std::vector<ProfileDocument> profiles;
  std::vector<SubmissionDocument> submissions;
};
struct UserStateDocument {
  std::optional<storage::Position> position;
  domain::Time at;
  UserDocument user;
};

/// One difference; a missing value is absent. `path` is a JSON pointer into the state, in which the items of
/// a list are named by their identity.
struct DifferenceDocument {
  std::string path;
  std::optional<AnyJson> before;
  std::optional<AnyJson> after;
  std::string title;  ///< the sentence in the reader's language
  Bilingual titles;
};
struct DifferencesDocument {
  std::optional<storage::Position> from_position;
  domain::Time from_at;
  std::optional<storage::Position> to_position;
  domain::Time to_at;
  std::vector<DifferenceDocument> differences;
};

Answered<AccountStateDocument> account_state(Call&);
Answered<UserStateDocument> user_state(Call&);
Answered<DifferencesDocument> account_differences(Call&);
Answered<DifferencesDocument> user_differences(Call&);

/// Whether the answer may show personal data: `personal=true` asks for it, only privacy auditors may have it,
/// and it is recorded before it is shown. `of_user` and `of_account` name the user or account concerned, if
/// there is only one.
Answered<bool> shows_personal(Call& call, domain::Look look, std::optional<domain::UserId> of_user,
                              std::optional<domain::AccountId> of_account);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::AccountStateDocument> = fields<http::AccountStateDocument>(
    field("position", &http::AccountStateDocument::position),
    field("at", &http::AccountStateDocument::at),
    field("account", &http::AccountStateDocument::account),
    field("members", &http::AccountStateDocument::members),
    field("membership", &http::AccountStateDocument::membership),
    field("profiles", &http::AccountStateDocument::profiles),
    field("submissions", &http::AccountStateDocument::submissions));
template <> inline constexpr auto shape<http::UserStateDocument> = fields<http::UserStateDocument>(
    field("position", &http::UserStateDocument::position),
    field("at", &http::UserStateDocument::at),
    field("user", &http::UserStateDocument::user));
template <> inline constexpr auto shape<http::DifferenceDocument> = fields<http::DifferenceDocument>(
    field("path", &http::DifferenceDocument::path),
    field("before", &http::DifferenceDocument::before),
    field("after", &http::DifferenceDocument::after),
    field("title", &http::DifferenceDocument::title),
    field("titles", &http::DifferenceDocument::titles));
template <> inline constexpr auto shape<http::DifferencesDocument> = fields<http::DifferencesDocument>(
    field("from_position", &http::DifferencesDocument::from_position),
    field("from_at", &http::DifferencesDocument::from_at),
    field("to_position", &http::DifferencesDocument::to_position),
    field("to_at", &http::DifferencesDocument::to_at),
    field("differences", &http::DifferencesDocument::differences));
// clang-format on
}  // namespace ttp::events

// The index rows that are derived from a state: members of accounts, letters to be printed, deadlines. They
// depend on the state alone, so a change of state is a difference of two sets of rows.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/shapes.hpp"

namespace ttp::projections {

/// An item that waits for staff, as stored in the views and shown in the work list.
struct WorkRow {
  std::string kind;
  domain::Uuid id;  ///< of the letter, case, proposal or submission; of the account if there is no other
  std::optional<domain::AccountId> account;
  std::optional<domain::UserId> user;
  domain::Time since;
  std::optional<domain::Time> due_at;
};

/// The kind of work of letters that are past their two business days.
inline constexpr std::string_view letter_overdue_kind = "letter_overdue";

using IndexRows = std::map<std::string, std::string>;  ///< key to value

// Keys in the views' families: a letter for the kind of row, then the values that it is looked up by. A new
// kind or a new form needs a new version of the projection.
namespace key {
std::string deadline(domain::Time due, const domain::Uuid& id);          ///< "t" be64(ms) id
std::string session(domain::SessionId session);                          ///< "e" session  -> user
std::string sign_in(domain::SignInId sign_in);                           ///< "g" sign-in  -> user
std::string staff(domain::UserId user);                                  ///< "f" user
std::string erased(domain::UserId user);                                 ///< "x" user
std::string membership(domain::UserId user, domain::AccountId account);  ///< "m" user account -> role
std::string offer(domain::UserId user, domain::AccountId account);       ///< "o" user account -> offer
/// "p" user account -> proposal that would make the user the owner
std::string proposed_owner(domain::UserId user, domain::AccountId account);
std::string letter(domain::LetterId letter);  ///< "l" letter -> account
std::string work(domain::StaffRole role, std::string_view kind, domain::Time since,
                 const domain::Uuid& id);  ///< "w"
}  // namespace key

IndexRows index_rows(const domain::User& user);
IndexRows index_rows(const domain::Account& account);
IndexRows index_rows(const domain::Programme& programme);

/// The sixteen bytes of an identifier, as in keys and values.
std::string id_bytes(const domain::Uuid& id);
domain::Uuid id_from_bytes(std::string_view bytes);

}  // namespace ttp::projections

namespace ttp::events {
template <>
inline constexpr auto shape<projections::WorkRow> = fields<projections::WorkRow>(
    field("kind", &projections::WorkRow::kind), field("id", &projections::WorkRow::id),
    field("account", &projections::WorkRow::account), field("user", &projections::WorkRow::user),
    field("since", &projections::WorkRow::since), field("due_at", &projections::WorkRow::due_at));
}  // namespace ttp::events

// The index rows that are derived from a state: members of accounts, letters to be printed, deadlines. They
// depend on the state alone, so a change of state is a difference of two sets of rows.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/shapes.hpp"

namespace ttp::projections {

/// The kinds of work that wait for staff.
enum class WorkKind : std::uint8_t {
  letter,
  letter_overdue,  ///< past its two business days
  letter_arrival,
  letter_case,
  enrolment_release,
  owner_reassignment,
  submission,
  informal_review,
  appeal,
  confirmation_overdue,
  revalidation_due,
  staff_role_change,
  recovery,
  erasure,
};

/// An item that waits for staff, as stored in the views and shown in the work list.
struct WorkRow {
  WorkKind kind{};
  domain::Uuid id;  ///< of the letter, case, proposal, submission, review or appeal; else of the account
  std::optional<domain::AccountId> account_id;
  std::optional<domain::UserId> user_id;
  domain::Time opened_at;
  std::optional<domain::Time> due_at;
};

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
std::string letter(domain::LetterId letter);     ///< "l" letter -> account
std::string account(domain::AccountId account);  ///< "a" account, for all that ever enrolled
std::string work(domain::StaffRole role, WorkKind kind, domain::Time since, const domain::Uuid& id);  ///< "w"
/// The beginning of the keys of a role's work of one kind.
std::string work_of(domain::StaffRole role, WorkKind kind);
}  // namespace key

IndexRows index_rows(const domain::User& user);
IndexRows index_rows(const domain::Account& account);
IndexRows index_rows(const domain::Programme& programme);

/// The sixteen bytes of an identifier, as in keys and values.
std::string id_bytes(const domain::Uuid& id);
domain::Uuid id_from_bytes(std::string_view bytes);

}  // namespace ttp::projections

namespace ttp::domain {
template <>
inline constexpr std::array<Names, 14> enum_names<projections::WorkKind>{"letter",
                                                                         "letter_overdue",
                                                                         "letter_arrival",
                                                                         "letter_case",
                                                                         "enrolment_release",
                                                                         "owner_reassignment",
                                                                         "submission",
                                                                         "informal_review",
                                                                         "appeal",
                                                                         "confirmation_overdue",
                                                                         "revalidation_due",
                                                                         "staff_role_change",
                                                                         "recovery",
                                                                         "erasure"};
}  // namespace ttp::domain

namespace ttp::events {
template <>
inline constexpr auto shape<projections::WorkRow> = fields<projections::WorkRow>(
    field("kind", &projections::WorkRow::kind), field("id", &projections::WorkRow::id),
    field("account_id", &projections::WorkRow::account_id), field("user_id", &projections::WorkRow::user_id),
    field("opened_at", &projections::WorkRow::opened_at), field("due_at", &projections::WorkRow::due_at));
}  // namespace ttp::events

#include "projections/index/index_rows.hpp"

#include <algorithm>
#include <cassert>

#include "events/bytes.hpp"
#include "events/json.hpp"

namespace ttp::projections {
namespace {

using domain::StaffRole;
using domain::Time;
using domain::Uuid;

/// Unsigned and big-endian, so that keys sort by time. Times before 1970 do not occur.
std::string time_bytes(Time time) {
  std::string out;
  events::put_be64(out, static_cast<std::uint64_t>(time.time_since_epoch().count()));
  return out;
}

void add_deadline(IndexRows& rows, std::optional<Time> due, const Uuid& id) {
  if (due) rows[key::deadline(*due, id)] = "";
}

/// Adds a row of the work list of a staff role.
void add_work(IndexRows& rows, StaffRole role, const WorkRow& row) {
  rows[key::work(role, row.kind, row.opened_at, row.id)] = events::to_json(row);
}
void add_work(IndexRows& rows, StaffRole role, WorkKind kind, Time since, const Uuid& id,
              domain::AccountId account, std::optional<Time> due = std::nullopt) {
  add_work(rows, role, {kind, id, account, std::nullopt, since, due});
}

/// A proposal waits for a second officer until it lapses.
void add_work(IndexRows& rows, StaffRole role, WorkKind kind, const domain::Proposal& proposal,
              std::optional<domain::AccountId> account, std::optional<domain::UserId> user = std::nullopt) {
  add_work(rows, role, {kind, proposal.id.uuid, account, user, proposal.proposed_at, proposal.lapses_at()});
}

/// A letter waits for the mail room. Past its two days it is an alarm for the service desk, too, and on the
/// fifteenth day a question.
void add_letter_work(IndexRows& rows, const domain::Account& account, const domain::Letter& letter) {
  const Uuid& id = letter.id.uuid;
  if (letter.is_pending())
    add_work(rows, StaffRole::mail_room, WorkKind::letter, letter.ordered_at, id, account.id, letter.due_at);
  if (letter.is_pending() && letter.overdue)
    for (const StaffRole role : {StaffRole::mail_room, StaffRole::service_desk})
      add_work(rows, role, WorkKind::letter_overdue, letter.due_at, id, account.id, letter.due_at);
  if (letter.arrival_asked && is_awaited(account, letter) && !account.open_case_of(letter.id))
    add_work(rows, StaffRole::service_desk, WorkKind::letter_arrival,
             letter.ordered_at + domain::letter_arrival_time, id, account.id);
}

}  // namespace

std::string id_bytes(const Uuid& id) {
  return std::string{events::as_text(id.bytes)};
}

Uuid id_from_bytes(std::string_view bytes) {
  Uuid id;
  if (bytes.size() != id.bytes.size()) throw events::Damaged{"an identifier in a view has the wrong length"};
  std::copy_n(bytes.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

namespace key {
std::string deadline(Time due, const Uuid& id) {
  return "t" + time_bytes(due) + id_bytes(id);
}
std::string session(domain::SessionId session) {
  return "e" + id_bytes(session.uuid);
}
std::string sign_in(domain::SignInId sign_in) {
  return "g" + id_bytes(sign_in.uuid);
}
std::string staff(domain::UserId user) {
  return "f" + id_bytes(user.uuid);
}
std::string erased(domain::UserId user) {
  return "x" + id_bytes(user.uuid);
}
std::string membership(domain::UserId user, domain::AccountId account) {
  return "m" + id_bytes(user.uuid) + id_bytes(account.uuid);
}
std::string offer(domain::UserId user, domain::AccountId account) {
  return "o" + id_bytes(user.uuid) + id_bytes(account.uuid);
}
std::string proposed_owner(domain::UserId user, domain::AccountId account) {
  return "p" + id_bytes(user.uuid) + id_bytes(account.uuid);
}
std::string account(domain::AccountId account) {
  return "a" + id_bytes(account.uuid);
}
std::string letter(domain::LetterId letter) {
  return "l" + id_bytes(letter.uuid);
}
std::string work_of(StaffRole role, WorkKind kind) {
  return "w" + std::string{domain::to_text(role)} + "/" + std::string{domain::to_text(kind)} + "/";
}
std::string work(StaffRole role, WorkKind kind, Time since, const Uuid& id) {
  return work_of(role, kind) + time_bytes(since) + id_bytes(id);
}
}  // namespace key

IndexRows index_rows(const domain::User& user) {
  IndexRows rows;
  const std::string id = id_bytes(user.id.uuid);
  add_deadline(rows, domain::next_deadline(user), user.id.uuid);
  for (const domain::Session& session : user.sessions) rows[key::session(session.id)] = id;
  if (user.sign_in) rows[key::sign_in(user.sign_in->id)] = id;
  if (user.is_staff()) rows[key::staff(user.id)] = "";
  if (user.erased) rows[key::erased(user.id)] = "";
  if (user.erasure)
    add_work(rows, StaffRole::operator_, WorkKind::erasure, user.erasure->proposal, {}, user.id);
  if (user.recovery_proposal)
    add_work(rows, StaffRole::service_desk, WorkKind::recovery, user.recovery_proposal->proposal,
             user.recovery_proposal->account, user.id);
  if (user.staff_role_change)
    add_work(rows, StaffRole::operator_, WorkKind::staff_role_change, user.staff_role_change->proposal, {},
             user.id);
  return rows;
}

IndexRows index_rows(const domain::Account& account) {
  IndexRows rows;
  add_deadline(rows, domain::next_deadline(account), account.id.uuid);
  if (account.stage != domain::Stage::absent) rows[key::account(account.id)] = "";
  for (const domain::Member& member : account.members)
    rows[key::membership(member.user, account.id)] = std::string{domain::to_text(member.role)};
  if (account.ownership_offer)
    rows[key::offer(account.ownership_offer->to, account.id)] = id_bytes(account.ownership_offer->id.uuid);
  for (const domain::Letter& letter : account.letters) {
    rows[key::letter(letter.id)] = id_bytes(account.id.uuid);
    add_letter_work(rows, account, letter);
  }
  for (const domain::LetterCase& each : account.letter_cases)
    if (each.is_open() && account.exists())
      add_work(rows, StaffRole::service_desk, WorkKind::letter_case, each.opened_at, each.id.uuid,
               account.id);
  if (account.enrolment_release)
    add_work(rows, StaffRole::service_desk, WorkKind::enrolment_release, *account.enrolment_release,
             account.id);
  if (account.reassignment) {
    const domain::Proposal& proposal = account.reassignment->proposal;
    rows[key::proposed_owner(account.reassignment->new_owner, account.id)] = id_bytes(proposal.id.uuid);
    add_work(rows, StaffRole::service_desk, WorkKind::owner_reassignment, proposal, account.id);
  }
  return rows;
}

IndexRows index_rows(const domain::Programme& programme) {
  IndexRows rows;
  add_deadline(rows, domain::next_deadline(programme), programme.id.uuid);
  if (const domain::Submission* open = programme.open_submission())
    add_work(rows, StaffRole::programme_officer, WorkKind::submission, open->submitted_at, open->id.uuid,
             programme.id);
  if (programme.informal_review_open_since && !programme.submissions.empty())
    add_work(rows, StaffRole::programme_officer, WorkKind::informal_review,
             *programme.informal_review_open_since,
             domain::request_id(*programme.informal_review_open_since, programme.id), programme.id);
  if (programme.appeal_open_since)
    add_work(rows, StaffRole::programme_officer, WorkKind::appeal, *programme.appeal_open_since,
             domain::request_id(*programme.appeal_open_since, programme.id), programme.id);
  const bool has_duties = domain::has_duties(programme);
  if (has_duties && programme.confirmation_overdue)
    add_work(rows, StaffRole::programme_officer, WorkKind::confirmation_overdue,
             *programme.details_confirmed_at, programme.id.uuid, programme.id);
  if (has_duties && programme.revalidation_overdue)
    add_work(rows, StaffRole::programme_officer, WorkKind::revalidation_due, *programme.revalidation_due_at,
             programme.id.uuid, programme.id);
  return rows;
}

}  // namespace ttp::projections

#include "service/reading/queries.hpp"

#include <algorithm>

#include "events/codec.hpp"
#include "projections/all.hpp"
#include "projections/index/index_rows.hpp"

namespace ttp::service {
namespace {

namespace key = projections::key;
using projections::id_bytes;
using projections::id_from_bytes;

constexpr std::size_t stream_page = 200;

/// The identifier after the first dash of a stream's name.
std::optional<domain::Uuid> id_of_stream(std::string_view stream) {
  const auto dash = stream.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  return domain::parse_uuid(stream.substr(dash + 1));
}

template <class Tag>
std::vector<domain::Id<Tag>> typed(const std::vector<domain::Uuid>& uuids) {
  std::vector<domain::Id<Tag>> ids;
  for (const domain::Uuid& uuid : uuids) ids.push_back({uuid});
  return ids;
}

}  // namespace

Queries::Queries(const storage::Log& log, const storage::ViewStore& views,
                 const snapshots::Snapshots& snapshots, const projections::Runner& runner,
                 const Secrets& secrets, events::FindSubjectKey find_key)
    : log_(log),
      views_(views),
      snapshots_(snapshots),
      runner_(runner),
      secrets_(secrets),
      find_key_(std::move(find_key)) {}

Found<domain::User> Queries::user(domain::UserId user) const {
  return snapshots_.get<domain::User>(user.uuid);
}

Found<domain::Account> Queries::account(domain::AccountId account) const {
  auto found = snapshots_.get<domain::Account>(account.uuid);
  if (found && found->state.stage == domain::Stage::absent) return std::nullopt;
  return found;
}

Found<domain::Programme> Queries::programme(domain::AccountId account) const {
  auto found = snapshots_.get<domain::Programme>(account.uuid);
  if (found) return found;
  Snapshot<domain::Programme> nothing_yet;
  nothing_yet.state.id = account;
  return nothing_yet;
}

std::optional<domain::Uuid> Queries::claimed(domain::Unique kind, std::string_view value) const {
  for (const events::Hash& claim : secrets_.claim_keys(kind, value))
    if (const auto stream = log_.claim_owner(domain::to_text(kind), claim)) return id_of_stream(*stream);
  return std::nullopt;
}

std::optional<domain::UserId> Queries::user_by_user_name(const domain::UserName& user_name) const {
  const auto id = claimed(domain::Unique::user_name, domain::same_user_name(user_name));
  return id ? std::optional{domain::UserId{*id}} : std::nullopt;
}

std::optional<domain::UserId> Queries::user_by_urn(const domain::Urn& urn) const {
  const auto id = claimed(domain::Unique::urn, urn.text());
  return id ? std::optional{domain::UserId{*id}} : std::nullopt;
}

std::optional<domain::UserId> Queries::user_by_email(const domain::EmailAddress& email) const {
  const auto id = claimed(domain::Unique::email, domain::same_email(email));
  return id ? std::optional{domain::UserId{*id}} : std::nullopt;
}

std::optional<domain::AccountId> Queries::account_by_client_number(const domain::ClientNumber& number) const {
  const auto id = claimed(domain::Unique::client_number, number.text());
  return id ? std::optional{domain::AccountId{*id}} : std::nullopt;
}

std::optional<domain::AccountId> Queries::account_by_business_number(
    const domain::BusinessNumber& number) const {
  const auto id = claimed(domain::Unique::business_number, number.text());
  return id ? std::optional{domain::AccountId{*id}} : std::nullopt;
}

std::optional<domain::Uuid> Queries::stored_id(std::string_view projection,
                                               const std::string& row_key) const {
  const auto row = views_.get(runner_.family(projection), row_key);
  return row ? std::optional{id_from_bytes(*row)} : std::nullopt;
}

std::optional<domain::UserId> Queries::user_of_session(domain::SessionId session) const {
  const auto id = stored_id(projections::user_view, key::session(session));
  return id ? std::optional{domain::UserId{*id}} : std::nullopt;
}

std::optional<domain::UserId> Queries::user_of_sign_in(domain::SignInId sign_in) const {
  const auto id = stored_id(projections::user_view, key::sign_in(sign_in));
  return id ? std::optional{domain::UserId{*id}} : std::nullopt;
}

std::optional<domain::AccountId> Queries::account_of_letter(domain::LetterId letter) const {
  const auto id = stored_id(projections::account_view, key::letter(letter));
  return id ? std::optional{domain::AccountId{*id}} : std::nullopt;
}

std::vector<Membership> Queries::memberships(domain::UserId user) const {
  const std::string prefix = "m" + id_bytes(user.uuid);
  std::vector<Membership> found;
  views_.scan(
      runner_.family(projections::account_view), "", prefix,
      [&](std::string_view row_key, std::string_view role) {
        found.push_back({{id_from_bytes(row_key.substr(prefix.size()))},
                         domain::parse_enum<domain::Role>(role).value_or(domain::Role::administrative)});
        return true;
      });
  return found;
}

std::vector<PendingOffer> Queries::offers_to(domain::UserId user) const {
  const std::string prefix = "o" + id_bytes(user.uuid);
  std::vector<PendingOffer> found;
  views_.scan(runner_.family(projections::account_view), "", prefix,
              [&](std::string_view row_key, std::string_view offer) {
                found.push_back({{id_from_bytes(row_key.substr(prefix.size()))}, {id_from_bytes(offer)}});
                return true;
              });
  return found;
}

std::vector<domain::Uuid> Queries::ids_behind(std::string_view projection, const std::string& prefix) const {
  std::vector<domain::Uuid> found;
  views_.scan(runner_.family(projection), "", prefix, [&](std::string_view row_key, std::string_view) {
    found.push_back(id_from_bytes(row_key.substr(prefix.size())));
    return true;
  });
  return found;
}

std::vector<domain::AccountId> Queries::proposed_owner_of(domain::UserId user) const {
  return typed<domain::AccountTag>(ids_behind(projections::account_view, "p" + id_bytes(user.uuid)));
}

std::vector<domain::UserId> Queries::staff() const {
  return typed<domain::UserTag>(ids_behind(projections::user_view, "f"));
}

std::vector<domain::UserId> Queries::erased() const {
  return typed<domain::UserTag>(ids_behind(projections::user_view, "x"));
}

std::vector<domain::AccountId> Queries::involvements(domain::UserId user) const {
  return typed<domain::AccountTag>(
      ids_behind(projections::involvement_view, projections::Involvements::prefix(user)));
}

std::vector<ListedRow> Queries::work(domain::StaffRole role, std::string_view kind, std::string_view after,
                                     std::size_t limit) const {
  std::string prefix = "w" + std::string{domain::to_text(role)} + "/";
  if (!kind.empty()) prefix += std::string{kind} + "/";
  std::vector<ListedRow> rows;
  const std::string from = after.empty() ? std::string{} : std::string{after} + '\0';
  for (const std::string_view projection :
       {projections::user_view, projections::account_view, projections::programme_view}) {
    std::size_t taken = 0;
    views_.scan(runner_.family(projection), from, prefix,
                [&](std::string_view row_key, std::string_view json) {
                  rows.push_back({std::string{row_key}, std::string{json}});
                  return ++taken < limit;
                });
  }
  std::ranges::sort(rows, {}, &ListedRow::key);
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

std::size_t Queries::work_count(domain::StaffRole role, std::string_view kind) const {
  const std::string prefix = "w" + std::string{domain::to_text(role)} + "/" + std::string{kind} + "/";
  std::size_t count = 0;
  for (const std::string_view projection :
       {projections::user_view, projections::account_view, projections::programme_view})
    views_.scan(runner_.family(projection), "", prefix, [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
  return count;
}

std::vector<ListedRow> Queries::notifications(domain::AccountId account, std::string_view before,
                                              std::size_t limit) const {
  const std::string prefix = projections::Notifications::prefix(account.uuid);
  std::vector<ListedRow> rows;
  views_.scan_back(runner_.family(projections::notification_view), before, prefix,
                   [&](std::string_view row_key, std::string_view json) {
                     if (row_key != before) rows.push_back({std::string{row_key}, std::string{json}});
                     return rows.size() < limit;
                   });
  return rows;
}

std::vector<events::Recorded> Queries::history(storage::Position from, std::size_t limit) const {
  std::vector<events::Recorded> found;
  for (const auto& stored : log_.read(from, limit))
    found.push_back(
        events::open_event(stored.position, stored.version, stored.envelope, stored.body, find_key_));
  return found;
}

storage::StreamVersion Queries::version_before(const std::string& stream, storage::Position from) const {
  if (from == 0) return 0;
  storage::StreamVersion low = 0, high = log_.stream_version(stream);
  while (low < high) {
    const storage::StreamVersion middle = low + (high - low) / 2;
    const auto next = log_.read_stream(stream, middle, 1);
    if (!next.empty() && next.front().position < from)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

std::vector<events::Recorded> Queries::stream_from(const std::string& stream, storage::Position from,
                                                   std::size_t limit) const {
  std::vector<events::Recorded> found;
  storage::StreamVersion version = version_before(stream, from);
  while (found.size() < limit) {
    const auto page = log_.read_stream(stream, version, stream_page);
    for (const auto& stored : page) {
      version = stored.version;
      if (stored.position < from || found.size() >= limit) continue;
      found.push_back(
          events::open_event(stored.position, stored.version, stored.envelope, stored.body, find_key_));
    }
    if (page.size() < stream_page) break;
  }
  return found;
}

std::vector<events::Recorded> Queries::history(domain::AccountId account, storage::Position from,
                                               std::size_t limit) const {
  auto found = stream_from(events::stream_name(account), from, limit);
  auto programme = stream_from(events::programme_stream_name(account), from, limit);
  std::ranges::move(programme, std::back_inserter(found));
  std::ranges::sort(found, {}, &events::Recorded::position);
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::vector<events::Recorded> Queries::history(domain::UserId user, storage::Position from,
                                               std::size_t limit) const {
  return stream_from(events::stream_name(user), from, limit);
}

std::vector<domain::Uuid> Queries::due(std::string_view projection, domain::Time now,
                                       std::size_t limit) const {
  std::vector<domain::Uuid> found;
  // Keys sort by time: the first one that is not due ends the scan.
  const std::string end = key::deadline(now + domain::Duration{1}, {});
  views_.scan(runner_.family(projection), "", "t", [&](std::string_view row_key, std::string_view) {
    if (row_key >= end) return false;
    found.push_back(id_from_bytes(row_key.substr(1 + 8)));
    return found.size() < limit;
  });
  return found;
}

std::vector<domain::UserId> Queries::users_due(domain::Time now, std::size_t limit) const {
  return typed<domain::UserTag>(due(projections::user_view, now, limit));
}
std::vector<domain::AccountId> Queries::accounts_due(domain::Time now, std::size_t limit) const {
  return typed<domain::AccountTag>(due(projections::account_view, now, limit));
}
std::vector<domain::AccountId> Queries::programmes_due(domain::Time now, std::size_t limit) const {
  return typed<domain::AccountTag>(due(projections::programme_view, now, limit));
}

}  // namespace ttp::service

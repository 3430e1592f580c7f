#include "service/reading/queries.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

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

void Queries::add_facts_about_staff(domain::UserId about,
                                    const std::function<bool(domain::UserId)>& is_operator,
                                    domain::Facts& facts) const {
  facts.holds_membership = !memberships(about).empty();
  facts.named_as_owner = !offers_to(about).empty() || !proposed_owner_of(about).empty();
  facts.operators = std::ranges::count_if(staff(), is_operator);
}

std::vector<domain::UserId> Queries::erased() const {
  return typed<domain::UserTag>(ids_behind(projections::user_view, "x"));
}

std::vector<domain::AccountId> Queries::involvements(domain::UserId user) const {
  return typed<domain::AccountTag>(
      ids_behind(projections::involvement_view, projections::Involvements::prefix(user)));
}

namespace {

/// A scan of rows in either direction that begins at a key.
void scan_rows(const storage::ViewStore& views, std::string_view family, bool back, std::string_view from,
               std::string_view prefix, const storage::ViewStore::Visitor& visit) {
  if (back)
    views.scan_back(family, from, prefix, visit);
  else
    views.scan(family, from, prefix, visit);
}

/// The part of a work row's key that is the same in the list of every role and kind: its time and identifier.
constexpr std::size_t work_suffix_bytes = 8 + 16;

void sort_rows(std::vector<ListedRow>& rows, bool newest_first, std::size_t limit) {
  std::ranges::sort(rows, {}, &ListedRow::key);
  if (newest_first) std::ranges::reverse(rows);
  // An item that waits for two roles of one person is listed once.
  const auto repeated = std::ranges::unique(rows, {}, &ListedRow::key);
  rows.erase(repeated.begin(), repeated.end());
  if (rows.size() > limit) rows.resize(limit);
}

}  // namespace

std::vector<ListedRow> Queries::work(const std::set<domain::StaffRole>& roles,
                                     std::optional<projections::WorkKind> kind, std::string_view after,
                                     bool newest_first, std::size_t limit) const {
  std::vector<ListedRow> rows;
  for (std::size_t each = 0; each < domain::enum_names<projections::WorkKind>.size(); ++each) {
    const auto of_kind = static_cast<projections::WorkKind>(each);
    if (kind && *kind != of_kind) continue;
    for (const domain::StaffRole role : roles) {
      const std::string prefix = key::work_of(role, of_kind);
      const std::string from =
          after.empty() ? std::string{} : prefix + std::string{after.substr(0, work_suffix_bytes)};
      for (const std::string_view projection :
           {projections::user_view, projections::account_view, projections::programme_view}) {
        std::size_t taken = 0;
        scan_rows(views_, runner_.family(projection), newest_first, from, prefix,
                  [&](std::string_view row_key, std::string_view json) {
                    std::string own =
                        std::string{row_key.substr(prefix.size())}.append(domain::to_text(of_kind));
                    const bool is_behind = after.empty() || (newest_first ? own < after : own > after);
                    if (!is_behind) return true;
                    rows.push_back({std::move(own), std::string{json}});
                    return ++taken < limit;
                  });
      }
    }
  }
  sort_rows(rows, newest_first, limit);
  return rows;
}

std::size_t Queries::work_count(domain::StaffRole role, projections::WorkKind kind) const {
  const std::string prefix = key::work_of(role, kind);
  std::size_t count = 0;
  for (const std::string_view projection :
       {projections::user_view, projections::account_view, projections::programme_view})
    views_.scan(runner_.family(projection), "", prefix, [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
  return count;
}

std::vector<ListedRow> Queries::notifications(domain::AccountId account, std::string_view after,
                                              bool newest_first, std::size_t limit) const {
  const std::string prefix = projections::Notifications::prefix(account.uuid);
  std::vector<ListedRow> rows;
  scan_rows(views_, runner_.family(projections::notification_view), newest_first, after, prefix,
            [&](std::string_view row_key, std::string_view json) {
              if (row_key != after) rows.push_back({std::string{row_key}, std::string{json}});
              return rows.size() < limit;
            });
  return rows;
}

std::vector<domain::Uuid> Queries::ids_of(std::string_view prefix, const std::string& after,
                                          bool newest_first, std::size_t limit) const {
  std::vector<domain::Uuid> found;
  scan_rows(views_, runner_.family(projections::account_view), newest_first, after, prefix,
            [&](std::string_view row_key, std::string_view) {
              if (row_key != after) found.push_back(id_from_bytes(row_key.substr(prefix.size())));
              return found.size() < limit;
            });
  return found;
}

std::vector<domain::AccountId> Queries::accounts(std::optional<domain::AccountId> after, bool newest_first,
                                                 std::size_t limit) const {
  return typed<domain::AccountTag>(ids_of("a", after ? key::account(*after) : "", newest_first, limit));
}

std::vector<domain::LetterId> Queries::letters(std::optional<domain::LetterId> after, bool newest_first,
                                               std::size_t limit) const {
  return typed<domain::LetterTag>(ids_of("l", after ? key::letter(*after) : "", newest_first, limit));
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

std::vector<events::Recorded> Queries::stream_back(const std::string& stream, storage::Position before,
                                                   std::size_t limit) const {
  const storage::StreamVersion end =
      before >= log_.head().next ? log_.stream_version(stream) : version_before(stream, before);
  const storage::StreamVersion after = end > limit ? end - limit : 0;
  std::vector<events::Recorded> found;
  for (const auto& stored : log_.read_stream(stream, after, end - after))
    found.push_back(
        events::open_event(stored.position, stored.version, stored.envelope, stored.body, find_key_));
  std::ranges::reverse(found);
  return found;
}

std::vector<events::Recorded> Queries::history_back(storage::Position before, std::size_t limit) const {
  const storage::Position end = std::min(before, log_.head().next);
  const storage::Position from = end > limit ? end - limit : 0;
  auto found = history(from, end - from);
  std::ranges::reverse(found);
  return found;
}

std::vector<events::Recorded> Queries::history_back(domain::AccountId account, storage::Position before,
                                                    std::size_t limit) const {
  auto found = stream_back(events::stream_name(account), before, limit);
  auto programme = stream_back(events::programme_stream_name(account), before, limit);
  std::ranges::move(programme, std::back_inserter(found));
  std::ranges::sort(found, std::ranges::greater{}, &events::Recorded::position);
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::vector<events::Recorded> Queries::history_back(domain::UserId user, storage::Position before,
                                                    std::size_t limit) const {
  return stream_back(events::stream_name(user), before, limit);
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

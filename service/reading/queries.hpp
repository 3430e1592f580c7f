// Queries read snapshots and views, and for the history the log. They cannot write, and they can be called
// from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/recorded.hpp"
#include "projections/index/index_rows.hpp"
#include "projections/runner.hpp"
#include "service/secrets/secrets.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/log.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::service {

template <class State>
using Snapshot = snapshots::Snapshot<State>;
template <class State>
using Found = snapshots::Found<State>;

struct Membership {
  domain::AccountId account;
  domain::Role role{};
};
struct PendingOffer {
  domain::AccountId account;
  domain::OfferId offer;
};
/// One row of a list, stored as JSON, with its key, after which the next page starts.
struct ListedRow {
  std::string key;
  std::string json;
};

class Queries {
 public:
  /// `views` and `snapshots` must share one count of changes.
  Queries(const storage::Log& log, const storage::ViewStore& views, const snapshots::Snapshots& snapshots,
          const projections::Runner& runner, const Secrets& secrets, events::FindSubjectKey find_key);

  /// Every view includes all events before this position.
  storage::Position position() const { return runner_.next(); }
  /// The position of the view that memberships and offers are read from, and whether it has stopped.
  projections::Runner::Standing memberships_standing() const {
    return runner_.standing(projections::account_view);
  }
  /// Records which rows this thread reads while the recorder lives.
  storage::ReadRecorder record_reads() const { return storage::ReadRecorder{changes()}; }
  /// Shows later whether the recorded rows have changed.
  const storage::RowChanges& changes() const { return views_.changes(); }

  const snapshots::Snapshots& snapshots() const { return snapshots_; }

  Found<domain::User> user(domain::UserId user) const;
  /// Nothing for an account that was only refused as not eligible.
  Found<domain::Account> account(domain::AccountId account) const;
  /// The programme state of any account; an account without programme events has an empty one.
  Found<domain::Programme> programme(domain::AccountId account) const;

  std::optional<domain::UserId> user_by_user_name(const domain::UserName& user_name) const;
  std::optional<domain::UserId> user_by_urn(const domain::Urn& urn) const;
  std::optional<domain::UserId> user_by_email(const domain::EmailAddress& email) const;
  std::optional<domain::UserId> user_of_session(domain::SessionId session) const;
  std::optional<domain::UserId> user_of_sign_in(domain::SignInId sign_in) const;
  std::optional<domain::AccountId> account_by_client_number(const domain::ClientNumber& number) const;
  std::optional<domain::AccountId> account_by_business_number(const domain::BusinessNumber& number) const;
  std::optional<domain::AccountId> account_of_letter(domain::LetterId letter) const;

  std::vector<Membership> memberships(domain::UserId user) const;
  std::vector<PendingOffer> offers_to(domain::UserId user) const;
  /// The accounts of which an open proposal would make the user the owner.
  std::vector<domain::AccountId> proposed_owner_of(domain::UserId user) const;
  std::vector<domain::UserId> staff() const;
  /// Adds the facts of a decision about a person's staff roles. `is_operator` looks at the caller's own
  /// states, because those of the writer are ahead of the views.
  void add_facts_about_staff(domain::UserId about, const std::function<bool(domain::UserId)>& is_operator,
                             domain::Facts& facts) const;
  std::vector<domain::UserId> erased() const;
  /// Every account that the user was ever involved with, current memberships included.
  std::vector<domain::AccountId> involvements(domain::UserId user) const;

  /// The work of these staff roles, of one kind or of all, by the time since when it waits. A row's key is
  /// that time, the identifier and the kind; the rows returned are behind the key `after` (empty: all).
  std::vector<ListedRow> work(const std::set<domain::StaffRole>& roles,
                              std::optional<projections::WorkKind> kind, std::string_view after,
                              bool newest_first, std::size_t limit) const;
  /// The length of a staff role's work list of one kind.
  std::size_t work_count(domain::StaffRole role, projections::WorkKind kind) const;
  /// An account's notifications behind the key `after` (empty: all).
  std::vector<ListedRow> notifications(domain::AccountId account, std::string_view after, bool newest_first,
                                       std::size_t limit) const;
  /// All accounts, by their identifiers and so by their enrolment, behind this one (nothing: from the first).
  std::vector<domain::AccountId> accounts(std::optional<domain::AccountId> after, bool newest_first,
                                          std::size_t limit) const;
  /// All letters, likewise.
  std::vector<domain::LetterId> letters(std::optional<domain::LetterId> after, bool newest_first,
                                        std::size_t limit) const;
  /// The events of the whole log, of one account (its own and its programme's) or of one user, in order of
  /// position, from `from` on.
  std::vector<events::Recorded> history(storage::Position from, std::size_t limit) const;
  std::vector<events::Recorded> history(domain::AccountId account, storage::Position from,
                                        std::size_t limit) const;
  std::vector<events::Recorded> history(domain::UserId user, storage::Position from, std::size_t limit) const;
  /// The same backwards: the events before the position, the newest first.
  std::vector<events::Recorded> history_back(storage::Position before, std::size_t limit) const;
  std::vector<events::Recorded> history_back(domain::AccountId account, storage::Position before,
                                             std::size_t limit) const;
  std::vector<events::Recorded> history_back(domain::UserId user, storage::Position before,
                                             std::size_t limit) const;

  /// Aggregates with a deadline at or before `now`, earliest first.
  std::vector<domain::UserId> users_due(domain::Time now, std::size_t limit) const;
  std::vector<domain::AccountId> accounts_due(domain::Time now, std::size_t limit) const;
  std::vector<domain::AccountId> programmes_due(domain::Time now, std::size_t limit) const;

 private:
  std::optional<domain::Uuid> stored_id(std::string_view projection, const std::string& key) const;
  /// The identifiers at the end of all keys with this prefix.
  std::vector<domain::Uuid> ids_behind(std::string_view projection, const std::string& prefix) const;
  /// The identifiers at the end of the keys with this prefix, behind that of this key.
  std::vector<domain::Uuid> ids_of(std::string_view prefix, const std::string& after, bool newest_first,
                                   std::size_t limit) const;
  std::optional<domain::Uuid> claimed(domain::Unique kind, std::string_view value) const;
  std::vector<domain::Uuid> due(std::string_view projection, domain::Time now, std::size_t limit) const;
  /// The number of events of the stream before this position. A binary search, so that the next page does not
  /// read earlier pages again.
  storage::StreamVersion version_before(const std::string& stream, storage::Position from) const;
  std::vector<events::Recorded> stream_back(const std::string& stream, storage::Position before,
                                            std::size_t limit) const;
  std::vector<events::Recorded> stream_from(const std::string& stream, storage::Position from,
                                            std::size_t limit) const;

  const storage::Log& log_;
  const storage::ViewStore& views_;
  const snapshots::Snapshots& snapshots_;
  const projections::Runner& runner_;
  const Secrets& secrets_;
  const events::FindSubjectKey find_key_;
};

}  // namespace ttp::service

#include "projections/index/notifications.hpp"

#include <type_traits>

#include "events/bytes.hpp"
#include "events/json.hpp"
#include "projections/index/index_rows.hpp"

namespace ttp::projections {
namespace {

template <class E, class... Types>
inline constexpr bool is_one_of = (std::is_same_v<E, Types> || ...);

/// The dashboard does not show users' own acts, attempts, drafts, and steps inside the programme's offices.
template <class E>
inline constexpr bool is_shown =
    requires(const E& event) { event.account; } &&
    !is_one_of<E, domain::EligibilityRefused, domain::ActivationCodeRejected, domain::MemberMatchFailed,
               domain::LetterCancelled, domain::LetterPrinted, domain::LetterOverdue,
               domain::MemberDetailsChanged, domain::OwnerReassignmentProposed,
               domain::OwnerReassignmentApproved, domain::OwnerReassignmentWithdrawn,
               domain::OwnerReassignmentEnded, domain::ProfileSaved, domain::ProfileChanged,
               domain::SecurityProfileAdded, domain::SecurityProfileRemoved, domain::NotificationsRead>;

}  // namespace

bool is_notification(const events::Event& event) {
  return std::visit([]<class E>(const E&) { return is_shown<E>; }, event);
}

std::string Notifications::prefix(const domain::Uuid& account) {
  return "n" + id_bytes(account);
}

std::string Notifications::key(const domain::Uuid& account, std::uint64_t position) {
  std::string text = prefix(account);
  events::put_be64(text, position);
  return text;
}

std::optional<NotificationRow> notification_of(const events::Recorded& recorded) {
  return std::visit(
      [&]<class E>(const E& event) -> std::optional<NotificationRow> {
        if constexpr (is_shown<E>) {
          NotificationRow row;
          row.position = recorded.position;
          row.type = events::name_of(recorded.event);
          row.at = recorded.envelope.recorded_at;
          if constexpr (requires { event.user; }) row.user = event.user;
          if constexpr (requires { event.letter; }) row.letter = event.letter;
          if constexpr (requires { event.submission; }) row.submission = event.submission;
          if constexpr (requires { event.expires_at; }) row.expires_at = event.expires_at;
          if constexpr (requires { event.due_at; }) row.due_at = event.due_at;
          if constexpr (requires { event.effective_at; }) row.effective_at = event.effective_at;
          if constexpr (requires { event.role; }) row.role = event.role;
          return row;
        }
        return std::nullopt;
      },
      recorded.event);
}

void Notifications::apply(const events::Recorded& recorded) {
  std::visit(
      [&]<class E>(const E& event) {
        if constexpr (is_shown<E>) {
          const auto& [row_key, json] = pending_.emplace_back(
              key(event.account.uuid, recorded.position), events::to_json(notification_of(recorded).value()));
          held_bytes_ += sizeof(pending_.front()) + row_key.capacity() + json.capacity();
        }
      },
      recorded.event);
}

void Notifications::flush(const snapshots::Changes&, storage::ViewBatch& batch) {
  for (auto& [row_key, row] : pending_) batch.put(family(), std::move(row_key), std::move(row));
  pending_.clear();
  held_bytes_ = 0;
}

}  // namespace ttp::projections

// Notifications on the dashboard of a company's users: one row per account and event. Every change of the
// account and of its membership is one (SPEC 3.9).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/shapes.hpp"
#include "projections/projection.hpp"

namespace ttp::projections {

/// Whether an event is shown on the dashboard, and therefore mailed to the account's users. Attempts, and
/// steps of staff that do not concern the company, are not shown.
bool is_notification(const events::Event& event);

/// The fields of an event that the dashboard shows.
struct NotificationRow {
  std::uint64_t position = 0;
  std::string type;
  domain::Time at;
  std::optional<domain::UserId> user;
  std::optional<domain::LetterId> letter;
  std::optional<domain::SubmissionId> submission;
  std::optional<domain::Time> expires_at;
  std::optional<domain::Time> due_at;
  std::optional<domain::Time> effective_at;
  std::optional<domain::Role> role;
};

/// The notification that members get of this event; nothing if they are not told of it.
std::optional<NotificationRow> notification_of(const events::Recorded& recorded);

class Notifications : public Projection {
 public:
  using Projection::Projection;
  void apply(const events::Recorded& recorded) override;
  void flush(const snapshots::Changes& changes, storage::ViewBatch& batch) override;
  std::optional<std::string> own_rows() const override { return "n"; }
  std::size_t held_bytes() const override { return held_bytes_; }

  /// "n" account be64(position); the row is the JSON of one notification.
  static std::string key(const domain::Uuid& account, std::uint64_t position);
  static std::string prefix(const domain::Uuid& account);

 private:
  std::vector<std::pair<std::string, std::string>> pending_;
  std::size_t held_bytes_ = 0;
};

}  // namespace ttp::projections

namespace ttp::events {
template <>
inline constexpr auto shape<projections::NotificationRow> = fields<projections::NotificationRow>(
    field("position", &projections::NotificationRow::position),
    field("type", &projections::NotificationRow::type), field("at", &projections::NotificationRow::at),
    field("user", &projections::NotificationRow::user),
    field("letter", &projections::NotificationRow::letter),
    field("submission", &projections::NotificationRow::submission),
    field("expires_at", &projections::NotificationRow::expires_at),
    field("due_at", &projections::NotificationRow::due_at),
    field("effective_at", &projections::NotificationRow::effective_at),
    field("role", &projections::NotificationRow::role));
}  // namespace ttp::events

// Notifications: what a company's users are told on the dashboard, one row per account and event. Every
// change of the account and of its membership is one (SPEC 3.9).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/projection.hpp"

namespace ttp::projections {

/// Whether an event is shown on the dashboard, and so mailed to the account's users. Attempts and the steps
/// of staff that do not concern the company are not.
bool is_notification(const events::Event& event);

class Notifications : public Projection {
 public:
  explicit Notifications(Rows rows) : rows_(std::move(rows)) {}
  void apply(const events::Recorded& recorded) override;
  void flush(storage::ViewBatch& batch) override;

  /// "n" account be64(position); the row is the JSON of one notification.
  static std::string key(const domain::Uuid& account, std::uint64_t position);
  static std::string prefix(const domain::Uuid& account);

 private:
  Rows rows_;
  std::vector<std::pair<std::string, std::string>> pending_;
};

}  // namespace ttp::projections

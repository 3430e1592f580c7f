// Counts of a resource per owner of an address, such as open connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

#include "http/wire/address.hpp"

namespace ttp::http {

class OwnerCounts {
 public:
  /// Whether the owner may have one more: both the subscriber and the site are below their share.
  bool has_room(const Owner& owner, std::size_t per_subscriber_max) const {
    return count(subscribers_, owner.subscriber) < per_subscriber_max &&
           count(sites_, owner.site) < per_subscriber_max * subscribers_per_site;
  }
  void add(const Owner& owner) {
    ++subscribers_[owner.subscriber];
    if (!owner.site.empty()) ++sites_[owner.site];
  }
  /// Undoes one `add`.
  void remove(const Owner& owner) {
    take_one(subscribers_, owner.subscriber);
    if (!owner.site.empty()) take_one(sites_, owner.site);
  }
  /// Whether no owner has any.
  bool empty() const { return subscribers_.empty() && sites_.empty(); }

 private:
  using Counts = std::unordered_map<std::string, std::size_t>;

  static std::size_t count(const Counts& counts, const std::string& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
  }
  static void take_one(Counts& counts, const std::string& key) {
    const auto found = counts.find(key);
    if (--found->second == 0) counts.erase(found);
  }

  Counts subscribers_;
  Counts sites_;
};

/// Counts what each owner begins within a window of time. All counts end with the window, so the memory is
/// bounded by what begins in one window.
class OwnerRates {
 public:
  using Clock = std::chrono::steady_clock;

  /// Counts one more, unless the owner has had its share of this window.
  bool take(const Owner& owner, std::size_t per_subscriber_max, std::chrono::milliseconds window,
            Clock::time_point now) {
    if (now >= ends_) {
      counts_ = {};
      ends_ = now + window;
    }
    if (!counts_.has_room(owner, per_subscriber_max)) return false;
    counts_.add(owner);
    return true;
  }

 private:
  OwnerCounts counts_;
  Clock::time_point ends_{};
};

}  // namespace ttp::http

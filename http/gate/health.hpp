// Readiness of the service for requests, and whether the data for authorisation is current.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "events/recorded.hpp"
#include "os/faults.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/service.hpp"

namespace ttp::http {

/// The reasons why requests should go elsewhere; empty: ready. The sentences are public: no paths, no texts
/// of faults. May block on a thread that applies events.
std::vector<std::string> not_ready(const service::Service& service, bool draining);

/// Watches the view of sessions, users and roles. If that view has stopped, or lags more than `lag_max`
/// behind the log, no caller is admitted: an ended session or a revoked role might not be visible.
class AuthorisationWatch {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds lag_max{5};
  static constexpr std::chrono::milliseconds look_interval{250};

  struct Basis {
    storage::Position head = 0;  ///< number of events in the log
    storage::Position next = 0;  ///< the view includes all events before this position
    bool stopped = false;        ///< the view cannot apply an event
  };

  /// Checks at once, and then every `look_interval`.
  explicit AuthorisationWatch(std::function<Basis()> basis);

  /// Whether authorisation may use the view. Any thread; does not block. Also false if no check finished
  /// within `lag_max`.
  bool stands() const { return stands_ && Clock::now() - looked_at_.load() <= lag_max; }
  /// Checks once, as of `now`; for the watch's own thread and for tests.
  void look(Clock::time_point now);

 private:
  const std::function<Basis()> basis_;
  os::Mutex mutex_;
  storage::Position awaited_ TTP_GUARDED_BY(mutex_) = 0;  ///< the log's size
  Clock::time_point since_ TTP_GUARDED_BY(mutex_);        ///< when the log had that size
  std::atomic<bool> stands_{true};
  std::atomic<Clock::time_point> looked_at_{Clock::now()};
  os::Fault fault_;
  os::Worker worker_;  // last: its step uses the others
};

}  // namespace ttp::http

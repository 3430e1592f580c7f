// Whether the service should get requests (readiness), and whether what authorisation rests on stands.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "events/recorded.hpp"
#include "os/faults.hpp"
#include "os/worker.hpp"
#include "service/service.hpp"

namespace ttp::http {

/// Why requests should go elsewhere, or nothing. Sentences for anybody: no paths, no texts of faults. May
/// wait for a thread that applies events.
std::vector<std::string> not_ready(const service::Service& service, bool draining);

/// Watches the view that sessions, users and roles are looked up in. Where it has stopped, or has not shown
/// for `lag_max` what the log held by then, nobody can be let in: a session that was ended or a role that was
/// taken away might not be seen.
class AuthorisationWatch {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds lag_max{5};
  static constexpr std::chrono::milliseconds look_interval{250};

  struct Basis {
    storage::Position head = 0;  ///< the log has so many events
    storage::Position next = 0;  ///< the view shows all before this one
    bool stopped = false;        ///< the view met an event that it cannot apply
  };

  /// Looks at once, and from then on every `look_interval`.
  explicit AuthorisationWatch(std::function<Basis()> basis);

  /// Any thread, without a wait. False too where a look has hung for `lag_max`.
  bool stands() const { return stands_ && Clock::now() - looked_at_.load() <= lag_max; }
  /// One look at this time; for the watch's own thread and for tests.
  void look(Clock::time_point now);

 private:
  const std::function<Basis()> basis_;
  std::mutex mutex_;               // guards what follows
  storage::Position awaited_ = 0;  ///< the log's size at ...
  Clock::time_point since_;        ///< ... this time
  std::atomic<bool> stands_{true};
  std::atomic<Clock::time_point> looked_at_{Clock::now()};
  os::Fault fault_;
  os::Worker worker_;  // last: its step uses the others
};

}  // namespace ttp::http

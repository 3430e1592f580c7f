#include "http/api/live_stream.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <expected>
#include <map>
#include <memory>

#include "http/api/pages.hpp"
#include "os/mutex.hpp"

namespace ttp::http {
namespace {

using namespace domain;
using storage::Position;

constexpr std::size_t streams_max = 512, streams_of_a_user_max = 8;
constexpr std::size_t events_a_part = 100, looked_at_a_part = 1000;
constexpr std::size_t parts_ahead_max = 8;
constexpr auto heartbeat = std::chrono::seconds{15};
constexpr auto check_interval = std::chrono::seconds{1};  // between two checks of session and permission

/// Counts the open streams, in all and of each user, so that no user can take all of them.
class StreamCount {
 public:
  /// A place for one more stream of the user; it is free again when the last copy is destroyed.
  std::expected<std::shared_ptr<void>, Reason> take(UserId user);

 private:
  void give_back(UserId user) {
    const os::MutexLock lock(mutex_);
    --all_;
    if (--of_user_[user] == 0) of_user_.erase(user);
  }

  os::Mutex mutex_;
  std::size_t all_ TTP_GUARDED_BY(mutex_) = 0;
  std::map<UserId, std::size_t> of_user_ TTP_GUARDED_BY(mutex_);
};

std::expected<std::shared_ptr<void>, Reason> StreamCount::take(UserId user) {
  const os::MutexLock lock(mutex_);
  if (all_ >= streams_max) return std::unexpected{Reason::overloaded};
  const auto own = of_user_.find(user);
  if (own != of_user_.end() && own->second >= streams_of_a_user_max)
    return std::unexpected{Reason::too_many_streams};
  std::shared_ptr<void> place(nullptr, [this, user](void*) { give_back(user); });
  ++of_user_[user];
  ++all_;
  return place;
}

StreamCount& open_streams() {
  static StreamCount count;
  return count;
}

/// One client's stream. It ends with the session, or when its reader may see it no more. A worker reads the
/// log and fills parts in advance; the I/O thread only takes them.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(const Call& call, StreamSource source, Position from, std::shared_ptr<void> place)
      : place_(std::move(place)),
        service_(call.service),
        workers_(*call.patient_workers),
        user_(call.user().id),
        session_(call.session),
        source_(std::move(source)),
        next_(from) {}
  /// For the I/O thread: returns the next part without a wait.
  Part next_part() {
    Part part;
    bool begins_reading = false;
    {
      const os::MutexLock lock(mutex_);
      if (!ready_.empty()) {
        part = std::move(ready_.front());
        ready_.pop_front();
      }
      begins_reading = !part.is_last && !reading_ && ready_.size() <= parts_ahead_max / 2;
      if (begins_reading) reading_ = true;
    }
    const auto self = shared_from_this();
    // If the workers' queue is full, the next call tries again.
    if (begins_reading && !workers_.submit({[self] { self->read_ahead(); }, [self] { self->end(); }}))
      stop_reading();
    return part;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void read_ahead() {
    while (true) {
      Part part = read_part();
      const bool goes_on = !part.bytes.empty() && !part.is_last;
      const os::MutexLock lock(mutex_);
      if (!part.bytes.empty() || part.is_last) ready_.push_back(std::move(part));
      if (goes_on && ready_.size() < parts_ahead_max) continue;
      reading_ = false;
      return;
    }
  }
  void stop_reading() {
    const os::MutexLock lock(mutex_);
    reading_ = false;
  }
  /// Ends the stream after a fault of a worker; the client resumes from its last event.
  void end() {
    const os::MutexLock lock(mutex_);
    ready_.push_back({{}, true});
  }

  // The functions below are for the one worker that reads.

  Part read_part() {
    const auto now = Clock::now();
    const Position head = service_.log().head().next;
    // Nothing that was recorded after the session ended is sent.
    if (next_ < head || now >= next_check_) {
      if (!is_allowed()) return {{}, true};
      next_check_ = now + check_interval;
    }
    if (next_ >= head) return quiet(now);
    const auto found =
        service::read_filtered(source_.read, source_.filter, next_, events_a_part, looked_at_a_part);
    Part part;
    for (const auto& each : found.events) {
      if (const auto data = source_.data(each))
        part.bytes += "id: " + std::to_string(each.position) + "\ndata: " + *data + "\n\n";
    }
    // If nothing more was found, every event up to the head was examined.
    next_ = found.next.value_or(head);
    if (part.bytes.empty()) return quiet(now);
    last_sent_ = now;
    return part;
  }

  /// An id without data only moves the point from which the client resumes.
  Part quiet(Clock::time_point now) {
    if (now < last_sent_ + heartbeat) return {};
    last_sent_ = now;
    return {next_ > 0 ? "id: " + std::to_string(next_ - 1) + "\n\n" : ":\n\n", false};
  }

  bool is_allowed() const {
    const auto user = service_.queries().user(user_);
    const Session* session = user ? user->state.session(session_) : nullptr;
    return session && service_.sessions().is_open(*session, service_.now()) && source_.may_see(user->state);
  }

  const std::shared_ptr<void> place_;  ///< among the open streams
  service::Service& service_;
  os::WorkerPool& workers_;
  const UserId user_;
  const SessionId session_;
  const StreamSource source_;
  Position next_;  // this and the next two are of the worker that reads alone
  Clock::time_point last_sent_ = Clock::now();
  Clock::time_point next_check_{};

  os::Mutex mutex_;
  std::deque<Part> ready_ TTP_GUARDED_BY(mutex_);
  bool reading_ TTP_GUARDED_BY(mutex_) = false;  ///< a worker reads, or is queued to read
};

}  // namespace

Answered<std::optional<Position>> resumed_position(const Call& call) {
  const auto seen = call.request.header("last-event-id");
  if (!seen) return std::nullopt;
  const auto position = parse_number(*seen);
  if (!position) return refused_query(Reason::malformed, "Last-Event-ID");
  // A log that was restored is shorter than what the client has seen.
  if (*position >= call.service.log().head().next)
    return refused_query(Reason::out_of_range, "Last-Event-ID");
  return *position + 1;
}

Answered<Response> live_stream(Call& call, StreamSource source, Position from) {
  auto place = open_streams().take(call.user().id);
  if (!place) return refused(place.error());
  Response response{200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}, {}, true};
  response.next_part = [stream =
                            std::make_shared<EventStream>(call, std::move(source), from, *std::move(place))] {
    return stream->next_part();
  };
  return response;
}

}  // namespace ttp::http

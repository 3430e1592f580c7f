// Makes histories through the domain itself: people and companies are coroutines that run side by side. Each
// asks the executor for one thing at a time. The executor decides and appends the commands of one moment
// together; the clock then moves to the next wake-up or deadline. Views are not kept meanwhile: a life knows
// only the events that its own commands recorded.
#pragma once

#include <array>
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <future>
#include <queue>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bench/deadlines.hpp"
#include "service/clock.hpp"
#include "service/service.hpp"
#include "service/writer/executor.hpp"

namespace ttp::bench {

class History;

/// One life. It begins when it is awaited or given to History::begin; its end resumes the awaiting life.
class [[nodiscard]] Life {
 public:
  struct promise_type {
    std::coroutine_handle<> awaiting;
    History* history = nullptr;  ///< of a life that no other life awaits
    std::exception_ptr fault;

    Life get_return_object() { return Life{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct ToWhoAwaits {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept;
      void await_resume() noexcept {}
    };
    ToWhoAwaits final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { fault = std::current_exception(); }
  };
  using Handle = std::coroutine_handle<promise_type>;

  explicit Life(Handle handle) : handle_(handle) {}
  Life(Life&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Life& operator=(Life&&) = delete;
  ~Life() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  void await_resume() const {
    if (handle_.promise().fault) std::rethrow_exception(handle_.promise().fault);
  }
  Handle release() && { return std::exchange(handle_, nullptr); }

 private:
  Handle handle_;
};

/// The facts about a command's password; a history hashes none.
struct Knows {
  bool right = true;
  std::uint32_t credential_version = 1;
};

/// The stores of one data directory, an executor on a clock that History moves, and the running lives.
class History {
 public:
  /// Begins `span` before now.
  History(const service::Config& config, domain::Duration span);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  /// A command: `co_await` waits for its result, and throws if it was refused and must not be.
  class Ask {
   public:
    Ask(History& history, domain::UserId by, service::Command command, Knows knows, bool may_be_refused)
        : history_(&history),
          by_(by),
          command_(std::move(command)),
          knows_(knows),
          may_be_refused_(may_be_refused) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> life) {
      life_ = life;
      history_->asks_.push_back(this);
    }
    void await_resume() const;

    bool refused() const { return outcome_.refusal.has_value(); }
    /// The identifier of the created thing.
    template <class Id>
    Id made() const {
      return Id{domain::parse_uuid(outcome_.created).value()};
    }
    /// The recorded event of this type; null if there is none.
    template <class E>
    const E* find() const {
      for (const events::Event& event : recorded_)
        if (const E* found = std::get_if<E>(&event)) return found;
      return nullptr;
    }
    template <class E>
    const E& told() const {
      if (const E* found = find<E>()) return *found;
      throw std::runtime_error{"an event that a life waits for was not recorded"};
    }

   private:
    friend History;
    History* history_;
    domain::UserId by_;
    service::Command command_;
    Knows knows_;
    bool may_be_refused_;
    std::coroutine_handle<> life_;
    service::CommandResult outcome_;
    std::vector<events::Event> recorded_;
  };
  /// Asks for one thing; a nil `by` is the service itself. Keep the result in a variable and await that,
  /// because g++ 12 destroys temporaries of an awaited expression twice.
  Ask does(domain::UserId by, service::Command command, Knows knows = {}) {
    return {*this, by, std::move(command), knows, false};
  }
  /// Like `does`, but a refusal is allowed.
  Ask tries(domain::UserId by, service::Command command, Knows knows = {}) {
    return {*this, by, std::move(command), knows, true};
  }

  class Sleep {
   public:
    Sleep(History& history, domain::Time until) : history_(&history), until_(until) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> life) {
      history_->sleepers_.push({until_, history_->slept_++, life});
    }
    void await_resume() const {}

   private:
    History* history_;
    domain::Time until_;
  };
  /// Awaitable: wakes up after this time on the history's clock, or up to a day later together with others.
  Sleep sleeps(domain::Duration time) { return {*this, now() + time}; }
  Sleep sleeps_until(domain::Time time) { return {*this, time}; }

  /// Starts a life that no other life awaits. `unfold` rethrows its exceptions.
  void begin(Life life);
  /// Runs the lives and records deadlines until now.
  void unfold();
  /// Sets the clock to the present, fills the views, and marks all deliveries as done, so that a server that
  /// opens the folder sends none.
  void finish(bool with_views);

  domain::Time now() const { return executor_.now(); }
  domain::Time began_at() const { return began_at_; }
  domain::Time ends_at() const { return clock_.now() - clock_.ahead() + span_; }

  const service::Secrets& secrets() const { return stores_.secrets; }
  /// The state of the folder before this history; new events are included only after `finish`.
  const service::Queries& queries() const { return stores_.queries; }
  storage::Position events() const { return stores_.log->head().next; }
  /// The number of recordings of each event, by its index in the registry.
  const std::array<std::uint64_t, events::event_count>& counts() const { return counts_; }

 private:
  friend Life;
  struct Sleeper {
    domain::Time until;
    std::uint64_t number;  ///< keeps the order of lives that wake at the same time
    std::coroutine_handle<> life;
    bool operator>(const Sleeper& other) const {
      return std::pair(until, number) > std::pair(other.until, other.number);
    }
  };

  void ended(Life::Handle life) { ended_.push_back(life); }
  void bury_ended();
  void keep_recorded(std::span<const events::Recorded> recorded);
  /// Called once every command in flight is answered: resumes the lives and submits their next commands. Runs
  /// on the executor's thread that answered them, while its writer waits.
  void go_on() noexcept;
  void submit_asks();
  void submit(std::uint32_t place);
  void answer(Ask& ask);
  bool wake_next();
  void advance(domain::Duration by);

  static constexpr std::size_t in_flight_max = 8192;

  domain::Time began_at_;
  service::Stores stores_;
  const domain::Duration span_;
  service::Clock clock_;
  storage::CheckpointKeeper checkpoints_;  // signs the log after the executor has ended
  std::vector<Ask*> asks_;
  /// The commands at the executor; an event's request id holds the index of its command.
  std::vector<Ask*> in_flight_;
  std::atomic<std::size_t> unanswered_ = 0;
  std::promise<void>* over_ = nullptr;  ///< of the running `unfold`
  std::unordered_set<void*> lives_;
  std::vector<Life::Handle> ended_;
  std::priority_queue<Sleeper, std::vector<Sleeper>, std::greater<>> sleepers_;
  std::uint64_t slept_ = 0;
  Deadlines deadlines_;
  std::array<std::uint64_t, events::event_count> counts_{};

  service::Executor executor_;  // last: its writer uses the other members
};

inline std::coroutine_handle<> Life::promise_type::ToWhoAwaits::await_suspend(Handle ended) noexcept {
  if (ended.promise().awaiting) return ended.promise().awaiting;
  ended.promise().history->ended(ended);
  return std::noop_coroutine();
}

}  // namespace ttp::bench

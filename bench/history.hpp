// Histories through the domain itself: people and companies live as coroutines side by side. Each asks the
// executor for one thing at a time; what many of them ask at one moment is decided and appended together, and
// the clock then moves on to the moment when the next of them wakes or something falls due. No views are
// kept meanwhile: what a life needs to know stands in the events that its own asking recorded.
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

/// One life. It begins when it is awaited or given to History::begin, and its end resumes who awaits it.
class [[nodiscard]] Life {
 public:
  struct promise_type {
    std::coroutine_handle<> awaiting;
    History* history = nullptr;  ///< of a life that nobody awaits
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

/// What was known of a password that a command carries: none is hashed in a history.
struct Knows {
  bool right = true;
  std::uint32_t credential_version = 1;
};

/// The stores of one data directory, an executor on a clock that History moves, and the lives under way.
class History {
 public:
  /// Begins so long before now.
  History(const service::Config& config, domain::Duration span);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  /// What is asked for: `co_await` waits for it, and throws where it was refused and must not be.
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
    /// The identifier of what was made.
    template <class Id>
    Id made() const {
      return Id{domain::parse_uuid(outcome_.created).value()};
    }
    /// The event of this type that was recorded; null where there was none.
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
  /// Asks for one thing; `by` nil: the service itself. To be kept in a variable of its own and awaited there:
  /// g++ 12 destroys temporaries of an awaited expression twice.
  Ask does(domain::UserId by, service::Command command, Knows knows = {}) {
    return {*this, by, std::move(command), knows, false};
  }
  /// The same, for what is wrong on purpose or may have become impossible.
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
  /// Awaitable: wakes up that much later on the history's clock, or up to a day after that, together with
  /// others.
  Sleep sleeps(domain::Duration time) { return {*this, now() + time}; }
  Sleep sleeps_until(domain::Time time) { return {*this, time}; }

  /// A life that nobody awaits. What it throws, `unfold` throws.
  void begin(Life life);
  /// Lets the lives live until now, and whatever falls due be recorded.
  void unfold();
  /// The clock shows the time of day, the views hold all that happened, and nobody is written to about it
  /// when a server opens the folder.
  void finish(bool with_views);

  domain::Time now() const { return executor_.now(); }
  domain::Time began_at() const { return began_at_; }
  domain::Time ends_at() const { return clock_.now() - clock_.ahead() + span_; }

  const service::Secrets& secrets() const { return stores_.secrets; }
  /// Of what was in the folder before; what happens since is in the views once it is finished.
  const service::Queries& queries() const { return stores_.queries; }
  storage::Position events() const { return stores_.log->head().next; }
  /// How often each event was recorded, by its place in the registry.
  const std::array<std::uint64_t, events::event_count>& counts() const { return counts_; }

 private:
  friend Life;
  struct Sleeper {
    domain::Time until;
    std::uint64_t number;  ///< among those who wake together the first asleep comes first
    std::coroutine_handle<> life;
    bool operator>(const Sleeper& other) const {
      return std::pair(until, number) > std::pair(other.until, other.number);
    }
  };

  void ended(Life::Handle life) { ended_.push_back(life); }
  void bury_ended();
  void keep_recorded(std::span<const events::Recorded> recorded);
  /// Once all who were in flight are answered: resumes them, and hands on what they ask for next. That is on
  /// the executor's thread that has answered them, while its writer waits for what comes.
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
  storage::CheckpointKeeper checkpoints_;  // signs what the executor wrote when it is gone
  std::vector<Ask*> asks_;
  /// Those whom the executor has; an event tells by its request id at which place its asker stands.
  std::vector<Ask*> in_flight_;
  std::atomic<std::size_t> unanswered_ = 0;
  std::promise<void>* over_ = nullptr;  ///< of the unfolding under way
  std::unordered_set<void*> lives_;
  std::vector<Life::Handle> ended_;
  std::priority_queue<Sleeper, std::vector<Sleeper>, std::greater<>> sleepers_;
  std::uint64_t slept_ = 0;
  Deadlines deadlines_;
  std::array<std::uint64_t, events::event_count> counts_{};

  service::Executor executor_;  // its writer comes last and goes first
};

inline std::coroutine_handle<> Life::promise_type::ToWhoAwaits::await_suspend(Handle ended) noexcept {
  if (ended.promise().awaiting) return ended.promise().awaiting;
  ended.promise().history->ended(ended);
  return std::noop_coroutine();
}

}  // namespace ttp::bench

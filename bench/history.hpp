// Histories through the domain itself: people and companies live as coroutines side by side. Each asks the
// executor for one thing at a time; what all of them ask at one moment is decided and appended together, and
// the clock then moves on to the moment when the next of them wakes.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "service/clock.hpp"
#include "service/delivery_worker.hpp"
#include "service/executor.hpp"
#include "service/service.hpp"

namespace ttp::bench {

/// One life. It begins when it is awaited or given to History::begin, and its end resumes who awaits it.
class [[nodiscard]] Life {
 public:
  struct promise_type {
    std::coroutine_handle<> awaiting;
    std::exception_ptr fault;

    Life get_return_object() { return Life{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct ToWhoAwaits {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
        const auto next = ended.promise().awaiting;
        return next ? next : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    ToWhoAwaits final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { fault = std::current_exception(); }
  };

  explicit Life(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
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
  void await_resume() const { rethrow(); }

  std::coroutine_handle<> handle() const { return handle_; }
  bool has_ended() const { return handle_.done(); }
  void rethrow() const {
    if (handle_.promise().fault) std::rethrow_exception(handle_.promise().fault);
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

/// The stores of one data directory, an executor on a clock that History moves, and the lives under way.
class History {
 public:
  struct Options {
    std::size_t lives_at_once = 4096;
    std::uint64_t seed = 1;
    domain::Duration span{};  ///< how long before now the history begins
  };

  History(const service::Config& config, const Options& options);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  /// What is asked for, to be awaited: `co_await` gives the outcome.
  class Ask {
   public:
    Ask(History& history, domain::UserId by, service::Command command)
        : history_(&history), by_(by), command_(std::move(command)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> life) {
      life_ = life;
      history_->asks_.push_back(this);
    }
    service::Outcome await_resume() { return std::move(outcome_); }

   private:
    friend History;
    History* history_;
    domain::UserId by_;
    service::Command command_;
    std::coroutine_handle<> life_;
    service::Outcome outcome_;
  };
  /// Asks for one thing; `by` nil: the service itself. To be kept in a variable of its own and awaited there:
  /// g++ 12 destroys temporaries of an awaited expression twice.
  Ask does(domain::UserId by, service::Command command) { return {*this, by, std::move(command)}; }

  class Sleep {
   public:
    Sleep(History& history, domain::Duration time) : history_(&history), time_(time) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> life) {
      history_->sleepers_.push({history_->now() + time_, history_->slept_++, life});
    }
    void await_resume() const {}

   private:
    History* history_;
    domain::Duration time_;
  };
  /// Awaitable: wakes up that much later on the history's clock.
  Sleep sleeps(domain::Duration time) { return {*this, time}; }

  /// Lets `next` make lives, as many side by side as the options say, until it gives none or the log has
  /// `events_max` events; then waits for those under way. Throws what a life throws.
  void unfold(const std::function<std::optional<Life>()>& next, storage::Position events_max);

  /// The clock shows the time of day again.
  void catch_up_with_now() { clock_.advance(-clock_.ahead()); }
  /// Nothing is left to deliver: no mail is sent to the people of a history when a server opens it.
  void finish() { service::skip_deliveries(*stores_.vault, events()); }

  domain::Time now() const { return executor_.now(); }
  std::uint64_t dice() { return dice_(); }
  /// A number below `sides`.
  std::uint64_t dice(std::uint64_t sides) { return dice_() % sides; }
  bool chance(unsigned percent) { return dice(100) < percent; }
  /// A number of at least 1 that is seldom large: a few companies do most of what is done (Pareto, 1.16).
  std::uint64_t skewed(std::uint64_t at_most);

  const service::Stores& stores() const { return stores_; }
  service::Stores& stores() { return stores_; }
  service::Executor& executor() { return executor_; }
  storage::Position events() const { return stores_.log->head().next; }

 private:
  struct Sleeper {
    domain::Time until;
    std::uint64_t number;  ///< among those who wake together the first asleep comes first
    std::coroutine_handle<> life;
    bool operator>(const Sleeper& other) const {
      return std::pair(until, number) > std::pair(other.until, other.number);
    }
  };

  void carry_out(const std::vector<Ask*>& asks);
  void wake_next();

  const Options options_;
  std::mt19937_64 dice_;
  service::Stores stores_;
  service::Clock clock_;
  storage::CheckpointKeeper checkpoints_;  // signs what the executor wrote when it is gone
  service::Executor executor_;
  std::vector<Ask*> asks_;
  std::priority_queue<Sleeper, std::vector<Sleeper>, std::greater<>> sleepers_;
  std::uint64_t slept_ = 0;
};

}  // namespace ttp::bench

#include "bench/history.hpp"

#include <cmath>
#include <condition_variable>
#include <list>
#include <mutex>

namespace ttp::bench {

History::History(const service::Config& config, const Options& options)
    : options_(options),
      dice_(options.seed),
      stores_(config),
      checkpoints_(*stores_.log, stores_.checkpoint_file, config.origin, stores_.signing_keys()),
      executor_(
          *stores_.log, *stores_.vault, stores_.runner, stores_.queries, stores_.erasures, stores_.secrets,
          clock_,
          {options.lives_at_once * 2, options.lives_at_once, 400'000, std::size_t{1024} * 1024 * 1024}) {
  clock_.advance(-options.span);
}

History::~History() {
  executor_.stop();
}

std::uint64_t History::skewed(std::uint64_t at_most) {
  const double u = (static_cast<double>(dice_() >> 11) + 1) / 9007199254740993.0;  // in (0, 1]
  const double value = std::pow(u, -1 / 1.16);
  return value >= static_cast<double>(at_most) ? at_most : static_cast<std::uint64_t>(value);
}

void History::unfold(const std::function<std::optional<Life>()>& next, storage::Position events_max) {
  std::list<Life> lives;
  bool more = true;
  while (more || !lives.empty()) {
    while (more && lives.size() < options_.lives_at_once) {
      auto life = events() < events_max ? next() : std::nullopt;
      more = life.has_value();
      if (life) lives.emplace_back(*std::move(life)).handle().resume();
    }
    if (!asks_.empty())
      carry_out(std::exchange(asks_, {}));
    else if (!sleepers_.empty())
      wake_next();
    std::erase_if(lives, [](const Life& life) {
      if (life.has_ended()) life.rethrow();
      return life.has_ended();
    });
  }
}

void History::carry_out(const std::vector<Ask*>& asks) {
  std::mutex mutex;
  std::condition_variable all_done;
  std::size_t open = asks.size();
  for (Ask* ask : asks) {
    service::Asked asked;
    asked.by = ask->by_;
    asked.kind = ask->by_ == domain::UserId{} ? events::ActorKind::system : events::ActorKind::user;
    asked.origin_address = "192.0.2.7";
    asked.request.bytes[0] = static_cast<std::uint8_t>(dice_());
    asked.secret_matches = true;
    // Nobody's password is changed in these histories, and none is hashed.
    asked.credential_version = 1;
    executor_.submit(std::move(ask->command_), std::move(asked), [&, ask](service::Outcome outcome) {
      ask->outcome_ = std::move(outcome);
      const std::scoped_lock lock(mutex);
      if (--open == 0) all_done.notify_one();
    });
  }
  {
    std::unique_lock lock(mutex);
    all_done.wait(lock, [&] { return open == 0; });
  }
  for (Ask* ask : asks) {
    if (ask->outcome_.refusal && ask->outcome_.refusal->reason == domain::Reason::internal_fault)
      throw std::runtime_error("the executor stopped: " + executor_.fault().value_or("no reason given"));
    ask->life_.resume();
  }
}

void History::wake_next() {
  // All who wake within a minute wake together.
  const auto until = sleepers_.top().until + domain::minutes{1};
  if (now() < until) clock_.advance(std::min(until - now(), -clock_.ahead()));
  for (std::size_t woken = 0; !sleepers_.empty() && sleepers_.top().until <= until; ++woken) {
    const auto life = sleepers_.top().life;
    sleepers_.pop();
    life.resume();
  }
}

}  // namespace ttp::bench

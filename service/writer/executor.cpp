#include "service/writer/executor.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <utility>

#include "events/recorded.hpp"
#include "service/writer/batch.hpp"

namespace ttp::service {
namespace {

using domain::Reason;

constexpr unsigned attempts_max = 3;  // a commit that another writer overtook is decided anew this often

}  // namespace

/// One batch that is in the log, to be applied and answered.
struct Executor::Written {
  std::vector<events::Recorded> recorded;  ///< in the order of the log
  std::vector<std::pair<Done, Outcome>> answers;
  storage::Position head = 0;  ///< the log's size afterwards
  std::size_t appended = 0;    ///< commits that the log was asked to take
  std::size_t events = 0;
  std::optional<std::string> fault;  ///< why nothing is known of them
  std::chrono::steady_clock::time_point began;
  std::chrono::steady_clock::duration append_took{};
};

// ---- the writer -------------------------------------------------------------------------------------------

Executor::Executor(storage::Log& log, storage::Vault& vault, projections::Runner& runner,
                   const Queries& queries, Erasures& erasures, const Secrets& secrets, Clock& clock,
                   Limits limits)
    : Executor(
          log, vault, [&runner](std::span<const events::Recorded> recorded) { runner.apply(recorded); },
          queries, erasures, secrets, clock, limits) {}

Executor::Executor(storage::Log& log, storage::Vault& vault, Apply apply, const Queries& queries,
                   Erasures& erasures, const Secrets& secrets, Clock& clock, Limits limits)
    : log_(log),
      apply_(std::move(apply)),
      erasures_(erasures),
      limits_(limits),
      decider_(log, vault, queries, secrets, clock, limits.cached_states, limits.state_bytes_max) {
  writer_.emplace(os::Worker::Traits{.fault = {"writer", "the writer failed",
                                               "What it was at may be unanswered; it goes on with the next "
                                               "commands. Run ttpctl fsck where this lasts",
                                               "commands cannot be carried out"}},
                  [this](os::Worker&) { return write_next(); });
  applier_.emplace(
      os::Worker::Traits{.fault = {"applier", "what was recorded could not be shown",
                                   "It is in the log; the views are brought up to date at the next "
                                   "start. Restart the service",
                                   "the views do not show what is recorded"}},
      [this](os::Worker&) { return apply_next(); });
}

Executor::~Executor() {
  stop();
}

domain::Time Executor::now() const {
  return decider_.now();
}

void Executor::submit(Command command, Asked asked, Done done, Caller caller) {
  Queued queued{std::move(command), std::move(asked), std::move(done)};
  std::unique_lock lock(mutex_);
  if (const auto refusal = cannot_take()) {
    lock.unlock();
    return queued.done(refused(*refusal));
  }
  const bool alone = !writing_ && queue_.empty() && !applying_ && written_.empty();
  if (caller == Caller::goes_on || !alone || asks_the_views(queued.command)) {
    queue_.push_back(std::move(queued));
    lock.unlock();
    return wake_.notify_one();
  }
  std::deque<Queued> taken;
  taken.push_back(std::move(queued));
  write(lock, std::move(taken));
  if (stopping_ || !queue_.empty()) wake_.notify_one();
}

std::optional<Reason> Executor::cannot_take() {
  if (stopping_) return Reason::shutting_down;
  if (fault_) return Reason::internal_fault;
  if (queue_.size() + unanswered_ < limits_.queue_max) return std::nullopt;
  ++counts_.queue_full;
  return Reason::overloaded;
}

void Executor::write(std::unique_lock<std::mutex>& lock, std::deque<Queued> taken) noexcept {
  writing_ = true;
  lock.unlock();
  while (!taken.empty()) taken = process(std::move(taken));
  lock.lock();
  writing_ = false;
}

Outcome Executor::execute(Command command, Asked asked) {
  std::promise<Outcome> promise;
  submit(
      std::move(command), std::move(asked), [&](Outcome outcome) { promise.set_value(std::move(outcome)); },
      Caller::waits);
  return promise.get_future().get();
}

void Executor::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  writer_->join();
  {
    const std::scoped_lock lock(mutex_);
    written_all_ = true;
  }
  apply_wake_.notify_all();
  applier_->join();
}

std::optional<std::string> Executor::fault() const {
  const std::scoped_lock lock(mutex_);
  return fault_;
}

ExecutorCounts Executor::counts() const {
  const std::scoped_lock lock(mutex_);
  ExecutorCounts counts = counts_;
  counts.queued = queue_.size();
  return counts;
}

os::Worker::Next Executor::write_next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return !writing_ && (stopping_ || !queue_.empty()); });
  if (queue_.empty()) return os::Worker::Next::never();
  write(lock, take_queued());
  return os::Worker::Next::at_once();
}

std::deque<Executor::Queued> Executor::take_queued() {
  if (queue_.size() <= limits_.batch_max) return std::exchange(queue_, {});
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits_.batch_max);
  std::deque<Queued> taken{std::move_iterator{queue_.begin()}, std::move_iterator{end}};
  queue_.erase(queue_.begin(), end);
  return taken;
}

void Executor::carry_out(const domain::UserErased& erased) {
  try {
    erasures_.carry_out(erased);
  } catch (const std::exception& broken) {
    // The event stands; the next start carries out what is left of it.
    const std::scoped_lock lock(mutex_);
    fault_ = "an erasure was recorded but not carried out: " + std::string{broken.what()};
  }
}

std::deque<Executor::Queued> Executor::process(std::deque<Queued> taken) {
  Batch batch(decider_, taken.size());
  Written written;
  written.began = std::chrono::steady_clock::now();
  std::vector<Queued*> decided, later;
  decided.reserve(taken.size());
  std::vector<storage::Outcome> outcomes;
  try {
    for (Queued& queued : taken) {
      const bool asks_views = asks_the_views(queued.command);
      if (asks_views && batch.commits().empty()) wait_until_applied();
      const bool waits =
          (asks_views && !batch.commits().empty()) || !batch.take(queued.command, queued.asked);
      (waits ? later : decided).push_back(&queued);
    }
    const auto append_began = std::chrono::steady_clock::now();
    if (!batch.commits().empty()) outcomes = log_.append(batch.commits());
    written.append_took = std::chrono::steady_clock::now() - append_began;
    for (std::size_t i = 0; i < decided.size(); ++i) {
      Batch::Result& result = batch.results()[i];
      if (!result.commit) continue;
      Queued& queued = *decided[i];
      const storage::Outcome& outcome = outcomes.at(*result.commit);
      if (const auto* appended = std::get_if<storage::Appended>(&outcome)) {
        result.outcome.position = appended->last;
        storage::Position position = appended->first;
        for (events::Recorded& event : batch.decided().at(*result.commit)) {
          event.position = position++;
          written.recorded.push_back(std::move(event));
        }
      } else if (const auto* duplicate = std::get_if<storage::Duplicate>(&outcome)) {
        result.outcome = replay(queued.asked.known_as.at(0).fingerprint, *duplicate);
      } else if (++queued.attempts < attempts_max && !std::holds_alternative<storage::Sealed>(outcome)) {
        // Another writer was faster, or a commit before this one in the batch failed: decide again.
        later.push_back(&queued);
      } else {
        result.outcome =
            refused(std::holds_alternative<storage::Sealed>(outcome) ? Reason::shutting_down
                                                                     : Reason::changed_meanwhile);
      }
    }
  } catch (const std::exception& broken) {
    written.fault = broken.what();
  }

  const bool overtaken = std::ranges::any_of(outcomes, [](const storage::Outcome& each) {
    return !std::holds_alternative<storage::Appended>(each);
  });
  if (written.fault || overtaken) {
    decider_.forget_states();
  }
  written.appended = outcomes.size();
  written.events = written.recorded.size();
  written.head = log_.head().next;
  std::deque<Queued> again;
  written.answers.reserve(taken.size());
  if (written.fault) {
    for (Queued& queued : taken) written.answers.emplace_back(std::move(queued.done), Outcome{});
  } else {
    for (std::size_t i = 0; i < decided.size(); ++i)
      if (std::ranges::find(later, decided[i]) == later.end())
        written.answers.emplace_back(std::move(decided[i]->done), std::move(batch.results()[i].outcome));
    for (Queued* queued : later) again.push_back(std::move(*queued));
  }
  // Nobody may be decided on beside an erasure that is recorded and not carried out.
  const bool erases = std::ranges::any_of(written.recorded, [](const events::Recorded& each) {
    return std::holds_alternative<domain::UserErased>(each.event);
  });
  hand_over(std::move(written), taken.size() == 1);
  if (erases) wait_until_applied();
  if (again.empty()) decider_.trim_states();
  return again;
}

// ---- behind the writer ------------------------------------------------------------------------------------

void Executor::hand_over(Written written, bool alone) {
  std::unique_lock lock(mutex_);
  if (written.fault) fault_ = written.fault;
  unanswered_ += written.answers.size();
  written_.push_back(std::move(written));
  if (applying_) return;  // who applies finds it
  if (alone && queue_.empty()) return apply(lock);
  lock.unlock();
  apply_wake_.notify_one();
}

os::Worker::Next Executor::apply_next() {
  std::unique_lock lock(mutex_);
  apply_wake_.wait(lock, [&] { return written_all_ || (!applying_ && !written_.empty()); });
  if (written_.empty()) return os::Worker::Next::never();
  apply(lock);
  return os::Worker::Next::at_once();
}

void Executor::apply(std::unique_lock<std::mutex>& lock) noexcept {
  applying_ = true;
  while (!written_.empty()) {
    auto batches = std::exchange(written_, {});
    lock.unlock();
    apply(std::move(batches));
    lock.lock();
  }
  applying_ = false;
  applied_.notify_all();
}

void Executor::apply(std::deque<Written> batches) {
  std::vector<events::Recorded> recorded;
  for (Written& each : batches) std::ranges::move(each.recorded, std::back_inserter(recorded));
  if (!recorded.empty()) apply_(recorded);
  for (const events::Recorded& each : recorded)
    if (const auto* erased = std::get_if<domain::UserErased>(&each.event)) carry_out(*erased);

  for (Written& each : batches) complete(each);
  count(batches);
  for (Written& each : batches)
    for (auto& [done, outcome] : each.answers) done(std::move(outcome));
}

void Executor::complete(Written& written) {
  for (auto& [done, outcome] : written.answers) {
    if (written.fault) outcome = refused(Reason::internal_fault);
    if (!outcome.position && written.head > 0) outcome.position = written.head - 1;
  }
}

void Executor::count(const std::deque<Written>& batches) {
  const auto ended = std::chrono::steady_clock::now();
  const std::scoped_lock lock(mutex_);
  for (const Written& each : batches) {
    unanswered_ -= each.answers.size();
    counts_.commands += each.answers.size();
    counts_.events += each.events;
    counts_.refused += static_cast<std::uint64_t>(std::ranges::count_if(
        each.answers, [](const auto& answer) { return answer.second.refusal.has_value(); }));
    if (each.appended == 0) continue;
    counts_.batch_sizes.add(static_cast<double>(each.appended));
    counts_.append_seconds.add(each.append_took);
    counts_.commit_seconds.add(ended - each.began);
  }
}

void Executor::wait_until_applied() {
  std::unique_lock lock(mutex_);
  applied_.wait(lock, [&] { return !applying_ && written_.empty(); });
}

}  // namespace ttp::service

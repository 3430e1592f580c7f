#include "service/writer/executor.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <utility>

#include <spdlog/spdlog.h>

#include "events/recorded.hpp"
#include "service/writer/batch.hpp"

namespace ttp::service {
namespace {

using domain::Reason;

constexpr unsigned attempts_max = 3;  // decisions of one command, if other writers overtake its commit
/// A writer that was overtaken takes turns until it has met nobody else so often.
constexpr unsigned lonely_turns = 2;
constexpr std::string_view log_to_do =
    "The process ends by itself in a moment and must be started again; free space or repair the disk first "
    "if the message says so. Clients that got outcome_unknown ask again with the same key";

}  // namespace

/// A batch that is in the log and must be applied and answered.
struct Executor::Written {
  struct Answer {
    Done done;
    CommandResult result;
    bool erases = false;  ///< whether the command erases a person
  };
  std::vector<events::Recorded> recorded;  ///< in the order of the log
  std::vector<Answer> answers;
  storage::Position head = 0;  ///< the log's size afterwards
  std::size_t appended = 0;    ///< commits passed to the log
  std::size_t events = 0;
  std::chrono::steady_clock::time_point began;
  std::chrono::steady_clock::duration append_took{};
};

// ---- the writer -------------------------------------------------------------------------------------------

Executor::Executor(storage::Log& log, storage::Vault& vault, projections::Runner& runner,
                   const Queries& queries, Erasures& erasures, const Secrets& secrets, Clock& clock,
                   Limits limits)
    : Executor(
          log, vault, [&runner](std::span<const events::Recorded> recorded) { runner.apply(recorded); },
          queries, erasures, secrets, clock, std::move(limits)) {}

Executor::Executor(storage::Log& log, storage::Vault& vault, Apply apply, const Queries& queries,
                   Erasures& erasures, const Secrets& secrets, Clock& clock, Limits limits)
    : log_(log),
      apply_(std::move(apply)),
      erasures_(erasures),
      limits_(std::move(limits)),
      decider_(log, vault, queries, secrets, clock) {
  writer_.emplace(os::Worker::Traits{.fault = {"writer", "the writer failed",
                                               "Its current commands may stay unanswered; it goes on with "
                                               "the next ones. Run ttpctl fsck if this lasts",
                                               "commands cannot be carried out"}},
                  [this](os::Worker&) { return write_next(); });
  applier_.emplace(
      os::Worker::Traits{.fault = {"applier", "recorded events could not be applied to the views",
                                   "They are in the log; the views are brought up to date at the next "
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

void Executor::submit(Command command, Asked asked, Done done) {
  Queued queued{std::move(command), std::move(asked), std::move(done)};
  os::MutexLock lock(mutex_);
  if (const auto refusal = cannot_take()) {
    lock.unlock();
    return queued.done(refused(*refusal));
  }
  queue_.push_back(std::move(queued));
  lock.unlock();
  wake_.notify_one();
}

std::optional<Reason> Executor::cannot_take() {
  if (stopping_) return Reason::shutting_down;
  if (fault_) return Reason::log_unavailable;
  if (const auto closed = limits_.gate ? limits_.gate() : std::nullopt) return closed;
  if (queue_.size() + unanswered_ < limits_.queue_max) return std::nullopt;
  ++counts_.queue_full;
  return Reason::overloaded;
}

CommandResult Executor::execute(Command command, Asked asked) {
  std::promise<CommandResult> promise;
  submit(std::move(command), std::move(asked),
         [&](CommandResult result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

void Executor::stop() {
  {
    const os::MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  writer_->join();
  {
    const os::MutexLock lock(mutex_);
    written_all_ = true;
  }
  apply_wake_.notify_all();
  applier_->join();
}

std::optional<WriterFault> Executor::fault() const {
  const os::MutexLock lock(mutex_);
  return fault_;
}

ExecutorCounts Executor::counts() const {
  const os::MutexLock lock(mutex_);
  ExecutorCounts counts = counts_;
  counts.queued = queue_.size();
  return counts;
}

os::Worker::Next Executor::write_next() {
  os::MutexLock lock(mutex_);
  while (!stopping_ && queue_.empty()) wake_.wait(lock);
  if (queue_.empty()) return os::Worker::Next::never();
  auto taken = take_queued();
  lock.unlock();
  while (!taken.empty()) taken = process(std::move(taken));
  return os::Worker::Next::at_once();
}

std::deque<Executor::Queued> Executor::take_queued() {
  if (queue_.size() <= limits_.batch_max) return std::exchange(queue_, {});
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits_.batch_max);
  std::deque<Queued> taken{std::move_iterator{queue_.begin()}, std::move_iterator{end}};
  queue_.erase(queue_.begin(), end);
  return taken;
}

std::deque<Executor::Queued> Executor::process(std::deque<Queued> taken) {
  Written written;
  written.began = std::chrono::steady_clock::now();
  std::optional<storage::Turn> turn;
  begin_turn(turn);
  Batch batch(decider_, taken.size());
  std::deque<Queued> again;
  auto decided = decide(std::move(taken), batch, again);
  const auto results = append(batch, written);
  turn.reset();
  settle(std::move(decided), batch, results, written, again);
  // No command may be decided between the record of an erasure and its completion.
  const bool erases = std::ranges::any_of(written.recorded, [](const events::Recorded& each) {
    return std::holds_alternative<domain::UserErased>(each.event);
  });
  hand_over(std::move(written));
  if (erases) wait_until_applied();
  if (again.empty()) decider_.end_batch();
  return again;
}

void Executor::begin_turn(std::optional<storage::Turn>& turn) {
  if (turns_ == 0) return;
  try {
    turn.emplace(log_);
    if (turn->met() == 0)
      --turns_;
    else
      decider_.run_on_from_log();
  } catch (const std::exception&) {
    // The append meets the same fault and reports it.
  }
}

void Executor::note_overtaken(const storage::AppendResult& result) {
  if (!log_.others_may_write()) return;
  if (const auto* early = std::get_if<storage::TooEarly>(&result)) decider_.run_on_from(early->last);
  turns_ = lonely_turns;
}

std::vector<Executor::Queued> Executor::decide(std::deque<Queued> taken, Batch& batch,
                                               std::deque<Queued>& again) {
  std::vector<Queued> decided;
  decided.reserve(taken.size());
  for (Queued& queued : taken) {
    const bool asks_views = asks_the_views(queued.command);
    if (asks_views && batch.commits().empty()) wait_until_applied();
    const bool waits = (asks_views && !batch.commits().empty()) || !batch.take(queued.command, queued.asked);
    if (waits) {
      again.push_back(std::move(queued));
      continue;
    }
    if (const auto& fault = batch.results().back().fault)
      spdlog::error(
          "request {}: the command could not be decided: {}. Nothing was changed; other commands go "
          "on. Run ttpctl fsck",
          domain::to_text(queued.asked.request), *fault);
    decided.push_back(std::move(queued));
  }
  return decided;
}

std::vector<storage::AppendResult> Executor::append(Batch& batch, Written& written) {
  if (batch.commits().empty()) return {};
  written.appended = batch.commits().size();
  const auto began = std::chrono::steady_clock::now();
  std::vector<storage::AppendResult> results;
  try {
    results = log_.append(batch.commits());
  } catch (const std::exception& broken) {
    // An exception means that no commit was written.
    stop_writing(broken.what(), log_to_do);
    results.assign(batch.commits().size(), storage::Sealed{});
  }
  written.append_took = std::chrono::steady_clock::now() - began;
  for (const auto& each : results)
    if (const auto* unknown = std::get_if<storage::Unknown>(&each)) stop_writing(unknown->why, log_to_do);
  return results;
}

void Executor::settle(std::vector<Queued> decided, Batch& batch,
                      const std::vector<storage::AppendResult>& results, Written& written,
                      std::deque<Queued>& again) {
  bool overtaken = false;  // whether a commit of this batch was not appended as decided
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (std::holds_alternative<storage::Appended>(results[i])) continue;
    decider_.forget_states(batch.commits()[i]);
    note_overtaken(results[i]);
    overtaken = true;
  }
  written.head = log_.head().next;
  written.answers.reserve(decided.size());
  for (std::size_t i = 0; i < decided.size(); ++i) {
    Queued& queued = decided[i];
    Batch::Result& made = batch.results()[i];
    // A refusal may depend on an earlier commit of the batch that was not appended; then decide again.
    const bool stands = made.commit || made.is_replay || made.fault || !overtaken || fault();
    auto answered = !stands        ? std::nullopt
                    : !made.commit ? std::optional{std::move(made.answer)}
                                   : answer(queued, made, results.at(*made.commit));
    if (!answered && ++queued.attempts < attempts_max) {
      again.push_back(std::move(queued));
      continue;
    }
    bool erases = false;
    if (answered && made.commit && std::holds_alternative<storage::Appended>(results[*made.commit])) {
      auto position = std::get<storage::Appended>(results[*made.commit]).first;
      for (events::Recorded& event : batch.decided().at(*made.commit)) {
        event.position = position++;
        erases = erases || std::holds_alternative<domain::UserErased>(event.event);
        written.recorded.push_back(std::move(event));
      }
    }
    written.answers.push_back({std::move(queued.done),
                               answered ? *std::move(answered) : refused(Reason::changed_meanwhile), erases});
  }
  written.events = written.recorded.size();
}

std::optional<CommandResult> Executor::answer(const Queued& queued, Batch::Result& decided,
                                              const storage::AppendResult& result) const {
  if (const auto* appended = std::get_if<storage::Appended>(&result)) {
    CommandResult answered = std::move(decided.answer);
    if (appended->last + 1 > 0) answered.position = appended->last;
    return answered;
  }
  if (const auto* duplicate = std::get_if<storage::Duplicate>(&result))
    return replay(queued.asked.known_as.at(0).fingerprint, *duplicate);
  if (const auto* failed = std::get_if<storage::Failed>(&result)) {
    spdlog::error(
        "request {}: the log could not judge the command: {}. Nothing was changed; other commands go "
        "on. Run ttpctl fsck",
        domain::to_text(queued.asked.request), failed->why);
    return refused(Reason::internal_fault);
  }
  if (std::holds_alternative<storage::Unknown>(result)) return refused(Reason::outcome_unknown);
  if (std::holds_alternative<storage::Sealed>(result))
    return refused(fault() ? Reason::log_unavailable : Reason::shutting_down);
  return std::nullopt;  // another writer was faster, or a commit before this one failed
}

void Executor::stop_writing(const std::string& why, std::string_view what_to_do) {
  {
    const os::MutexLock lock(mutex_);
    if (fault_) return;
    fault_ = {why, std::chrono::steady_clock::now()};
  }
  spdlog::error("{}. No command is taken any more; reads go on. {}", why, what_to_do);
}

// ---- the applier ------------------------------------------------------------------------------------------

void Executor::hand_over(Written written) {
  {
    const os::MutexLock lock(mutex_);
    unanswered_ += written.answers.size();
    written_.push_back(std::move(written));
  }
  apply_wake_.notify_one();
}

os::Worker::Next Executor::apply_next() {
  os::MutexLock lock(mutex_);
  while (!written_all_ && written_.empty()) apply_wake_.wait(lock);
  if (written_.empty()) return os::Worker::Next::never();
  auto batches = std::exchange(written_, {});
  applying_ = true;
  lock.unlock();
  apply(std::move(batches));
  lock.lock();
  applying_ = false;
  applied_.notify_all();
  return os::Worker::Next::at_once();
}

void Executor::apply(std::deque<Written> batches) {
  std::vector<events::Recorded> recorded;
  for (Written& each : batches) std::ranges::move(each.recorded, std::back_inserter(recorded));
  try {
    if (!recorded.empty()) apply_(recorded);
  } catch (const std::exception& broken) {
    stop_writing("recorded events could not be applied to the views: " + std::string{broken.what()},
                 "They are in the log; the views are brought up to date at the next start");
  }
  bool all_erased = true;
  for (const events::Recorded& each : recorded)
    if (const auto* erased = std::get_if<domain::UserErased>(&each.event))
      all_erased = carry_out(*erased) && all_erased;

  for (Written& each : batches) {
    complete(each);
    // The erasure is recorded, but the person's key may still be there: that is neither a yes nor a no.
    for (Written::Answer& answer : each.answers)
      if (answer.erases && !all_erased) answer.result = refused(Reason::outcome_unknown);
  }
  count(batches);
  for (Written& each : batches)
    for (Written::Answer& answer : each.answers) answer.done(std::move(answer.result));
}

bool Executor::carry_out(const domain::UserErased& erased) {
  try {
    erasures_.carry_out(erased);
    decider_.forget_what_was_unsealed();
    return true;
  } catch (const std::exception& broken) {
    stop_writing("an erasure was recorded but not carried out: " + std::string{broken.what()},
                 "The next start completes it");
    return false;
  }
}

/// Sets the position of commands that recorded nothing: they were decided on the whole log.
void Executor::complete(Written& written) {
  for (Written::Answer& each : written.answers)
    if (!each.result.position && written.head > 0) each.result.position = written.head - 1;
}

void Executor::count(const std::deque<Written>& batches) {
  const auto ended = std::chrono::steady_clock::now();
  const os::MutexLock lock(mutex_);
  for (const Written& each : batches) {
    unanswered_ -= each.answers.size();
    counts_.commands += each.answers.size();
    counts_.events += each.events;
    counts_.refused += static_cast<std::uint64_t>(std::ranges::count_if(
        each.answers, [](const Written::Answer& answer) { return answer.result.refusal.has_value(); }));
    if (each.appended == 0) continue;
    counts_.batch_sizes.add(static_cast<double>(each.appended));
    counts_.append_seconds.add(each.append_took);
    counts_.commit_seconds.add(ended - each.began);
  }
}

void Executor::wait_until_applied() {
  os::MutexLock lock(mutex_);
  while (applying_ || !written_.empty()) applied_.wait(lock);
}

}  // namespace ttp::service

#include "service/workers/scheduler.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <utility>
#include <vector>

namespace ttp::service {
namespace {

constexpr std::size_t batch_max = 500;

}  // namespace

/// The state of one look at all deadlines.
struct Scheduler::Look {
  std::size_t recorded = 0;
  bool refused = false;  ///< the executor has refused a command
};

Scheduler::Scheduler(const Queries& queries, Executor& executor, Report report,
                     std::chrono::milliseconds interval)
    : queries_(queries),
      executor_(executor),
      report_(std::move(report)),
      worker_(
          {.fault = {"scheduler", "the deadlines could not be looked at",
                     "Passed deadlines are recorded later, with the time at which they passed. Run ttpctl "
                     "fsck if it lasts",
                     "deadlines are not recorded"},
           .starts_after = interval,
           .longest_wait = std::chrono::milliseconds{10'000}},
          [this, interval](os::Worker&) {
            run_due();
            return os::Worker::Next::within(interval);
          }) {}

Scheduler::~Scheduler() {
  stop();
}

std::size_t Scheduler::run_due() {
  const os::MutexLock one_look(looking_);
  Look look;
  run_due<domain::LetTimePassForUser, domain::UserId>(
      look, [&](std::size_t limit) { return queries_.users_due(executor_.now(), limit); });
  run_due<domain::LetTimePassForAccount, domain::AccountId>(
      look, [&](std::size_t limit) { return queries_.accounts_due(executor_.now(), limit); });
  run_due<domain::LetTimePassForProgramme, domain::AccountId>(
      look, [&](std::size_t limit) { return queries_.programmes_due(executor_.now(), limit); });
  return look.recorded;
}

template <class Command, class Id>
void Scheduler::run_due(Look& look, const std::function<std::vector<Id>(std::size_t limit)>& find_due) {
  std::set<domain::Uuid> left_alone;  // until the next look
  while (!look.refused) {
    std::vector<Id> due = find_due(batch_max + left_alone.size());
    for (const Id id : due)
      if (left_alone.contains(id.uuid)) note_stays_due(id.uuid);
    std::erase_if(due, [&](Id id) { return left_alone.contains(id.uuid); });
    if (due.size() > batch_max) due.resize(batch_max);
    if (due.empty()) return;

    struct Submitted {
      domain::CommandId command;  // identifies its events among those of other commands
      std::future<CommandResult> outcome;
    };
    std::vector<Submitted> submitted;
    for (const Id id : due) {
      const domain::CommandId command{fresh_uuid(executor_.now())};
      Asked asked;
      asked.known_as = {{command, {}}};
      const auto promise = std::make_shared<std::promise<CommandResult>>();
      submitted.push_back({command, promise->get_future()});
      executor_.submit(Command{id}, std::move(asked),
                       [promise](CommandResult outcome) { promise->set_value(std::move(outcome)); });
    }

    for (std::size_t i = 0; i < due.size(); ++i) {
      const CommandResult outcome = submitted[i].outcome.get();
      if (outcome.refusal) {
        look.refused = true;
        continue;
      }
      const std::size_t count = recorded_by(submitted[i].command, outcome);
      look.recorded += count;
      if (count > 0) {
        reported_.erase(due[i].uuid);
      } else {
        left_alone.insert(due[i].uuid);
      }
    }
  }
}

/// Reports a thing that is still due although this look recorded nothing for it. That can only be a bug or a
/// stopped view: a thing that another command has settled meanwhile is not due any more.
void Scheduler::note_stays_due(const domain::Uuid& id) {
  if (reported_.insert(id).second)
    report(domain::to_text(id) + " stays due although nothing is left to record for it");
}

/// Counts a command's events, which are adjacent and end at the outcome's position.
std::size_t Scheduler::recorded_by(domain::CommandId command, const CommandResult& outcome) const {
  std::size_t count = 0;
  for (storage::Position behind = outcome.position ? *outcome.position + 1 : 0; behind > 0; --behind) {
    const auto found = queries_.history(behind - 1, 1);
    if (found.empty() || found.front().envelope.command != command) break;
    ++count;
  }
  return count;
}

void Scheduler::report(std::string_view sentence) const {
  if (report_) report_(sentence);
}

}  // namespace ttp::service

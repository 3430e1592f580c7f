#include "service/workers/delivery_worker.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <stdexcept>
#include <utility>

#include "events/bytes.hpp"
#include "events/codec.hpp"
#include "os/threads.hpp"

namespace ttp::service {
namespace {

using domain::Time;
using std::chrono::milliseconds;
using storage::Position;

// stored: never rename
constexpr std::string_view next_note = "delivery/next";
constexpr std::string_view pending_notes = "delivery/pending/";

constexpr std::size_t page_events = 256;
constexpr Position passed_over_max = 10'000;  // events that send nothing, again after a start
constexpr milliseconds idle_wait{100};        // also how long a stop may take
constexpr milliseconds views_wait{2};
constexpr milliseconds gathering{5};  // a code may wait so long, the writer is not held up by each look

std::int64_t in_ms(Time time) {
  return time.time_since_epoch().count();
}
Time from_ms(std::int64_t ms) {
  return Time{milliseconds{ms}};
}

[[noreturn]] void damaged(std::string_view note) {
  throw events::Damaged{"the vault's note " + std::string{note} + " can not be read"};
}

/// Reads the numbers of a note, with single spaces between.
template <std::size_t Count>
std::array<std::int64_t, Count> numbers_of(std::string_view note, std::string_view text) {
  std::array<std::int64_t, Count> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < Count; ++i) {
    if (i > 0) {
      if (at == end || *at != ' ') damaged(note);
      ++at;
    }
    const auto [rest, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc{} || numbers[i] < 0) damaged(note);
    at = rest;
  }
  if (at != end) damaged(note);
  return numbers;
}

/// Whether the views show the event's own stream up to the event. A view that has stopped would make rules
/// blind, and what they pass over then would be lost.
template <class State>
bool is_shown(const Found<State>& snapshot, const events::Recorded& recorded) {
  return snapshot && snapshot->version >= recorded.version;
}
template <class E>
bool views_show(const E& event, const events::Recorded& recorded, const Queries& queries) {
  if constexpr (std::is_same_v<E, domain::EligibilityRefused>) {
    return true;  // of a company that has no account, and nothing is sent
  } else if constexpr (requires(domain::User user) { evolve(user, event); }) {
    return is_shown(queries.user(event.user), recorded);
  } else if constexpr (requires(domain::Account account) { evolve(account, event); }) {
    return is_shown(queries.account(event.account), recorded);
  } else {
    return is_shown(queries.programme(event.account), recorded);
  }
}

}  // namespace

domain::Duration delivery_wait_after(unsigned failures) {
  constexpr std::array<domain::Duration, 4> waits{domain::seconds{1}, domain::seconds{5}, domain::seconds{30},
                                                  domain::minutes{2}};
  return waits[std::min<std::size_t>(failures > 0 ? failures - 1 : 0, waits.size() - 1)];
}

void skip_deliveries(storage::Vault& vault, Position next) {
  vault.put_note(next_note, std::to_string(next), true);
}

DeliveryWorker::DeliveryWorker(const storage::Log& log, storage::Vault& vault, const Queries& queries,
                               const Secrets& secrets, const Executor& executor,
                               delivery::MailTransport& mails, delivery::LetterFolder& letters)
    : log_(log),
      vault_(vault),
      queries_(queries),
      secrets_(secrets),
      executor_(executor),
      mails_(mails),
      letters_(letters) {
  if (const auto note = vault_.find_note(next_note))
    next_ = static_cast<Position>(numbers_of<1>(next_note, *note)[0]);
  // A log restored from an older backup gives its next positions to other events.
  next_ = std::min(next_, log_.head().next);
  for (const auto& [note, text] : vault_.scan_notes(pending_notes)) {
    const auto [position, failures, first_failed, next_attempt, carries_code] = numbers_of<5>(note, text);
    pending_[note.substr(pending_notes.size())] =
        Pending{static_cast<Position>(position), static_cast<unsigned>(failures), from_ms(first_failed),
                from_ms(next_attempt), carries_code != 0};
  }
  noted_ = next_;
  counts_.next = next_;
  counts_.pending = pending_.size();
  thread_ = std::thread{[this] {
    os::name_this_thread("delivery");
    run();
  }};
}

DeliveryWorker::~DeliveryWorker() {
  stop();
}

void DeliveryWorker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool DeliveryWorker::is_stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

void DeliveryWorker::pause(milliseconds time) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return stopping_; });
}

DeliveryCounts DeliveryWorker::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

Position DeliveryWorker::wait_beyond(Position position, milliseconds time_out) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time_out, [&] { return stopping_ || counts_.next > position; });
  return counts_.next;
}

std::expected<std::string, domain::Reason> DeliveryWorker::letter_pdf(domain::AccountId account,
                                                                      domain::LetterId letter) const {
  const auto found = letter_to_print(queries_, secrets_, account, letter, executor_.now());
  if (!found) return std::unexpected{found.error()};
  return render_pdf(*found);
}

// ---- the worker's thread
// ----------------------------------------------------------------------------------------------

void DeliveryWorker::run() {
  unsigned faults = 0;
  while (!is_stopping()) {
    std::optional<std::string> fault;
    try {
      deliver_new();
      retry_due();
    } catch (const std::exception& broken) {
      fault = broken.what();
    }
    {
      const std::scoped_lock lock(mutex_);
      counts_.fault = fault;
    }
    faults = fault ? faults + 1 : 0;
    if (fault) pause(delivery_wait_after(faults));
  }
}

void DeliveryWorker::deliver_new() {
  const bool retry_waits = first_due(true) || first_due(false);
  if (log_.wait_beyond(next_, retry_waits ? milliseconds{0} : idle_wait) <= next_) return;
  const Position shown = queries_.position();
  if (shown <= next_) {
    pause(views_wait);
    return;
  }
  deliver_page(log_.read(next_, std::min<Position>(page_events, shown - next_)));
}

void DeliveryWorker::deliver_page(const std::vector<storage::StoredEvent>& page) {
  struct Item {
    Position position;
    Outgoing outgoing;
  };
  std::vector<Item> items;
  bool had_reason = false;
  for (const storage::StoredEvent& stored : page) {
    if (!sends(events::type_in(stored.envelope))) continue;
    had_reason = true;
    for (const events::Recorded& recorded : queries_.history(stored.position, 1))
      for (Outgoing& each : items_of(recorded)) items.push_back({recorded.position, std::move(each)});
  }
  std::ranges::stable_partition(items, [](const Item& item) { return item.outgoing.carries_code; });
  for (const auto& [position, item] : items) {
    // What is left of the page is done again after the next start; what failed then has its note already.
    if (is_stopping()) return;
    if (pending_.contains(item.key) || attempt(item) != Result::failed) continue;
    const Time now = executor_.now();
    remember(item.key, {position, 1, now, now + delivery_wait_after(1), item.carries_code});
  }
  // A page that sent nothing can be looked at again after a crash, so it need not wait for the disk.
  move_checkpoint(next_ + page.size(), had_reason, !items.empty());
  // Under load there is something new all the time, and nearly all of it sends nothing.
  if (!had_reason && page.size() < page_events) pause(gathering);
}

std::vector<Outgoing> DeliveryWorker::items_of(const events::Recorded& recorded) const {
  const bool shown =
      std::visit([&](const auto& event) { return views_show(event, recorded, queries_); }, recorded.event);
  if (!shown)
    throw std::runtime_error{"the views stop short of position " + std::to_string(recorded.position)};
  // The key of whom the event is about is gone: their data must not go out, even where a view still has it.
  if (!vault_.find_data_key(events::subject_of(recorded.event))) return {};
  return outgoing(recorded, queries_, secrets_, executor_.now());
}

/// All codes that are due, but one notice only: a code that comes in meanwhile waits for no more than that.
void DeliveryWorker::retry_due() {
  while (const auto code = first_due(true)) {
    if (is_stopping()) return;
    retry(*code);
  }
  if (const auto notice = first_due(false)) retry(*notice);
}

void DeliveryWorker::retry(const std::string& key) {
  Pending pending = pending_.at(key);
  std::vector<Outgoing> items;
  for (const events::Recorded& recorded : queries_.history(pending.position, 1)) items = items_of(recorded);
  const auto item = std::ranges::find(items, key, &Outgoing::key);
  const Result result = item == items.end() ? Result::given_up : attempt(*item);
  if (item == items.end()) {
    // The rules do not ask for it any more: expired, replaced, erased.
    const std::scoped_lock lock(mutex_);
    ++counts_.given_up;
  }
  if (result != Result::failed) {
    forget(key);
    return;
  }
  const Time now = executor_.now();
  if (!pending.carries_code && now - pending.first_failed_at >= notice_patience) {
    forget(key);
    const std::scoped_lock lock(mutex_);
    ++counts_.given_up;
    return;
  }
  ++pending.failures;
  pending.next_attempt_at = now + delivery_wait_after(pending.failures);
  remember(key, pending);
}

bool DeliveryWorker::is_due(const Pending& pending) const {
  return pending.next_attempt_at <= executor_.now();
}

/// The key of what has waited longest among what is due.
std::optional<std::string> DeliveryWorker::first_due(bool carrying_code) const {
  const std::pair<const std::string, Pending>* first = nullptr;
  for (const auto& entry : pending_)
    if (entry.second.carries_code == carrying_code &&
        (!first || entry.second.next_attempt_at < first->second.next_attempt_at))
      first = &entry;
  return first && is_due(first->second) ? std::optional{first->first} : std::nullopt;
}

DeliveryWorker::Result DeliveryWorker::attempt(const Outgoing& item) {
  const bool useless = item.useless_from && executor_.now() >= *item.useless_from;
  Result result = Result::given_up;
  std::optional<std::string> failure;
  if (!useless && !is_erased(item.reader)) {
    try {
      result = hand_over(item);
      if (result == Result::failed) failure = item.key + ": the carrier asks to try later";
      if (result == Result::given_up) failure = item.key + ": the carrier refuses it";
    } catch (const std::exception& broken) {
      result = Result::failed;
      failure = item.key + ": " + broken.what();
    }
  }
  const std::scoped_lock lock(mutex_);
  if (failure) counts_.last_failure = std::move(failure);
  if (result == Result::given_up) ++counts_.given_up;
  if (result == Result::delivered)
    ++(std::holds_alternative<delivery::Mail>(item.content) ? counts_.mails : counts_.letters);
  return result;
}

DeliveryWorker::Result DeliveryWorker::hand_over(const Outgoing& item) {
  if (const auto* letter = std::get_if<LetterToPrint>(&item.content)) {
    const domain::LetterId id{domain::parse_uuid(item.key).value()};
    letters_.deliver(id, render_pdf(*letter));
    return Result::delivered;
  }
  switch (mails_.deliver(std::get<delivery::Mail>(item.content))) {
    case delivery::Delivery::delivered:
      return Result::delivered;
    case delivery::Delivery::try_later:
      return Result::failed;
    case delivery::Delivery::refused:
      return Result::given_up;
  }
  std::unreachable();
}

bool DeliveryWorker::is_erased(domain::UserId user) const {
  return !vault_.find_data_key(events::subject_name(user));
}

// ---- the notes
// --------------------------------------------------------------------------------------------------------

void DeliveryWorker::remember(const std::string& key, const Pending& pending) {
  const std::string text = std::to_string(pending.position) + " " + std::to_string(pending.failures) + " " +
                           std::to_string(in_ms(pending.first_failed_at)) + " " +
                           std::to_string(in_ms(pending.next_attempt_at)) + " " +
                           (pending.carries_code ? "1" : "0");
  // Durable before the checkpoint moves behind it; later attempts only count, and may be counted again.
  vault_.put_note(std::string{pending_notes} + key, text, !pending_.contains(key));
  pending_[key] = pending;
  const std::scoped_lock lock(mutex_);
  counts_.pending = pending_.size();
}

void DeliveryWorker::forget(const std::string& key) {
  vault_.erase_note(std::string{pending_notes} + key);
  pending_.erase(key);
  const std::scoped_lock lock(mutex_);
  counts_.pending = pending_.size();
}

void DeliveryWorker::move_checkpoint(Position next, bool had_reason, bool sync) {
  if (had_reason || next >= noted_ + passed_over_max) {
    vault_.put_note(next_note, std::to_string(next), sync);
    noted_ = next;
  }
  next_ = next;
  {
    const std::scoped_lock lock(mutex_);
    counts_.next = next;
  }
  changed_.notify_all();
}

}  // namespace ttp::service

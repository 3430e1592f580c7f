#include "service/workers/delivery_worker.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <stdexcept>
#include <utility>

#include "events/bytes.hpp"
#include "events/codec.hpp"
#include "service/workers/delivery_notes.hpp"

namespace ttp::service {
namespace {

using domain::Time;
using std::chrono::milliseconds;
using storage::Position;

// stored: never rename
constexpr std::string_view next_note = "delivery/next";
constexpr std::string_view pending_notes = "delivery/pending/";

constexpr std::string_view set_aside_prefix = "event-";

constexpr std::size_t page_events = 256;
constexpr Position passed_over_max = 10'000;  // events that send nothing and may be read again after a start
constexpr milliseconds idle_wait{100};        // also bounds the time that a stop takes
constexpr milliseconds views_wait{2};
constexpr milliseconds pause_under_load{5};  // short for a code, long enough not to disturb the writer

std::int64_t in_ms(Time time) {
  return time.time_since_epoch().count();
}
Time from_ms(std::int64_t ms) {
  return Time{milliseconds{ms}};
}

/// The key of an event whose mails could not be made.
std::string set_aside_key(Position position) {
  return std::string{set_aside_prefix} + std::to_string(position);
}
bool is_set_aside(std::string_view key) {
  return key.starts_with(set_aside_prefix);
}

[[noreturn]] void damaged(std::string_view note) {
  throw events::Damaged{"the vault's note " + std::string{note} + " cannot be read"};
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

}  // namespace

domain::Duration delivery_wait_after(unsigned failures) {
  constexpr std::array<domain::Duration, 4> waits{domain::seconds{1}, domain::seconds{5}, domain::seconds{30},
                                                  domain::minutes{2}};
  return waits[std::min<std::size_t>(failures > 0 ? failures - 1 : 0, waits.size() - 1)];
}

void skip_deliveries(storage::Vault& vault, Position next) {
  vault.put_note(next_note, std::to_string(next), true);
}

std::optional<Position> delivered_until(const storage::Vault& vault) {
  const auto note = vault.find_note(next_note);
  return note ? std::optional{static_cast<Position>(numbers_of<1>(next_note, *note)[0])} : std::nullopt;
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
      letters_(letters),
      mail_fault_(
          {"mail_folder", "a mail could not be handed over",
           "It waits and is tried again, and commands go on. Make room in the mail folder, or make it "
           "writable"}),
      letter_fault_(
          {"letter_folder", "a letter could not be written",
           "It waits and is tried again, and commands go on. Make room in the letter folder, or make "
           "it writable"}),
      set_aside_fault_(
          {"delivery_set_aside", "the mails or letters of an event could not be made",
           "They are set aside and tried again for 3 days; all others go out. Run ttpctl verify, "
           "and restore the vault from a backup if it is damaged",
           "mails or letters of some events cannot be made"}) {
  // A log restored from an older backup may be shorter than the noted position.
  next_ = std::min(delivered_until(vault_).value_or(0), log_.head().next);
  for (const auto& [note, text] : vault_.scan_notes(pending_notes)) {
    const auto [position, failures, first_failed, next_attempt, carries_code] = numbers_of<5>(note, text);
    pending_[note.substr(pending_notes.size())] =
        Pending{static_cast<Position>(position), static_cast<unsigned>(failures), from_ms(first_failed),
                from_ms(next_attempt), carries_code != 0};
  }
  noted_ = next_;
  counts_.next = next_;
  count_pending();
  worker_.emplace(
      os::Worker::Traits{
          .fault = {"delivery", "delivery makes no progress",
                    "No mail and no letter goes out until it does; commands go on. If the message "
                    "names the views, see /health/ready; if it names the vault or the log, repair "
                    "the disk. The service tries again by itself",
                    "no mails or letters go out"},
          .longest_wait = milliseconds{30'000}},
      [this](os::Worker& worker) { return step(worker); });
}

DeliveryWorker::~DeliveryWorker() {
  stop();
}

void DeliveryWorker::stop() {
  {
    const os::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  worker_->stop();
}

bool DeliveryWorker::is_stopping() const {
  const os::MutexLock lock(mutex_);
  return stopping_;
}

DeliveryCounts DeliveryWorker::counts() const {
  const os::MutexLock lock(mutex_);
  return counts_;
}

Position DeliveryWorker::wait_beyond(Position position, milliseconds time_out) const {
  const auto until = std::chrono::steady_clock::now() + time_out;
  os::MutexLock lock(mutex_);
  while (!stopping_ && counts_.next <= position && changed_.wait_until(lock, until)) {
  }
  return counts_.next;
}

std::expected<std::string, domain::Reason> DeliveryWorker::letter_pdf(domain::AccountId account,
                                                                      domain::LetterId letter) const {
  const auto found = letter_to_print(queries_, secrets_, account, letter, executor_.now());
  if (!found) return std::unexpected{found.error()};
  // Names may have changed since the letter was written; it exists in one version only.
  if (auto written = letters_.read(letter)) return *std::move(written);
  return render_pdf(*found);
}

// ---- the worker's thread ---------------------------------------------------------------------------------

os::Worker::Next DeliveryWorker::step(os::Worker& worker) {
  const milliseconds rest = deliver_new();
  retry_due();
  if (rest > milliseconds{0}) worker.pause(rest);
  return os::Worker::Next::at_once();
}

/// Returns the pause before the next call.
milliseconds DeliveryWorker::deliver_new() {
  const bool retry_waits = first_due(true) || first_due(false);
  if (log_.wait_beyond(next_, retry_waits ? milliseconds{0} : idle_wait) <= next_) return milliseconds{0};
  // The rules look up memberships: if the view of accounts has stopped, they would miss some mails.
  const auto memberships = queries_.memberships_standing();
  const Position shown = std::min(queries_.position(), memberships.next);
  if (shown <= next_ && memberships.stopped)
    throw std::runtime_error{"the view of accounts has stopped at position " + std::to_string(shown)};
  if (shown <= next_) return views_wait;
  const auto page = log_.read(next_, std::min<Position>(page_events, shown - next_));
  // Under load there are always new events, and nearly all of them send nothing: read them in larger pages.
  return !deliver_page(page) && page.size() < page_events ? pause_under_load : milliseconds{0};
}

/// Returns whether an event had a reason to send something.
bool DeliveryWorker::deliver_page(const std::vector<storage::StoredEvent>& page) {
  struct Item {
    Position position;
    Outgoing outgoing;
  };
  std::vector<Item> items;
  bool had_reason = false;
  for (const storage::StoredEvent& stored : page) {
    if (!sends(events::type_in(stored.envelope))) continue;
    had_reason = true;
    try {
      for (Outgoing& each : items_at(stored.position)) items.push_back({stored.position, std::move(each)});
    } catch (const std::exception& broken) {
      const std::string key = set_aside_key(stored.position);
      note_failure(key + ": " + broken.what());
      set_aside_fault_.happened("event " + std::to_string(stored.position) + ": " + broken.what());
      const Time now = executor_.now();
      if (!pending_.contains(key)) remember(key, {stored.position, 1, now, now + delivery_wait_after(1)});
    }
  }
  std::ranges::stable_partition(items, [](const Item& item) { return item.outgoing.carries_code; });
  for (const auto& [position, item] : items) {
    // The rest of the page is delivered after the next start; failed items have their notes already.
    if (is_stopping()) return true;
    if (pending_.contains(item.key) || done_in_page_.contains(item.key)) continue;
    if (attempt(item) != Result::failed) {
      done_in_page_.insert(item.key);
      continue;
    }
    const Time now = executor_.now();
    remember(item.key, {position, 1, now, now + delivery_wait_after(1), item.carries_code});
  }
  // A page that sent nothing can be read again after a crash, so its note needs no sync.
  move_position(next_ + page.size(), had_reason, !items.empty());
  done_in_page_.clear();
  return had_reason;
}

std::vector<Outgoing> DeliveryWorker::items_at(Position position) const {
  std::vector<Outgoing> items;
  for (const events::Recorded& recorded : queries_.history(position, 1))
    for (Outgoing& each : items_of(recorded)) items.push_back(std::move(each));
  return items;
}

std::vector<Outgoing> DeliveryWorker::items_of(const events::Recorded& recorded) const {
  // If the subject's key is destroyed, their data must not go out, even if a view still has it.
  if (!vault_.find_data_key(events::subject_of(recorded.event))) return {};
  return outgoing(recorded, queries_, secrets_, executor_.now());
}

/// Retries all due codes, but only one notice, so that a new code waits for at most one notice.
void DeliveryWorker::retry_due() {
  while (const auto code = first_due(true)) {
    if (is_stopping()) return;
    retry(*code);
  }
  if (const auto notice = first_due(false)) retry(*notice);
}

void DeliveryWorker::retry(const std::string& key) {
  Pending& pending = pending_.at(key);
  if (!pending.is_over) {
    Result result = Result::failed;
    try {
      result = try_again(key, pending);
    } catch (const std::exception& broken) {
      note_failure(key + ": " + broken.what());
    }
    const Time now = executor_.now();
    const bool patience_ends = !pending.carries_code && now - pending.first_failed_at >= notice_patience;
    if (result == Result::failed && !patience_ends) {
      Pending later = pending;
      ++later.failures;
      later.next_attempt_at = now + delivery_wait_after(later.failures);
      return remember(key, later);
    }
    pending.is_over = true;  // so that it is not delivered twice if the note cannot be erased
    if (result == Result::failed) {
      const os::MutexLock lock(mutex_);
      ++counts_.given_up;
    }
  }
  forget(key);
}

DeliveryWorker::Result DeliveryWorker::try_again(const std::string& key, const Pending& pending) {
  const auto items = items_at(pending.position);
  if (is_set_aside(key)) {
    // Its items can be made now. From here on each item that its folder does not take has its own note.
    for (const Outgoing& item : items) {
      if (pending_.contains(item.key) || attempt(item) != Result::failed) continue;
      const Time now = executor_.now();
      remember(item.key, {pending.position, 1, now, now + delivery_wait_after(1), item.carries_code});
    }
    return Result::delivered;
  }
  const auto item = std::ranges::find(items, key, &Outgoing::key);
  if (item != items.end()) return attempt(*item);
  // The rules do not send it any more: it is expired, replaced or erased.
  const os::MutexLock lock(mutex_);
  ++counts_.given_up;
  return Result::given_up;
}

bool DeliveryWorker::is_due(const Pending& pending) const {
  return pending.next_attempt_at <= executor_.now();
}

/// The key of the due item that has waited longest.
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
  const bool has_reader = item.reader != domain::UserId{};
  if (!useless && !(has_reader && is_erased(item.reader))) {
    try {
      result = hand_over(item);
      if (result == Result::failed) failure = item.key + ": the carrier asks to try later";
      if (result == Result::given_up) failure = item.key + ": the carrier refuses it";
    } catch (const std::exception& broken) {
      result = Result::failed;
      failure = item.key + ": " + broken.what();
    }
    report_folder(item, failure);
  }
  if (failure) note_failure(*std::move(failure));
  const os::MutexLock lock(mutex_);
  if (result == Result::given_up) ++counts_.given_up;
  if (result == Result::delivered)
    ++(std::holds_alternative<delivery::Mail>(item.content) ? counts_.mails : counts_.letters);
  return result;
}

void DeliveryWorker::report_folder(const Outgoing& item, const std::optional<std::string>& failure) {
  os::Fault& fault = std::holds_alternative<delivery::Mail>(item.content) ? mail_fault_ : letter_fault_;
  if (failure) {
    fault.happened(*failure);
  } else {
    fault.ended();
  }
}

void DeliveryWorker::note_failure(std::string failure) {
  const os::MutexLock lock(mutex_);
  counts_.last_failure = std::move(failure);
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

// ---- the notes -------------------------------------------------------------------------------------------

void DeliveryWorker::remember(const std::string& key, const Pending& pending) {
  const std::string text = std::to_string(pending.position) + " " + std::to_string(pending.failures) + " " +
                           std::to_string(in_ms(pending.first_failed_at)) + " " +
                           std::to_string(in_ms(pending.next_attempt_at)) + " " +
                           (pending.carries_code ? "1" : "0");
  // The note must be durable before the position moves past the event. Later attempts only change the count,
  // which may be lost.
  vault_.put_note(std::string{pending_notes} + key, text, !pending_.contains(key));
  pending_[key] = pending;
  count_pending();
}

void DeliveryWorker::forget(const std::string& key) {
  vault_.erase_note(std::string{pending_notes} + key);
  pending_.erase(key);
  count_pending();
}

void DeliveryWorker::count_pending() {
  const auto set_aside =
      std::ranges::count_if(pending_, [](const auto& each) { return is_set_aside(each.first); });
  if (set_aside == 0) set_aside_fault_.ended();
  const os::MutexLock lock(mutex_);
  counts_.pending = pending_.size();
  counts_.set_aside = static_cast<std::size_t>(set_aside);
}

void DeliveryWorker::move_position(Position next, bool had_reason, bool sync) {
  if (had_reason || next >= noted_ + passed_over_max) {
    vault_.put_note(next_note, std::to_string(next), sync);
    noted_ = next;
  }
  next_ = next;
  {
    const os::MutexLock lock(mutex_);
    counts_.next = next;
  }
  changed_.notify_all();
}

}  // namespace ttp::service

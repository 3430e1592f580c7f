#include "service/workers/delivery_worker.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <functional>
#include <stdexcept>
#include <utility>

#include "domain/business_days.hpp"
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

os::FaultTexts letter_folder_fault() {
  return {"letter_folder", "a letter could not be written",
          "It waits and is tried again, and commands go on. Make room in the letter folder, or make it "
          "writable"};
}
os::FaultTexts letter_provider_fault() {
  return {"letter_provider", "a letter could not be handed to the provider",
          "It waits and is tried again, and commands go on. The mail room can print it meanwhile. See "
          "letter_provider_url"};
}

/// A sentence for an operator about what a carrier told.
std::string sentence_of(const delivery::HandOver& told) {
  using delivery::Delivery;
  const std::string words = told.words.empty() ? std::string{} : " (" + told.words + ")";
  switch (told.verdict) {
    case Delivery::delivered:
      return "taken" + words;
    case Delivery::try_later:
      return "the carrier asks to try later" + words;
    case Delivery::refused:
      return "the carrier refuses it" + words;
    case Delivery::misconfigured:
      return "the carrier does not accept this service" + words;
    case Delivery::unknown:
      return "the carrier has not acknowledged it, so it goes out again" + words;
  }
  std::unreachable();
}

Urgency urgency_of(const Outgoing& item) {
  if (item.carries_code) return Urgency::code;
  return std::holds_alternative<delivery::Mail>(item.content) ? Urgency::notice : Urgency::letter;
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

domain::Duration delivery_wait_after(unsigned failures, Urgency urgency, std::string_view key) {
  using Waits = std::array<domain::Duration, 4>;
  static constexpr std::array<Waits, 3> waits{
      Waits{domain::minutes{1}, domain::minutes{5}, domain::minutes{15}, domain::hours{1}},
      Waits{domain::seconds{1}, domain::seconds{5}, domain::seconds{30}, domain::seconds{30}},
      Waits{domain::seconds{1}, domain::seconds{5}, domain::seconds{30}, domain::minutes{2}}};
  const std::size_t step = std::min<std::size_t>(failures > 0 ? failures - 1 : 0, Waits{}.size() - 1);
  const domain::Duration wait = waits[static_cast<std::size_t>(urgency)][step];
  const auto hundredths = static_cast<int>((std::hash<std::string_view>{}(key) + failures) % 11);
  return wait + wait * hundredths / 100;
}

void skip_deliveries(storage::Vault& vault, Position next) {
  vault.put_note(next_note, std::to_string(next), true);
}

std::optional<Position> delivered_until(const storage::Vault& vault) {
  const auto note = vault.find_note(next_note);
  return note ? std::optional{static_cast<Position>(numbers_of<1>(next_note, *note)[0])} : std::nullopt;
}

DeliveryWorker::DeliveryWorker(const storage::Log& log, storage::Vault& vault, const Queries& queries,
                               const Secrets& secrets, Executor& executor, delivery::MailTransport& mails,
                               delivery::LetterFolder& letters, MailJournal* journal,
                               delivery::LetterProvider* provider)
    : log_(log),
      vault_(vault),
      queries_(queries),
      secrets_(secrets),
      executor_(executor),
      mails_(mails),
      letters_(letters),
      provider_(provider ? *provider : letters),
      journal_(journal),
      mail_fault_({mails.fault().name, "a mail could not be handed over", mails.fault().what_to_do}),
      letter_fault_(provider ? letter_provider_fault() : letter_folder_fault()),
      set_aside_fault_(
          {"delivery_set_aside", "the mails or letters of an event could not be made",
           "They are set aside and tried again for 3 days; all others go out. Run ttpctl verify, "
           "and restore the vault from a backup if it is damaged",
           "mails or letters of some events cannot be made"}) {
  // A log restored from an older backup may be shorter than the noted position.
  next_ = std::min(delivered_until(vault_).value_or(0), log_.head().next);
  for (const auto& [note, text] : vault_.scan_notes(pending_notes)) {
    const auto [position, failures, first_failed, next_attempt, urgency] = numbers_of<5>(note, text);
    if (urgency > static_cast<std::int64_t>(Urgency::letter)) damaged(note);
    pending_[note.substr(pending_notes.size())] =
        Pending{static_cast<Position>(position), static_cast<unsigned>(failures), from_ms(first_failed),
                from_ms(next_attempt), static_cast<Urgency>(urgency)};
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
      if (!pending_.contains(key))
        remember(key, {stored.position, 1, now, now + delivery_wait_after(1, Urgency::code, key)});
    }
  }
  std::ranges::stable_partition(items, [](const Item& item) { return item.outgoing.carries_code; });
  for (const auto& [position, item] : items) {
    // The rest of the page is delivered after the next start; failed items have their notes already.
    if (is_stopping()) return true;
    if (pending_.contains(item.key) || done_in_page_.contains(item.key)) continue;
    const Result result = attempt(item);
    if (result == Result::failed || result == Result::carrier_failed)
      remember_first(item, position);
    else
      done_in_page_.insert(item.key);
  }
  if (journal_ && !items.empty()) journal_->sync();
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

void DeliveryWorker::remember_first(const Outgoing& item, Position position) {
  const Time now = executor_.now();
  const Urgency urgency = urgency_of(item);
  remember(item.key, {position, 1, now, now + delivery_wait_after(1, urgency, item.key), urgency});
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
    // While the carrier takes no mail at all, none is given up for it.
    const bool counts =
        result == Result::failed || (result == Result::carrier_failed && taken_at_ > pending.first_failed_at);
    const bool patience_ends =
        counts && pending.urgency == Urgency::notice && now - pending.first_failed_at >= notice_patience;
    const bool failed = result == Result::failed || result == Result::carrier_failed;
    if (failed && !patience_ends) {
      Pending later = pending;
      ++later.failures;
      const Urgency urgency = is_set_aside(key) ? Urgency::letter : later.urgency;
      later.next_attempt_at = now + delivery_wait_after(later.failures, urgency, key);
      return remember(key, later);
    }
    pending.is_over = true;  // so that it is not delivered twice if the note cannot be erased
    if (failed) give_up(key, pending);
  }
  if (journal_) journal_->sync();
  forget(key);
}

void DeliveryWorker::give_up(const std::string& key, const Pending& pending) {
  {
    const os::MutexLock lock(mutex_);
    ++counts_.given_up;
  }
  if (is_set_aside(key)) return;
  try {
    for (const Outgoing& item : items_at(pending.position)) {
      const auto* mail = std::get_if<delivery::Mail>(&item.content);
      if (item.key != key || !mail) continue;
      const delivery::HandOver told{delivery::Delivery::try_later};
      note_in_journal(item, *mail, MailState::given_up, told);
      // If it cannot be recorded now, the journal alone has it: the mail is as lost either way.
      record_fate(item, *mail, domain::MailFate::given_up, told);
    }
  } catch (const std::exception& broken) {
    note_failure(key + ": " + broken.what());
  }
}

DeliveryWorker::Result DeliveryWorker::try_again(const std::string& key, const Pending& pending) {
  const auto items = items_at(pending.position);
  if (is_set_aside(key)) {
    // Its items can be made now. From here on each item that its folder does not take has its own note.
    for (const Outgoing& item : items) {
      if (pending_.contains(item.key)) continue;
      const Result result = attempt(item);
      if (result == Result::failed || result == Result::carrier_failed)
        remember_first(item, pending.position);
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

/// The key of the due code, or of the due other item, that has waited longest.
std::optional<std::string> DeliveryWorker::first_due(bool urgent) const {
  const std::pair<const std::string, Pending>* first = nullptr;
  for (const auto& entry : pending_)
    if ((entry.second.urgency == Urgency::code) == urgent &&
        (!first || entry.second.next_attempt_at < first->second.next_attempt_at))
      first = &entry;
  return first && is_due(first->second) ? std::optional{first->first} : std::nullopt;
}

DeliveryWorker::Result DeliveryWorker::attempt(const Outgoing& item) {
  const bool useless = item.useless_from && executor_.now() >= *item.useless_from;
  const auto* mail = std::get_if<delivery::Mail>(&item.content);
  Result result = Result::given_up;
  const bool has_reader = item.reader != domain::UserId{};
  if (!useless && !(has_reader && is_erased(item.reader)))
    result = mail ? attempt_mail(item, *mail) : attempt_letter(item);
  const bool is_cancelling = std::holds_alternative<LetterToCancel>(item.content);
  const os::MutexLock lock(mutex_);
  if (result == Result::given_up) ++counts_.given_up;
  if (result == Result::delivered && !is_cancelling) ++(mail ? counts_.mails : counts_.letters);
  return result;
}

DeliveryWorker::Result DeliveryWorker::attempt_mail(const Outgoing& item, const delivery::Mail& mail) {
  using delivery::Delivery;
  delivery::HandOver told{Delivery::try_later};
  try {
    told = mails_.deliver(mail);
  } catch (const std::exception& broken) {
    told.about = delivery::About::carrier;
    told.words = broken.what();
  }
  const bool is_carriers = told.about == delivery::About::carrier && told.verdict != Delivery::delivered;
  if (is_carriers)
    mail_fault_.happened(item.key + ": " + told.words);
  else
    mail_fault_.ended();
  if (told.verdict != Delivery::delivered) note_failure(item.key + ": " + sentence_of(told));
  switch (told.verdict) {
    case Delivery::delivered:
      taken_at_ = executor_.now();
      note_in_journal(item, mail, MailState::handed_over, told);
      return Result::delivered;
    case Delivery::refused:
      if (!record_fate(item, mail, domain::MailFate::refused, told)) return Result::failed;
      note_in_journal(item, mail, MailState::refused, told);
      return Result::given_up;
    case Delivery::try_later:
    case Delivery::misconfigured:
    case Delivery::unknown:
      note_in_journal(item, mail, MailState::waiting, told);
      return is_carriers ? Result::carrier_failed : Result::failed;
  }
  std::unreachable();
}

DeliveryWorker::Result DeliveryWorker::attempt_letter(const Outgoing& item) {
  try {
    switch (hand_to_provider(item)) {
      case delivery::Handed::accepted:
        letter_fault_.ended();
        return Result::delivered;
      case delivery::Handed::try_later:
        letter_fault_.happened(item.key + ": the carrier asks to try later");
        note_failure(item.key + ": the carrier asks to try later");
        return Result::failed;
      case delivery::Handed::refused:
        // The letter still waits in the mail room's list, and becomes overdue there.
        letter_fault_.ended();
        note_failure(item.key + ": the carrier refuses it");
        return Result::given_up;
    }
    std::unreachable();
  } catch (const std::exception& broken) {
    letter_fault_.happened(item.key + ": " + broken.what());
    note_failure(item.key + ": " + broken.what());
    return Result::failed;
  }
}

delivery::Handed DeliveryWorker::hand_to_provider(const Outgoing& item) {
  if (const auto* cancelled = std::get_if<LetterToCancel>(&item.content))
    return provider_.cancel(cancelled->letter);
  const auto& letter = std::get<LetterToPrint>(item.content);
  delivery::LetterOrder order;
  std::visit(
      [&](const auto& each) {
        order.letter = each.letter;
        order.to = {each.legal_name.text(), std::nullopt, each.address};
        // A company that awaits its owner has nobody to name.
        if (std::string names = each.attention.full(); !names.empty()) order.to.attention = std::move(names);
        order.post_by = domain::end_of_business_day_after(each.ordered_at, domain::letter_business_days);
      },
      letter);
  order.pdf = render_pdf(letter);
  return provider_.order(order);
}

bool DeliveryWorker::record_fate(const Outgoing& item, const delivery::Mail& mail, domain::MailFate fate,
                                 const delivery::HandOver& told) {
  const auto reader = queries_.user(item.reader);
  if (!reader) return true;
  const bool is_present = domain::same_email(reader->state.email) == domain::same_email(mail.to);
  const bool is_about_mailbox = is_present && told.about == delivery::About::reader;
  domain::RecordMailFate command{item.reader,      item.key,         fate,
                                 is_about_mailbox, is_about_mailbox, told.status};
  Asked asked;
  asked.kind = events::ActorKind::system;
  asked.known_as = secrets_.known_requests("mail", item.key, domain::to_text(fate), executor_.now());
  const auto result = executor_.execute(std::move(command), asked);
  return !result.refusal || result.refusal->reason == domain::Reason::user_not_found;
}

void DeliveryWorker::note_in_journal(const Outgoing& item, const delivery::Mail& mail, MailState state,
                                     const delivery::HandOver& told) {
  if (!journal_) return;
  const auto pending = pending_.find(item.key);
  journal_->note({.id = item.key,
                  .reader = item.reader,
                  .occasion = item.occasion,
                  .caused_at = mail.date,
                  .changed_at = executor_.now(),
                  .state = state,
                  .attempts = pending == pending_.end() ? 1 : pending->second.failures + 1,
                  .reply = static_cast<std::uint32_t>(std::max(told.reply, 0)),
                  .status = told.status,
                  .words = told.words,
                  .address_mark = journal_->mark_of(mail.to)});
}

void DeliveryWorker::note_failure(std::string failure) {
  const os::MutexLock lock(mutex_);
  counts_.last_failure = std::move(failure);
}

bool DeliveryWorker::is_erased(domain::UserId user) const {
  return !vault_.find_data_key(events::subject_name(user));
}

// ---- the notes -------------------------------------------------------------------------------------------

void DeliveryWorker::remember(const std::string& key, const Pending& pending) {
  const std::string text = std::to_string(pending.position) + " " + std::to_string(pending.failures) + " " +
                           std::to_string(in_ms(pending.first_failed_at)) + " " +
                           std::to_string(in_ms(pending.next_attempt_at)) + " " +
                           std::to_string(static_cast<unsigned>(pending.urgency));
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

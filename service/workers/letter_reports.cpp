#include "service/workers/letter_reports.hpp"

#include <charconv>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace ttp::service {
namespace {

using delivery::LetterReport;
using delivery::LetterStatus;
using domain::Reason;

// stored: never rename
constexpr std::string_view cursor_note = "letters/cursor", waiting_notes = "letters/waiting/";

/// The note of a report that waits; its own text is enough to try it again. The provider's words are not
/// kept.
std::string note_of(const LetterReport& report) {
  return fmt::format("{}{}-{}", waiting_notes, to_text(report.letter), domain::to_text(report.status));
}
std::string text_of(const LetterReport& report, domain::Time since) {
  return fmt::format("{} {} {}", since.time_since_epoch().count(), report.at.time_since_epoch().count(),
                     report.registered_mail_number ? report.registered_mail_number->text() : "-");
}

struct Waiting {
  LetterReport report;
  domain::Time since;
};
std::optional<Waiting> read_waiting(std::string_view note, std::string_view text) {
  note.remove_prefix(waiting_notes.size());
  constexpr std::size_t uuid_size = 36;
  if (note.size() <= uuid_size) return std::nullopt;
  const auto letter = domain::parse_uuid(note.substr(0, uuid_size));
  const auto status = domain::parse_enum<LetterStatus>(note.substr(uuid_size + 1));
  std::int64_t since = 0, at = 0;
  const auto first = std::from_chars(text.data(), text.data() + text.size(), since);
  if (!letter || !status || first.ec != std::errc{} || first.ptr == text.data() + text.size())
    return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, text.data() + text.size(), at);
  if (second.ec != std::errc{} || second.ptr == text.data() + text.size()) return std::nullopt;
  Waiting waiting{{{*letter}, *status, {}, domain::Time{std::chrono::milliseconds{at}}, {}},
                  domain::Time{std::chrono::milliseconds{since}}};
  const std::string_view number{second.ptr + 1, text.data() + text.size()};
  if (auto parsed = domain::RegisteredMailNumber::parse(number))
    waiting.report.registered_mail_number = *parsed;
  return waiting;
}

os::Worker::Traits traits() {
  return {
      .fault = {"letter_reports", "the letter provider's reports could not be read or recorded",
                "They are asked for again; letters and everything else go on. See letter_provider_url, and "
                "ttpctl doctor"},
      .longest_wait = std::chrono::milliseconds{600'000}};
}

}  // namespace

LetterReports::LetterReports(delivery::LetterProvider& provider, storage::Vault& vault,
                             const Queries& queries, Executor& executor, std::chrono::milliseconds interval)
    : provider_(provider),
      vault_(vault),
      queries_(queries),
      executor_(executor),
      interval_(interval),
      impossible_fault_(
          {"letter_report_impossible", "the letter provider reports what cannot be",
           "The report is left out, and the letter stays as it was. Ask the provider, and let the "
           "mail room record what is true"}) {
  worker_.emplace(traits(), [this](os::Worker&) { return step(); });
}

LetterReportCounts LetterReports::counts() const {
  const os::MutexLock lock(mutex_);
  return counts_;
}

os::Worker::Next LetterReports::step() {
  std::string cursor = vault_.find_note(cursor_note).value_or("");
  const std::string before = cursor;
  const auto reports = provider_.reports(cursor);
  for (const LetterReport& report : reports) settle(report, record(report));
  try_waiting();
  // Last, so that a crash repeats reports and loses none.
  if (cursor != before) vault_.put_note(cursor_note, cursor, true);
  return os::Worker::Next::within(reports.empty() || cursor == before ? interval_
                                                                      : std::chrono::milliseconds{0});
}

void LetterReports::settle(const LetterReport& report, Fit fit) {
  const std::string what =
      fmt::format("letter {}: {}", to_text(report.letter), domain::to_text(report.status));
  if (fit == Fit::too_early) {
    const bool has_room = vault_.scan_notes(waiting_notes, {}, waiting_max).size() < waiting_max;
    const std::string note = note_of(report);
    if (has_room && !vault_.find_note(note)) vault_.put_note(note, text_of(report, executor_.now()), true);
    if (!has_room) fit = Fit::never;
  }
  if (fit == Fit::never) impossible_fault_.happened(what);
  const os::MutexLock lock(mutex_);
  if (fit == Fit::recorded) ++counts_.recorded;
  if (fit == Fit::repeated) ++counts_.repeated;
  if (fit == Fit::never) ++counts_.impossible;
}

void LetterReports::try_waiting() {
  std::size_t left = 0;
  for (const auto& [note, text] : vault_.scan_notes(waiting_notes)) {
    const auto waiting = read_waiting(note, text);
    Fit fit = waiting ? record(waiting->report) : Fit::never;
    if (fit == Fit::too_early && executor_.now() - waiting->since < kept_for) {
      ++left;
      continue;
    }
    vault_.erase_note(note, true);
    if (waiting) settle(waiting->report, fit == Fit::too_early ? Fit::never : fit);
  }
  const os::MutexLock lock(mutex_);
  counts_.waiting = left;
}

std::optional<Reason> LetterReports::execute(Command command) {
  Asked asked;
  asked.kind = events::ActorKind::system;
  asked.from_carrier = true;
  const auto result = executor_.execute(std::move(command), asked);
  if (!result.refusal) return std::nullopt;
  const Reason reason = result.refusal->reason;
  const bool is_now_only = reason == Reason::overloaded || reason == Reason::shutting_down ||
                           reason == Reason::log_unavailable || reason == Reason::outcome_unknown ||
                           reason == Reason::disk_nearly_full || reason == Reason::internal_fault;
  if (is_now_only) throw std::runtime_error{"refused: " + std::string{domain::to_text(reason)}};
  return reason;
}

/// The commands that the mail room uses. A report that the letter's state says already is a repeat; what its
/// state does not allow yet waits.
LetterReports::Fit LetterReports::record(const LetterReport& report) {
  using domain::LetterState;
  const auto id = queries_.account_of_letter(report.letter);
  const auto account = id ? queries_.account(*id) : Found<domain::Account>{};
  const domain::Letter* letter = account ? account->state.letter(report.letter) : nullptr;
  if (!letter) return Fit::never;
  const LetterState state = letter->state;
  const auto number = report.registered_mail_number;
  const auto done = [](const std::optional<Reason>& refusal) { return refusal ? Fit::never : Fit::recorded; };
  switch (report.status) {
    case LetterStatus::printing:
      if (state != LetterState::ordered) return Fit::repeated;
      return done(execute(domain::RecordLetterPrinted{*id, report.letter}));
    case LetterStatus::posted:
      if (state == LetterState::cancelled) return Fit::never;
      if (!letter->is_pending()) return Fit::repeated;
      if (!number) return Fit::never;
      return done(execute(domain::RecordLetterPosted{*id, report.letter, *number}));
    case LetterStatus::delivered:
      if (state == LetterState::arrived) return Fit::repeated;
      if (letter->is_pending()) return Fit::too_early;
      return done(execute(domain::RecordLetterArrived{*id, report.letter}));
    case LetterStatus::returned: {
      if (state == LetterState::returned) return Fit::repeated;
      if (letter->is_pending()) return Fit::too_early;
      const auto reason = domain::Remark::parse(report.reason.empty() ? "returned" : report.reason);
      return done(execute(domain::RecordLetterReturned{
          *id, report.letter, reason ? *reason : domain::Remark::parse("returned").value()}));
    }
    case LetterStatus::cancelled:
      return state == LetterState::cancelled ? Fit::repeated : Fit::never;
    case LetterStatus::failed:
      // The letter is still pending: it becomes overdue in the mail room's list.
      return Fit::never;
  }
  std::unreachable();
}

}  // namespace ttp::service

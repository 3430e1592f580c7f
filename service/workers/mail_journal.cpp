#include "service/workers/mail_journal.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace ttp::service {
namespace {

// Stored: a row that cannot be read is left out, so a changed form needs another family.
constexpr std::string_view family = "mails@1";
constexpr std::string_view of_reader = "u/", by_id = "k/", by_time = "t/";
constexpr std::size_t mark_bytes = 8;
constexpr char separator = '\t';

/// Sorts as the time does.
std::string sortable(domain::Time time) {
  return fmt::format("{:016x}", static_cast<std::uint64_t>(time.time_since_epoch().count()));
}
std::string prefix_of(domain::UserId reader) {
  return std::string{of_reader} + to_text(reader) + "/";
}
std::string reader_key(const JournalRow& row) {
  return prefix_of(row.reader) + place_of(row);
}
std::string time_key(const JournalRow& row) {
  return std::string{by_time} + place_of(row);
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  return out;
}

std::string written(const JournalRow& row) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", plain(row.id), to_text(row.reader),
                     plain(row.occasion), row.caused_at.time_since_epoch().count(),
                     row.changed_at.time_since_epoch().count(), static_cast<unsigned>(row.state),
                     row.attempts, row.reply, plain(row.status), plain(row.words), plain(row.address_mark));
}

template <class Number>
bool read_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<JournalRow> read_row(std::string_view text) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto end = text.find(separator);
    fields.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  if (fields.size() != 11) return std::nullopt;
  JournalRow row;
  std::int64_t caused = 0, changed = 0;
  std::uint32_t state = 0;
  const auto reader = domain::parse_uuid(fields[1]);
  const bool fine = reader && read_number(fields[3], caused) && read_number(fields[4], changed) &&
                    read_number(fields[5], state) && state <= static_cast<unsigned>(MailState::bounced) &&
                    read_number(fields[6], row.attempts) && read_number(fields[7], row.reply);
  if (!fine) return std::nullopt;
  row.id = fields[0];
  row.reader.uuid = *reader;
  row.occasion = fields[2];
  row.caused_at = domain::Time{std::chrono::milliseconds{caused}};
  row.changed_at = domain::Time{std::chrono::milliseconds{changed}};
  row.state = static_cast<MailState>(state);
  row.status = fields[8];
  row.words = fields[9];
  row.address_mark = fields[10];
  return row;
}

}  // namespace

std::string place_of(const JournalRow& row) {
  return sortable(row.caused_at) + "/" + row.id;
}

MailJournal::MailJournal(const std::filesystem::path& folder, const events::Hash& key,
                         const storage::Memory& memory, const std::function<void(std::string_view)>& report)
    : key_(key), store_(storage::ViewStore::open_or_renew(folder, memory, report)) {
  store_->create_family(family);
}

void MailJournal::note(const JournalRow& row) {
  const std::string key = reader_key(row);
  const os::MutexLock lock(mutex_);
  noted_.put(family, key, written(row));
  noted_.put(family, std::string{by_id} + row.id, key);
  noted_.put(family, time_key(row), key);
}

void MailJournal::sync() {
  storage::ViewBatch batch;
  {
    const os::MutexLock lock(mutex_);
    std::swap(batch, noted_);
  }
  if (!batch.empty()) store_->commit(batch, true);
}

std::optional<JournalRow> MailJournal::find(std::string_view id) const {
  const auto key = store_->get(family, std::string{by_id} + std::string{id});
  const auto text = key ? store_->get(family, *key) : std::nullopt;
  return text ? read_row(*text) : std::nullopt;
}

std::vector<JournalRow> MailJournal::of(domain::UserId reader, std::string_view after, bool newest_first,
                                        std::size_t limit) const {
  std::vector<JournalRow> rows;
  const std::string prefix = prefix_of(reader);
  const std::string last = after.empty() ? std::string{} : prefix + std::string{after};
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (rows.size() == limit) return false;
    auto row = key == last ? std::nullopt : read_row(value);
    if (row) rows.push_back(*std::move(row));
    return true;
  };
  if (newest_first)
    store_->scan_back(family, last, prefix, visit);
  else
    store_->scan(family, last, prefix, visit);
  return rows;
}

std::size_t MailJournal::prune(domain::Time now, std::size_t limit) {
  storage::ViewBatch batch;
  std::size_t pruned = 0;
  const std::string end = std::string{by_time} + sortable(now - kept_for);
  store_->scan(family, {}, by_time, [&](std::string_view key, std::string_view row) {
    if (pruned == limit || key >= end) return false;
    batch.erase(family, std::string{row});
    batch.erase(family, std::string{by_id} + std::string{key.substr(key.rfind('/') + 1)});
    batch.erase(family, std::string{key});
    ++pruned;
    return true;
  });
  if (pruned > 0) store_->commit(batch, true);
  return pruned;
}

std::string MailJournal::mark_of(const domain::EmailAddress& address) const {
  const events::Hash hash = events::hmac_sha256(key_, "address " + domain::same_email(address));
  return events::to_base64url(events::as_text(hash).substr(0, mark_bytes));
}

}  // namespace ttp::service

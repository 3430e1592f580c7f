#include "storage/tables/row_files.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include "events/bytes.hpp"

namespace ttp::storage {
namespace {

using rocks::check;

/// Merged rows go into files of about this size, so that a later change is merged with a part of them only.
constexpr std::uint64_t file_bytes_usual = 64 * 1024 * 1024;
constexpr std::uint64_t run_read_bytes = 64 * os::Scratch::block_bytes;
/// Start write-back after every so many bytes, because closing a file waits for the disk.
constexpr std::uint64_t unsynced_bytes_max = 1024 * 1024;

/// A change with the first bytes of its key as a number, so that most comparisons do not read the key.
struct Keyed {
  std::uint64_t first_bytes = 0;
  ViewBatch::Change* change = nullptr;

  explicit Keyed(ViewBatch::Change& of) : change(&of) {
    for (std::size_t i = 0; i < sizeof first_bytes; ++i)
      first_bytes = first_bytes << 8 | (i < of.key.size() ? static_cast<std::uint8_t>(of.key[i]) : 0);
  }
  /// Orders by key; of several changes of one row the last comes first.
  bool operator<(const Keyed& other) const {
    if (first_bytes != other.first_bytes) return first_bytes < other.first_bytes;
    const int order = change->key.compare(other.change->key);
    return order != 0 ? order < 0 : change > other.change;
  }
};

/// Calls `visit` with the last change of each row, in the order of the keys.
template <class Visit>
void each_row(std::vector<Keyed> changes, Visit visit) {
  // A view's changes are mostly in order already.
  if (!std::ranges::is_sorted(changes, std::less{})) std::ranges::sort(changes, std::less{});
  const std::string* before = nullptr;
  for (const auto& [first_bytes, change] : changes) {
    if (before && *before == change->key) continue;
    before = &change->key;
    visit(*change);
  }
}

// A run holds for each change: be32 length of the key, be32 length of the value plus one (0: the row is
// erased), key, value.
constexpr std::size_t run_header_bytes = 8;

void add_to_run(os::Scratch::Text& run, std::string_view key, const std::optional<std::string>& value) {
  std::string header;
  events::put_be32(header, static_cast<std::uint32_t>(key.size()));
  events::put_be32(header, value ? static_cast<std::uint32_t>(value->size() + 1) : 0);
  run.append(header);
  run.append(key);
  if (value) run.append(*value);
}

/// Walks through a run and holds only a small part of it in memory.
class RunWalk {
 public:
  RunWalk(const os::Scratch& scratch, std::uint64_t number, os::Scratch::Piece run)
      : scratch_(scratch), number_(number), ahead_(run) {
    advance();
  }

  bool done() const { return done_; }
  std::string_view key() const { return std::string_view{held_}.substr(at_ + run_header_bytes, key_bytes_); }
  std::optional<std::string_view> value() const {
    if (value_bytes_and_one_ == 0) return std::nullopt;
    return std::string_view{held_}.substr(at_ + run_header_bytes + key_bytes_, value_bytes_and_one_ - 1);
  }
  void advance() {
    at_ += row_bytes_;
    row_bytes_ = 0;
    done_ = at_ == held_.size() && ahead_.bytes == 0;
    if (done_) return;
    need(run_header_bytes);
    key_bytes_ = events::get_be32(std::string_view{held_}.substr(at_));
    value_bytes_and_one_ = events::get_be32(std::string_view{held_}.substr(at_ + 4));
    row_bytes_ = run_header_bytes + key_bytes_ + (value_bytes_and_one_ > 0 ? value_bytes_and_one_ - 1 : 0);
    need(row_bytes_);
  }
  /// Orders by key; of equal keys that of the part with the higher number comes first.
  bool is_behind(const RunWalk& other) const {
    const int order = key().compare(other.key());
    return order != 0 ? order > 0 : number_ < other.number_;
  }

 private:
  void need(std::size_t bytes) {
    if (held_.size() - at_ >= bytes) return;
    held_.erase(0, at_);
    at_ = 0;
    while (held_.size() < bytes && ahead_.bytes > 0) {
      const os::Scratch::Piece next{ahead_.begin, std::min(ahead_.bytes, run_read_bytes)};
      scratch_.read(next, read_.data());
      held_.append(read_.data(), next.bytes);
      ahead_.begin += next.bytes;
      ahead_.bytes -= next.bytes;
    }
    if (held_.size() < bytes) throw std::logic_error("a run of rows ends within a row");
  }

  const os::Scratch& scratch_;
  std::uint64_t number_;
  os::Scratch::Piece ahead_;  ///< the bytes not read yet
  os::Scratch::Bytes read_ = os::Scratch::Bytes(run_read_bytes, 0);
  std::string held_;
  std::size_t at_ = 0, row_bytes_ = 0, key_bytes_ = 0, value_bytes_and_one_ = 0;
  bool done_ = false;
};

}  // namespace

/// Writes sorted rows into a file, which is created with the first row.
class RowFiles::Writer {
 public:
  explicit Writer(RowFiles& files) : files_(files) {}

  void put(std::string_view key, const std::optional<std::string_view>& value) {
    if (!file_) open();
    check(value ? file_->Put(key, *value) : file_->Delete(key), "preparing a view's changes");
  }
  std::uint64_t bytes() { return file_ ? file_->FileSize() : 0; }
  void finish() {
    if (!file_) return;
    check(file_->Finish(), "writing a file of rows");
    file_.reset();
  }

 private:
  void open() {
    const std::string path = files_.new_path_().string();
    {
      const os::MutexLock lock{files_.mutex_};
      files_.paths_.push_back(path);
    }
    rocksdb::EnvOptions how;
    how.bytes_per_sync = unsynced_bytes_max;
    // Some of the rows are read again soon, so they stay in the kernel's cache.
    constexpr bool leaves_page_cache = false;
    file_.emplace(how, files_.db_->GetOptions(files_.family_.get()), files_.family_.get(), leaves_page_cache);
    check(file_->Open(path), "making a file of rows");
  }

  RowFiles& files_;
  std::optional<rocksdb::SstFileWriter> file_;
};

RowFiles::RowFiles(std::shared_ptr<rocksdb::DB> db, rocks::Family family, std::optional<std::string> own,
                   NewPath new_path)
    : db_(std::move(db)), family_(std::move(family)), own_(std::move(own)), new_path_(std::move(new_path)) {}

RowFiles::~RowFiles() {
  for (const auto& path : paths_) {
    std::error_code ignored;  // the next start deletes leftovers
    std::filesystem::remove(path, ignored);
  }
}

RowFiles::Part::Part(RowFiles& files, std::uint64_t number)
    : files_(files), number_(number), file_(std::make_unique<Writer>(files)) {}
RowFiles::Part::~Part() = default;
RowFiles::Part::Part(Part&&) noexcept = default;

void RowFiles::Part::add(std::vector<ViewBatch::Change> changes) {
  std::vector<Keyed> own;
  own.reserve(changes.size());
  for (auto& change : changes) {
    if (files_.own_ && change.key.starts_with(*files_.own_))
      own.emplace_back(change);
    else
      others_.push_back(std::move(change));
  }
  each_row(std::move(own), [&](ViewBatch::Change& change) {
    file_->put(change.key, change.value);
    change.value.reset();
  });
}

void RowFiles::Part::finish() {
  file_->finish();
  os::Scratch::Text::Spare spare;
  os::Scratch::Text run{spare};
  each_row({others_.begin(), others_.end()},
           [&](const ViewBatch::Change& change) { add_to_run(run, change.key, change.value); });
  others_.clear();
  if (!run.empty()) files_.add_run(number_, run);
}

void RowFiles::add_run(std::uint64_t number, os::Scratch::Text& run) {
  os::Scratch* scratch = nullptr;
  {
    const os::MutexLock lock{mutex_};
    if (!scratch_) scratch_.emplace(new_path_().parent_path());
    scratch = &*scratch_;
  }
  const auto piece = scratch->write({&run, 1}).front();
  const os::MutexLock lock{mutex_};
  runs_.emplace_back(number, piece);
}

void RowFiles::merge_runs() {
  std::vector<std::unique_ptr<RunWalk>> walks;
  const auto is_behind = [](const auto& left, const auto& right) { return left->is_behind(*right); };
  {
    const os::MutexLock lock{mutex_};
    for (const auto& [number, run] : runs_)
      walks.push_back(std::make_unique<RunWalk>(*scratch_, number, run));
  }
  std::ranges::make_heap(walks, is_behind);
  Writer file{*this};
  std::optional<std::string> before;
  bool was_behind_own = false;
  while (!walks.empty()) {
    std::ranges::pop_heap(walks, is_behind);
    RunWalk& first = *walks.back();
    if (before != first.key()) {
      // The keys in the parts' own files sort in between; no merged file may span them.
      const bool is_behind_own = own_ && first.key() > *own_;
      if (is_behind_own != was_behind_own || file.bytes() > file_bytes_usual) file.finish();
      was_behind_own = is_behind_own;
      file.put(first.key(), first.value());
      before = first.key();
    }
    first.advance();
    if (first.done())
      walks.pop_back();
    else
      std::ranges::push_heap(walks, is_behind);
  }
  file.finish();
}

void RowFiles::ingest() {
  merge_runs();
  const os::MutexLock lock{mutex_};
  if (paths_.empty()) return;
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  check(db_->IngestExternalFile(family_.get(), paths_, options), "ingesting files of rows");
  paths_.clear();
}

}  // namespace ttp::storage

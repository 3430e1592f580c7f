#include "projections/runner.hpp"

#include <algorithm>
#include <stdexcept>

#include "projections/index_rows.hpp"

namespace ttp::projections {
namespace {

constexpr std::string_view meta_family = "meta";
constexpr std::size_t page_events = 1000;

std::string serving_key(std::string_view projection) {
  return "serving/" + std::string{projection};
}

std::string encode(const Checkpoint& checkpoint) {
  std::string out = id_bytes(checkpoint.log);
  events::put_be64(out, checkpoint.next);
  out += events::as_text(checkpoint.last_leaf);
  return out;
}

Checkpoint decode_checkpoint(std::string_view bytes) {
  if (bytes.size() != 16 + 8 + 32) throw events::Damaged{"a projection's checkpoint has the wrong length"};
  Checkpoint checkpoint{id_from_bytes(bytes.substr(0, 16)), events::get_be64(bytes.substr(16)), {}};
  std::copy_n(bytes.begin() + 24, 32, checkpoint.last_leaf.begin());
  return checkpoint;
}

bool fits(const Checkpoint& checkpoint, const storage::Log& log) {
  if (checkpoint.log != log.id() || checkpoint.next > log.head().next) return false;
  return checkpoint.next == 0 || log.leaf_hash(checkpoint.next - 1) == checkpoint.last_leaf;
}

/// Blue and green take turns, so that the name of the one tells that of the other.
std::string other_family(std::string_view projection, std::string_view serving) {
  const std::string blue = std::string{projection} + "/blue";
  return serving == blue ? std::string{projection} + "/green" : blue;
}

/// Walks two families side by side; rows under the checkpoint's key are not the view's.
class Walk {
 public:
  Walk(const storage::ViewStore& store, std::string family) : store_(store), family_(std::move(family)) {
    fill();
  }
  bool done() const { return at_ == page_.size(); }
  const std::pair<std::string, std::string>& row() const { return page_[at_]; }
  void advance() {
    ++count_;
    if (++at_ == page_.size()) fill();
  }
  std::uint64_t count() const { return count_; }

 private:
  void fill() {
    const std::string from = page_.empty() ? std::string{} : page_.back().first + '\0';
    page_.clear();
    at_ = 0;
    store_.scan(family_, from, "", [&](std::string_view key, std::string_view value) {
      if (key != checkpoint_key) page_.emplace_back(key, value);
      return page_.size() < page_events;
    });
  }

  const storage::ViewStore& store_;
  std::string family_;
  std::vector<std::pair<std::string, std::string>> page_;
  std::size_t at_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace

Runner::Runner(const storage::Log& log, storage::ViewStore& store, events::FindSubjectKey find_key)
    : log_(log), store_(store), find_key_(std::move(find_key)) {
  store_.create_family(meta_family);
  for (const Listed& each : all) {
    const auto serving = store_.get(meta_family, serving_key(each.name));
    const std::string family = serving.value_or(other_family(each.name, ""));
    if (!serving) {
      storage::ViewBatch batch;
      batch.put(meta_family, serving_key(each.name), family);
      store_.commit(batch, true);
    }
    running_.push_back(open(each, family));
  }
}

Runner::~Runner() = default;

Runner::Running Runner::open(const Listed& each, std::string family) const {
  store_.create_family(family);
  Checkpoint checkpoint{log_.id(), 0, {}};
  if (const auto stored = store_.get(family, checkpoint_key)) checkpoint = decode_checkpoint(*stored);
  if (!fits(checkpoint, log_)) {
    store_.drop_family(family);
    store_.create_family(family);
    checkpoint = Checkpoint{log_.id(), 0, {}};
  }
  auto projection = each.make(Rows{store_, family});
  return {std::string{each.name}, std::move(family), std::move(projection), checkpoint, std::nullopt};
}

std::vector<events::Recorded> Runner::read(storage::Position from, std::size_t limit) const {
  std::vector<events::Recorded> page;
  for (const storage::StoredEvent& stored : log_.read(from, limit))
    page.push_back(
        events::open_event(stored.position, stored.version, stored.envelope, stored.body, find_key_));
  return page;
}

void Runner::apply_to(Running& running, std::span<const events::Recorded> recorded) {
  if (running.fault || recorded.empty()) return;
  storage::Position at = running.checkpoint.next;
  try {
    for (const events::Recorded& each : recorded) {
      if (each.position != at) throw events::Damaged{"the log has a gap"};
      running.projection->apply(each);
      ++at;
    }
    storage::ViewBatch batch;
    running.projection->flush(batch);
    const Checkpoint reached{log_.id(), at, log_.leaf_hash(at - 1)};
    batch.put(running.family, checkpoint_key, encode(reached));
    store_.commit(batch);
    running.checkpoint = reached;
  } catch (const std::exception& fault) {
    running.fault = "stopped at position " + std::to_string(at) + ": " + fault.what();
  }
}

void Runner::catch_up(Running& running, const Progress& progress) {
  const storage::Position head = log_.head().next;
  while (!running.fault && running.checkpoint.next < head) {
    std::vector<events::Recorded> page;
    try {
      page = read(running.checkpoint.next, page_events);
    } catch (const std::exception& fault) {
      running.fault =
          "stopped near position " + std::to_string(running.checkpoint.next) + ": " + fault.what();
      return;
    }
    apply_to(running, page);
    if (progress) progress(running.checkpoint.next, head);
  }
}

void Runner::catch_up(const Progress& progress) {
  const std::scoped_lock lock(mutex_);
  for (Running& running : running_) catch_up(running, progress);
}

void Runner::apply(std::span<const events::Recorded> recorded) {
  if (recorded.empty()) return;
  const std::scoped_lock lock(mutex_);
  for (Running& running : running_) {
    if (running.checkpoint.next == recorded.front().position) {
      apply_to(running, recorded);
    } else {
      catch_up(running, {});
    }
  }
}

storage::Position Runner::next() const {
  const std::scoped_lock lock(mutex_);
  storage::Position lowest = log_.head().next;
  for (const Running& running : running_)
    if (!running.fault) lowest = std::min(lowest, running.checkpoint.next);
  return lowest;
}

std::vector<ProjectionStatus> Runner::status() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ProjectionStatus> rows;
  for (const Running& running : running_)
    rows.push_back({running.name, running.family, running.checkpoint.next, running.fault});
  return rows;
}

std::string Runner::family(std::string_view projection) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(running_, projection, &Running::name);
  if (found == running_.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return found->family;
}

const Listed& Runner::listed(std::string_view projection) {
  const auto found = std::ranges::find(all, projection, &Listed::name);
  if (found == all.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return *found;
}

Comparison Runner::compare(const std::string& live, const std::string& rebuilt) const {
  Walk left(store_, live);
  Walk right(store_, rebuilt);
  Comparison comparison;
  const auto note = [&](const std::string& row_key) {
    if (!comparison.first_difference) comparison.first_difference = events::to_hex(row_key);
  };
  while (!left.done() || !right.done()) {
    const bool only_left = right.done() || (!left.done() && left.row().first < right.row().first);
    const bool only_right = left.done() || (!right.done() && right.row().first < left.row().first);
    if (only_left) {
      note(left.row().first);
      left.advance();
    } else if (only_right) {
      note(right.row().first);
      right.advance();
    } else {
      if (left.row().second != right.row().second) note(left.row().first);
      left.advance();
      right.advance();
    }
  }
  comparison.rows_live = left.count();
  comparison.rows_rebuilt = right.count();
  return comparison;
}

Comparison Runner::rebuild(std::string_view projection, const Progress& progress) {
  const std::string serving = family(projection);
  const std::string rebuilt = other_family(projection, serving);
  store_.drop_family(rebuilt);
  Running fresh = open(listed(projection), rebuilt);
  catch_up(fresh, progress);
  if (fresh.fault) throw events::Damaged{*fresh.fault};
  // The last events come under the lock, so that both stand at the same position when they are compared.
  const std::scoped_lock lock(mutex_);
  catch_up(fresh, progress);
  if (fresh.fault) throw events::Damaged{*fresh.fault};
  return compare(serving, rebuilt);
}

void Runner::switch_to_rebuilt(std::string_view projection) {
  const std::string serving = family(projection);
  const std::string rebuilt = other_family(projection, serving);
  if (!store_.has_family(rebuilt)) throw std::invalid_argument{"nothing rebuilt to switch to"};
  const std::scoped_lock lock(mutex_);
  storage::ViewBatch batch;
  batch.put(meta_family, serving_key(projection), rebuilt);
  store_.commit(batch, true);
  const auto found = std::ranges::find(running_, projection, &Running::name);
  *found = open(listed(projection), rebuilt);
  catch_up(*found, {});
  store_.drop_family(serving);
}

void Runner::drop_rebuilt(std::string_view projection) {
  store_.drop_family(other_family(projection, family(projection)));
}

}  // namespace ttp::projections

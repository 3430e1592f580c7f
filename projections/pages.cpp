#include "projections/pages.hpp"

#include <algorithm>

namespace ttp::projections {
namespace {

/// Opened pages that wait to be taken; what bounds their memory.
constexpr std::uint64_t pages_ahead = 8;

}  // namespace

Page open_page(const storage::Log& log, storage::Position from, std::size_t limit,
               const events::FindSubjectKey& find_key) {
  Page page;
  page.events.reserve(limit);
  try {
    log.scan(from, limit, [&](const storage::SeenEvent& seen) {
      page.events.push_back(
          events::open_event(seen.position, seen.version, seen.envelope, seen.body, find_key));
    });
  } catch (const std::exception& fault) {
    page.fault = fault.what();
  }
  return page;
}

Pages::Pages(const storage::Log& log, storage::Position from, storage::Position until,
             const events::FindSubjectKey& find_key, std::size_t page_events)
    : log_(log),
      from_(from),
      until_(until),
      find_key_(find_key),
      page_events_(page_events),
      pages_((until - from + page_events - 1) / page_events) {
  const auto cores = std::max(1u, std::thread::hardware_concurrency());
  if (pages_ < 2) return;  // opened by who asks for it
  while (workers_.size() < std::min<std::uint64_t>(cores, pages_)) workers_.emplace_back([this] { work(); });
}

Pages::~Pages() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  moved_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

storage::Position Pages::begin_of(std::uint64_t page) const {
  return std::min(until_, from_ + page * page_events_);
}

std::optional<Page> Pages::next() {
  std::unique_lock lock(mutex_);
  if (handed_out_ == pages_) return std::nullopt;
  if (workers_.empty()) {
    ++handed_out_;
    return open_page(log_, from_, until_ - from_, find_key_);
  }
  moved_.wait(lock, [this] { return ready_.contains(handed_out_); });
  auto page = ready_.extract(handed_out_++);
  moved_.notify_all();
  return std::move(page.mapped());
}

void Pages::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    moved_.wait(lock, [this] { return stopping_ || begun_ == pages_ || begun_ < handed_out_ + pages_ahead; });
    if (stopping_ || begun_ == pages_) return;
    const auto number = begun_++;
    lock.unlock();
    Page page = open_page(log_, begin_of(number), begin_of(number + 1) - begin_of(number), find_key_);
    lock.lock();
    ready_.emplace(number, std::move(page));
    moved_.notify_all();
  }
}

}  // namespace ttp::projections

#include "projections/compare.hpp"

#include <utility>
#include <vector>

#include "events/bytes.hpp"
#include "projections/view_position.hpp"

namespace ttp::projections {
namespace {

constexpr std::size_t page_rows = 1000;

/// Walks through the frozen rows of a family, without the row that holds its position.
class Walk {
 public:
  Walk(const storage::ViewStore& store, std::string family, const storage::ViewStore::FrozenRows& frozen)
      : store_(store), family_(std::move(family)), frozen_(frozen) {
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
    const auto take = [&](std::string_view key, std::string_view value) {
      if (key != position_key) page_.emplace_back(key, value);
      return page_.size() < page_rows;
    };
    store_.scan(family_, from, "", take, &frozen_);
  }

  const storage::ViewStore& store_;
  std::string family_;
  const storage::ViewStore::FrozenRows& frozen_;
  std::vector<std::pair<std::string, std::string>> page_;
  std::size_t at_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace

Comparison compare(const storage::ViewStore& store, const std::string& live, const std::string& rebuilt,
                   const storage::ViewStore::FrozenRows& frozen) {
  Comparison comparison;
  try {
    Walk left(store, live, frozen);
    Walk right(store, rebuilt, frozen);
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
  } catch (const events::Damaged& damage) {
    // The store has recorded which family is damaged.
    if (!store.damage(live)) throw;
    comparison.live_unreadable = damage.what();
  }
  return comparison;
}

std::uint64_t read_all(const storage::ViewStore& store, const std::string& family) {
  std::uint64_t rows = 0;
  store.scan(family, "", "", [&](std::string_view, std::string_view) {
    ++rows;
    return true;
  });
  return rows;
}

}  // namespace ttp::projections

// The answers of one profile. A table of answers never changes: saving a draft replaces it. The copies in a
// command, its event and the states that follow therefore share one table.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace ttp::domain {

class Answers {
 public:
  using Table = std::map<std::string, std::string, std::less<>>;  ///< question id to answer

  Answers() = default;
  Answers(Table table) : kept_(table.empty() ? nullptr : std::make_shared<const Kept>(std::move(table))) {}
  Answers(std::initializer_list<Table::value_type> table) : Answers(Table{table}) {}

  const Table& table() const {
    static const Table none;
    return kept_ ? kept_->table : none;
  }
  friend bool operator==(const Answers& left, const Answers& right) {
    return left.kept_ == right.kept_ || left.table() == right.table();
  }

  /// The result of `count` for this table. These answers and their copies remember the last result and reuse
  /// it while `asked` is the same. `asked` identifies the kind of count; it and the result stay below 65,535.
  /// Any thread may call this.
  template <class Count>
  unsigned counted(unsigned asked, const Count& count) const {
    if (!kept_) return count(table());
    const std::uint32_t last = kept_->last_count;
    if (last >> 16 == asked + 1) return last & 0xFFFF;
    const unsigned result = count(kept_->table);
    kept_->last_count = (asked + 1) << 16 | result;
    return result;
  }

 private:
  struct Kept {
    explicit Kept(Table answers) : table(std::move(answers)) {}
    const Table table;
    mutable std::atomic<std::uint32_t> last_count{0};  ///< (asked + 1) << 16 | result; 0: none yet
  };
  std::shared_ptr<const Kept> kept_;  ///< nullptr: none
};

}  // namespace ttp::domain

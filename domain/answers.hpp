// What a profile says. Nobody changes it: who saves a draft replaces it. So its copies, in a command, its
// event and the states that follow, are one table, however many answers it has.
#pragma once

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
  Answers(Table table) : table_(table.empty() ? nullptr : std::make_shared<const Table>(std::move(table))) {}
  Answers(std::initializer_list<Table::value_type> table) : Answers(Table{table}) {}

  const Table& table() const {
    static const Table none;
    return table_ ? *table_ : none;
  }
  friend bool operator==(const Answers& left, const Answers& right) {
    return left.table_ == right.table_ || left.table() == right.table();
  }

 private:
  std::shared_ptr<const Table> table_;  ///< nullptr: none
};

}  // namespace ttp::domain

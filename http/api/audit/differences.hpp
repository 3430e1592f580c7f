// What is not the same in two states, each said in a sentence in English and in French.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/api/audit/past.hpp"

namespace ttp::http {

/// Compares two documents (JSON objects) member by member. Items of lists are matched by what identifies
/// them; lists of plain values are compared as sets. The actions open to the reader, and when the states are
/// of, are passed over. Throws std::invalid_argument for what is not JSON.
std::vector<DifferenceDocument> differences(std::string_view before, std::string_view after);

/// The words for a member or a stored choice; the member's own name where the table has none.
struct Words {
  std::string_view en, fr;
};
Words words_for(std::string_view name);

}  // namespace ttp::http

// The differences between two states, each as a sentence in English and in French.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/api/audit/past.hpp"

namespace ttp::http {

/// Compares two documents (JSON objects) member by member. Items of lists are matched by their identity;
/// lists of plain values are compared as sets. The reader's open actions and the times of the states are
/// ignored. `language` is the reader's. Throws std::invalid_argument if a document is not JSON.
std::vector<DifferenceDocument> differences(std::string_view before, std::string_view after,
                                            domain::Language language);

/// The words for a member or a stored choice; the member's own name if the table has no entry.
struct Words {
  std::string_view en, fr;
};
Words words_for(std::string_view name);
/// The words for a stored choice alone; its own name if the table has no entry.
Words words_for_choice(std::string_view name);

}  // namespace ttp::http

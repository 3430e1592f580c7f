// Appends of a shared log as statements of PostgreSQL: to write them, and to read those that follow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/log/replica.hpp"
#include "storage/postgres/connection.hpp"

namespace ttp::storage::postgres {

/// The end of the shared log as a replica knows it: what an append compares.
struct End {
  std::uint64_t number = 0;  ///< of the last append
  Position next = 0;
  events::Hash root{};
};
End end_of(const Replica& replica);

enum class Appending : std::uint8_t {
  as_node,   ///< to an open log
  moving_in  ///< to one that is not open yet
};

/// The statement that appends everything after `end`, or nothing. Its one row says whether it was done.
/// Without events and commands it confirms that `end` is the end.
Statement append_statement(const End& end, const SharedAppend& append, const std::string& node,
                           Appending appending);
/// The statement that confirms that `end` is the end of the log.
Statement confirm_statement(const End& end, domain::Time last_recorded, const std::string& node);

/// The three statements that read a page of the appends after `end`. All three must see the log at one
/// moment.
std::vector<Statement> page_statements(const End& end);
/// Reads their rows. Throws events::Damaged if the rows do not fit each other.
std::vector<SharedAppend> page_from(const Rows& batches, const Rows& events, const Rows& commands);
/// Reads a page in a transaction of its own.
std::vector<SharedAppend> read_page(Connection& connection, const End& end, Connection::Time time_out);

}  // namespace ttp::storage::postgres

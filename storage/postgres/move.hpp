// Moves a whole log into PostgreSQL and back. It stays the same log: identifier, positions, commands, answers
// and the Merkle root, so every receipt and every signed checkpoint of before stays valid. A move that was
// interrupted goes on where it stopped when it is begun again; at no moment can both sides take commits.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "storage/log/replica.hpp"
#include "storage/postgres/connection.hpp"

namespace ttp::storage::postgres {

using MoveProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct Moved {
  Head head;                     ///< on both sides
  std::uint64_t events = 0;      ///< that this call copied
  bool was_done_before = false;  ///< an earlier call had moved it
};

enum class Standby : std::uint8_t {
  required,     ///< an append is refused while no synchronous standby is configured
  not_required  ///< for trials: the loss of one disk can lose acknowledged events
};

/// Copies a log that stands alone into the database, makes it that database's replica and opens the shared
/// log for nodes. The role of the connection must be a member of the owner role. Throws std::runtime_error if
/// the database has another log or one that is open already, events::Damaged if what was copied before is not
/// a part of this log, Lost or Denied.
Moved move_in(Replica& log, Connection& connection, Standby standby, const MoveProgress& progress);

/// Follows the shared log to its end, seals it for good, and makes the replica a log that stands alone.
/// Throws like `move_in`.
Moved move_out(Replica& replica, Connection& connection, const MoveProgress& progress);

}  // namespace ttp::storage::postgres

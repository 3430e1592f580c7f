// The log that several nodes share, in PostgreSQL (docs/cluster.md). Every node has a replica of it on its
// own disk and decides on that. It appends by comparing: everything after (number of appends, size, root), or
// nothing if another node was faster. A node that lost takes a turn: it keeps the others from appending,
// follows, judges again and appends. So there is no leader, and a node whose history differs in one bit
// cannot append.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "storage/log/log.hpp"
#include "storage/log/replica.hpp"
#include "storage/rocks/memory.hpp"

namespace ttp::storage {

struct SharedLogOptions {
  /// A libpq connection string or URI, with several hosts if there are several (storage/postgres/target.hpp).
  std::string database;
  std::filesystem::path replica_dir;
  std::string node = "ttp";  ///< the node's name in the records of the database
  /// How long an append or a barrier waits for the database, also over a fail-over, before it gives up.
  std::chrono::milliseconds patience{30'000};
  /// How long one answer of the database may take before the connection is dropped.
  std::chrono::milliseconds answer_max{10'000};
};

struct SharedLogCounts {
  std::uint64_t appends = 0;   ///< that this node made
  std::uint64_t lost = 0;      ///< compared and lost to another node
  std::uint64_t turns = 0;     ///< taken
  std::uint64_t unknown = 0;   ///< whose outcome had to be found out
  std::uint64_t connects = 0;  ///< of the appending connection
};

class SharedLog : public Log {
 public:
  virtual SharedLogCounts counts() const = 0;
  /// The last moment at which this node knew that it talks to the primary and that its standby follows: reads
  /// are no older than that.
  virtual std::chrono::steady_clock::time_point confirmed_at() const = 0;
  /// The number of appends that the replica has.
  virtual std::uint64_t number() const = 0;

 protected:
  SharedLog() = default;
};

/// Connects, opens the replica and follows to the end of the log before it returns. Throws
/// std::invalid_argument for a connection string that allows too little, std::runtime_error if the database
/// cannot be reached or has no open log of a schema that this program knows, and events::Damaged if replica
/// and shared log have different histories.
std::unique_ptr<SharedLog> open_postgres_log(const SharedLogOptions& options,
                                             const Memory& memory = Memory{});

}  // namespace ttp::storage

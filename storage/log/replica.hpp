// A full copy of a shared log on this machine's disk. It takes whole appends of the shared log in their order
// and checks every root, so that it cannot hold another history. All reads, the judge and the tree use it.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "storage/log/log.hpp"
#include "storage/tree/merkle.hpp"

namespace ttp::storage {

/// One append of the shared log.
struct SharedAppend {
  std::uint64_t number = 0;  ///< 1, 2, ... without gaps
  Position first = 0;        ///< the log's size before it
  Head head;                 ///< of the log after it
  domain::Time last_recorded{};
  std::vector<StoredEvent> events;
  std::vector<std::pair<domain::CommandId, Duplicate>> commands;
};

class Replica : public Log {
 public:
  /// Takes the appends that follow those it has; earlier ones are passed over. They are readable when this
  /// returns, and on the disk after `sync`. Throws events::Damaged, and takes nothing, if an append does not
  /// follow or its events do not give its root.
  virtual void take(std::span<const SharedAppend> appends) = 0;
  /// Brings to the disk what was taken.
  virtual void sync() = 0;
  /// The number of the last append that it has taken; nothing if the log is not a replica but stands alone.
  virtual std::optional<std::uint64_t> taken() const = 0;
  /// Makes a log that stands alone the replica of a shared log with the same events, whose last append has
  /// this number. Durable when it returns; from then on it cannot be opened to append.
  virtual void become_replica(std::uint64_t taken) = 0;
  /// Makes a replica a log that stands alone and is not sealed. Durable when it returns. The shared log must
  /// be sealed, else there would be two logs.
  virtual void stand_alone() = 0;
  /// A copy of the right edge of the tree, for an append to extend.
  virtual TileEdge edge() const = 0;

 protected:
  Replica() = default;
};

/// When the log's last event was recorded; the beginning of time for an empty log.
domain::Time last_recorded(const Log& log);

}  // namespace ttp::storage

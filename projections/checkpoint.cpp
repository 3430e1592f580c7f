#include "projections/checkpoint.hpp"

#include <algorithm>

#include "projections/index/index_rows.hpp"

namespace ttp::projections {

std::string encode(const Checkpoint& checkpoint) {
  std::string out = id_bytes(checkpoint.log);
  events::put_be64(out, checkpoint.next);
  out += events::as_text(checkpoint.last_leaf);
  return out;
}

Checkpoint decode_checkpoint(std::string_view bytes) {
  if (bytes.size() != 16 + 8 + 32) throw events::Damaged{"a projection's checkpoint has the wrong length"};
  Checkpoint checkpoint{id_from_bytes(bytes.substr(0, 16)), events::get_be64(bytes.substr(16)), {}};
  std::copy_n(bytes.begin() + 24, 32, checkpoint.last_leaf.begin());
  return checkpoint;
}

std::optional<std::string> foreign(const Checkpoint& checkpoint, const storage::Log& log) {
  if (checkpoint.log != log.id()) return "it was built from another log";
  if (checkpoint.next > log.head().next) return "it has more events than the log";
  if (checkpoint.next > 0 && log.leaf_hash(checkpoint.next - 1) != checkpoint.last_leaf)
    return "its last event is not the one that the log has there";
  return std::nullopt;
}

std::string serving_key(std::string_view projection) {
  return std::string{serving_prefix} + std::string{projection};
}

std::string standby_key(std::string_view projection) {
  return std::string{standby_prefix} + std::string{projection};
}

std::string other_family(std::string_view projection, std::string_view family) {
  const std::string blue = std::string{projection} + "/blue";
  return family == blue ? std::string{projection} + "/green" : blue;
}

std::string_view projection_of(std::string_view family) {
  return family.substr(0, family.find('/'));
}

std::string stopped_at(storage::Position position, std::string_view why) {
  return "stopped at position " + std::to_string(position) + ": " + std::string{why};
}

}  // namespace ttp::projections

#include "projections/view_position.hpp"

#include <algorithm>

#include "projections/index/index_rows.hpp"

namespace ttp::projections {

std::string encode(const ViewPosition& position) {
  std::string out = id_bytes(position.log);
  events::put_be64(out, position.next);
  out += events::as_text(position.last_leaf);
  return out;
}

ViewPosition decode_position(std::string_view bytes) {
  if (bytes.size() != 16 + 8 + 32)
    throw events::Damaged{"the stored position of a view has the wrong length"};
  ViewPosition position{id_from_bytes(bytes.substr(0, 16)), events::get_be64(bytes.substr(16)), {}};
  std::copy_n(bytes.begin() + 24, 32, position.last_leaf.begin());
  return position;
}

std::optional<std::string> foreign(const ViewPosition& position, const storage::Log& log) {
  if (position.log != log.id()) return "it was built from another log";
  if (position.next > log.head().next) return "it has more events than the log";
  if (position.next > 0 && log.leaf_hash(position.next - 1) != position.last_leaf)
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

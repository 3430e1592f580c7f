#include "events/recorded.hpp"

namespace ttp::events {

Recorded open_event(std::uint64_t position, std::uint64_t version, std::string_view envelope_bytes,
                    std::string_view body, const FindSubjectKey& find_key) {
  Envelope envelope = decode_envelope(envelope_bytes);
  const bool body_fits = envelope.body_bytes == body.size() && envelope.body_hash == sha256(body);
  if (!body_fits)
    throw Damaged{"the body at position " + std::to_string(position) + " is not the one its envelope binds"};
  Decoded decoded = decode_body(envelope, body, find_key);
  return {position, version, std::move(envelope), std::move(decoded.event), decoded.erased};
}

}  // namespace ttp::events

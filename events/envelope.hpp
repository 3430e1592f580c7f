// The envelope: the data that is known about every event without opening its body. The envelope binds the
// body by length and SHA-256, and the Merkle tree hashes the envelope. A body can therefore be made
// unreadable while the log still verifies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "events/bytes.hpp"

namespace ttp::events {

// stored: never change; add at the end
enum class ActorKind : std::uint8_t { system = 0, user = 1, staff = 2, tool = 3 };

/// The actor that caused the event. The id is nil for the system and its tools.
struct Actor {
  ActorKind kind = ActorKind::system;
  domain::Uuid id{};
  friend bool operator==(const Actor&, const Actor&) = default;
};

/// A uniqueness claim that the event's stream takes (`add`) or releases. `key` is the keyed hash of the
/// normalised value, so that the log does not reveal the value.
template <class Text>
struct BasicClaimChange {
  bool add = true;
  Text name_space;
  Hash key{};
  friend bool operator==(const BasicClaimChange&, const BasicClaimChange&) = default;
};
using ClaimChange = BasicClaimChange<std::string>;

template <class Text>
struct BasicEnvelope {
  Text stream;  ///< 1 to 255 bytes
  Text type;    ///< the event's stored name, 1 to 255 bytes
  std::uint16_t schema_version = 1;
  domain::CommandId command{};
  domain::Time recorded_at{};
  Actor actor{};
  domain::SessionId session{};
  domain::Uuid request{};
  domain::Uuid causation{};
  Text origin_address;  ///< where the act came from (events/origin.hpp), at most 255 bytes; may be empty
  std::vector<BasicClaimChange<Text>> claims;
  std::uint32_t body_bytes = 0;
  Hash body_hash{};
  std::array<std::uint8_t, 16> salt{};  ///< random, so that a leaf cannot be guessed from public facts
  friend bool operator==(const BasicEnvelope&, const BasicEnvelope&) = default;
};
using Envelope = BasicEnvelope<std::string>;
/// An envelope whose texts point into the encoded bytes and are valid as long as those bytes.
using EnvelopeView = BasicEnvelope<std::string_view>;

/// The longest envelope: with its eight bytes of version it must fit the 16-bit lengths of C2SP entry
/// bundles.
inline constexpr std::size_t envelope_bytes_max = 65'535 - 8;

/// Returns the stored bytes. Throws std::length_error if a text is too long for its length byte, the stream
/// or type is empty, or the envelope is longer than `envelope_bytes_max`.
std::string encode(const Envelope& envelope);

/// Reads the output of `encode` and nothing else: an unknown format byte, a length that does not fit, an
/// unknown actor kind or a trailing byte throws Damaged. So encoding the result gives the same bytes again.
Envelope decode_envelope(std::string_view bytes);
/// Decodes without copying any text, for readers of many envelopes.
EnvelopeView view_envelope(std::string_view bytes);
/// Reads only the event's stored name, for readers that skip most events. The result is valid as long as the
/// bytes.
std::string_view type_in(std::string_view envelope);
/// Reads only the stream's name. The result is valid as long as the bytes.
std::string_view stream_in(std::string_view envelope);

}  // namespace ttp::events

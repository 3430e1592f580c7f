#include "events/envelope.hpp"

#include <algorithm>
#include <stdexcept>

namespace ttp::events {
namespace {

// ---- stored: never change ---------------------------------------------------------------------------------
// Format 1, in this order; numbers big-endian, a text is a length byte and its bytes, ids are 16 raw bytes:
//
// clang-format off
//   format u8 (1) | stream text | type text | schema version u16 | command id
//   recorded at i64, milliseconds since 1970 UTC | actor kind u8 | actor id
//   session id | request id | causation id | origin address text
//   number of claims u16, then each: u8 (1 add, 0 release) | name space text | key, 32 bytes
//   body length u32 | SHA-256 of the body, 32 bytes | salt, 16 bytes
// clang-format on
//
// A change to this layout becomes format 2; format 1 must be readable for ever.
constexpr std::uint8_t format = 1;

class EnvelopeWriter {
 public:
  void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
  void u16(std::uint16_t value) { put_be16(out_, value); }
  void u32(std::uint32_t value) { put_be32(out_, value); }
  void u64(std::uint64_t value) { put_be64(out_, value); }
  void bytes(std::span<const std::uint8_t> value) { out_ += as_text(value); }
  void text(std::string_view value) {
    if (value.size() > 255) throw std::length_error("a text of an envelope is longer than 255 bytes");
    u8(static_cast<std::uint8_t>(value.size()));
    out_ += value;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class EnvelopeReader {
 public:
  explicit EnvelopeReader(std::string_view in) : in_(in) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(take(1).front()); }
  std::uint16_t u16() { return get_be16(take(2)); }
  std::uint32_t u32() { return get_be32(take(4)); }
  std::uint64_t u64() { return get_be64(take(8)); }
  std::string_view text() {
    const std::size_t length = u8();
    return take(length);
  }
  template <std::size_t N>
  void bytes(std::array<std::uint8_t, N>& value) {
    std::ranges::copy(as_bytes(take(N)), value.begin());
  }
  bool at_end() const { return in_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    if (in_.size() < count) throw Damaged("an envelope is cut short");
    const auto taken = in_.substr(0, count);
    in_.remove_prefix(count);
    return taken;
  }
  std::string_view in_;
};

ActorKind actor_kind(std::uint8_t byte) {
  if (byte > static_cast<std::uint8_t>(ActorKind::tool))
    throw Damaged("an envelope names an unknown kind of actor");
  return static_cast<ActorKind>(byte);
}

bool is_add(std::uint8_t byte) {
  if (byte > 1) throw Damaged("an envelope's claim is neither taken nor released");
  return byte == 1;
}

std::string_view text_not_empty(EnvelopeReader& in) {
  const auto text = in.text();
  if (text.empty()) throw Damaged("an envelope has no stream or no type");
  return text;
}

template <class Text>
BasicEnvelope<Text> read_envelope(std::string_view bytes) {
  if (bytes.size() > envelope_bytes_max) throw Damaged("an envelope is longer than a log entry");
  EnvelopeReader in{bytes};
  if (in.u8() != format) throw Damaged("an envelope has an unknown format");
  BasicEnvelope<Text> envelope;
  envelope.stream = text_not_empty(in);
  envelope.type = text_not_empty(in);
  envelope.schema_version = in.u16();
  in.bytes(envelope.command.uuid.bytes);
  envelope.recorded_at = domain::Time{std::chrono::milliseconds{static_cast<std::int64_t>(in.u64())}};
  envelope.actor.kind = actor_kind(in.u8());
  in.bytes(envelope.actor.id.bytes);
  in.bytes(envelope.session.uuid.bytes);
  in.bytes(envelope.request.bytes);
  in.bytes(envelope.causation.bytes);
  envelope.origin_address = in.text();
  envelope.claims.resize(in.u16());
  for (auto& claim : envelope.claims) {
    claim.add = is_add(in.u8());
    claim.name_space = in.text();
    in.bytes(claim.key);
  }
  envelope.body_bytes = in.u32();
  in.bytes(envelope.body_hash);
  in.bytes(envelope.salt);
  if (!in.at_end()) throw Damaged("an envelope has bytes behind its end");
  return envelope;
}

}  // namespace

std::string encode(const Envelope& envelope) {
  if (envelope.stream.empty() || envelope.type.empty())
    throw std::length_error("an envelope must name its stream and its type");
  if (envelope.claims.size() > 0xffff) throw std::length_error("an envelope has too many claims");
  EnvelopeWriter out;
  out.u8(format);
  out.text(envelope.stream);
  out.text(envelope.type);
  out.u16(envelope.schema_version);
  out.bytes(envelope.command.uuid.bytes);
  out.u64(static_cast<std::uint64_t>(envelope.recorded_at.time_since_epoch().count()));
  out.u8(static_cast<std::uint8_t>(envelope.actor.kind));
  out.bytes(envelope.actor.id.bytes);
  out.bytes(envelope.session.uuid.bytes);
  out.bytes(envelope.request.bytes);
  out.bytes(envelope.causation.bytes);
  out.text(envelope.origin_address);
  out.u16(static_cast<std::uint16_t>(envelope.claims.size()));
  for (const auto& claim : envelope.claims) {
    out.u8(claim.add ? 1 : 0);
    out.text(claim.name_space);
    out.bytes(claim.key);
  }
  out.u32(envelope.body_bytes);
  out.bytes(envelope.body_hash);
  out.bytes(envelope.salt);
  auto bytes = out.take();
  if (bytes.size() > envelope_bytes_max) throw std::length_error("an envelope does not fit a log entry");
  return bytes;
}

Envelope decode_envelope(std::string_view bytes) {
  return read_envelope<std::string>(bytes);
}

EnvelopeView view_envelope(std::string_view bytes) {
  return read_envelope<std::string_view>(bytes);
}

std::string_view stream_in(std::string_view envelope) {
  EnvelopeReader in{envelope};
  if (in.u8() != format) throw Damaged("an envelope has an unknown format");
  return in.text();
}

std::string_view type_in(std::string_view envelope) {
  EnvelopeReader in{envelope};
  if (in.u8() != format) throw Damaged("an envelope has an unknown format");
  in.text();
  return in.text();
}

}  // namespace ttp::events

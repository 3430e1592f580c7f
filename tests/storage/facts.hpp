// Events with real envelopes, as every engine takes them: a replica reads stream, claims and time from the
// envelope alone.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "events/envelope.hpp"
#include "storage/log/log.hpp"
#include "storage/support.hpp"

namespace ttp::storage::test {

inline events::Envelope envelope_for(const std::string& stream, const std::string& body,
                                     std::vector<events::ClaimChange> claims, domain::Time recorded_at) {
  events::Envelope envelope;
  envelope.stream = stream;
  envelope.type = "test.happened";
  envelope.recorded_at = recorded_at;
  envelope.claims = std::move(claims);
  envelope.body_bytes = static_cast<std::uint32_t>(body.size());
  envelope.body_hash = events::sha256(body);
  return envelope;
}

/// An event with the envelope that belongs to it; one that has no envelope gets bytes instead.
inline NewEvent fact(std::string stream, std::string text, std::vector<events::ClaimChange> claims = {},
                     domain::Time recorded_at = {}) {
  std::string envelope = "no envelope: " + text;
  try {
    envelope = events::encode(envelope_for(stream, text, claims, recorded_at));
  } catch (const std::length_error&) {
    // The log must refuse such an event.
  }
  return {std::move(stream), std::move(envelope), std::move(text), std::move(claims)};
}

/// The commit with its command's id in every envelope, as the service writes them.
inline Commit named(Commit commit) {
  for (auto& event : commit.events) {
    auto envelope = events::decode_envelope(event.envelope);
    envelope.command = commit.id;
    event.envelope = events::encode(envelope);
  }
  return commit;
}

/// The event with the longest stream and envelope that the log takes, filled with claims.
inline NewEvent longest_fact(std::string body) {
  const std::string stream(stream_bytes_max, 's');
  std::vector<events::ClaimChange> claims;
  const auto bytes_with = [&] { return events::encode(envelope_for(stream, body, claims, {})).size(); };
  const auto empty = bytes_with();
  claims.push_back({true, std::string(name_space_bytes_max, 'n'), hash(1)});
  const auto each = bytes_with() - empty;
  const auto smallest = each - name_space_bytes_max + 1;
  auto left = events::envelope_bytes_max - bytes_with();
  for (std::uint8_t number = 2; left > 0; ++number) {
    const auto now = left <= each ? left : left < each + smallest ? left - smallest : each;
    claims.push_back({true, std::string(now - smallest + 1, 'n'), hash(number)});
    left -= now;
  }
  auto envelope = events::encode(envelope_for(stream, body, claims, {}));
  return {stream, std::move(envelope), std::move(body), std::move(claims)};
}

}  // namespace ttp::storage::test

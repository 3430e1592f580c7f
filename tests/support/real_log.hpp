// A memory log with real envelopes in it, for tests of what reads them: streams that grow, commands of one to
// three events, claims taken and released. The same seed gives the same log. A log that has such envelopes
// already is continued.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "events/envelope.hpp"
#include "storage/log/log.hpp"

namespace ttp::samples {

class RealLog {
 public:
  RealLog(storage::Log& log, std::uint64_t seed) : log_(log), dice_(seed), commands_(log.head().next) {
    if (commands_ > 0) now_ = events::decode_envelope(log.read(commands_ - 1, 1).at(0).envelope).recorded_at;
  }

  /// Appends until the log has `size` events.
  void grow_to(storage::Position size) {
    while (log_.head().next < size) append(size - log_.head().next);
  }

 private:
  void append(storage::Position at_most) {
    storage::Commit commit;
    commit.id.uuid = uuid(++commands_);
    commit.fingerprint.fill(static_cast<std::uint8_t>(dice_()));
    commit.answer = "answer " + std::to_string(commands_);
    const std::string stream = "user-" + std::to_string(dice_() % 9);
    for (auto count = 1 + dice_() % 3; count > 0 && commit.events.size() < at_most; --count)
      commit.events.push_back(event(stream, commit.id));
    log_.append({&commit, 1});
  }

  storage::NewEvent event(const std::string& stream, domain::CommandId command) {
    events::Envelope envelope;
    envelope.stream = stream;
    envelope.type = "user.urn_issued";
    envelope.command = command;
    now_ += domain::Duration{static_cast<std::int64_t>(dice_() % 5000)};
    envelope.recorded_at = now_;
    envelope.actor = {events::ActorKind::user, uuid(dice_() % 20)};
    envelope.origin_address = "192.0.2.1";
    if (dice_() % 4 == 0) {
      events::ClaimChange claim{true, "urn", {}};
      for (auto& byte : claim.key) byte = static_cast<std::uint8_t>(dice_());
      envelope.claims.push_back(claim);
    }
    for (auto& byte : envelope.salt) byte = static_cast<std::uint8_t>(dice_());
    std::string body = "{\"number\":" + std::to_string(dice_()) + "}";
    envelope.body_bytes = static_cast<std::uint32_t>(body.size());
    envelope.body_hash = events::sha256(body);
    return {stream, events::encode(envelope), std::move(body), envelope.claims};
  }

  static domain::Uuid uuid(std::uint64_t number) {
    domain::Uuid id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return id;
  }

  storage::Log& log_;
  std::mt19937_64 dice_;
  std::uint64_t commands_;  ///< a number that no command had before
  domain::Time now_{};
};

}  // namespace ttp::samples

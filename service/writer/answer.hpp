// What a command came to, as the client is told and as it is stored with the command, so that asking again
// gets the same answer, also after a crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/reason.hpp"
#include "storage/log/log.hpp"

namespace ttp::service {

struct CommandResult {
  /// Of the last event recorded; for a command that recorded nothing, of the last event in the log before it.
  std::optional<storage::Position> position;
  std::string created;  ///< identifier of what the command made, if it made something
  std::optional<domain::Refusal> refusal;
  bool replayed = false;  ///< the answer of an earlier request with the same Idempotency-Key
};

CommandResult refused(domain::Reason reason);
/// What an earlier request with the same Idempotency-Key was answered, where it was this same request.
CommandResult replay(const events::Hash& fingerprint, const storage::Duplicate& earlier);

/// The stored form: `created` and `refusal`; the position is the log's. Never change; add a new leading byte
/// instead.
std::string encode_answer(const CommandResult& outcome);
/// Throws events::Damaged.
CommandResult decode_answer(std::string_view bytes);

}  // namespace ttp::service

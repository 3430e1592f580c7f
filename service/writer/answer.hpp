// The result of a command, as answered to the client and as stored with the command, so that a retry gets the
// same answer, also after a crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/reason.hpp"
#include "storage/log/log.hpp"

namespace ttp::service {

struct CommandResult {
  /// The position of the last event recorded; for a command that recorded nothing, of the last event before
  /// it.
  std::optional<storage::Position> position;
  std::string created;  ///< the identifier of the thing that the command created, if any
  std::optional<domain::Refusal> refusal;
  bool replayed = false;  ///< whether this is the answer of an earlier request with the same Idempotency-Key
};

CommandResult refused(domain::Reason reason);
/// The answer of an earlier request with the same Idempotency-Key; a refusal if it was another request.
CommandResult replay(const events::Hash& fingerprint, const storage::Duplicate& earlier);

/// The stored form: `created` and `refusal`; the position is in the log. Never change; add a new leading byte
/// instead.
std::string encode_answer(const CommandResult& outcome);
/// Throws events::Damaged.
CommandResult decode_answer(std::string_view bytes);

}  // namespace ttp::service

// A decoded event of the log: its position, its actor and time, and the fact itself.
#pragma once

#include <cstdint>
#include <functional>

#include "events/codec.hpp"
#include "events/envelope.hpp"
#include "events/event.hpp"

namespace ttp::events {

struct Recorded {
  std::uint64_t position = 0;
  std::uint64_t version = 0;  ///< within its stream, from 1
  Envelope envelope;
  Event event;
  bool erased = false;  ///< the personal fields are gone for good
};

/// Decodes a stored event. Throws Damaged if the body does not fit its envelope, or either cannot be read.
Recorded open_event(std::uint64_t position, std::uint64_t version, std::string_view envelope,
                    std::string_view body, const FindSubjectKey& find_key);

}  // namespace ttp::events

// An event as it stands in the log, opened: where it stands, who did it and when, and what happened.
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

/// Opens a stored event. Throws Damaged where the body does not fit its envelope, or neither can be read.
Recorded open_event(std::uint64_t position, std::uint64_t version, std::string_view envelope,
                    std::string_view body, const FindSubjectKey& find_key);

}  // namespace ttp::events

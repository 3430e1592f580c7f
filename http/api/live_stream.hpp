// A live stream of server-sent events: what a log records, from a position on, for as long as its reader may
// see it. The streams are bounded in all and for each user, and none of them keeps a session from idling.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/api/route.hpp"
#include "service/reading/history.hpp"

namespace ttp::http {

/// The events of a stream, and its reader.
struct StreamSource {
  service::ReadEvents read;
  service::EventFilter filter{};
  /// Whether this person may still see it; asked again and again while the stream is open.
  std::function<bool(const domain::User&)> may_see;
  /// The data of one event as JSON; nothing leaves the event out.
  std::function<std::optional<std::string>(const events::Recorded&)> data;
};

/// The position behind the one that Last-Event-ID names; nothing without that header.
Answered<std::optional<storage::Position>> resumed_position(const Call& call);

/// The stream from this position on. Each event's id is its position; no event has a name, because a
/// browser's EventSource hands only nameless ones to `onmessage`.
Answered<Response> live_stream(Call& call, StreamSource source, storage::Position from);

}  // namespace ttp::http

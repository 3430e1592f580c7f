// Time as the domain sees it: a UTC instant in milliseconds. Callers hand it in; the domain never reads a
// clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ttp::domain {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// RFC 3339 in UTC with milliseconds: "2026-03-09T14:00:00.000Z".
std::string to_text(Time time);
void append_text(std::string& out, Time time);
/// Reads RFC 3339 with "Z" or a numeric offset and up to nine fraction digits (cut to milliseconds).
std::optional<Time> parse_time(std::string_view text);

/// The same instant `count` calendar years (or months) later. If the target month lacks the day, its last day
/// is taken: 29 February becomes the 28th.
Time add_years(Time time, int count);
Time add_months(Time time, int count);

}  // namespace ttp::domain

#include "domain/time.hpp"

#include <string>

namespace ttp::domain {
namespace {

using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Reads `width` decimal digits at `at`; -1 if anything else stands there.
int number(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Writes a number of at most `width` digits over the characters at `at`.
void put_digits(std::string& text, std::size_t at, std::size_t width, int value) {
  for (std::size_t i = at + width; i-- > at; value /= 10) text[i] = static_cast<char>('0' + value % 10);
}

/// Reads the fraction after the seconds, in milliseconds, and moves `at` past it.
std::optional<int> fraction_ms(std::string_view text, std::size_t& at) {
  if (at >= text.size() || text[at] != '.') return 0;
  const std::size_t start = ++at;
  int value = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    if (at - start < 3) value = value * 10 + (text[at] - '0');
    ++at;
  }
  const std::size_t width = at - start;
  if (width == 0 || width > 9) return std::nullopt;
  for (std::size_t i = width; i < 3; ++i) value *= 10;
  return value;
}

std::optional<minutes> utc_offset(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::nullopt;
  if (text[at] == 'Z' || text[at] == 'z')
    return at + 1 == text.size() ? std::optional{minutes{0}} : std::nullopt;
  if ((text[at] != '+' && text[at] != '-') || text.size() != at + 6 || text[at + 3] != ':')
    return std::nullopt;
  const int h = number(text, at + 1, 2);
  const int m = number(text, at + 4, 2);
  if (h < 0 || h > 23 || m < 0 || m > 59) return std::nullopt;
  const minutes offset = hours{h} + minutes{m};
  return text[at] == '-' ? -offset : offset;
}

Time with_date(Time time, std::chrono::year_month target, std::chrono::day day) {
  const auto midnight = floor<days>(time);
  year_month_day date = target / day;
  if (!date.ok()) date = year_month_day{target / std::chrono::last};
  return Time{sys_days{date}} + (time - midnight);
}

}  // namespace

std::string to_text(Time time) {
  std::string text;
  append_text(text, time);
  return text;
}

void append_text(std::string& out, Time time) {
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{time - midnight};
  // Digit by digit, because views hold many times and snprintf is much slower.
  const std::size_t start = out.size();
  out += "0000-00-00T00:00:00.000Z";
  put_digits(out, start, 4, static_cast<int>(date.year()));
  put_digits(out, start + 5, 2, static_cast<int>(static_cast<unsigned>(date.month())));
  put_digits(out, start + 8, 2, static_cast<int>(static_cast<unsigned>(date.day())));
  put_digits(out, start + 11, 2, static_cast<int>(clock.hours().count()));
  put_digits(out, start + 14, 2, static_cast<int>(clock.minutes().count()));
  put_digits(out, start + 17, 2, static_cast<int>(clock.seconds().count()));
  put_digits(out, start + 20, 3, static_cast<int>(clock.subseconds().count()));
}

std::optional<Time> parse_time(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const int month = number(text, 5, 2);
  const int day = number(text, 8, 2);
  const int h = number(text, 11, 2);
  const int m = number(text, 14, 2);
  const int s = number(text, 17, 2);
  if (number(text, 0, 4) < 0 || month < 0 || day < 0) return std::nullopt;
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) return std::nullopt;
  const year_month_day date{std::chrono::year{number(text, 0, 4)},
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  std::size_t at = 19;
  const auto ms = fraction_ms(text, at);
  if (!ms) return std::nullopt;
  const auto offset = utc_offset(text, at);
  if (!offset) return std::nullopt;
  const Time time =
      Time{sys_days{date}} + hours{h} + minutes{m} + seconds{s} + std::chrono::milliseconds{*ms} - *offset;
  // An offset can move the instant out of the four-digit years that the text form allows.
  const int utc_year = static_cast<int>(year_month_day{floor<days>(time)}.year());
  return utc_year >= 0 && utc_year <= 9999 ? std::optional{time} : std::nullopt;
}

Time add_years(Time time, int count) {
  const year_month_day date{floor<days>(time)};
  return with_date(time, (date.year() + std::chrono::years{count}) / date.month(), date.day());
}

Time add_months(Time time, int count) {
  const year_month_day date{floor<days>(time)};
  return with_date(time, date.year() / date.month() + std::chrono::months{count}, date.day());
}

}  // namespace ttp::domain

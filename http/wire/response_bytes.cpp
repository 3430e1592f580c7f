#include "http/wire/response_bytes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <optional>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include "http/wire/framing.hpp"

namespace ttp::http {
namespace {

constexpr std::size_t head_bytes = 640;  // enough for most heads

/// RFC 9110 5.6.7, for example "Sun, 06 Nov 1994 08:49:37 GMT"; independent of the process's locale.
const std::string& http_date() {
  thread_local std::chrono::sys_seconds written{};
  thread_local std::string text;
  const std::chrono::sys_seconds now{std::chrono::seconds{std::time(nullptr)}};
  if (now == written) return text;
  constexpr std::array day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(now - day);
  text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     day_names[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     month_names[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  written = now;
  return text;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> default_headers{{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
}};

bool has_header(const Headers& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& header) { return is_same_name(header.first, name); });
}

/// Headers that only the engine sets; a handler's value would contradict the engine's.
bool is_engines_own(std::string_view name) {
  constexpr std::array<std::string_view, 5> own{"Content-Length", "Transfer-Encoding", "Connection", "Date",
                                                "X-Request-Id"};
  return std::ranges::any_of(own, [&](std::string_view each) { return is_same_name(each, name); });
}

bool has_content(int status) {
  return status != 204 && status != 304;
}

void add_line(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void add_lines(std::string& head, const Headers& headers) {
  for (const auto& [name, value] : headers)
    if (!is_engines_own(name)) add_line(head, name, value);
}

/// Appends the part of the head that differs between answers or comes from the engine's configuration.
void add_beginning(std::string& head, int status, std::string_view request_id, bool close,
                   const std::optional<std::chrono::seconds>& strict_transport_security) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  head.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason).append("\r\n");
  add_line(head, "Date", http_date());
  if (close) add_line(head, "Connection", "close");
  add_line(head, "X-Request-Id", request_id);
  if (strict_transport_security)
    add_line(head, "Strict-Transport-Security",
             fmt::format("max-age={}; includeSubDomains", strict_transport_security->count()));
}

/// Appends the part of the head that is constant for the response, up to the empty line.
void add_rest(std::string& head, const Response& response) {
  if (response.next_part)
    add_line(head, "Transfer-Encoding", "chunked");
  else if (has_content(response.status))
    add_line(head, "Content-Length", std::to_string(response.body.size()));
  for (const auto& [name, value] : default_headers)
    if (!has_header(response.headers, name)) add_line(head, name, value);
  if ((response.status == 429 || response.status == 503) && !has_header(response.headers, "Retry-After"))
    add_line(head, "Retry-After", "1");
  add_lines(head, response.headers);
  head.append("\r\n");
}

}  // namespace

bool is_sendable(const Response& response) {
  return response.status >= 200 && response.status <= 599 &&
         std::ranges::all_of(response.headers, [](const auto& header) {
           return is_token(header.first) && is_field_value(header.second);
         });
}

std::string bytes_of(const Response& response, std::string_view request_id, bool close, bool head_only,
                     const std::optional<std::chrono::seconds>& strict_transport_security) {
  const Prepared* prepared = response.prepared.get();
  const int status = prepared ? prepared->status : response.status;
  const bool with_body = has_content(status) && !head_only && !response.next_part;
  std::string bytes;
  bytes.reserve(head_bytes + (prepared ? prepared->bytes.size() : response.body.size()));
  add_beginning(bytes, status, request_id, close, strict_transport_security);
  bytes.append(response.own_lines);
  if (prepared) {
    add_lines(bytes, response.headers);
    const std::string_view same = prepared->bytes;
    bytes.append(with_body ? same : same.substr(0, prepared->head_bytes));
  } else {
    add_rest(bytes, response);
    if (with_body) bytes.append(response.body);
  }
  return bytes;
}

std::shared_ptr<const Prepared> prepare(const Response& response) {
  if (response.next_part || response.prepared || !has_content(response.status) || !is_sendable(response))
    return nullptr;
  auto prepared = std::make_shared<Prepared>();
  prepared->status = response.status;
  prepared->bytes.reserve(head_bytes + response.body.size());
  add_rest(prepared->bytes, response);
  prepared->head_bytes = prepared->bytes.size();
  prepared->bytes.append(response.body);
  return prepared;
}

}  // namespace ttp::http

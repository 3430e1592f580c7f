#include "carriers/delivery_report.hpp"

#include <algorithm>
#include <vector>

namespace ttp::carriers {
namespace {

constexpr std::size_t header_lines_max = 1'000, parts_max = 20, boundary_max = 200;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
std::string lowered(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The next line, without its end.
std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

struct Field {
  std::string name;  ///< in lower case
  std::string value;
};

/// Reads fields up to the blank line; folded lines are joined.
std::vector<Field> next_fields(std::string_view& text) {
  std::vector<Field> fields;
  for (std::size_t lines = 0; !text.empty() && lines < header_lines_max; ++lines) {
    const auto line = next_line(text);
    if (line.empty()) break;
    if ((line.front() == ' ' || line.front() == '\t') && !fields.empty()) {
      fields.back().value.append(" ").append(trimmed(line));
      continue;
    }
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    fields.push_back({lowered(trimmed(line.substr(0, colon))), std::string{trimmed(line.substr(colon + 1))}});
  }
  return fields;
}

/// The value of a field that may stand once; empty if it is missing or stands twice.
std::string value_of(const std::vector<Field>& fields, std::string_view name) {
  const auto first = std::ranges::find(fields, name, &Field::name);
  if (first == fields.end()) return {};
  return std::find_if(first + 1, fields.end(), [&](const Field& each) { return each.name == name; }) ==
                 fields.end()
             ? first->value
             : std::string{};
}

std::string media_type(const std::vector<Field>& fields) {
  const auto value = lowered(value_of(fields, "content-type"));
  return std::string{trimmed(std::string_view{value}.substr(0, value.find(';')))};
}

std::string boundary_of(const std::vector<Field>& fields) {
  const std::string value = value_of(fields, "content-type");
  const auto at = lowered(value).find("boundary=");
  if (at == std::string::npos) return {};
  auto rest = std::string_view{value}.substr(at + 9);
  const bool is_quoted = rest.starts_with('"');
  if (is_quoted) rest.remove_prefix(1);
  const auto boundary = rest.substr(0, rest.find_first_of(is_quoted ? "\"" : "; \t"));
  return boundary.size() <= boundary_max ? std::string{boundary} : std::string{};
}

/// The parts of a multipart body, headers included. Parts within a part are not looked into.
std::vector<std::string_view> parts_of(std::string_view body, const std::string& boundary) {
  std::vector<std::string_view> parts;
  const std::string divider = "--" + boundary;
  const char* begin = nullptr;
  while (!body.empty() && parts.size() < parts_max) {
    const char* const line_begin = body.data();
    const auto line = trimmed(next_line(body));
    if (line != divider && line != divider + "--") continue;
    if (begin) parts.emplace_back(begin, static_cast<std::size_t>(line_begin - begin));
    if (line != divider) return parts;
    begin = body.data();
  }
  return {};
}

/// "5.1.1"; empty if the text is of another form or says that all is well.
std::string status_of(std::string_view text) {
  text = text.substr(0, text.find_first_of(" \t("));
  if (text.size() < 5 || text.size() > 9 || (text[0] != '4' && text[0] != '5') || text[1] != '.') return {};
  std::size_t digits = 0, dots = 0;
  for (const char c : text) {
    const bool is_dot = c == '.';
    if (!is_dot && (c < '0' || c > '9')) return {};
    if (is_dot && digits == 0) return {};
    digits = is_dot ? 0 : digits + 1;
    dots += is_dot ? 1 : 0;
    if (digits > 3) return {};
  }
  return dots == 2 && digits > 0 ? std::string{text} : std::string{};
}

std::optional<DeliveryReport> read_status(std::string_view text) {
  std::vector<std::vector<Field>> recipients;
  while (!text.empty()) {
    auto fields = next_fields(text);
    if (!value_of(fields, "action").empty()) recipients.push_back(std::move(fields));
  }
  // A mail of this service has one recipient.
  if (recipients.size() != 1) return std::nullopt;
  const std::string action = lowered(value_of(recipients[0], "action"));
  const std::string status = status_of(value_of(recipients[0], "status"));
  const std::string_view word = std::string_view{action}.substr(0, action.find_first_of(" \t("));
  if (status.empty() || (word != "failed" && word != "delayed")) return std::nullopt;
  return DeliveryReport{word == "failed" && status.front() == '5', status};
}

}  // namespace

std::optional<DeliveryReport> read_delivery_report(std::string_view message) {
  if (message.size() > delivery_report_bytes_max) return std::nullopt;
  const auto fields = next_fields(message);
  if (media_type(fields) != "multipart/report") return std::nullopt;
  const std::string boundary = boundary_of(fields);
  if (boundary.empty()) return std::nullopt;
  for (std::string_view part : parts_of(message, boundary)) {
    const auto head = next_fields(part);
    if (media_type(head) == "message/delivery-status") return read_status(part);
  }
  return std::nullopt;
}

}  // namespace ttp::carriers

// The guard's grammar, top down: the end of a head, the request line, the fields, rules across fields, and
// chunked bodies. Section numbers are those of RFC 9112 unless they name another document.
#include "http/wire/framing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "events/bytes.hpp"

namespace ttp::http {

namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_alpha(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

/// A class of characters as a table, because every byte of every head is tested.
class CharClass {
 public:
  constexpr explicit CharClass(bool (*holds)(char)) {
    for (std::size_t byte = 0; byte < held_.size(); ++byte) held_[byte] = holds(static_cast<char>(byte));
  }
  constexpr bool operator()(char c) const { return held_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> held_{};
};
constexpr CharClass is_control{[](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }};
constexpr CharClass is_token_char{
    [](char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "!#$%&'*+-.^_`|~"); }};
/// The characters of an origin form: pchar, "/" and "?" of RFC 3986.
constexpr CharClass is_target_char{
    [](char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "-._~%!$&'()*+,;=:@/?"); }};
constexpr CharClass is_host_char{[](char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "-._"); }};

constexpr char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, to_lower, to_lower);
}

std::unexpected<FramingFault> bad(std::string what, int status = 400) {
  return std::unexpected(FramingFault{status, std::move(what)});
}

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

struct RequestLine {
  std::string_view method;
  std::string_view target;
  bool is_1_0 = false;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_one_of(text.front(), " \t")) text.remove_prefix(1);
  while (!text.empty() && is_one_of(text.back(), " \t")) text.remove_suffix(1);
  return text;
}

/// "http://" or "https://" and the authority after it; empty if the target is not in absolute form.
std::string_view authority_of(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"})
    if (same_text(target.substr(0, scheme.size()), scheme)) {
      target.remove_prefix(scheme.size());
      return target.substr(0, target.find_first_of("/?"));
    }
  return {};
}

// ---- the request line -------------------------------------------------------------------------------------

std::optional<FramingFault> method_fault(std::string_view method) {
  if (method.empty() || method.size() > 32 || !is_upper(method.front()) ||
      !std::ranges::all_of(method, [](char c) { return is_upper(c) || c == '-'; }))
    return FramingFault{400, "the method is not a word of capital letters"};
  if (method == "TRACE" || method == "CONNECT") return FramingFault{400, "TRACE and CONNECT are not served"};
  return std::nullopt;
}

std::optional<FramingFault> target_fault(std::string_view method, std::string_view target) {
  if (target == "*") {
    if (method == "OPTIONS") return std::nullopt;
    return FramingFault{400, "only OPTIONS has the target *"};
  }
  if (!target.starts_with('/') && authority_of(target).empty())
    return FramingFault{400, "the target does not begin with a slash"};
  if (!std::ranges::all_of(target, is_target_char))
    return FramingFault{400, "the target holds a character that must be percent-encoded"};
  return std::nullopt;
}

std::optional<FramingFault> version_fault(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
  if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' &&
      is_digit(version[7]))
    return FramingFault{505, "only HTTP/1.1 and HTTP/1.0 are served"};
  return FramingFault{400, "the request line does not end with an HTTP version"};
}

std::expected<RequestLine, FramingFault> read_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("the request line is not a method, a target and a version");
  const RequestLine request{line.substr(0, first), line.substr(first + 1, last - first - 1), false};
  const auto version = line.substr(last + 1);
  // Check the version first, because the other rules depend on it.
  if (auto fault = version_fault(version)) return std::unexpected(*fault);
  if (auto fault = method_fault(request.method)) return std::unexpected(*fault);
  if (auto fault = target_fault(request.method, request.target)) return std::unexpected(*fault);
  return RequestLine{request.method, request.target, version == "HTTP/1.0"};
}

// ---- the fields -------------------------------------------------------------------------------------------

/// Some proxies treat "_" as "-", so a name with "_" can be read as a framing field by one side only.
bool is_confusable(std::string_view name) {
  if (!name.contains('_')) return false;
  std::string dashed(name);
  std::ranges::replace(dashed, '_', '-');
  return same_text(dashed, "content-length") || same_text(dashed, "transfer-encoding");
}

std::expected<HeaderField, FramingFault> read_field(std::string_view line) {
  if (is_one_of(line.front(), " \t")) return bad("a header is folded over two lines");  // 5.2
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return bad("a header line has no colon");
  const auto name = line.substr(0, colon);
  if (!is_token(name))
    return bad("a header's name is not a token");  // also white space before the colon, 5.1
  if (is_confusable(name)) return bad("a header's name resembles one that frames the message");
  const auto value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) return bad("a header's value holds a control character");
  return HeaderField{name, value};
}

/// The values of all fields of one name.
std::vector<std::string_view> values_of(const std::vector<HeaderField>& fields, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& field : fields)
    if (same_text(field.name, name)) values.push_back(field.value);
  return values;
}

/// Calls `visit` with each element of a comma-separated list.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    visit(trimmed(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

/// A name, an IPv4 address, or an IPv6 address in brackets; then optionally a port.
bool is_authority(std::string_view text) {
  std::size_t host_end = 0;
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    const auto inside = text.substr(1, bracket - 1);
    if (inside.empty() ||
        !std::ranges::all_of(inside, [](char c) { return is_hex(c) || is_one_of(c, ":."); }))
      return false;
    host_end = bracket + 1;
  } else {
    host_end = std::min(text.find(':'), text.size());
    const auto name = text.substr(0, host_end);
    if (name.empty() || !std::ranges::all_of(name, is_host_char)) return false;
  }
  const auto port = text.substr(host_end);
  if (port.empty()) return true;
  return port.size() >= 2 && port.size() <= 6 && port[0] == ':' &&
         std::ranges::all_of(port.substr(1), is_digit);
}

// ---- rules across fields ----------------------------------------------------------------------------------

std::optional<FramingFault> host_fault(const RequestLine& line,
                                       const std::vector<HeaderField>& fields) {  // 3.2
  const auto hosts = values_of(fields, "host");
  if (hosts.size() > 1) return FramingFault{400, "there is more than one Host"};
  if (hosts.empty() && !line.is_1_0) return FramingFault{400, "there is no Host"};
  if (!hosts.empty() && (hosts[0].size() > 261 || !is_authority(hosts[0])))
    return FramingFault{400, "the Host is not a name or an address"};
  const auto authority = authority_of(line.target);
  if (!authority.empty() && (hosts.empty() || !same_text(authority, hosts[0])))
    return FramingFault{400, "the target names another host than the Host header"};
  return std::nullopt;
}

std::optional<FramingFault> connection_fault(const std::vector<HeaderField>& fields, Framing& framing) {
  std::optional<FramingFault> fault;
  for (const auto value : values_of(fields, "connection")) {
    for_each_element(value, [&](std::string_view option) {
      if (!option.empty() && !is_token(option))
        fault = FramingFault{400, "Connection is not a list of tokens"};
      if (same_text(option, "close")) framing.keep_alive = false;
      // Naming these would ask a proxy to remove the fields that frame the message.
      for (std::string_view needed : {"content-length", "transfer-encoding", "host"})
        if (same_text(option, needed))
          fault = FramingFault{400, "Connection names a header that frames the message"};
    });
  }
  return fault;
}

std::optional<FramingFault> length_fault(std::string_view text, const Limits& limits, Framing& framing) {
  if (text.empty() || !std::ranges::all_of(text, is_digit))
    return FramingFault{400, "Content-Length is not one number"};
  std::size_t length = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), length);
  if (read.ec != std::errc{}) return FramingFault{400, "Content-Length is beyond all bounds"};
  if (length > limits.body_bytes_max) return FramingFault{413, "the body is larger than is taken"};
  framing.content_length = length;
  if (length > 0) framing.body = Framing::Body::length;
  return std::nullopt;
}

std::optional<FramingFault> body_fault(const RequestLine& line, const std::vector<HeaderField>& fields,
                                       const Limits& limits,
                                       Framing& framing) {  // 6.1 to 6.3
  const auto lengths = values_of(fields, "content-length");
  const auto codings = values_of(fields, "transfer-encoding");
  if (!lengths.empty() && !codings.empty())
    return FramingFault{400, "there are both Content-Length and Transfer-Encoding"};
  if (lengths.size() > 1) return FramingFault{400, "there is more than one Content-Length"};
  if (codings.size() > 1) return FramingFault{400, "there is more than one Transfer-Encoding"};
  if (!codings.empty()) {
    if (line.is_1_0) return FramingFault{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (!same_text(codings[0], "chunked"))
      return FramingFault{400, "only the transfer coding chunked is served"};
    framing.body = Framing::Body::chunked;
  }
  if (!lengths.empty())
    if (auto fault = length_fault(lengths[0], limits, framing)) return fault;
  if (framing.body != Framing::Body::none && (line.method == "GET" || line.method == "HEAD"))
    return FramingFault{400, "GET and HEAD have no body here"};
  return std::nullopt;
}

std::optional<FramingFault> expect_fault(const RequestLine& line, const std::vector<HeaderField>& fields,
                                         Framing& framing) {
  if (line.is_1_0) return std::nullopt;  // RFC 9110 10.1.1: ignored
  for (const auto value : values_of(fields, "expect")) {
    if (!same_text(value, "100-continue"))
      return FramingFault{417, "only the expectation 100-continue is met"};
    framing.expects_continue = framing.body != Framing::Body::none;
  }
  return std::nullopt;
}

}  // namespace

// ---- public interface -------------------------------------------------------------------------------------

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_same_name(std::string_view a, std::string_view b) {
  return same_text(a, b);
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return is_control(c) && c != '\t'; });
}

std::string_view origin_form(std::string_view target) {
  const auto authority = authority_of(target);
  if (authority.empty()) return target;
  target.remove_prefix(static_cast<std::size_t>(authority.data() - target.data()) + authority.size());
  return target;
}

std::expected<std::optional<std::size_t>, FramingFault> HeadScanner::scan(std::string_view received) {
  for (; next_ < received.size(); ++next_) {
    const char byte = received[next_];
    const bool in_request_line = header_start_ == 0;
    if (in_request_line && next_ - line_start_ > limits_.request_line_bytes_max + 1)
      return bad("the request line is longer than is taken", 414);
    if (!in_request_line && next_ - header_start_ > limits_.header_bytes_max + 1)
      return bad("the headers are larger than is taken", 431);

    const bool after_cr = next_ > 0 && received[next_ - 1] == '\r';
    if (after_cr != (byte == '\n')) return bad("a line does not end with CR LF");
    if (is_control(byte) && byte != '\r' && byte != '\n' && byte != '\t')
      return bad("the head holds a control character");
    if (byte != '\n') {
      skip_plain(received);
      continue;
    }
    const bool is_empty_line = next_ - 1 == line_start_;
    if (is_empty_line && in_request_line) return bad("there is an empty line before the request line");
    if (is_empty_line) return ++next_;
    if (auto fault = end_line(next_ - 1)) return std::unexpected(*fault);
  }
  return std::nullopt;
}

/// Advances to the last byte of a run that no rule concerns, but not beyond a limit.
void HeadScanner::skip_plain(std::string_view received) {
  const std::size_t limit = header_start_ == 0 ? line_start_ + limits_.request_line_bytes_max + 1
                                               : header_start_ + limits_.header_bytes_max + 1;
  const std::size_t end = std::min(received.size(), limit);
  if (next_ + 1 < end)
    next_ += std::max<std::size_t>(events::plain_length<'\x7f'>(received.substr(next_, end - next_)), 1) - 1;
}

std::optional<FramingFault> HeadScanner::end_line(std::size_t line_end) {
  const auto length = line_end - line_start_;
  line_start_ = line_end + 2;
  if (header_start_ == 0) {
    header_start_ = line_start_;
    if (length > limits_.request_line_bytes_max)
      return FramingFault{414, "the request line is longer than is taken"};
    return std::nullopt;
  }
  if (++fields_ > limits_.header_fields_max)
    return FramingFault{431, "there are more headers than are taken"};
  if (line_start_ - header_start_ > limits_.header_bytes_max)
    return FramingFault{431, "the headers are larger than is taken"};
  return std::nullopt;
}

std::expected<Framing, FramingFault> check_head(std::string_view head, const Limits& limits) {
  // The scan ensures that every line ends with CR LF and that only the last line is empty.
  auto end = HeadScanner(limits).scan(head);
  if (!end) return std::unexpected(end.error());
  if (*end != head.size()) return bad("the head does not end with its empty line");
  head.remove_suffix(2);

  auto next_line = [&head] {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    return line;
  };
  const auto line = read_request_line(next_line());
  if (!line) return std::unexpected(line.error());
  std::vector<HeaderField> fields;
  while (!head.empty()) {
    auto field = read_field(next_line());
    if (!field) return std::unexpected(field.error());
    fields.push_back(*field);
  }

  Framing framing{.keep_alive = !line->is_1_0};
  if (auto fault = host_fault(*line, fields)) return std::unexpected(*fault);
  if (auto fault = connection_fault(fields, framing)) return std::unexpected(*fault);
  if (auto fault = body_fault(*line, fields, limits, framing)) return std::unexpected(*fault);
  if (auto fault = expect_fault(*line, fields, framing)) return std::unexpected(*fault);
  return framing;
}

std::optional<std::string> framing_fault(std::string_view raw_head) {
  const auto framing = check_head(raw_head, Limits{});
  if (framing) return std::nullopt;
  return framing.error().what;
}

// ---- chunked bodies (7.1) ---------------------------------------------------------------------------------

std::expected<std::optional<std::size_t>, FramingFault> ChunkScanner::scan(std::string_view body) {
  while (next_ < body.size()) {
    if (expect_ == Expect::data) {
      const auto step = std::min(chunk_, body.size() - next_);
      next_ += step;
      chunk_ -= step;
      if (chunk_ == 0) expect_ = Expect::data_cr;
      continue;
    }
    // Framing may cost as many bytes as the largest body; this stops a flood of one-byte chunks.
    if (++overhead_ > limits_.body_bytes_max + 16) return bad("the body is cut into too many chunks");
    const char byte = body[next_++];
    switch (expect_) {
      case Expect::size:
        if (auto fault = take_size_byte(byte)) return std::unexpected(*fault);
        break;
      case Expect::size_lf:
        if (byte != '\n') return bad("a chunk's size does not end with CR LF");
        decoded_ += chunk_;
        if (decoded_ > limits_.body_bytes_max) return bad("the body is larger than is taken", 413);
        expect_ = chunk_ == 0 ? Expect::last_cr : Expect::data;
        break;
      case Expect::data:
        break;  // handled above
      case Expect::data_cr:
        if (byte != '\r') return bad("a chunk is longer than its size");
        expect_ = Expect::data_lf;
        break;
      case Expect::data_lf:
        if (byte != '\n') return bad("a chunk does not end with CR LF");
        expect_ = Expect::size;
        digits_ = 0;
        break;
      case Expect::last_cr:
        if (byte != '\r') return bad("there are trailer fields after the last chunk");
        expect_ = Expect::last_lf;
        break;
      case Expect::last_lf:
        if (byte != '\n') return bad("the body does not end with CR LF");
        return next_;
    }
  }
  return std::nullopt;
}

std::optional<FramingFault> ChunkScanner::take_size_byte(char byte) {
  if (byte == '\r' && digits_ > 0) {
    expect_ = Expect::size_lf;
    return std::nullopt;
  }
  if (byte == ';') return FramingFault{400, "there is a chunk extension"};
  if (!is_hex(byte) || digits_ == 8)
    return FramingFault{400, "a chunk's size is not a number of one to eight digits"};
  ++digits_;
  const auto digit = is_digit(byte) ? byte - '0' : to_lower(byte) - 'a' + 10;
  chunk_ = chunk_ * 16 + static_cast<std::size_t>(digit);
  return std::nullopt;
}

}  // namespace ttp::http

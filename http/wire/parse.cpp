#include "http/wire/parse.hpp"

#include <algorithm>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/wire/framing.hpp"

namespace ttp::http {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return lower;
}

}  // namespace

std::optional<Message> parse(std::string_view message, const Limits& limits) {
  boost::beast::http::request_parser<boost::beast::http::string_body> parser;
  parser.header_limit(
      static_cast<std::uint32_t>(limits.request_line_bytes_max + limits.header_bytes_max + 4));
  parser.body_limit(limits.body_bytes_max);
  parser.eager(true);
  std::size_t used = 0;
  while (!parser.is_done() && used < message.size()) {
    boost::system::error_code fault;
    const auto taken = parser.put(boost::asio::buffer(message.data() + used, message.size() - used), fault);
    used += taken;
    if (fault || taken == 0) return std::nullopt;
  }
  if (!parser.is_done() || used != message.size()) return std::nullopt;

  auto read = parser.release();
  RequestHead head;
  head.method = read.method_string();
  head.target = origin_form(read.target());
  if (head.target.empty() || head.target.front() == '?') head.target.insert(0, "/");
  const auto question = std::min(head.target.find('?'), head.target.size());
  head.path = head.target.substr(0, question);
  if (question < head.target.size()) head.query = head.target.substr(question + 1);
  for (const auto& field : read) head.headers.emplace_back(lower_case(field.name_string()), field.value());
  return Message{std::move(head), std::move(read.body())};
}

}  // namespace ttp::http

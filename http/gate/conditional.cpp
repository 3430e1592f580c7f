#include "http/gate/conditional.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "events/bytes.hpp"
#include "http/wire/text.hpp"

namespace ttp::http {

std::string entity_tag(std::optional<std::uint64_t> version, std::string_view body) {
  const auto hash = events::sha256(body);
  std::string tag = "\"" + (version ? std::to_string(*version) + "-" : "");
  for (std::size_t i = 0; i < 8; ++i) {
    const auto byte = static_cast<unsigned>(hash[i]);
    tag += "0123456789abcdef"[byte / 16];
    tag += "0123456789abcdef"[byte % 16];
  }
  return tag + '"';
}

bool has_it_already(const Request& request, std::string_view tag) {
  const auto header = request.header("if-none-match");
  if (!header) return false;
  return std::ranges::any_of(split(*header, ','), [&](std::string_view each) {
    each = trimmed(each);
    if (each.starts_with("W/")) each.remove_prefix(2);
    return each == "*" || each == tag;
  });
}

Response tagged(const Request& request, Response response, std::string tag) {
  if (has_it_already(request, tag)) {
    Response unchanged{304};
    for (auto& header : response.headers)
      if (header.first == "Cache-Control" || header.first == "Vary")
        unchanged.headers.push_back(std::move(header));
    response = std::move(unchanged);
  }
  response.headers.emplace_back("ETag", std::move(tag));
  return response;
}

std::optional<domain::SeenVersion> if_match(const Request& request) {
  const auto header = request.header("if-match");
  if (!header) return std::nullopt;
  if (*header == "*") return domain::SeenVersion{};
  if (header->size() > 2 && header->starts_with('"') && header->ends_with('"')) {
    const std::string_view tag = header->substr(1, header->size() - 2);
    const auto dash = tag.find('-');
    const bool has_hash = dash != std::string_view::npos;
    if (const auto version = parse_number(tag.substr(0, dash));
        version && (!has_hash || dash + 17 == tag.size()))
      return domain::SeenVersion{version};
  }
  return domain::SeenVersion{std::numeric_limits<std::uint64_t>::max()};
}

}  // namespace ttp::http

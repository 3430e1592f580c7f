#include "http/wire/request_id.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace ttp::http {

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

void draw_request_id(std::string& id) {
  thread_local std::mt19937_64 random{(std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  id.resize(32);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < id.size(); ++i, bits >>= 4) {
    if (i % 16 == 0) bits = random();
    id[i] = "0123456789abcdef"[bits % 16];
  }
}

}  // namespace ttp::http

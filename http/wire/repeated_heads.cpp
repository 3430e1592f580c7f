#include "http/wire/repeated_heads.hpp"

#include <algorithm>
#include <functional>

namespace ttp::http {
namespace {

constexpr std::string_view own_header = "idempotency-key";
constexpr std::size_t known_bytes_max = 2 * 1024;   // of the head that a connection remembers
constexpr std::size_t shared_bytes_max = 1 * 1024;  // of those that a thread remembers

/// Where the value of the only `own_header` stands in a head whose framing was checked; empty where there is
/// none, or more than one.
Stretch place_of_own(std::string_view bytes, const Head& head) {
  const auto value = head.header(own_header);
  if (!value || value->empty() || head.has_repeated(own_header)) return {};
  for (auto line = bytes.find("\r\n"); line != std::string_view::npos; line = bytes.find("\r\n", line + 2)) {
    const auto colon = bytes.find(':', line + 2);
    if (colon == std::string_view::npos) break;
    if (is_same_name(bytes.substr(line + 2, colon - line - 2), own_header))
      return {bytes.find(*value, colon + 1), value->size()};
  }
  return {};
}

std::size_t hash_of(const Address& peer, std::string_view head) {
  const std::string_view address(reinterpret_cast<const char*>(peer.bytes.data()), peer.bytes.size());
  return std::hash<std::string_view>{}(head) * 31 + std::hash<std::string_view>{}(address);
}

}  // namespace

bool KnownHead::begins(std::string_view came) const {
  const std::string_view all = bytes;
  if (all.empty() || came.size() < all.size()) return false;
  if (own.size == 0) return came.starts_with(all);
  const auto rest = own.at + own.size;
  return came.starts_with(all.substr(0, own.at)) && came.substr(rest).starts_with(all.substr(rest)) &&
         is_token(came.substr(own.at, own.size));
}

void KnownHead::take_own(std::string_view came) {
  const auto value = came.substr(own.at, own.size);
  if (own.size == 0 || head->header(own_header) == value) return;
  auto renewed = std::make_shared<Head>(*head);
  std::ranges::find(renewed->headers, own_header, &Headers::value_type::first)->second = value;
  head = std::move(renewed);
}

bool SharedHeads::may_hold(std::string_view head) {
  return head.starts_with("GET ") && head.size() <= shared_bytes_max;
}

std::shared_ptr<KnownHead> SharedHeads::find(const Address& peer, std::string_view head) const {
  const auto hash = hash_of(peer, head);
  for (const Place& place : sets_[hash % sets_.size()])
    if (place.known && place.hash == hash && place.known->peer == peer && place.known->bytes == head)
      return place.known;
  return nullptr;
}

void SharedHeads::keep(std::shared_ptr<KnownHead> known) {
  const auto hash = hash_of(known->peer, known->bytes);
  auto& set = sets_[hash % sets_.size()];
  std::shift_right(set.begin(), set.end(), 1);
  set.front() = {hash, std::move(known)};
}

bool RepeatedHeads::find(std::string_view came) {
  if (comes_again(current_, came) || comes_again(not_shared_, came)) return true;
  const auto beginning = came.substr(0, shared_bytes_max);
  const auto end = SharedHeads::may_hold(beginning) ? beginning.find("\r\n\r\n") : std::string_view::npos;
  if (end == std::string_view::npos) return false;
  auto known = shared_.find(peer_, beginning.substr(0, end + 4));
  if (!known) return false;
  current_ = std::move(known);
  return true;
}

bool RepeatedHeads::comes_again(const std::shared_ptr<KnownHead>& known, std::string_view came) {
  if (!known || !known->begins(came)) return false;
  known->take_own(came);
  current_ = known;
  return true;
}

void RepeatedHeads::keep(std::shared_ptr<KnownHead> known, std::string_view bytes) {
  current_ = std::move(known);
  if (bytes.size() > known_bytes_max || current_->framing.body == Framing::Body::chunked) return;
  current_->bytes = bytes;
  if (SharedHeads::may_hold(bytes)) return shared_.keep(current_);
  current_->own = place_of_own(bytes, *current_->head);
  not_shared_ = current_;
}

}  // namespace ttp::http

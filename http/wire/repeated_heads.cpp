#include "http/wire/repeated_heads.hpp"

#include <algorithm>
#include <functional>

namespace ttp::http {
namespace {

constexpr std::size_t bytes_max = 1024;  // of a cached head

std::size_t hash_of(const Address& peer, std::string_view head) {
  const std::string_view address(reinterpret_cast<const char*>(peer.bytes.data()), peer.bytes.size());
  return std::hash<std::string_view>{}(head) * 31 + std::hash<std::string_view>{}(address);
}

}  // namespace

bool SharedHeads::may_hold(std::string_view head) {
  return head.starts_with("GET ") && head.size() <= bytes_max;
}

std::shared_ptr<KnownHead> SharedHeads::find(const Address& peer, std::string_view head) const {
  const auto hash = hash_of(peer, head);
  for (const Entry& entry : buckets_[hash % buckets_.size()])
    if (entry.known && entry.hash == hash && entry.known->peer == peer && entry.known->bytes == head)
      return entry.known;
  return nullptr;
}

void SharedHeads::keep(std::shared_ptr<KnownHead> known) {
  const auto hash = hash_of(known->peer, known->bytes);
  auto& bucket = buckets_[hash % buckets_.size()];
  std::shift_right(bucket.begin(), bucket.end(), 1);
  bucket.front() = {hash, std::move(known)};
}

bool RepeatedHeads::find(std::string_view came) {
  if (current_ && !current_->bytes.empty() && came.starts_with(current_->bytes)) return true;
  const auto beginning = came.substr(0, bytes_max);
  const auto end = SharedHeads::may_hold(beginning) ? beginning.find("\r\n\r\n") : std::string_view::npos;
  if (end == std::string_view::npos) return false;
  auto known = shared_.find(peer_, beginning.substr(0, end + 4));
  if (!known) return false;
  current_ = std::move(known);
  return true;
}

void RepeatedHeads::keep(std::shared_ptr<KnownHead> known, std::string_view bytes) {
  current_ = std::move(known);
  if (!SharedHeads::may_hold(bytes)) return;
  current_->bytes = bytes;
  shared_.keep(current_);
}

}  // namespace ttp::http

// A cache of request heads. Clients repeat the heads of their queries byte for byte; a cached head needs no
// framing check, no parsing and no decoding by the handler.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/wire/address.hpp"
#include "http/wire/framing.hpp"
#include "http/wire/message.hpp"

namespace ttp::http {

/// A head together with its decoded forms.
struct KnownHead {
  Address peer;       ///< the decoded head depends on the peer, too
  std::string bytes;  ///< empty: this head is not cached
  Framing framing{};
  bool head_only = false;
  std::shared_ptr<const RequestHead> head{};
  std::shared_ptr<const DecodedHead> decoded{};  ///< set by the handler's first call
  std::string request_id{};                      ///< the client's; empty: drawn for each request
};

/// The heads that the connections of one I/O thread repeat. Behind a proxy, or with a pool of connections,
/// one client's requests arrive on many connections. Each hash bucket keeps its four newest heads.
class SharedHeads {
 public:
  /// Whether a head may be cached. The head of a command has an idempotency key of its own and does not
  /// repeat.
  static bool may_hold(std::string_view head);
  std::shared_ptr<KnownHead> find(const Address& peer, std::string_view head) const;
  void keep(std::shared_ptr<KnownHead> known);

 private:
  static constexpr std::size_t heads_max = 2048;  // each takes some 4 KiB with its decoded forms

  struct Entry {
    std::size_t hash = 0;
    std::shared_ptr<KnownHead> known{};
  };
  using Bucket = std::array<Entry, 4>;

  std::vector<Bucket> buckets_{heads_max / Bucket{}.size()};
};

/// The heads that one connection repeats: its last one, and the shared ones of its thread.
class RepeatedHeads {
 public:
  RepeatedHeads(SharedHeads& shared, const Address& peer) : shared_(shared), peer_(peer) {}

  /// The client's address, once its proxy has named it; before the first request.
  void come_from(const Address& client) { peer_ = client; }
  /// Whether the bytes begin with a cached head; if so, that head becomes `current`.
  bool find(std::string_view came);
  /// Makes a newly parsed head the current one, and caches it if possible.
  void keep(std::shared_ptr<KnownHead> known, std::string_view bytes);
  /// The head of the request being served or served last.
  KnownHead& current() const { return *current_; }

 private:
  SharedHeads& shared_;
  Address peer_;
  std::shared_ptr<KnownHead> current_;
};

}  // namespace ttp::http

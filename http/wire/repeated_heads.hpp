// Clients repeat the heads of their queries, byte for byte. A head that is known needs no guard, no parser
// and no reading by the handler. What that saves is in bench/README.md.
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

/// A head that was read, and what was made of it.
struct KnownHead {
  Address peer;       ///< where it came from, which is part of what it says
  std::string bytes;  ///< empty where it is read again when it comes again
  Framing framing{};
  bool head_only = false;
  std::shared_ptr<const Head> head{};
  std::shared_ptr<const Reading> reading{};  ///< set once the handler was asked
  std::string request_id{};                  ///< the client's; empty where one is drawn for each request
};

/// The heads that the connections of one I/O thread repeat: behind a proxy, or with a pool of connections,
/// one client's requests come on many. Each hash bucket keeps its four newest heads.
class SharedHeads {
 public:
  /// Whether a head that begins so can be one. Each command has a key of its own, so its head does not come
  /// again.
  static bool may_hold(std::string_view head);
  std::shared_ptr<KnownHead> find(const Address& peer, std::string_view head) const;
  void keep(std::shared_ptr<KnownHead> known);

 private:
  static constexpr std::size_t heads_max = 2048;  // with what they say, some 4 KiB each

  struct Entry {
    std::size_t hash = 0;
    std::shared_ptr<KnownHead> known{};
  };
  using Bucket = std::array<Entry, 4>;

  std::vector<Bucket> buckets_{heads_max / Bucket{}.size()};
};

/// The heads that one connection repeats: its last one, and those of its thread.
class RepeatedHeads {
 public:
  RepeatedHeads(SharedHeads& shared, const Address& peer) : shared_(shared), peer_(peer) {}

  /// Whether the bytes begin with a head that is known, which is `current` then.
  bool find(std::string_view came);
  /// Makes a head that was read just now the current one.
  void keep(std::shared_ptr<KnownHead> known, std::string_view bytes);
  /// The head of the request that is served, or was served last.
  KnownHead& current() const { return *current_; }

 private:
  SharedHeads& shared_;
  const Address peer_;
  std::shared_ptr<KnownHead> current_;
};

}  // namespace ttp::http

// Clients repeat the heads of their requests, byte for byte or but for the Idempotency-Key. A head that is
// known needs no guard, no parser and no reading by the handler: only the body is new. What that saves is in
// bench/README.md.
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

/// A stretch of a head's bytes.
struct Stretch {
  std::size_t at = 0;
  std::size_t size = 0;
};

/// A head that was read, and what was made of it.
struct KnownHead {
  Address peer;       ///< where it came from, which is part of what it says
  std::string bytes;  ///< empty where it must be read again when it comes again
  Framing framing{};
  bool head_only = false;
  std::shared_ptr<const Head> head{};
  std::shared_ptr<const Reading> reading{};  ///< set once the handler was asked
  std::string request_id{};                  ///< the client's; empty where one is drawn for each request
  Stretch own{};                             ///< of the bytes: the value of the Idempotency-Key

  /// Whether the bytes begin with this head. The Idempotency-Key may be another token of the same length.
  bool begins(std::string_view came) const;
  /// Takes the Idempotency-Key over from bytes that begin with this head.
  void take_own(std::string_view came);
};

/// The queries' heads that the connections of one I/O thread repeat: behind a proxy, or with a pool of
/// connections, one client's requests come on many. Heads that share a hash have four places; the newest
/// takes that of the oldest.
class SharedHeads {
 public:
  /// Whether a head that begins so can be one. A command's key is its own, so its head is not shared.
  static bool may_hold(std::string_view head);
  std::shared_ptr<KnownHead> find(const Address& peer, std::string_view head) const;
  void keep(std::shared_ptr<KnownHead> known);

 private:
  static constexpr std::size_t heads_max = 2048;  // with what they say, some 4 KiB each

  struct Place {
    std::size_t hash = 0;
    std::shared_ptr<KnownHead> known{};
  };
  using Set = std::array<Place, 4>;

  std::vector<Set> sets_{heads_max / Set{}.size()};
};

/// The heads that one connection repeats: its last one, its last command's, and those of its thread.
class RepeatedHeads {
 public:
  RepeatedHeads(SharedHeads& shared, const Address& peer) : shared_(shared), peer_(peer) {}

  /// Whether the bytes begin with a head that is known, which is `current` then.
  bool find(std::string_view came);
  /// Makes a head that was read just now the current one. It can be found when it comes again, unless it is
  /// long or its body is chunked, which the parser has to put together each time.
  void keep(std::shared_ptr<KnownHead> known, std::string_view bytes);
  /// The head of the request that is served, or was served last.
  KnownHead& current() const { return *current_; }

 private:
  bool comes_again(const std::shared_ptr<KnownHead>& known, std::string_view came);

  SharedHeads& shared_;
  const Address peer_;
  std::shared_ptr<KnownHead> current_;
  std::shared_ptr<KnownHead> not_shared_;  ///< the last of those; it comes again behind a query's, too
};

}  // namespace ttp::http

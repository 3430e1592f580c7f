// Answers to queries, kept for as long as they would be made again word for word: until something that they
// were made from changes, a deadline passes or the second ends, whichever comes first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace ttp::http {

/// What an answer is made from: which query about which thing for which reader, and where the streams stand
/// that it shows.
struct Basis {
  const void* query = nullptr;
  domain::Uuid thing{};
  domain::Uuid reader{};
  /// Of the last event of each stream; 0 for one that there is not.
  std::array<std::uint64_t, 4> positions{};
  friend bool operator==(const Basis&, const Basis&) = default;
};

struct KeptAnswer {
  std::string body;
  std::string entity_tag;
  domain::Time good_until{};
};

/// Until when an answer made at `made_at` is good. `deadline`: when it may change by time alone; a second's
/// end is one by itself, because rules also count from moments that no deadline names.
domain::Time good_until(domain::Time made_at, std::optional<domain::Time> deadline);

/// A table with one place for each of many bases that share a hash: what comes later takes the place. So its
/// memory is bounded by the number of places, and nothing has to be forgotten. Any thread.
class KeptAnswers {
 public:
  KeptAnswers();

  /// The answer on this basis, where one is kept that is good at this time.
  std::optional<KeptAnswer> find(const Basis& basis, domain::Time now) const;
  /// Keeps an answer that was made at `made_at`.
  void keep(const Basis& basis, KeptAnswer answer, domain::Time made_at);

 private:
  struct Place {
    Basis basis{};
    domain::Time made_at{};
    KeptAnswer answer{};
  };
  std::size_t index_of(const Basis& basis) const;

  mutable std::array<std::mutex, 64> mutexes_;  ///< the place of index i is guarded by number i mod 64
  std::vector<Place> places_;
};

}  // namespace ttp::http

// Answers to queries, kept for as long as they would be made again word for word: until a row changes that
// they were made from, a deadline passes or the second ends, whichever comes first.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "http/wire/message.hpp"
#include "storage/tables/reads.hpp"

namespace ttp::http {

/// Which query, about which thing, for which reader.
struct Inquiry {
  const void* query = nullptr;
  domain::Uuid thing{};
  domain::Uuid reader{};
  friend bool operator==(const Inquiry&, const Inquiry&) = default;
};

struct KeptAnswer {
  storage::Reads reads{};  ///< all that it was made from, the reader's own rights included
  domain::Time made_at{};
  domain::Time good_until{};
  std::string entity_tag{};
  std::shared_ptr<const Prepared> prepared{};

  /// Whether it would be made again word for word. `changes`: of what was read.
  bool is_good(const storage::RowChanges& changes, domain::Time now) const {
    return made_at <= now && now < good_until && changes.none_since(reads);
  }
};

/// Until when an answer made at `made_at` is good. `deadline`: when it may change by time alone; a second's
/// end is one by itself, because rules also count from moments that no deadline names.
domain::Time good_until(domain::Time made_at, std::optional<domain::Time> deadline);

/// A table with one place for each of many inquiries that share a hash: what comes later takes the place. So
/// its memory is bounded by the number of places, and nothing has to be forgotten. Any thread.
class KeptAnswers {
 public:
  /// `changes`: of what the answers are made from.
  explicit KeptAnswers(const storage::RowChanges& changes);

  /// The answer to this inquiry, where one is kept that is good at this time; else nullptr.
  std::shared_ptr<const KeptAnswer> find(const Inquiry& inquiry, domain::Time now) const;
  /// Keeps an answer; false where it is too large.
  bool keep(const Inquiry& inquiry, std::shared_ptr<const KeptAnswer> answer);

 private:
  struct Place {
    Inquiry inquiry{};
    std::shared_ptr<const KeptAnswer> answer{};
  };
  std::size_t index_of(const Inquiry& inquiry) const;

  const storage::RowChanges& changes_;
  mutable std::array<std::mutex, 64> mutexes_;  ///< the place of index i is guarded by number i mod 64
  std::vector<Place> places_;
};

}  // namespace ttp::http

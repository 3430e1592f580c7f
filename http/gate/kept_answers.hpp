// Answers to queries, kept for as long as they would be made again word for word: until a row changes that
// they were made from, a deadline passes or the second ends, whichever comes first. And what a repeated head
// found last: its caller and its answer.
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
#include "domain/user.hpp"
#include "http/wire/message.hpp"
#include "service/reading/queries.hpp"
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

/// A table with one bucket for all inquiries that share a hash; a later one replaces the earlier one. So the
/// number of buckets bounds its memory. Any thread.
class KeptAnswers {
 public:
  /// `changes`: of what the answers are made from.
  explicit KeptAnswers(const storage::RowChanges& changes);

  /// The answer to this inquiry, where one is kept that is good at this time; else nullptr.
  std::shared_ptr<const KeptAnswer> find(const Inquiry& inquiry, domain::Time now) const;
  /// Keeps an answer; false where it is too large.
  bool keep(const Inquiry& inquiry, std::shared_ptr<const KeptAnswer> answer);

 private:
  struct Bucket {
    Inquiry inquiry{};
    std::shared_ptr<const KeptAnswer> answer{};
  };
  std::size_t index_of(const Inquiry& inquiry) const;

  const storage::RowChanges& changes_;
  mutable std::array<std::mutex, 64> mutexes_;  ///< the bucket of index i is guarded by number i mod 64
  std::vector<Bucket> buckets_;
};

/// What requests with one head found last: its caller and its answer. A client sends its head again and
/// again, and then neither the session, nor the user, nor the rows behind the answer have to be looked up
/// again while they stand as they did. Only the I/O thread of the head's connections uses it.
class HeadMemory {
 public:
  struct Answer {
    domain::UserId caller{};
    std::shared_ptr<const KeptAnswer> kept{};
  };

  /// The last answer, where the same caller would get it again now; else nullptr.
  const Answer* answer(const storage::RowChanges& changes, domain::Time now);
  /// `to_let_in`: the rows that were read to let the caller in.
  void keep_answer(storage::Reads to_let_in, const domain::Session& session, domain::UserId caller,
                   std::shared_ptr<const KeptAnswer> answer);

  /// The session's user, whatever state they are in; nullptr where that has to be looked up.
  service::Found<domain::User> user(const storage::RowChanges& changes);
  void keep_user(storage::Reads reads, service::Found<domain::User> user);
  /// Of another head with the same session.
  void share_user(const HeadMemory& other) { user_ = other.user_; }

 private:
  struct LastAnswer {
    storage::Reads reads;  ///< to let the caller in, and all that it was made from
    domain::Time made_at{};
    domain::Time good_until{};  ///< at the latest when the session ends
    Answer answer;
  };
  struct LastUser {
    storage::Reads reads;
    service::Found<domain::User> user;
  };
  std::optional<LastAnswer> answer_;
  std::shared_ptr<LastUser> user_;
};

}  // namespace ttp::http

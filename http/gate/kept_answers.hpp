// Caches of answers to queries. A cached answer is valid while a new one would be identical: until a row
// changes that was read for it, a deadline passes or the second ends, whichever is first. Also the caller and
// the answer of a repeated head.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/user.hpp"
#include "http/wire/message.hpp"
#include "os/mutex.hpp"
#include "service/reading/queries.hpp"
#include "storage/tables/reads.hpp"

namespace ttp::http {

/// Identifies a query, the thing it concerns and its reader.
struct Inquiry {
  const void* query = nullptr;
  domain::Uuid thing{};
  domain::Uuid reader{};
  friend bool operator==(const Inquiry&, const Inquiry&) = default;
};

struct KeptAnswer {
  storage::ReadSet reads{};  ///< every row read for it, those of the reader's rights included
  domain::Time made_at{};
  domain::Time good_until{};
  std::string entity_tag{};
  std::shared_ptr<const Prepared> prepared{};

  /// Whether a new answer would be identical. `changes` covers the rows that were read.
  bool is_good(const storage::RowChanges& changes, domain::Time now) const {
    return made_at <= now && now < good_until && changes.none_since(reads);
  }
};

/// The end of the validity of an answer made at `made_at`. `deadline` is the next time at which it may change
/// by itself. The end of the second is always a limit, because some rules count from times that no deadline
/// names.
domain::Time good_until(domain::Time made_at, std::optional<domain::Time> deadline);

/// A table with one bucket per hash: a later answer replaces an earlier one in the same bucket. The number of
/// buckets bounds the memory. Any thread may use it.
class KeptAnswers {
 public:
  /// `changes` covers the rows that answers are made from.
  explicit KeptAnswers(const storage::RowChanges& changes);

  /// The cached answer to this inquiry if it is valid at `now`, else nullptr.
  std::shared_ptr<const KeptAnswer> find(const Inquiry& inquiry, domain::Time now) const;
  /// Caches an answer; false if it is too large.
  bool keep(const Inquiry& inquiry, std::shared_ptr<const KeptAnswer> answer);

 private:
  struct Bucket {
    Inquiry inquiry{};
    std::shared_ptr<const KeptAnswer> answer{};
  };
  struct Stripe {
    mutable os::Mutex mutex;
    std::array<Bucket, 64> buckets TTP_GUARDED_BY(mutex);
  };
  struct Place {
    std::size_t stripe = 0, bucket = 0;
  };
  static Place place_of(const Inquiry& inquiry);

  const storage::RowChanges& changes_;
  std::vector<Stripe> stripes_;
};

/// The last caller and answer of requests with one head. Clients repeat a head often; while the rows have not
/// changed, neither the session, nor the user, nor the rows of the answer are looked up again. Only the I/O
/// thread of the head's connections uses it.
class HeadMemory {
 public:
  struct Answer {
    domain::UserId caller{};
    std::shared_ptr<const KeptAnswer> kept{};
  };

  /// The last answer, if the same caller would get it again now; else nullptr.
  const Answer* answer(const storage::RowChanges& changes, domain::Time now);
  /// `to_let_in`: the rows that were read to admit the caller.
  void keep_answer(storage::ReadSet to_let_in, const domain::Session& session, domain::UserId caller,
                   std::shared_ptr<const KeptAnswer> answer);

  /// The session's user, in any state; nullptr if the user must be looked up.
  service::Found<domain::User> user(const storage::RowChanges& changes);
  /// The reads that the user was found by; only after `user` has found one.
  const storage::ReadSet& user_reads() const { return user_->reads; }
  void keep_user(storage::ReadSet reads, service::Found<domain::User> user);
  /// Copies the user from the memory of another head with the same session.
  void share_user(const HeadMemory& other) { user_ = other.user_; }

 private:
  struct LastAnswer {
    storage::ReadSet reads;  ///< the rows of the admission and of the answer
    domain::Time made_at{};
    domain::Time good_until{};  ///< not after the session's end
    Answer answer;
  };
  struct LastUser {
    storage::ReadSet reads;
    service::Found<domain::User> user;
  };
  std::optional<LastAnswer> answer_;
  std::shared_ptr<LastUser> user_;
};

}  // namespace ttp::http

// Wrong entries of registration codes: five make a code void. In memory only, because nothing about a
// registration is stored before its code is entered; after a restart the five tries begin again, against 50
// bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "domain/ids.hpp"
#include "domain/reason.hpp"
#include "domain/time.hpp"
#include "os/mutex.hpp"

namespace ttp::service {

class RegistrationCodes {
 public:
  static constexpr std::size_t codes_max = 100'000;  ///< beyond it the one tried first is forgotten

  /// Judges an entry of the code that was mailed for this user, right or wrong, and counts a wrong one.
  /// Returns the refusal, or nothing. Of entries at once at most five learn whether they were right.
  std::optional<domain::Refusal> judge(domain::UserId user, bool is_right, domain::Time now);
  std::size_t size() const;

 private:
  void forget_expired(domain::Time now) TTP_REQUIRES(mutex_);

  mutable os::Mutex mutex_;
  std::map<domain::UserId, unsigned> wrong_entries_ TTP_GUARDED_BY(mutex_);
  std::deque<std::pair<domain::Time, domain::UserId>> by_age_
      TTP_GUARDED_BY(mutex_);  ///< by first wrong entry
};

}  // namespace ttp::service

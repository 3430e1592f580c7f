// Failed sign-ins under user names that nobody has. They are delayed and locked like those of a known user,
// so that a delay does not reveal whether a user name exists. In memory only, because there is no user whose
// stream could record them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "domain/reason.hpp"
#include "domain/time.hpp"
#include "events/bytes.hpp"
#include "os/mutex.hpp"

namespace ttp::service {

class UnknownNames {
 public:
  static constexpr std::size_t names_max = 100'000;  ///< of all networks together

  /// Counts one more try under the name with this keyed hash, by a client of this network, and returns the
  /// refusal. If the table is full, the network that has tried the most names loses its oldest.
  domain::Refusal refuse(const events::Hash& name, const std::string& network, domain::Time now);
  /// For tests.
  std::size_t names_of(const std::string& network) const;

 private:
  struct Failures {
    std::uint32_t count = 0;
    domain::Time last;
  };
  Failures& failures_of(const events::Hash& name, const std::string& network) TTP_REQUIRES(mutex_);
  void forget_oldest_of_largest() TTP_REQUIRES(mutex_);

  mutable os::Mutex mutex_;
  std::map<events::Hash, Failures> failures_ TTP_GUARDED_BY(mutex_);
  /// By the network that tried first, oldest first.
  std::map<std::string, std::deque<events::Hash>> names_of_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service

// Wrong sign-ins under user names that nobody has. They wait and lock like those of a known user, so that
// neither a wait nor its absence tells whether a user name exists. In memory only: nobody's log is there to
// keep them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "domain/reason.hpp"
#include "domain/time.hpp"
#include "events/bytes.hpp"

namespace ttp::service {

class UnknownNames {
 public:
  /// One more try under the name with this keyed hash; how it is refused.
  domain::Refusal refuse(const events::Hash& name, domain::Time now);

 private:
  struct Failures {
    std::uint32_t count = 0;
    domain::Time last;
  };
  void make_room(domain::Time now);

  std::mutex mutex_;
  std::map<events::Hash, Failures> failures_;
};

}  // namespace ttp::service

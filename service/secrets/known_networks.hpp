// Networks from which somebody has signed in not long ago. Their clients keep room for a password check while
// strangers flood the service. In memory only: after a restart everybody is a stranger until they sign in.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "domain/time.hpp"
#include "os/mutex.hpp"

namespace ttp::service {

class KnownNetworks {
 public:
  static constexpr std::size_t networks_max = 10'000;  ///< the one noted longest ago is forgotten
  static constexpr domain::Duration remembered = domain::days{7};

  void note(const std::string& network, domain::Time now);
  bool holds(const std::string& network, domain::Time now) const;
  std::size_t size() const;

 private:
  struct Noted {
    std::string network;
    domain::Time at;
  };
  mutable os::Mutex mutex_;
  std::list<Noted> by_age_ TTP_GUARDED_BY(mutex_);  ///< oldest first
  std::unordered_map<std::string, std::list<Noted>::iterator> by_network_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service

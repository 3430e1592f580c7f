// Networks from which somebody has signed in recently. Password checks for their clients have a reserved
// share of the queue, so that a flood of strangers cannot block them. In memory only: after a restart every
// client is a stranger until it signs in.
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
  static constexpr std::size_t networks_max = 10'000;  ///< beyond it the oldest is dropped
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

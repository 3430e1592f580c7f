#include "service/secrets/known_networks.hpp"

#include <iterator>

namespace ttp::service {

void KnownNetworks::note(const std::string& network, domain::Time now) {
  if (network.empty()) return;
  const os::MutexLock lock(mutex_);
  if (const auto found = by_network_.find(network); found != by_network_.end()) {
    found->second->at = now;
    by_age_.splice(by_age_.end(), by_age_, found->second);
    return;
  }
  if (by_age_.size() >= networks_max) {
    by_network_.erase(by_age_.front().network);
    by_age_.pop_front();
  }
  by_age_.push_back({network, now});
  by_network_.emplace(network, std::prev(by_age_.end()));
}

bool KnownNetworks::holds(const std::string& network, domain::Time now) const {
  const os::MutexLock lock(mutex_);
  const auto found = by_network_.find(network);
  return found != by_network_.end() && now < found->second->at + remembered;
}

std::size_t KnownNetworks::size() const {
  const os::MutexLock lock(mutex_);
  return by_age_.size();
}

}  // namespace ttp::service

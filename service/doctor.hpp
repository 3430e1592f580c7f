// Checks for operators, before something goes wrong: whether folders, keys, backups and stores are in order,
// and what to do if not. It changes nothing. It can run beside a running service; the stores are then not
// opened.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "domain/time.hpp"
#include "service/config.hpp"

namespace ttp::service {

struct Finding {
  enum class Level {
    good,
    warning,  ///< it works, but should be changed
    fault,    ///< it does not work, or a promise is broken
  };
  Level level = Level::good;
  std::string_view check;
  std::string what;
  std::string advice;  ///< what to do; empty if nothing
};

/// Checks everything that the configuration names. `now` is the machine's time. A check that cannot be made
/// is reported as a fault; nothing is thrown.
void examine(const Config& config, domain::Time now, const std::function<void(const Finding&)>& report);
/// The part of it that is about the certificates of TLS, their keys and the lists of authorities.
void examine_tls(const Config& config, domain::Time now, const std::function<void(const Finding&)>& report);

}  // namespace ttp::service

// What an operator should know before something goes wrong: whether the service's folders, keys, backups and
// stores are as they should be, and what to do where they are not. It changes none of them, and can be asked
// while the service runs; the stores themselves are then left alone.
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
    warning,  ///< it works, and should not stay so
    fault,    ///< it does not work, or a promise is broken
  };
  Level level = Level::good;
  std::string_view check;
  std::string what;
  std::string advice;  ///< what to do; empty where all is well
};

/// Looks at everything that the configuration names. `now` is the machine's time. What can not be looked at
/// is a fault; nothing is thrown.
void examine(const Config& config, domain::Time now, const std::function<void(const Finding&)>& tell);

}  // namespace ttp::service

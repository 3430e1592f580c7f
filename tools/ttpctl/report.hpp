// Shared by the commands that check: one line per finding, and an exit code from all findings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/log/log.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {

/// The location of a fault, if it has one.
struct Place {
  std::optional<storage::Position> position{};
  std::optional<std::string> stream{};
};

class Report {
 public:
  explicit Report(bool json) : json_(json) {}
  void good(std::string_view check, const std::string& what);
  /// Reports a finding that does not change the verdict. `advice` says what to do.
  void warn(std::string_view check, const std::string& what, const std::string& advice);
  void bad(std::string_view check, const std::string& what, const Place& place = {},
           const std::optional<std::string>& advice = {});
  Exit verdict() const { return failed_ ? exit_verification : exit_ok; }

 private:
  enum class Level { good, warning, fault };
  void line(Level level, std::string_view check, const std::string& what, const Place& place,
            const std::optional<std::string>& advice) const;

  bool json_;
  bool failed_ = false;
};

}  // namespace ttp::tools

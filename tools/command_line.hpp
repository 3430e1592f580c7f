// Shared by the programs' command lines: the environment, and one option per configuration setting.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "service/config.hpp"

extern char** environ;

namespace ttp::tools {

inline std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** each = environ; *each; ++each) {
    const std::string_view pair{*each};
    if (const auto equals = pair.find('='); equals != std::string_view::npos)
      all.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return all;
}

/// Adds --data-dir, --port and the other settings as options; values from the command line are stored in
/// `flags` under the setting's name.
inline void add_settings(CLI::App& cli, std::map<std::string, std::string>& flags) {
  for (const service::SettingSource& setting : service::known_settings()) {
    const std::string name = service::flag_of(setting.name);
    const auto keep = [&flags, key = setting.name](const std::string& value) { flags[key] = value; };
    const bool is_switch = setting.value == "true" || setting.value == "false";
    CLI::Option* option = is_switch ? cli.add_flag_callback(
                                          name, [keep] { keep("true"); }, setting.help)
                                    : cli.add_option_function<std::string>(name, keep, setting.help);
    option->group("Settings");
  }
}

}  // namespace ttp::tools

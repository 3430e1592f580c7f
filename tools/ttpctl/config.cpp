// ttpctl config: checks a configuration, and shows the source of each setting.
#include "events/json.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

Exit check(const Options& options) {
  (void)options.load();
  std::cout << (options.json ? R"({"ok":true})" : "The configuration is valid.") << "\n";
  return exit_ok;
}

Exit explain(const Options& options) {
  for (const service::SettingSource& setting : options.load().settings) {
    if (!options.json) {
      std::cout << setting.name << " = " << setting.value << "  (" << setting.source << ")\n    "
                << setting.help << "\n";
      continue;
    }
    std::string line;
    events::ObjectWriter object(line);
    object.member("name", setting.name).member("value", setting.value).member("source", setting.source);
    object.member("help", setting.help);
    object.end();
    std::cout << line << "\n";
  }
  return exit_ok;
}

}  // namespace

void add_config(Commands& commands) {
  Commands config = commands.group("config", "Checks or explains the configuration");
  config.add("check", "Reports every fault of the configuration", "ttpctl config check --config ttpd.toml",
             check);
  config.add("explain", "Shows every setting and its source", "ttpctl config explain --port 9000", explain);
}

}  // namespace ttp::tools

// ttpctl config: whether a configuration can be used, and where each setting comes from.
#include "events/json.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

Exit check(const Options& options) {
  (void)options.load();
  std::cout << (options.json ? R"({"ok":true})" : "The configuration can be used.") << "\n";
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
  Commands config = commands.group("config", "Looks at the configuration");
  config.add("check", "Says what is wrong with the configuration", "ttpctl config check --config ttpd.toml",
             check);
  config.add("explain", "Shows every setting and where it comes from", "ttpctl config explain --port 9000",
             explain);
}

}  // namespace ttp::tools

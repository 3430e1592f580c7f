// ttpctl doctor: whether everything that the configuration names is as it should be, and what to do where it
// is not.
#include "service/doctor.hpp"

#include "service/clock.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/report.hpp"

namespace ttp::tools {
namespace {

Exit doctor(const Options& options) {
  Report report(options.json);
  service::Config config;
  try {
    config = options.load().config;
  } catch (const Failure& failure) {
    report.bad("configuration", failure.sentence, {},
               "ttpctl config explain tells where each setting comes from.");
    return failure.code;
  }
  report.good("configuration", "it can be used");
  service::examine(config, service::Clock{}.now(), [&](const service::Finding& each) {
    switch (each.level) {
      case service::Finding::Level::good:
        return report.good(each.check, each.what);
      case service::Finding::Level::warning:
        return report.warn(each.check, each.what, each.advice);
      case service::Finding::Level::fault:
        return report.bad(each.check, each.what, {}, each.advice);
    }
  });
  return report.verdict();
}

}  // namespace

void add_doctor(Commands& commands) {
  commands.add("doctor",
               "Looks at configuration, folders, disk, keys, backups and stores, and says what to do; "
               "also while the server runs",
               "ttpctl doctor --config ttpd.toml", doctor);
}

}  // namespace ttp::tools

// ttpctl doctor: checks everything that the configuration names, and advises on each fault.
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
               "ttpctl config explain shows the source of each setting.");
    return failure.code;
  }
  report.good("configuration", "it is valid");
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
               "Checks configuration, folders, disk, keys, backups and stores, and advises on faults; "
               "works while the server runs, too",
               "ttpctl doctor --config ttpd.toml", doctor);
}

}  // namespace ttp::tools

// ttpctl doctor and ttpctl tls check: check everything that the configuration names, and advise on each
// fault.
#include "service/doctor.hpp"

#include "service/clock.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/report.hpp"

namespace ttp::tools {
namespace {

void add(Report& report, const service::Finding& each) {
  switch (each.level) {
    case service::Finding::Level::good:
      return report.good(each.check, each.what);
    case service::Finding::Level::warning:
      return report.warn(each.check, each.what, each.advice);
    case service::Finding::Level::fault:
      return report.bad(each.check, each.what, {}, each.advice);
  }
}

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
  service::examine(config, service::Clock{}.now(), [&](const auto& each) { add(report, each); });
  return report.verdict();
}

Exit check_tls(const Options& options) {
  Report report(options.json);
  const service::Config config = options.load().config;
  service::examine_tls(config, service::Clock{}.now(), [&](const auto& each) { add(report, each); });
  if (config.tls_certificate_file.empty())
    report.warn("certificate", "tls_certificate_file is not set", "Name it to let ttpd speak TLS itself.");
  return report.verdict();
}

}  // namespace

void add_doctor(Commands& commands) {
  commands.add("doctor",
               "Checks configuration, folders, disk, keys, backups and stores, and advises on faults; "
               "works while the server runs, too",
               "ttpctl doctor --config ttpd.toml", doctor);
}

void add_tls(Commands& commands) {
  Commands tls = commands.group("tls", "Checks what TLS needs");
  tls.add(
      "check",
      "Checks the certificate (names, key, issuers, days left) and the lists of staff_listen, as the next "
      "reload will read them",
      "ttpctl tls check --config ttpd.toml", check_tls);
}

}  // namespace ttp::tools

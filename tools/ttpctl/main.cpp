// ttpctl: operators and auditors use it on the stores of the account service while the server is stopped.
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "service/ottawa_time.hpp"
#include "storage/backup/backup.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/vault/vault.hpp"
#include "tools/command_line.hpp"
#include "tools/ttpctl/command.hpp"

namespace {

using namespace ttp;
using namespace ttp::tools;

int report(const Failure& failure) {
  std::cerr << "ttpctl: " << failure.sentence << "\n";
  return failure.code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Operates and audits the account service's stores while the server is stopped.", "ttpctl"};
  cli.require_subcommand(1);
  cli.set_version_flag("--version", "ttpctl " TTP_VERSION);
  cli.footer("Example: ttpctl verify --data-dir data\n" + std::string{exit_codes_help});
  Options options;
  cli.add_option("--config", options.config_file, "TOML file with settings");
  add_settings(cli, options.flags);
  std::string form = "text";
  cli.add_option("-o,--output", form, "Format of standard output")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  Commands commands(cli, options);
  add_init(commands);
  add_unlock(commands);
  add_rebuild(commands);
  add_replay(commands);
  add_verify(commands);
  add_fsck(commands);
  add_doctor(commands);
  add_tls(commands);
  add_export(commands);
  add_checkpoint(commands);
  add_backup(commands);
  add_config(commands);
  add_mail(commands);
  add_move(commands);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? exit_ok : exit_usage;
  }
  options.json = form == "json";
  try {
    service::use_ottawa_time();
    return options.chosen(options);
  } catch (const Failure& failure) {
    return report(failure);
  } catch (const storage::NotTheSignedLog& fault) {
    return report({exit_verification, fault.what()});
  } catch (const events::Damaged& fault) {
    return report({exit_verification, fault.what()});
  } catch (const os::InUse& held) {
    return report({exit_conflict, held.what()});
  } catch (const storage::TargetExists& taken) {
    return report({exit_conflict, taken.what()});
  } catch (const std::exception& fault) {
    return report({exit_failure, fault.what()});
  }
}

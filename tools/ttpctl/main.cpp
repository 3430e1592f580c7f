// ttpctl: what operators and auditors do beside the running server.
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "service/service.hpp"

extern char** environ;

namespace {

using namespace ttp;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr int exit_different = 3;

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** each = environ; *each; ++each) {
    const std::string_view pair{*each};
    if (const auto equals = pair.find('='); equals != std::string_view::npos)
      all.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return all;
}

int rebuild(const service::Config& config, std::vector<std::string> names, bool switch_over) {
  service::Stores stores(config);
  if (names.empty())
    for (const auto& listed : projections::all) names.emplace_back(listed.name);
  bool all_equal = true;
  for (const std::string& name : names) {
    const auto compared = stores.runner.rebuild(name);
    std::cout << name << ": " << compared.rows_live << " rows live, " << compared.rows_rebuilt << " rebuilt, "
              << (compared.equal() ? "equal" : "different from key " + *compared.first_difference) << "\n";
    all_equal = all_equal && compared.equal();
    if (switch_over) {
      stores.runner.switch_to_rebuilt(name);
    } else {
      stores.runner.drop_rebuilt(name);
    }
  }
  return all_equal ? 0 : exit_different;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Operates and audits the account service's stores while the server is stopped.", "ttpctl"};
  cli.require_subcommand(1);
  std::optional<std::filesystem::path> file;
  std::map<std::string, std::string> flags;
  std::string data_dir;
  bool sandbox = false;
  bool all = false;
  bool switch_over = false;
  std::vector<std::string> names;
  CLI::App* command = cli.add_subcommand("rebuild", "Builds views anew from the log and compares them with those that serve");
  command->add_option("projection", names, "Names, for example account_view@1");
  command->add_flag("--all", all, "Every projection");
  command->add_flag("--switch", switch_over, "Let the rebuilt views serve");
  command->add_option("--config", file, "TOML file with settings");
  command->add_option("--data-dir", data_dir, "Folder of the log, the views and the vault");
  command->add_flag("--sandbox", sandbox, "The data directory is a sandbox's");
  command->footer("Example: ttpctl rebuild --all --data-dir data\nExit codes: 0 equal, 1 failed, 2 wrong usage, 3 different.");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : exit_usage;
  }
  if (!data_dir.empty()) flags["data_dir"] = data_dir;
  if (sandbox) flags["sandbox"] = "true";
  try {
    return rebuild(service::load_config(file, environment(), flags).config, all ? std::vector<std::string>{} : names,
                   switch_over);
  } catch (const std::exception& fault) {
    std::cerr << "ttpctl: " << fault.what() << "\n";
    return exit_failure;
  }
}

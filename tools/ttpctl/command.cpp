#include "tools/ttpctl/command.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "events/json.hpp"
#include "tools/command_line.hpp"
#include "tools/ttpctl/finished.hpp"

namespace ttp::tools {
namespace {

constexpr std::chrono::seconds patience{1};

}  // namespace

service::LoadedConfig Options::load() const {
  service::LoadedConfig loaded;
  try {
    loaded = service::load_config(config_file, environment(), flags);
  } catch (const std::exception& fault) {
    throw Failure{exit_usage, fault.what()};
  }
  std::string sentences;
  for (const std::string& fault : service::faults(loaded.config))
    sentences += (sentences.empty() ? "" : "\n") + fault;
  if (!sentences.empty()) throw Failure{exit_usage, sentences};
  return loaded;
}

service::Config Options::load_with_log() const {
  service::Config config = load().config;
  if (const auto left = service::unfinished_in(config.data_dir)) throw Failure{exit_conflict, left->sentence};
  if (!service::holds_database(config.data_dir / "log") &&
      !std::filesystem::exists(config.data_dir / "log" / "IDENTITY"))
    throw Failure{exit_not_found,
                  config.data_dir.string() + " holds no log. If its disk is not mounted, mount it"};
  return config;
}

bool finished_before(service::Making making, const service::Config& config, const Options& options) {
  if (!service::finish(config, making)) return false;
  if (!options.json) {
    std::cout << "The " << service::name_of(making) << " into " << config.data_dir.string()
              << " was interrupted earlier and is now finished: everything is in its place. Nothing else was "
                 "done.\n";
    return true;
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("finished", service::name_of(making)).member("data_dir", config.data_dir.string());
  object.end();
  std::cout << json << "\n";
  return true;
}

std::filesystem::path backup_folder(const service::Config& config) {
  if (config.backup_dir.empty()) throw Failure{exit_usage, "name the folder of the backups: --backup-dir"};
  return config.backup_dir;
}

Commands Commands::group(std::string name, std::string summary) {
  CLI::App* parent = cli_.add_subcommand(std::move(name), std::move(summary));
  parent->require_subcommand(1);
  parent->fallthrough();
  return Commands(*parent, options_);
}

CommandOptions Commands::add(std::string name, std::string summary, std::string example, Run run) {
  CLI::App* command = cli_.add_subcommand(std::move(name), std::move(summary));
  command->footer("Example: " + std::move(example) + "\n" + std::string{exit_codes_help});
  command->fallthrough();
  command->callback([&options = options_, run = std::move(run)] { options.chosen = run; });
  return CommandOptions(*command);
}

namespace {

CLI::Option* add_to(CLI::App& command, const std::string& name, CommandOptions::Target target,
                    const std::string& help) {
  return std::visit(
      [&]<class T>(T* value) {
        if constexpr (std::is_same_v<T, bool>) {
          return command.add_flag(name, *value, help);
        } else {
          return command.add_option(name, *value, help);
        }
      },
      target);
}

}  // namespace

CommandOptions& CommandOptions::optional(const std::string& name, Target target, const std::string& help) {
  add_to(command_, name, target, help);
  return *this;
}
CommandOptions& CommandOptions::required(const std::string& name, Target target, const std::string& help) {
  add_to(command_, name, target, help)->required();
  return *this;
}
CommandOptions& CommandOptions::one_of(const std::string& name, std::string* target,
                                       std::vector<std::string> choices, const std::string& help) {
  add_to(command_, name, target, help)->check(CLI::IsMember(std::move(choices)));
  return *this;
}

ProgressLine::ProgressLine(std::string label)
    : label_(std::move(label)), terminal_(isatty(STDERR_FILENO) && !std::getenv("NO_COLOR")) {}

ProgressLine::~ProgressLine() {
  if (shown_ && terminal_) std::cerr << "\n";
}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
  const auto now = std::chrono::steady_clock::now();
  const auto interval = terminal_ ? std::chrono::milliseconds{100} : std::chrono::milliseconds{1000};
  if (now - began_ < patience || now - last_ < interval) return;
  last_ = now;
  shown_ = true;
  const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const double elapsed = std::chrono::duration<double>(now - began_).count();
  const double left = share > 0 ? elapsed / share - elapsed : 0;
  char text[160];
  std::snprintf(text, sizeof text, "%s: %llu of %llu (%.0f %%), %.0f s left", label_.c_str(),
                static_cast<unsigned long long>(done), static_cast<unsigned long long>(total), share * 100,
                left);
  if (terminal_) {
    constexpr int width = 30;
    const int filled = static_cast<int>(share * width);
    std::cerr << "\r[" << std::string(static_cast<std::size_t>(filled), '#')
              << std::string(static_cast<std::size_t>(width - filled), ' ') << "] " << text << std::flush;
  } else {
    std::cerr << text << std::endl;
  }
}

}  // namespace ttp::tools

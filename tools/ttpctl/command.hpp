// Shared by the commands of ttpctl: their options, their output and their exit codes.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/config.hpp"

namespace CLI {
class App;
}

namespace ttp::tools {

/// Exit codes: scripts rely on them; never renumber.
enum Exit : int {
  exit_ok = 0,
  exit_failure = 1,
  exit_usage = 2,
  exit_verification = 3,  ///< a check found a fault
  exit_not_found = 4,
  exit_conflict = 5,    ///< the data directory is in use, or the target exists already
  exit_try_again = 75,  ///< for the relay that runs `bounce`: it tries again later (sysexits.h)
};

inline constexpr std::string_view exit_codes_help =
    "Exit codes: 0 ok, 1 failure, 2 wrong usage or configuration, 3 verification failed, 4 not found, "
    "5 in use or already there.";

/// A sentence for the operator and the code to end with.
struct Failure {
  Exit code;
  std::string sentence;
};

struct Options;
/// Runs a command and returns its exit code; may throw Failure.
using Run = std::function<Exit(const Options&)>;

/// The options that every command takes, and the command that was chosen.
struct Options {
  std::optional<std::filesystem::path> config_file;
  std::map<std::string, std::string> flags;
  bool json = false;
  Run chosen;

  /// Throws Failure, which lists every fault of the configuration.
  service::LoadedConfig load() const;
  /// For commands that need an existing log: throws Failure if there is none, and creates no folder.
  service::Config load_with_log() const;
};

/// A command's own options. `target` must outlive the parsing; it keeps its value if the option is absent.
class CommandOptions {
 public:
  using Target = std::variant<std::string*, std::optional<std::string>*, std::vector<std::string>*,
                              std::uint64_t*, bool*>;

  explicit CommandOptions(CLI::App& command) : command_(command) {}
  CommandOptions& optional(const std::string& name, Target target, const std::string& help);
  CommandOptions& required(const std::string& name, Target target, const std::string& help);
  CommandOptions& one_of(const std::string& name, std::string* target, std::vector<std::string> choices,
                         const std::string& help);

 private:
  CLI::App& command_;
};

/// Adds commands under one parent; parsing keeps the chosen one's `run` in the options.
class Commands {
 public:
  Commands(CLI::App& cli, Options& options) : cli_(cli), options_(options) {}
  CommandOptions add(std::string name, std::string summary, std::string example, Run run);
  Commands group(std::string name, std::string summary);

 private:
  CLI::App& cli_;
  Options& options_;
};

/// A progress display on standard error: a bar on a terminal, otherwise one line per second. Work shorter
/// than a second prints nothing.
class ProgressLine {
 public:
  explicit ProgressLine(std::string label);
  ~ProgressLine();
  void show(std::uint64_t done, std::uint64_t total);

 private:
  std::string label_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_ = began_;
};

/// The folder that `backup_dir` names. Throws Failure if the setting is missing.
std::filesystem::path backup_folder(const service::Config& config);

/// Throws Failure if the text is not a number or does not fit the type.
template <class Number>
Number number_of(const std::string& text, std::string_view option) {
  Number value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size())
    throw Failure{exit_usage, std::string{option} + " takes a number"};
  return value;
}

void add_init(Commands& commands);
void add_unlock(Commands& commands);
void add_rebuild(Commands& commands);
void add_replay(Commands& commands);
void add_verify(Commands& commands);
void add_fsck(Commands& commands);
void add_doctor(Commands& commands);
void add_tls(Commands& commands);
void add_export(Commands& commands);
void add_checkpoint(Commands& commands);
void add_backup(Commands& commands);
void add_config(Commands& commands);
void add_mail(Commands& commands);
void add_move(Commands& commands);

}  // namespace ttp::tools

// ttpctl rebuild: builds views from the log beside the serving ones, compares them, and switches on request.
#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "events/json.hpp"
#include "service/service.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

struct Wanted {
  std::vector<std::string> names;
  bool all = false;
  bool switch_over = false;
  bool keep = false;
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// The result of one pass over the log: events read and time taken.
struct Built {
  storage::Position events = 0;
  double seconds = 0;
};

std::string words_of(const projections::Comparison& compared) {
  if (compared.live_unreadable)
    return "the serving view cannot be read (" + *compared.live_unreadable +
           "), so the rebuilt one replaces it";
  return compared.equal() ? "equal" : "different from key " + *compared.first_difference;
}

void show(const std::string& name, const projections::Comparison& compared, double compare_seconds,
          const Built& built, bool switched, bool json) {
  if (!json) {
    std::cout << name << ": " << compared.rows_live << " rows live, " << compared.rows_rebuilt << " rebuilt, "
              << words_of(compared) << (switched ? ", switched" : "")
              << fmt::format(", compared in {:.1f} s\n", compare_seconds);
    return;
  }
  std::string line;
  events::ObjectWriter object(line);
  object.member("projection", name).member("rows_live", compared.rows_live);
  object.member("rows_rebuilt", compared.rows_rebuilt).member("equal", compared.equal());
  object.member("first_difference", compared.first_difference).member("switched", switched);
  object.member("events", built.events).raw("build_seconds", fmt::format("{:.3f}", built.seconds));
  object.raw("compare_seconds", fmt::format("{:.3f}", compare_seconds));
  object.end();
  std::cout << line << "\n";
}

Built build(projections::Runner& runner, const std::vector<std::string_view>& names, const Options& options) {
  const auto began = Clock::now();
  Built built;
  {
    ProgressLine line("rebuild");
    runner.build(names, [&](auto done, auto total) {
      built.events = total;
      line.show(done, total);
    });
  }
  built.seconds = seconds_since(began);
  if (!options.json)
    std::cout << fmt::format("built {} from {} events in {:.1f} s, {:.0f} events/s\n",
                             names.size() == 1 ? "one view" : fmt::format("{} views", names.size()),
                             built.events, built.seconds, static_cast<double>(built.events) / built.seconds);
  return built;
}

std::vector<std::string_view> chosen(const Wanted& wanted) {
  if (wanted.all == !wanted.names.empty())
    throw Failure{exit_usage, "name one or more projections, or use --all"};
  std::vector<std::string_view> names{wanted.names.begin(), wanted.names.end()};
  if (wanted.all)
    for (const auto& listed : projections::all) names.push_back(listed.name);
  for (const auto name : names)
    if (std::ranges::find(projections::all, name, &projections::Listed::name) == projections::all.end())
      throw Failure{exit_not_found, "there is no projection " + std::string{name}};
  return names;
}

Exit rebuild(const Wanted& wanted, const Options& options) {
  const auto names = chosen(wanted);
  service::Stores stores(options.load_with_log());
  const Built built = build(stores.runner, names, options);
  bool all_equal = true;
  for (const auto name : names) {
    const auto began = Clock::now();
    const auto compared = stores.runner.compare(name);
    const double compare_seconds = seconds_since(began);
    // An unreadable view is always replaced.
    const bool switches = wanted.switch_over || compared.live_unreadable;
    all_equal = all_equal && (compared.equal() || compared.live_unreadable);
    if (switches) stores.runner.switch_over(name);
    if (!wanted.keep) stores.runner.drop_standby(name);
    show(std::string{name}, compared, compare_seconds, built, switches, options.json);
  }
  return all_equal ? exit_ok : exit_verification;
}

}  // namespace

void add_rebuild(Commands& commands) {
  const auto wanted = std::make_shared<Wanted>();
  commands
      .add("rebuild", "Rebuilds views from the log and compares them with the serving ones",
           "ttpctl rebuild --all --data-dir data",
           [wanted](const Options& options) { return rebuild(*wanted, options); })
      .optional("projection", &wanted->names, "Names, for example account_view@6")
      .optional("--all", &wanted->all, "Every projection")
      .optional("--switch", &wanted->switch_over, "Switch to the rebuilt views even if they differ")
      .optional("--keep", &wanted->keep, "Keep the view that is not serving, so that it can be switched to");
}

}  // namespace ttp::tools

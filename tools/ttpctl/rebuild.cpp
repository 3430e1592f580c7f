// ttpctl rebuild: builds views anew from the log beside those that serve, compares the two, and switches when
// told.
#include <algorithm>
#include <memory>
#include <vector>

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

void show(const std::string& name, const projections::Comparison& compared, bool switched, bool json) {
  if (!json) {
    std::cout << name << ": " << compared.rows_live << " rows live, " << compared.rows_rebuilt << " rebuilt, "
              << (compared.equal() ? "equal" : "different from key " + *compared.first_difference)
              << (switched ? ", switched" : "") << "\n";
    return;
  }
  std::string line;
  events::ObjectWriter object(line);
  object.member("projection", name).member("rows_live", compared.rows_live);
  object.member("rows_rebuilt", compared.rows_rebuilt).member("equal", compared.equal());
  object.member("first_difference", compared.first_difference).member("switched", switched);
  object.end();
  std::cout << line << "\n";
}

Exit rebuild(const Wanted& wanted, const Options& options) {
  std::vector<std::string> names = wanted.names;
  if (wanted.all == !names.empty()) throw Failure{exit_usage, "name projections, or --all"};
  if (wanted.all)
    for (const auto& listed : projections::all) names.emplace_back(listed.name);
  for (const std::string& name : names)
    if (std::ranges::find(projections::all, name, &projections::Listed::name) == projections::all.end())
      throw Failure{exit_not_found, "there is no projection " + name};
  service::Stores stores(options.load_with_log());
  bool all_equal = true;
  for (const std::string& name : names) {
    projections::Comparison compared;
    {
      ProgressLine line(name);
      compared = stores.runner.rebuild(name, [&](auto done, auto total) { line.show(done, total); });
    }
    all_equal = all_equal && compared.equal();
    if (wanted.switch_over) stores.runner.switch_over(name);
    if (!wanted.keep) stores.runner.drop_standby(name);
    show(name, compared, wanted.switch_over, options.json);
  }
  return all_equal ? exit_ok : exit_verification;
}

}  // namespace

void add_rebuild(Commands& commands) {
  const auto wanted = std::make_shared<Wanted>();
  commands
      .add("rebuild", "Builds views anew from the log and compares them with those that serve",
           "ttpctl rebuild --all --data-dir data",
           [wanted](const Options& options) { return rebuild(*wanted, options); })
      .optional("projection", &wanted->names, "Names, for example account_view@2")
      .optional("--all", &wanted->all, "Every projection")
      .optional("--switch", &wanted->switch_over, "Let the rebuilt views serve, also where they differ")
      .optional("--keep", &wanted->keep,
                "Keep the view that does not serve beside the other, to switch to it");
}

}  // namespace ttp::tools

// ttpctl fsck: reads every row of log, views and vault, and reports whether they agree. It shows no personal
// field and continues after a fault, so that the full extent of a damage is known before anyone acts on it.
#include <exception>
#include <filesystem>

#include <fmt/format.h>

#include "projections/runner.hpp"
#include "service/data_folder.hpp"
#include "service/secrets/keys.hpp"
#include "service/secrets/vault_census.hpp"
#include "service/workers/delivery_notes.hpp"
#include "service/writer/erasure_list.hpp"
#include "storage/backup/parts.hpp"
#include "storage/log/consistency.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/tables/view_store.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/vault/vault.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/report.hpp"

namespace ttp::tools {
namespace {

namespace fs = std::filesystem;

constexpr const char* restore_advice =
    "Restore log and vault together into a new folder: ttpctl backup restore.";

/// Reports every fault of the log, then one line for each of its parts without a fault.
void check_log(const storage::Log& log, Report& report) {
  std::map<std::string, std::uint64_t> faults;
  ProgressLine line("log");
  const auto counts = storage::check_consistency(
      log,
      [&](const storage::Inconsistency& each) {
        ++faults[each.part];
        report.bad(each.part, each.what, {each.position, each.stream},
                   faults[each.part] == 1 ? std::optional<std::string>{restore_advice} : std::nullopt);
      },
      [&](auto done, auto total) { line.show(done, total); });
  const auto good = [&](const char* part, std::uint64_t count, std::string_view what) {
    if (!faults.contains(part)) report.good(part, std::to_string(count) + " " + std::string{what});
  };
  good("events", counts.events, "events, each body matching its envelope");
  good("streams", counts.streams, "streams, each event matching the index");
  good("commands", counts.commands, "commands, each with consecutive events");
  good("claims", counts.claims, "claims, held as the events say");
  good("tiles", counts.tiles, "full tiles, matching the events' leaves");
}

/// Checks every row of every family, and reports the position of each view.
void check_views(const storage::Log& log, const fs::path& folder, Report& report) {
  if (!fs::exists(folder)) {
    report.good("views", "there are none; they are built at the next start");
    return;
  }
  std::unique_ptr<storage::ViewStore> store;
  try {
    store = storage::ViewStore::open(folder);
  } catch (const events::Damaged& damage) {
    report.bad("views", damage.what(), {}, "The next start rebuilds all views; nothing is lost.");
    return;
  }
  auto views = projections::inspect(log, *store);
  bool all_good = true;
  for (auto& view : views) {
    if (!view.fault && !view.family.empty()) try {
        projections::read_all(*store, view.family);
      } catch (const events::Damaged& damage) {
        view.fault = damage.what();
      }
    if (!view.fault) continue;
    all_good = false;
    report.bad("views", view.name + ": " + *view.fault, {}, "The next start rebuilds it; nothing is lost.");
  }
  if (!all_good) return;
  for (const auto& view : views)
    report.good("views", view.name + ": " + std::to_string(view.next) + " of " +
                             std::to_string(log.head().next) + " events");
}

/// Reads every stored snapshot. Only `ttpctl verify`, which has the keys, compares snapshots with the log.
void check_snapshots(const fs::path& folder, Report& report) {
  if (!fs::exists(folder)) {
    report.good("snapshots", "there are none; the running server makes them");
    return;
  }
  try {
    const auto store = storage::ViewStore::open(folder);
    std::uint64_t rows = 0;
    for (const std::string& family : store->families()) rows += projections::read_all(*store, family);
    report.good("snapshots", std::to_string(rows) + " snapshots can be read");
  } catch (const events::Damaged& damage) {
    report.bad("snapshots", damage.what(), {}, "The next start discards them; nothing is lost.");
  }
}

void check_checkpoint(const storage::Log& log, const service::Config& config, storage::Vault& vault,
                      Report& report) {
  std::optional<storage::SignedCheckpoint> signed_last;
  if (const auto note = storage::CheckpointFile{config.checkpoint()}.read())
    signed_last = storage::open_checkpoint(
        *note, storage::verifiers_of(config.origin, service::checkpoint_keys(vault)));
  storage::compare_at_start(log, signed_last);
  report.good("checkpoint", "the log extends the last signed one, of " +
                                std::to_string(signed_last ? signed_last->size : 0) + " events");
}

/// Checks every row of the vault, and that it has every key that the log needs.
void check_vault(const storage::Log& log, const service::Config& config, const storage::Vault& vault,
                 Report& report) {
  storage::check_vault(vault);
  service::delivered_until(vault);
  service::VaultCensus census{log, vault,
                              service::erasures_in(config.checkpoint().parent_path() / "erasures")};
  census.look_through(0);
  if (const auto fault = census.fault())
    report.bad("vault", *fault, {census.missing().front().position},
               std::string{service::older_vault_advice});
  else
    report.good("vault", "each row is readable, each key opens, and none is missing");
}

/// An exception means that the part cannot be checked at all, which is a fault.
template <class Act>
void check(const char* part, Report& report, const std::string& advice, Act act) {
  try {
    act();
  } catch (const std::exception& fault) {
    report.bad(part, fault.what(), {}, advice);
  }
}

Exit fsck(const Options& options) {
  const service::Config config = options.load_with_log();
  const std::string restore = restore_advice;
  Report report(options.json);
  std::unique_ptr<storage::Log> log;
  try {
    log = storage::open_rocks_log(config.data_dir / "log");
  } catch (const events::Damaged& damage) {
    report.bad("store", damage.what(), {}, restore);
    return report.verdict();
  }
  check("log", report, restore, [&] { check_log(*log, report); });
  check("views", report, restore, [&] { check_views(*log, config.data_dir / "views", report); });
  check("snapshots", report, restore, [&] { check_snapshots(config.data_dir / "snapshots", report); });
  std::unique_ptr<storage::Vault> vault;
  check("vault", report, restore, [&] {
    if (!service::holds_database(config.data_dir / "vault"))
      throw events::Damaged("there is no vault in " + config.data_dir.string() +
                            ": no personal field and no signature can be checked");
    vault = service::open_vault(config);
    check_vault(*log, config, *vault, report);
  });
  check("checkpoint", report,
        "If the file was lost, restore it from a copy, or see ttpctl checkpoint renew. If the log is "
        "shorter or another, restore the last backup into a new folder.",
        [&] {
          if (!vault) throw events::Damaged("without the vault the key that signed it is unknown");
          check_checkpoint(*log, config, *vault, report);
        });
  return report.verdict();
}

}  // namespace

void add_fsck(Commands& commands) {
  commands.add("fsck",
               "Reads every row of log, views, snapshots and vault, and checks that they and the checkpoint "
               "agree; reports every fault",
               "ttpctl fsck --data-dir data", fsck);
}

}  // namespace ttp::tools

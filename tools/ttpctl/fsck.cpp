// ttpctl fsck: reads every row of log, views and vault, and says whether they agree with each other. It shows
// no personal field and goes on behind a fault, so that the whole extent of a damage is known before anything
// is done about it.
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

/// Every fault of the log, then one line for each of its parts that has none.
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
  good("events", counts.events, "events, each body the one that its envelope names");
  good("streams", counts.streams, "streams, each event where the index says");
  good("commands", counts.commands, "commands, each with its events at one stretch");
  good("claims", counts.claims, "claims, held as the events say");
  good("tiles", counts.tiles, "full tiles, made of the events' leaves");
}

/// Every row of every family, and how far each view has come.
void check_views(const storage::Log& log, const fs::path& folder, Report& report) {
  if (!fs::exists(folder)) {
    report.good("views", "there are none; they are built at the next start");
    return;
  }
  std::unique_ptr<storage::ViewStore> store;
  try {
    store = storage::ViewStore::open(folder);
  } catch (const events::Damaged& damage) {
    report.bad("views", damage.what(), {}, "The next start builds all views anew; nothing is lost.");
    return;
  }
  for (auto& view : projections::inspect(log, *store)) {
    if (!view.fault && !view.family.empty()) try {
        projections::read_all(*store, view.family);
      } catch (const events::Damaged& damage) {
        view.fault = damage.what();
      }
    if (view.fault) {
      report.bad("views", view.name + ": " + *view.fault, {},
                 "The next start builds it anew; nothing is lost.");
    } else {
      report.good("views", view.name + ": " + std::to_string(view.next) + " of " +
                               std::to_string(log.head().next) + " events");
    }
  }
}

/// Reads every stored snapshot; whether each says what the log says is for `ttpctl verify`, which has the
/// keys.
void check_snapshots(const fs::path& folder, Report& report) {
  if (!fs::exists(folder)) {
    report.good("snapshots", "there are none; they are made as the server runs");
    return;
  }
  try {
    const auto store = storage::ViewStore::open(folder);
    std::uint64_t rows = 0;
    for (const std::string& family : store->families()) rows += projections::read_all(*store, family);
    report.good("snapshots", std::to_string(rows) + " snapshots can be read");
  } catch (const events::Damaged& damage) {
    report.bad("snapshots", damage.what(), {}, "The next start throws them away; nothing is lost.");
  }
}

void check_checkpoint(const storage::Log& log, const service::Config& config, storage::Vault& vault,
                      Report& report) {
  std::optional<storage::SignedCheckpoint> signed_last;
  if (const auto note = storage::CheckpointFile{config.checkpoint()}.read())
    signed_last = storage::open_checkpoint(
        *note, storage::verifiers_of(config.origin, service::checkpoint_keys(vault)));
  storage::compare_at_start(log, signed_last);
  report.good("checkpoint", "the log extends the one signed last, of " +
                                std::to_string(signed_last ? signed_last->size : 0) + " events");
}

/// Every row of the vault, and that no key is missing which the log needs.
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
    report.good("vault", "each row can be read, each key opens, and none is missing");
}

/// What cannot be checked at all is a fault of its part.
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
        "If the file was lost, bring it back from a copy, or see ttpctl checkpoint renew. If the log is "
        "shorter or another, restore the last backup into a new folder.",
        [&] {
          if (!vault) throw events::Damaged("without the vault nobody knows the key that signed it");
          check_checkpoint(*log, config, *vault, report);
        });
  return report.verdict();
}

}  // namespace

void add_fsck(Commands& commands) {
  commands.add(
      "fsck",
      "Reads every row of log, views, snapshots and vault, and checks that they and the checkpoint agree; "
      "reports every fault",
      "ttpctl fsck --data-dir data", fsck);
}

}  // namespace ttp::tools

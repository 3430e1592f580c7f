// ttpctl fsck: whether the parts of the stores agree with each other. It changes nothing, opens no personal
// field, and goes on behind a fault, so that the whole extent of a damage is known before anything is done
// about it.
#include <exception>
#include <filesystem>

#include "projections/runner.hpp"
#include "service/secrets/keys.hpp"
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

/// Every fault of the log, then one line for each of its parts that has none.
void check_log(const storage::Log& log, Report& report) {
  std::map<std::string, std::uint64_t> faults;
  ProgressLine line("log");
  const auto counts = storage::check_consistency(
      log,
      [&](const storage::Inconsistency& each) {
        ++faults[each.part];
        report.bad(each.part, each.what, {each.position, each.stream});
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

void check_checkpoint(const storage::Log& log, const service::Config& config, Report& report) {
  if (!fs::exists(config.data_dir / "vault"))
    throw events::Damaged("there is no vault, so nobody knows the key that signed");
  const auto vault =
      storage::Vault::open(config.data_dir / "vault", storage::load_master_key(config.master_key()));
  std::optional<storage::SignedCheckpoint> signed_last;
  if (const auto note = storage::CheckpointFile{config.checkpoint()}.read())
    signed_last = storage::open_checkpoint(
        *note, storage::verifiers_of(config.origin, service::checkpoint_keys(*vault)));
  storage::compare_at_start(log, signed_last);
  report.good("checkpoint", "the log extends the one signed last, of " +
                                std::to_string(signed_last ? signed_last->size : 0) + " events");
}

/// What can not be checked at all is a fault of its part.
template <class Act>
void check(const char* part, Report& report, Act act) {
  try {
    act();
  } catch (const std::exception& fault) {
    report.bad(part, fault.what());
  }
}

Exit fsck(const Options& options) {
  const service::Config config = options.load_with_log();
  Report report(options.json);
  std::unique_ptr<storage::Log> log;
  try {
    log = storage::open_rocks_log(config.data_dir / "log");
  } catch (const events::Damaged& damage) {
    report.bad("store", damage.what(), {}, "Restore the last backup: ttpctl backup restore.");
    return report.verdict();
  }
  check("log", report, [&] { check_log(*log, report); });
  check("views", report, [&] { check_views(*log, config.data_dir / "views", report); });
  check("snapshots", report, [&] { check_snapshots(config.data_dir / "snapshots", report); });
  check("checkpoint", report, [&] { check_checkpoint(*log, config, report); });
  return report.verdict();
}

}  // namespace

void add_fsck(Commands& commands) {
  commands.add("fsck",
               "Checks that events, stream index, commands, claims, tiles, views and checkpoint agree, reads "
               "every row of views and snapshots, tells every fault and changes nothing",
               "ttpctl fsck --data-dir data", fsck);
}

}  // namespace ttp::tools

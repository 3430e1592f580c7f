// ttpctl verify: checks that the log is complete, that it is the one that was signed, and that the views
// follow from it.
#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "events/codec.hpp"
#include "events/envelope.hpp"
#include "os/in_order.hpp"
#include "service/secrets/vault_census.hpp"
#include "service/service.hpp"
#include "storage/backup/parts.hpp"
#include "storage/log/chain.hpp"
#include "storage/tree/export.hpp"
#include "storage/tree/merkle.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/report.hpp"

namespace ttp::tools {
namespace {

using storage::BadPosition;
using storage::Position;
using storage::StoredEvent;

/// The rate of events per second since construction.
class Speed {
 public:
  std::string of(std::uint64_t events) const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    return fmt::format("{:.0f} a second", static_cast<double>(events) / std::max(took.count(), 1e-6));
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// Applies `look_at` to the log's events, one tile at a time and on all cores, and passes the results to
/// `take` in order. Returns false, and reports the fault, if an event is bad.
template <class LookAt, class Take>
bool look_through(const storage::Log& log, const char* check, Report& report, LookAt look_at, Take take) {
  const Position total = log.head().next;
  Position done = 0;
  try {
    ProgressLine line(check);
    os::in_order((total + storage::tile_width - 1) / storage::tile_width,
                 [&](std::uint64_t index) {
                   const Position first = index * storage::tile_width;
                   return look_at(first, log.read(first, std::min(storage::tile_width, total - first)));
                 },
                 [&](auto looked_at) {
                   take(std::move(looked_at));
                   done = std::min(done + storage::tile_width, total);
                   line.show(done, total);
                 });
    return true;
  } catch (const BadPosition& bad) {
    report.bad(check, bad.what, {bad.position});
  } catch (const std::exception& fault) {
    report.bad(check, std::string{"at this position or after it: "} + fault.what(), {done});
  }
  return false;
}

bool follow_chain(const storage::Log& log, storage::Chain& chain, Report& report) {
  const Speed speed;
  std::vector<storage::FullTile> filled;
  const bool is_whole = look_through(
      log, "log", report,
      [&](Position first, const std::vector<StoredEvent>& events) {
        storage::ChainPage page{first, chain};
        try {
          for (const StoredEvent& event : events)
            page.add(event.version, event.envelope, event.body,
                     storage::hash_leaf(event.version, event.envelope));
          page.close();
        } catch (const std::exception& fault) {
          page.close_with(fault.what());
        }
        return page;
      },
      [&](storage::ChainPage page) {
        chain.take(std::move(page), filled);
        filled.clear();
      });
  if (is_whole)
    report.good("log", fmt::format("{} events without gaps, each body matching its envelope; {}",
                                   chain.next(), speed.of(chain.next())));
  return is_whole;
}

/// Reads every body and opens its personal fields.
void check_bodies(const service::Stores& stores, Report& report) {
  const Speed speed;
  std::uint64_t erased = 0;
  service::VaultCensus census{*stores.log, *stores.vault, stores.erasures.list()};
  const bool all_open = look_through(
      *stores.log, "bodies", report,
      [&](Position, const std::vector<StoredEvent>& events) {
        std::vector<std::pair<std::string, Position>> erased_here;
        for (const StoredEvent& event : events) try {
            const auto envelope = events::decode_envelope(event.envelope);
            const auto decoded = events::decode_body(envelope, event.body, stores.find_key);
            if (decoded.erased) erased_here.emplace_back(events::subject_of(decoded.event), event.position);
          } catch (const std::exception& fault) {
            throw BadPosition{event.position, fault.what()};
          }
        return erased_here;
      },
      [&](const auto& erased_here) {
        erased += erased_here.size();
        for (const auto& [subject, position] : erased_here) census.note(subject, position);
      });
  if (const auto fault = census.fault())
    report.bad("vault", *fault, {census.missing().front().position},
               std::string{service::older_vault_advice});
  if (all_open)
    report.good("bodies", fmt::format("each body opens, {} without the fields of erased persons; {}", erased,
                                      speed.of(stores.log->head().next)));
}

void check_claims(const storage::Log& log, const storage::Chain& chain, Report& report) {
  std::size_t found = 0;
  std::optional<std::string> fault;
  log.each_claim_row([&](const storage::ClaimRow& row) {
    if (chain.holds(row.owner, row.name_space, row.key))
      ++found;
    else if (!fault)
      fault = "a claim (" + row.name_space + ") of " + row.owner + " is in the store, but no event made it";
  });
  if (!fault && found != chain.claims_held())
    fault =
        fmt::format("{} of {} claims are not in the store", chain.claims_held() - found, chain.claims_held());
  if (fault)
    report.bad("claims", *fault);
  else
    report.good("claims", std::to_string(found) + " as the events say");
}

void check_streams(const storage::Log& log, const storage::Chain& chain, Report& report) {
  std::size_t found = 0;
  std::optional<std::string> fault;
  storage::StreamRow last;
  const auto end_stream = [&] {
    if (last.stream.empty()) return;
    if (chain.version(last.stream) == last.version)
      ++found;
    else if (!fault)
      fault = last.stream + " has another length in the index";
  };
  log.each_stream_row([&](const storage::StreamRow& row) {
    if (row.stream != last.stream) end_stream();
    last = row;
  });
  end_stream();
  if (!fault && found != chain.streams())
    fault = fmt::format("{} of {} streams are not in the index", chain.streams() - found, chain.streams());
  if (fault)
    report.bad("streams", *fault);
  else
    report.good("streams", std::to_string(found) + " as the events say");
}

void check_log(const service::Stores& stores, Report& report) {
  const storage::Log& log = *stores.log;
  storage::Chain chain{storage::Chain::Claims::followed};
  if (!follow_chain(log, chain, report)) return;
  const auto root = chain.edge().root();
  if (root == log.head().root)
    report.good("tree", "root " + events::to_base64(events::as_text(root)));
  else
    report.bad("tree", "the stored root is not that of the events");
  check_claims(log, chain, report);
  check_streams(log, chain, report);
  check_bodies(stores, report);
}

void check_views(service::Stores& stores, Report& report) {
  for (const auto& status : stores.runner.status())
    if (status.fault) report.bad("views", status.name + " " + *status.fault);
  std::vector<std::string_view> names;
  for (const auto& listed : projections::all) names.push_back(listed.name);
  {
    ProgressLine line("views");
    stores.runner.build(names, [&](auto done, auto total) { line.show(done, total); });
  }
  for (const auto view : names) {
    const std::string name{view};
    const auto compared = stores.runner.compare(name);
    stores.runner.drop_standby(name);
    if (compared.equal()) {
      report.good("views", name + ": " + std::to_string(compared.rows_live) + " rows follow from the log");
    } else if (compared.live_unreadable) {
      report.bad("views", name + " cannot be read: " + *compared.live_unreadable, {},
                 "The next start rebuilds all views; nothing is lost.");
    } else {
      report.bad("views", name + " differs from the log, first at key " + *compared.first_difference);
    }
  }
}

void check_snapshots(const service::Stores& stores, Report& report) {
  bool all_good = true;
  const auto rows = stores.snapshots.check_all([&](const std::string& stream, const std::string& what) {
    all_good = false;
    report.bad("snapshots", stream + ": " + what, {},
               "The state is folded from the log; delete the folder snapshots while the server is stopped.");
  });
  if (all_good) report.good("snapshots", std::to_string(rows) + " agree with the log or are ignored");
}

void check_vault(const service::Stores& stores, Report& report) {
  try {
    storage::check_vault(*stores.vault);
    report.good("vault", "each row is readable and each key opens");
  } catch (const std::exception& fault) {
    report.bad("vault", fault.what(), {}, "Restore log and vault together: ttpctl backup restore.");
  }
}

void check_checkpoint(const service::Stores& stores, Report& report) {
  try {
    const auto signed_last = stores.signed_checkpoint();
    storage::compare_at_start(*stores.log, signed_last);
    report.good("checkpoint", "the log extends the last signed one, of " +
                                  std::to_string(signed_last ? signed_last->size : 0) + " events");
  } catch (const std::exception& fault) {
    report.bad("checkpoint", fault.what());
  }
}

Exit verify_stores(const Options& options) {
  const service::Config config = options.load_with_log();
  Report report(options.json);
  std::optional<service::Stores> stores;
  try {
    stores.emplace(config, projections::Progress{}, service::Stores::CheckpointCheck::skipped);
  } catch (const events::Damaged& fault) {
    report.bad("store", fault.what());
    return report.verdict();
  }
  check_checkpoint(*stores, report);
  check_vault(*stores, report);
  check_log(*stores, report);
  try {
    check_views(*stores, report);
  } catch (const std::exception& fault) {
    report.bad("views", fault.what());
  }
  try {
    check_snapshots(*stores, report);
  } catch (const std::exception& fault) {
    report.bad("snapshots", fault.what());
  }
  return report.verdict();
}

struct Bundle {
  std::string folder;
  std::string key;
  std::string since;
};

Exit verify_bundle(const Bundle& bundle, const Options& options) {
  if (bundle.key.empty()) throw Failure{exit_usage, "--export needs --key"};
  if (!std::filesystem::is_directory(bundle.folder))
    throw Failure{exit_not_found, "there is no folder " + bundle.folder};
  std::optional<std::string> since;
  if (!bundle.since.empty()) {
    since = storage::CheckpointFile{bundle.since}.read();
    if (!since) throw Failure{exit_not_found, "there is no file " + bundle.since};
  }
  ProgressLine line("export");
  const Speed speed;
  const storage::Verdict verdict =
      storage::verify_export(bundle.folder, storage::parse_verifier(bundle.key), since,
                             [&](auto done, auto total) { line.show(done, total); });
  Report report(options.json);
  if (verdict.good()) {
    report.good("export",
                fmt::format("{} events, root {}; {}", verdict.size,
                            events::to_base64(events::as_text(verdict.root)), speed.of(verdict.size)));
  } else if (verdict.bad_position) {
    report.bad("export", *verdict.fault, {verdict.bad_position});
  } else {
    report.bad("export", *verdict.fault);
  }
  return report.verdict();
}

}  // namespace

void add_verify(Commands& commands) {
  const auto bundle = std::make_shared<Bundle>();
  commands
      .add("verify",
           "Checks order, density, hashes, tree, claims, the signed checkpoint, and views against the log; "
           "or an "
           "export bundle, without any of these stores",
           "ttpctl verify --data-dir data\n         ttpctl verify --export bundle --key \"$KEY\"",
           [bundle](const Options& options) {
             return bundle->folder.empty() ? verify_stores(options) : verify_bundle(*bundle, options);
           })
      .optional("--export", &bundle->folder, "Folder of an export bundle")
      .optional("--key", &bundle->key, "The log's verifier key, as ttpctl checkpoint show prints it")
      .optional("--since", &bundle->since, "File of an older checkpoint that the bundle must extend");
}

}  // namespace ttp::tools

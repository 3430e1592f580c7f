// ttpctl verify: whether the log is whole, whether it is the one that was signed, and whether the views
// follow from it.
#include <exception>
#include <map>
#include <memory>
#include <unordered_map>

#include "events/json.hpp"
#include "events/recorded.hpp"
#include "service/service.hpp"
#include "storage/export.hpp"
#include "storage/merkle.hpp"
#include "storage/rocks_log.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/report.hpp"

namespace ttp::tools {
namespace {

constexpr std::size_t page_events = 1000;

/// A fault at a position: the first one ends the reading, because nothing behind it can be trusted.
struct BadPosition {
  storage::Position position;
  std::string what;
};

/// Folds what every event must agree with: its stream's count, its envelope's hash, the tree, the claims.
class Folding {
 public:
  explicit Folding(const events::FindSubjectKey& find_key) : find_key_(find_key) {}

  void take(const storage::StoredEvent& stored) {
    if (stored.position != next_)
      throw BadPosition{next_, "the log goes on at position " + std::to_string(stored.position)};
    try {
      const auto recorded =
          events::open_event(stored.position, stored.version, stored.envelope, stored.body, find_key_);
      auto& version = versions_[recorded.envelope.stream];
      if (stored.version != version + 1)
        throw events::Damaged{"its version within its stream does not follow"};
      version = stored.version;
      if (recorded.envelope.recorded_at < last_time_)
        throw events::Damaged{"it was recorded before the event ahead of it"};
      last_time_ = recorded.envelope.recorded_at;
      for (const auto& change : recorded.envelope.claims) fold_claim(change, recorded.envelope.stream);
    } catch (const std::exception& fault) {
      throw BadPosition{stored.position, fault.what()};
    }
    frontier_.push(storage::hash_leaf(stored.version, stored.envelope));
    ++next_;
  }

  storage::Position next() const { return next_; }
  events::Hash root() const { return frontier_.root(); }
  const auto& claims() const { return claims_; }
  const auto& versions() const { return versions_; }

 private:
  void fold_claim(const events::ClaimChange& change, const std::string& stream) {
    const std::pair key{change.name_space, change.key};
    const auto held = claims_.find(key);
    if (held != claims_.end() && held->second != stream)
      throw events::Damaged{"it changes a claim (" + change.name_space + ") that another stream holds"};
    if (change.add) {
      claims_[key] = stream;
    } else if (held != claims_.end()) {
      claims_.erase(held);
    } else {
      throw events::Damaged{"it releases a claim (" + change.name_space + ") that nobody holds"};
    }
  }

  const events::FindSubjectKey& find_key_;
  storage::Position next_ = 0;
  storage::Frontier frontier_;
  domain::Time last_time_{};
  std::unordered_map<std::string, storage::StreamVersion> versions_;
  std::map<std::pair<std::string, events::Hash>, std::string> claims_;
};

void check_log(const service::Stores& stores, Report& report) {
  const storage::Head head = stores.log->head();
  Folding folding(stores.find_key);
  try {
    ProgressLine line("log");
    while (folding.next() < head.next) {
      const auto page = stores.log->read(folding.next(), page_events);
      if (page.empty()) throw BadPosition{folding.next(), "the log ends here, although its head is further"};
      for (const auto& stored : page) folding.take(stored);
      line.show(folding.next(), head.next);
    }
  } catch (const BadPosition& bad) {
    report.bad("log", bad.what, {bad.position});
    return;
  } catch (const std::exception& fault) {
    report.bad("log", std::string{"here or behind it: "} + fault.what(), {folding.next()});
    return;
  }
  report.good("log", std::to_string(head.next) + " events, dense, each body the one its envelope binds");
  if (folding.root() == head.root) {
    report.good("tree", "root " + events::to_base64(events::as_text(folding.root())));
  } else {
    report.bad("tree", "the stored root is not that of the events");
  }
  for (const auto& [key, stream] : folding.claims()) {
    if (stores.log->claim_owner(key.first, key.second) == stream) continue;
    report.bad("claims", "a claim (" + key.first + ") of " + stream + " is not in the store");
    return;
  }
  report.good("claims", std::to_string(folding.claims().size()) + " as the events say");
  for (const auto& [stream, version] : folding.versions()) {
    if (stores.log->stream_version(stream) == version) continue;
    report.bad("streams", stream + " has another length in the index");
    return;
  }
  report.good("streams", std::to_string(folding.versions().size()) + " as the events say");
}

void check_views(service::Stores& stores, Report& report) {
  for (const auto& status : stores.runner.status())
    if (status.fault) report.bad("views", status.name + " " + *status.fault);
  for (const auto& listed : projections::all) {
    const std::string name{listed.name};
    ProgressLine line(name);
    const auto compared = stores.runner.rebuild(name, [&](auto done, auto total) { line.show(done, total); });
    stores.runner.drop_standby(name);
    if (compared.equal()) {
      report.good("views", name + ": " + std::to_string(compared.rows_live) + " rows follow from the log");
    } else {
      report.bad("views", name + " differs from the log, first at key " + *compared.first_difference);
    }
  }
}

void check_checkpoint(const service::Stores& stores, Report& report) {
  try {
    const auto signed_last = stores.signed_checkpoint();
    storage::compare_at_start(*stores.log, signed_last);
    report.good("checkpoint", "the log extends the one signed last, of " +
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
    stores.emplace(config, projections::Progress{}, service::Stores::Checkpoint::passed_over);
  } catch (const events::Damaged& fault) {
    report.bad("store", fault.what());
    return report.verdict();
  }
  check_checkpoint(*stores, report);
  check_log(*stores, report);
  try {
    check_views(*stores, report);
  } catch (const std::exception& fault) {
    report.bad("views", fault.what());
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
  const storage::Verdict verdict =
      storage::verify_export(bundle.folder, storage::parse_verifier(bundle.key), since,
                             [&](auto done, auto total) { line.show(done, total); });
  Report report(options.json);
  if (verdict.good()) {
    report.good("export", std::to_string(verdict.size) + " events, root " +
                              events::to_base64(events::as_text(verdict.root)));
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
      .optional("--key", &bundle->key, "The log's verifier key, as ttpctl checkpoint show tells it")
      .optional("--since", &bundle->since, "File of an older checkpoint that the bundle must extend");
}

}  // namespace ttp::tools

// ttpctl checkpoint: shows the log's last signed checkpoint, and signs a new one if its file was lost.
#include <iostream>
#include <memory>

#include "events/json.hpp"
#include "service/service.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

using CheckpointCheck = service::Stores::CheckpointCheck;

void show(const service::Stores& stores, const Options& options) {
  const std::string note = stores.checkpoint_file.read().value_or("");
  std::vector<std::string> keys;
  for (const storage::Verifier& each : stores.verifiers()) keys.push_back(storage::to_text(each));
  if (!options.json) {
    std::cout << note << "Verifier key: " << keys.front() << "\n";
    for (std::size_t i = 1; i < keys.size(); ++i) std::cout << "Earlier one:  " << keys[i] << "\n";
    return;
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("note", note).member("verifier_key", keys.front()).member("verifier_keys", keys);
  object.end();
  std::cout << json << "\n";
}

Exit show_last(const Options& options) {
  const service::Stores stores(options.load_with_log(), {}, CheckpointCheck::skipped);
  if (!stores.checkpoint_file.read())
    throw Failure{exit_not_found, "there is no checkpoint file " + stores.checkpoint_file.path().string()};
  show(stores, options);
  return exit_ok;
}

Exit renew(const std::string& confirmed_root, const Options& options) {
  const service::Stores stores(options.load_with_log(), {}, CheckpointCheck::skipped);
  const storage::Head head = stores.log->head();
  if (const auto signed_last = stores.checkpoint_file.read(); signed_last && head.next > 0) {
    storage::compare_at_start(*stores.log, stores.signed_checkpoint());
    throw Failure{exit_conflict, "the checkpoint exists and the log extends it: there is nothing to renew"};
  }
  const std::string root = events::to_base64(events::as_text(head.root));
  if (confirmed_root != root)
    throw Failure{exit_usage, "the log holds " + std::to_string(head.next) + " events with root " + root +
                                  ". If that is the history you know, sign it with --root " + root};
  const storage::SignedCheckpoint checkpoint{stores.origin, head.next, head.root};
  stores.checkpoint_file.write(storage::sign_checkpoint(checkpoint, stores.signing_keys()));
  show(stores, options);
  return exit_ok;
}

}  // namespace

void add_checkpoint(Commands& commands) {
  Commands checkpoint = commands.group("checkpoint", "Shows or renews the log's last signed checkpoint");
  checkpoint.add("show", "Shows the signed note and the key that verifies it",
                 "ttpctl checkpoint show --data-dir data", show_last);
  const auto root = std::make_shared<std::string>();
  checkpoint
      .add("renew", "Signs the present log after its checkpoint file was lost", "ttpctl checkpoint renew",
           [root](const Options& options) { return renew(*root, options); })
      .optional("--root", root.get(), "The root that the log must have, in base64");
}

}  // namespace ttp::tools

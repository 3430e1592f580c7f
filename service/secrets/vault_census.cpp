#include "service/secrets/vault_census.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "events/codec.hpp"
#include "events/envelope.hpp"
#include "service/secrets/keys.hpp"
#include "service/workers/delivery_notes.hpp"

namespace ttp::service {
namespace {

constexpr std::size_t page_events = 512;

}  // namespace

const std::string_view older_vault_advice =
    "The vault is older than the log, or was changed. Stop here and bring back the vault that belongs to "
    "this "
    "log; or restore log and vault together into a new folder: ttpctl backup restore.";

VaultCensus::VaultCensus(const storage::Log& log, const storage::Vault& vault,
                         std::vector<domain::UserErased> listed)
    : log_(log), vault_(vault), listed_(std::move(listed)) {}

void VaultCensus::look_through(storage::Position from) {
  const storage::Position until = log_.head().next;
  while (from < until) {
    log_.scan(from, page_events, [&](const storage::SeenEvent& event) {
      const auto envelope = events::decode_envelope(event.envelope);
      const auto decoded = events::decode_body(envelope, event.body, [&](std::string_view subject) {
        note(std::string{subject}, event.position);
        return std::optional<events::DataKey>{};
      });
      if (const auto* operation = std::get_if<domain::OperationPerformed>(&decoded.event))
        note(*operation, event.position);
    });
    from += std::min<storage::Position>(page_events, until - from);
  }
}

void VaultCensus::note(const std::string& subject, storage::Position position) {
  if (const auto [entry, is_new] = seen_.try_emplace(subject, false); !is_new) return;
  if (!vault_.find_data_key(subject) && !is_erased(subject)) missing_.push_back({subject, position});
}

void VaultCensus::note(const domain::OperationPerformed& operation, storage::Position position) {
  if (operation.operation == domain::Operation::master_key_rotated) {
    const auto since = master_key_since(vault_);
    if (!since || *since < operation.performed_at) missing_rotations_.push_back({"", position});
  }
  if (operation.operation != domain::Operation::key_rotated) return;
  if (vault_.named_key_count(operation.subject) < operation.generation)
    missing_rotations_.push_back({operation.subject, position});
}

bool VaultCensus::is_erased(const std::string& subject) const {
  if (std::ranges::any_of(listed_,
                          [&](const auto& each) { return events::subject_name(each.user) == subject; }))
    return true;
  constexpr std::string_view prefix = "user:";
  if (!subject.starts_with(prefix)) return false;
  const std::string stream = "user-" + subject.substr(prefix.size());
  const auto erased = events::name_of(domain::UserErased{});
  for (storage::StreamVersion after = 0;;) {
    const auto page = log_.read_stream(stream, after, page_events);
    if (page.empty()) return false;
    for (const auto& event : page)
      if (events::decode_envelope(event.envelope).type == erased) return true;
    after = page.back().version;
  }
}

std::optional<std::string> VaultCensus::fault() const {
  if (!missing_rotations_.empty()) {
    const MissingRotation& first = missing_rotations_.front();
    return fmt::format("the vault lacks the {} key that an operator let serve (event {})",
                       first.purpose.empty() ? "master" : first.purpose, first.position);
  }
  if (missing_.empty()) return std::nullopt;
  const auto first = std::ranges::min_element(missing_, {}, &MissingKey::position);
  return fmt::format(
      "the vault lacks {} keys of persons and companies with data in the log, the first that of {} (event "
      "{}), "
      "and no erasure of them is recorded",
      missing_.size(), first->subject, first->position);
}

void refuse_older_vault(const storage::Log& log, const storage::Vault& vault,
                        std::vector<domain::UserErased> listed) {
  VaultCensus census{log, vault, std::move(listed)};
  const auto known = delivered_until(vault);
  census.look_through(known && *known <= log.head().next ? *known : 0);
  if (const auto fault = census.fault())
    throw events::Damaged(fmt::format("{}. {}", *fault, older_vault_advice));
}

}  // namespace ttp::service

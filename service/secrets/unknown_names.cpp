#include "service/secrets/unknown_names.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "domain/decision.hpp"

namespace ttp::service {
namespace {

using domain::Reason;

constexpr std::string_view notes = "unknown-name/";

std::string note_key(const events::Hash& name) {
  return std::string{notes} + events::to_base64url(events::as_text(name));
}

// The note: the number of failures, a space, the time of the last one.
std::string note_of(const domain::Failures& failures) {
  return std::to_string(failures.in_a_row) + " " + domain::to_text(failures.last);
}

std::optional<std::pair<events::Hash, domain::Failures>> read_note(std::string_view key,
                                                                   std::string_view note) {
  const auto bytes = events::from_base64url(key.substr(notes.size()));
  const auto space = note.find(' ');
  events::Hash name{};
  domain::Failures failures;
  if (!bytes || bytes->size() != name.size() || space == std::string_view::npos) return std::nullopt;
  std::copy_n(bytes->begin(), name.size(), name.begin());
  const auto last = domain::parse_time(note.substr(space + 1));
  const auto [end, fault] = std::from_chars(note.data(), note.data() + space, failures.in_a_row);
  if (!last || fault != std::errc{} || end != note.data() + space) return std::nullopt;
  failures.last = *last;
  failures.locked = failures.in_a_row >= domain::consecutive_failures_max;
  return std::pair{name, failures};
}

}  // namespace

UnknownNames::UnknownNames(storage::Vault& vault, std::size_t names_max)
    : vault_(vault), names_max_(names_max) {
  const os::MutexLock lock(mutex_);
  for (const auto& [key, note] : vault.scan_notes(notes, {}, names_max_)) {
    const auto known = read_note(key, note);
    if (!known) continue;
    tries_[known->first].failures = known->second;
    names_of_[std::string{}].push_back(known->first);
  }
}

domain::Refusal UnknownNames::refuse(const events::Hash& name, const std::string& network, domain::Time now,
                                     const std::vector<KnownRequest>& asked_as) {
  Counted counted = count(name, network, now, asked_as);
  if (!counted.forgotten.empty()) vault_.erase_note(counted.forgotten);
  if (!counted.note.empty()) vault_.put_note(note_key(name), counted.note, true);
  return std::move(counted.refusal);
}

// Keeps the order of the domain's decision on a known user: answered before, locked, waiting, wrong.
UnknownNames::Counted UnknownNames::count(const events::Hash& name, const std::string& network,
                                          domain::Time now, const std::vector<KnownRequest>& asked_as) {
  const os::MutexLock lock(mutex_);
  std::string forgotten;
  if (!tries_.contains(name) && tries_.size() >= names_max_) forgotten = forget_oldest_of_largest();
  auto& [failures, refusals] = tries_of(name, network);
  for (const KnownRequest& each : asked_as)
    if (const auto before = refusals.find(each.id); before != refusals.end())
      return {before->second, {}, std::move(forgotten)};
  if (auto refusal = failures.refusal_at(now)) return {*std::move(refusal), {}, std::move(forgotten)};
  failures.add(failures.in_a_row + 1, now);
  failures.locked = failures.in_a_row >= domain::consecutive_failures_max;
  const auto refusal =
      domain::wrong_attempt(domain::why(Reason::credential_rejected), failures.in_a_row, now);
  if (!asked_as.empty()) refusals.emplace(asked_as.front().id, refusal);
  return {refusal, note_of(failures), std::move(forgotten)};
}

UnknownNames::Tries& UnknownNames::tries_of(const events::Hash& name, const std::string& network) {
  if (const auto found = tries_.find(name); found != tries_.end()) return found->second;
  names_of_[network].push_back(name);
  return tries_[name];
}

std::string UnknownNames::forget_oldest_of_largest() {
  const auto largest =
      std::ranges::max_element(names_of_, {}, [](const auto& each) { return each.second.size(); });
  const events::Hash name = largest->second.front();
  tries_.erase(name);
  largest->second.pop_front();
  if (largest->second.empty()) names_of_.erase(largest);
  return note_key(name);
}

std::size_t UnknownNames::names_of(const std::string& network) const {
  const os::MutexLock lock(mutex_);
  const auto found = names_of_.find(network);
  return found == names_of_.end() ? 0 : found->second.size();
}

}  // namespace ttp::service

#include "storage/log/judge.hpp"

#include <algorithm>
#include <stdexcept>
#include <variant>

namespace ttp::storage {
namespace {

/// Throws for an event that is malformed whatever the log holds: a bug of the caller.
void validate(const NewEvent& event) {
  if (event.stream.empty()) throw std::invalid_argument("an event has no stream");
  if (event.envelope.empty()) throw std::invalid_argument("an event has no envelope");
  if (event.stream.size() > stream_bytes_max) throw std::length_error("a stream's name is too long");
  if (event.envelope.size() > events::envelope_bytes_max) throw std::length_error("an envelope is too long");
  if (event.body.size() > body_bytes_max) throw std::length_error("an event's body is too long");
  for (const auto& claim : event.claims)
    if (claim.name_space.size() > name_space_bytes_max) throw std::length_error("a name space is too long");
}

}  // namespace

std::vector<AppendResult> Judge::judge(std::span<const Commit> commits) {
  std::vector<AppendResult> results;
  results.reserve(commits.size());
  for (const auto& commit : commits) {
    results.push_back(judge(commit));
    if (!std::holds_alternative<Appended>(results.back())) note_missing(commit);
  }
  return results;
}

AppendResult Judge::judge(const Commit& commit) {
  ClaimOwners pending;
  try {
    for (const auto& event : commit.events) validate(event);
    if (last_recorded_) check_envelopes(commit);
    if (auto objected = objection(commit, pending)) return *std::move(objected);
  } catch (const std::exception& fault) {
    return Failed{fault.what()};
  }
  return accept(commit, std::move(pending));
}

void Judge::note_missing(const Commit& commit) {
  for (const auto& event : commit.events) {
    const auto expected = std::ranges::find(commit.expected, event.stream, &ExpectedVersion::stream);
    const StreamVersion first = expected == commit.expected.end() ? 1 : expected->version + 1;
    const auto [known, is_new] = missing_.emplace(event.stream, first);
    if (!is_new) known->second = std::min(known->second, first);
  }
}

std::optional<AppendResult> Judge::objection(const Commit& commit, ClaimOwners& pending) {
  if (auto before = find_command(commit)) return *std::move(before);
  const bool writes = !commit.events.empty() || commit.id != domain::CommandId{};
  if (sealed_ && writes) return Sealed{};
  for (const auto& [stream, version] : commit.expected) {
    const auto actual = version_of(stream, version);
    // The same number does not help where the commit was decided on an event that is not there: another
    // writer has given the stream another event of this version.
    const auto missing = missing_.find(stream);
    const bool builds_on_missing = missing != missing_.end() && version >= missing->second;
    if (actual != version || builds_on_missing) return Stale{stream, actual};
  }
  if (auto name_space = contested(commit, pending)) return Claimed{*std::move(name_space)};
  if (const auto early = too_early(commit)) return *early;
  return std::nullopt;
}

void Judge::check_envelopes(const Commit& commit) const {
  for (const auto& event : commit.events) {
    const auto envelope = events::decode_envelope(event.envelope);
    if (envelope.stream != event.stream || envelope.claims != event.claims)
      throw std::invalid_argument("an event's envelope tells another stream or other claims");
  }
}

std::optional<TooEarly> Judge::too_early(const Commit& commit) const {
  if (!last_recorded_) return std::nullopt;
  auto last = *last_recorded_;
  for (const auto& event : commit.events) {
    const auto recorded_at = events::view_envelope(event.envelope).recorded_at;
    if (recorded_at < last) return TooEarly{last};
    last = recorded_at;
  }
  return std::nullopt;
}

std::optional<Duplicate> Judge::find_command(const Commit& commit) const {
  if (commit.id == domain::CommandId{}) return std::nullopt;
  if (const auto found = commands_.find(commit.id); found != commands_.end()) return found->second;
  if (commit.looked_through == stands_at_) return std::nullopt;
  return log_.find_command(commit.id);
}

StreamVersion& Judge::version_of(const std::string& stream, StreamVersion likely) {
  if (const auto found = versions_.find(stream); found != versions_.end()) return found->second;
  return versions_.emplace(stream, log_.stream_version(stream, likely)).first->second;
}

std::optional<std::string> Judge::owner_of(const Claim& claim, const ClaimOwners& pending) const {
  if (const auto found = pending.find(claim); found != pending.end()) return found->second;
  if (const auto found = claims_.find(claim); found != claims_.end()) return found->second;
  return log_.claim_owner(claim.first, claim.second);
}

std::optional<std::string> Judge::contested(const Commit& commit, ClaimOwners& pending) const {
  for (const auto& event : commit.events) {
    for (const auto& change : event.claims) {
      const Claim claim{change.name_space, change.key};
      const auto owner = owner_of(claim, pending);
      if (change.add) {
        if (owner && *owner != event.stream) return change.name_space;
        pending[claim] = event.stream;
      } else {
        if (owner != event.stream)
          throw std::logic_error("stream " + event.stream + " releases a claim in " + change.name_space +
                                 " that it does not hold");
        pending[claim] = std::nullopt;
      }
    }
  }
  return std::nullopt;
}

std::map<Judge::Claim, Position> Judge::claimed_at() const {
  std::map<Claim, Position> positions;
  for (const auto& placed : placed_)
    for (const auto& claim : placed.event->claims) positions[{claim.name_space, claim.key}] = placed.position;
  return positions;
}

Appended Judge::accept(const Commit& commit, ClaimOwners&& pending) {
  const Position first = next_;
  for (const auto& event : commit.events) placed_.push_back({next_++, ++version_of(event.stream, 0), &event});
  if (last_recorded_ && !commit.events.empty())
    last_recorded_ = events::view_envelope(commit.events.back().envelope).recorded_at;
  for (auto& [claim, owner] : pending) claims_.insert_or_assign(claim, std::move(owner));
  if (commit.id != domain::CommandId{})
    commands_.emplace(commit.id, Duplicate{first, next_ - 1, commit.fingerprint, commit.answer});
  return {first, next_ - 1};
}

}  // namespace ttp::storage

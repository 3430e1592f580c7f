#include "storage/log/consistency.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "storage/tree/merkle.hpp"

namespace ttp::storage {
namespace {

using events::ClaimChange;
using events::Envelope;
using events::Hash;

constexpr std::size_t page_events = 512;

/// The event at a position, as far as its envelope identifies it.
struct Place {
  std::string stream;
  StreamVersion version = 0;
  domain::CommandId command{};
};

class Check {
 public:
  Check(const Log& log, const std::function<void(const Inconsistency&)>& report,
        const std::function<void(std::uint64_t, std::uint64_t)>& progress)
      : log_(log), report_(report), progress_(progress), next_(log.head().next), unreadable_(next_, false) {}

  LogCounts run() {
    read_events();
    end_of_command();
    go_on("streams", [&] { compare_streams(); });
    go_on("commands", [&] { compare_commands(); });
    go_on("claims", [&] { compare_claims(); });
    compare_tiles();
    return {next_, versions_.size(), commands_, claims_held_, tiles_};
  }

 private:
  void report(std::string part, std::string what, std::optional<Position> position = {},
              std::optional<std::string> stream = {}) {
    report_({std::move(part), std::move(what), position, std::move(stream)});
  }

  void advance(std::uint64_t by) {
    done_ += by;
    // The events are read once in order, and once more from each of two indexes.
    if (progress_) progress_(std::min(done_, 3 * next_), 3 * next_);
  }

  /// A row that cannot be read ends the reading of its part alone.
  template <class Act>
  void go_on(const char* part, Act act) {
    try {
      act();
    } catch (const std::exception& fault) {
      report(part, fault.what());
    }
  }

  // -- the events, in order ---------------------------------------------------------------------------------

  void read_events() {
    for (Position at = 0; at < next_;) {
      const auto wanted = std::min<Position>(page_events, next_ - at);
      std::vector<StoredEvent> page;
      try {
        page = log_.read(at, wanted);
      } catch (const std::exception&) {
        page = read_singly(at, wanted);
      }
      for (const auto& event : page) take(event);
      at += wanted;
      advance(wanted);
    }
  }

  /// Reads the events of a page one by one, after the page could not be read as a whole.
  std::vector<StoredEvent> read_singly(Position from, Position count) {
    std::vector<StoredEvent> found;
    for (Position at = from; at < from + count; ++at) {
      try {
        found.push_back(log_.read(at, 1).at(0));
      } catch (const std::exception& fault) {
        report_unreadable(at, fault.what());
      }
    }
    return found;
  }

  void report_unreadable(Position position, const std::string& what) {
    report("events", what, position);
    unreadable_[position] = true;
    is_whole_ = false;
  }

  void take(const StoredEvent& event) {
    Envelope envelope;
    try {
      envelope = events::decode_envelope(event.envelope);
    } catch (const std::exception& fault) {
      report_unreadable(event.position, fault.what());
      return;
    }
    const Position at = event.position;
    if (envelope.body_bytes != event.body.size() || envelope.body_hash != events::sha256(event.body))
      report("events", "its body is not the one that its envelope names", at, envelope.stream);
    auto& version = versions_[envelope.stream];
    if (event.version != version + 1)
      report("events",
             fmt::format("its version is {}, that before it in its stream is {}", event.version, version), at,
             envelope.stream);
    version = event.version;
    if (envelope.recorded_at < last_time_)
      report("events", "it was recorded before the event ahead of it", at, envelope.stream);
    last_time_ = std::max(last_time_, envelope.recorded_at);
    for (const auto& change : envelope.claims) fold(change, envelope.stream, at);
    take_command(envelope.command, at);
    compare_leaf(event, envelope.stream);
  }

  void fold(const ClaimChange& change, const std::string& stream, Position at) {
    const std::pair key{change.name_space, change.key};
    const auto held = claims_.find(key);
    if (held != claims_.end() && held->second.first != stream)
      report("claims",
             fmt::format("it changes a claim ({}) that {} holds", change.name_space, held->second.first), at,
             stream);
    if (change.add)
      claims_[key] = {stream, at};
    else if (held != claims_.end())
      claims_.erase(held);
    else
      report("claims", fmt::format("it releases a claim ({}) that nobody holds", change.name_space), at,
             stream);
  }

  void compare_leaf(const StoredEvent& event, const std::string& stream) {
    const auto index = event.position / tile_width;
    if (index != leaves_index_) {
      leaves_index_ = index;
      leaves_.clear();
      go_on("tiles", [&] { leaves_ = log_.tile(0, index); });
    }
    const auto offset = static_cast<std::size_t>(event.position % tile_width);
    if (offset < leaves_.size() && leaves_[offset] != hash_leaf(event.version, event.envelope))
      report("tiles", "its leaf in the tree is another", event.position, stream);
  }

  // -- commands: the events of each stand next to each other ------------------------------------------------

  void take_command(const domain::CommandId& command, Position at) {
    if (stretch_ && stretch_->command == command) {
      stretch_->last = at;
      return;
    }
    end_of_command();
    stretch_ = CommandRow{command, at, at};
  }

  void end_of_command() {
    if (!stretch_) return;
    const auto seen = *std::exchange(stretch_, std::nullopt);
    try {
      const auto known = log_.find_command(seen.command);
      if (!known) {
        report("commands",
               fmt::format("the command {} of this event is not known", domain::to_text(seen.command)),
               seen.first);
        return;
      }
      // If events are unreadable, a stretch may be shorter than it was.
      const bool fits = is_whole_ ? known->first == seen.first && known->last == seen.last
                                  : known->first <= seen.first && seen.last <= known->last;
      if (!fits)
        report("commands",
               fmt::format("the events of command {} stand at {} to {}, but it is known at {} to {}",
                           domain::to_text(seen.command), seen.first, seen.last, known->first, known->last),
               seen.first);
    } catch (const std::exception& fault) {
      report("commands", fault.what(), seen.first);
    }
  }

  void compare_commands() {
    log_.each_command_row([&](const CommandRow& row) {
      ++commands_;
      if (!row.has_events()) {
        if (row.first > next_)
          report("commands",
                 fmt::format("the command {} is said to have changed nothing at {}, where the log "
                             "has no event",
                             domain::to_text(row.command), row.last));
        return;
      }
      advance(row.first <= row.last && row.last < next_ ? row.last - row.first + 1 : 0);
      const auto place = place_of(row.first);
      if (row.last < row.first || row.last >= next_)
        report("commands", fmt::format("the command {} is known at {} to {}, where there are no such events",
                                       domain::to_text(row.command), row.first, row.last));
      else if (place && place->command != row.command)
        report("commands",
               fmt::format("the command {} is known here, where the events are of another",
                           domain::to_text(row.command)),
               row.first);
    });
  }

  // -- the stream index -------------------------------------------------------------------------------------

  void compare_streams() {
    std::vector<bool> indexed = unreadable_;
    log_.each_stream_row([&](const StreamRow& row) {
      advance(1);
      if (row.position >= next_) {
        report("streams",
               fmt::format("version {} is said to stand at {}, where the log has no event", row.version,
                           row.position),
               {}, row.stream);
        return;
      }
      const auto place = place_of(row.position);
      if (!place) return;
      if (place->stream == row.stream && place->version == row.version)
        indexed[row.position] = true;
      else
        report("streams",
               fmt::format("version {} is said to stand here, where version {} of {} is", row.version,
                           place->version, place->stream),
               row.position, row.stream);
    });
    for (Position at = 0; at < next_; ++at) {
      if (indexed[at]) continue;
      const auto place = place_of(at);
      report("streams", fmt::format("the index has no row for version {}", place ? place->version : 0), at,
             place ? std::optional{place->stream} : std::nullopt);
    }
  }

  /// Nothing if the event cannot be read; that was reported before.
  std::optional<Place> place_of(Position position) const {
    if (position >= next_ || unreadable_[position]) return std::nullopt;
    const auto event = log_.read(position, 1).at(0);
    auto envelope = events::decode_envelope(event.envelope);
    return Place{std::move(envelope.stream), event.version, envelope.command};
  }

  // -- claims -----------------------------------------------------------------------------------------------

  void compare_claims() {
    claims_held_ = claims_.size();
    auto missing = claims_;
    log_.each_claim_row([&](const ClaimRow& row) {
      const auto held = claims_.find({row.name_space, row.key});
      missing.erase({row.name_space, row.key});
      if (held == claims_.end()) {
        report("claims", fmt::format("a claim ({}) is held, but no event says so", row.name_space),
               row.position, row.owner);
        return;
      }
      const auto& [owner, position] = held->second;
      if (row.owner != owner)
        report("claims", fmt::format("a claim ({}) of this stream is held by {}", row.name_space, row.owner),
               position, owner);
      else if (row.position != position)
        report("claims",
               fmt::format("a claim ({}) is said to be of the event at {}", row.name_space, row.position),
               position, owner);
    });
    for (const auto& [claim, held] : missing)
      report("claims", fmt::format("a claim ({}) of this event is not held", claim.first), held.second,
             held.first);
  }

  // -- the tiles above the leaves ---------------------------------------------------------------------------

  void compare_tiles() {
    auto full = next_ / tile_width;
    for (unsigned level = 0; full > 0; ++level, full /= tile_width) {
      for (std::uint64_t index = 0; index < full; ++index, ++tiles_)
        go_on("tiles", [&] {
          const auto above = log_.tile(level + 1, index / tile_width);
          if (above.at(static_cast<std::size_t>(index % tile_width)) != merkle_root(log_.tile(level, index)))
            report("tiles", fmt::format("tile {} of level {} is not the one that the tile above it has",
                                        index, level));
        });
    }
    go_on("tiles", [&] {
      if (log_.root_at(next_) != log_.head().root)
        report("tiles", "they do not give the root of the log's head");
    });
  }

  const Log& log_;
  const std::function<void(const Inconsistency&)>& report_;
  const std::function<void(std::uint64_t, std::uint64_t)>& progress_;
  const Position next_;
  std::vector<bool> unreadable_;  // by position; reported already
  bool is_whole_ = true;          // no position is unreadable so far
  std::uint64_t done_ = 0, commands_ = 0, claims_held_ = 0, tiles_ = 0;

  std::unordered_map<std::string, StreamVersion> versions_;
  std::map<std::pair<std::string, Hash>, std::pair<std::string, Position>> claims_;  // owner and since when
  domain::Time last_time_{};
  std::optional<CommandRow> stretch_;
  std::optional<std::uint64_t> leaves_index_;
  std::vector<Hash> leaves_;
};

}  // namespace

LogCounts check_consistency(const Log& log, const std::function<void(const Inconsistency&)>& report,
                            const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  return Check{log, report, progress}.run();
}

}  // namespace ttp::storage

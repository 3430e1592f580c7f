#include "storage/log/memory_log.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "os/mutex.hpp"
#include "storage/log/judge.hpp"
#include "storage/log/tip.hpp"

namespace ttp::storage {
namespace {

class MemoryLog final : public Log {
 public:
  explicit MemoryLog(Writers writers) : writers_(writers) { events::fill_random(id_.bytes); }

  domain::Uuid id() const override { return id_; }
  bool others_may_write() const override { return writers_ == Writers::many; }
  Head head() const override { return tip_.head(); }

  std::vector<AppendResult> append(std::span<const Commit> commits) override {
    const os::MutexLock writer{writer_};
    const Head before = head();
    const bool is_shared = writers_ == Writers::many;
    Judge judge{*this, before, is_shared ? std::optional{last_recorded_} : std::nullopt};
    auto results = judge.judge(commits);
    if (!judge.has_accepted()) return results;
    last_recorded_ = judge.last_recorded().value_or(domain::Time{});
    auto edge = tip_.edge();
    keep(judge, edge);
    tip_.publish(std::move(edge), before.sealed);
    return results;
  }

  void scan(Position from, std::size_t limit,
            const std::function<void(const SeenEvent&)>& visit) const override {
    const Position next = head().next;
    const os::SharedLock lock{state_};
    const Position end = from >= next ? from : from + std::min<Position>(limit, next - from);
    for (Position position = from; position < end; ++position) {
      const auto& event = events_[position];
      visit({position, event.version, event.envelope, event.body});
    }
  }

  std::vector<StoredEvent> read_stream(std::string_view stream, StreamVersion after,
                                       std::size_t limit) const override {
    const os::SharedLock lock{state_};
    std::vector<StoredEvent> found;
    const auto positions = streams_.find(std::string{stream});
    if (positions == streams_.end()) return found;
    for (auto i = after; i < positions->second.size() && found.size() < limit; ++i)
      found.push_back(events_[positions->second[i]]);
    return found;
  }

  StreamVersion stream_version(std::string_view stream, StreamVersion) const override {
    const os::SharedLock lock{state_};
    const auto found = streams_.find(std::string{stream});
    return found == streams_.end() ? 0 : found->second.size();
  }

  std::optional<Duplicate> find_command(const domain::CommandId& id) const override {
    const os::SharedLock lock{state_};
    const auto found = commands_.find(id);
    return found == commands_.end() ? std::nullopt : std::optional{found->second};
  }

  std::optional<std::string> claim_owner(std::string_view name_space,
                                         const events::Hash& key) const override {
    const os::SharedLock lock{state_};
    const auto found = claims_.find({std::string{name_space}, key});
    return found == claims_.end() ? std::nullopt : std::optional{found->second.owner};
  }

  void each_stream_row(const std::function<void(const StreamRow&)>& visit) const override {
    const os::SharedLock lock{state_};
    for (const auto& [stream, positions] : streams_)
      for (std::size_t i = 0; i < positions.size(); ++i) visit({stream, i + 1, positions[i]});
  }

  void each_command_row(const std::function<void(const CommandRow&)>& visit) const override {
    const os::SharedLock lock{state_};
    for (const auto& [id, command] : commands_) visit({id, command.first, command.last});
  }

  void each_claim_row(const std::function<void(const ClaimRow&)>& visit) const override {
    const os::SharedLock lock{state_};
    for (const auto& [claim, held] : claims_) visit({claim.first, claim.second, held.owner, held.position});
  }

  Position wait_beyond(Position position, std::chrono::milliseconds time_out) const override {
    return tip_.wait_beyond(position, time_out);
  }

  Position barrier() override {
    const os::MutexLock writer{writer_};
    return head().next;
  }

  Head seal() override {
    const os::MutexLock writer{writer_};
    tip_.publish(tip_.edge(), true);
    return head();
  }

  std::vector<events::Hash> tile(unsigned level, std::uint64_t index) const override {
    return tip_.tile(level, index, [this](unsigned l, std::uint64_t i) {
      const os::SharedLock lock{state_};
      return tiles_.at({l, i});
    });
  }

 private:
  void keep(const Judge& judge, TileEdge& edge) TTP_REQUIRES(writer_) {
    const os::ExclusiveLock lock{state_};
    std::vector<FullTile> filled;
    for (const auto& [position, version, event] : judge.placed()) {
      events_.push_back({position, version, event->envelope, event->body});
      streams_[event->stream].push_back(position);
      edge.push(hash_leaf(version, event->envelope), filled);
    }
    for (auto& tile : filled) tiles_[{tile.level, tile.index}] = std::move(tile.hashes);
    commands_.insert(judge.commands().begin(), judge.commands().end());
    const auto claimed_at = judge.claimed_at();
    for (const auto& [claim, owner] : judge.claims()) {
      if (owner)
        claims_[claim] = {*owner, claimed_at.at(claim)};
      else
        claims_.erase(claim);
    }
  }

  const Writers writers_;
  domain::Uuid id_;
  os::Mutex writer_ TTP_ACQUIRED_BEFORE(state_);          // one append at a time
  domain::Time last_recorded_ TTP_GUARDED_BY(writer_){};  // if others may write
  Tip tip_;
  mutable os::SharedMutex state_;
  std::vector<StoredEvent> events_ TTP_GUARDED_BY(state_);
  std::unordered_map<std::string, std::vector<Position>> streams_ TTP_GUARDED_BY(state_);
  std::unordered_map<domain::CommandId, Duplicate> commands_ TTP_GUARDED_BY(state_);
  struct Held {
    std::string owner;
    Position position = 0;
  };
  std::map<Judge::Claim, Held> claims_ TTP_GUARDED_BY(state_);
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<events::Hash>> tiles_ TTP_GUARDED_BY(state_);
};

}  // namespace

std::unique_ptr<Log> open_memory_log(Writers writers) {
  return std::make_unique<MemoryLog>(writers);
}

}  // namespace ttp::storage

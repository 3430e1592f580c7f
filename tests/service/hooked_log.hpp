// A log in memory whose appends and look-ups a test can hold, fail or leave unknown.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/log/memory_log.hpp"

namespace ttp::service::tests {

class HookedLog final : public storage::Log {
 public:
  explicit HookedLog(std::unique_ptr<storage::Log> log = storage::open_memory_log()) : log_(std::move(log)) {}

  /// Called once, before the next append.
  void before_next_append(std::function<void()> act) {
    const std::scoped_lock lock(mutex_);
    before_append_ = std::move(act);
  }
  /// Every sync fails from now on: the first append is unknown, later ones are refused.
  void break_disk(bool first_is_written = false) {
    const std::scoped_lock lock(mutex_);
    breaks_ = first_is_written ? Breaks::after_write : Breaks::before_write;
  }
  void mend_disk() {
    const std::scoped_lock lock(mutex_);
    breaks_ = Breaks::no;
  }
  /// From now on the row of this command cannot be read.
  void damage_command(const domain::CommandId& id) {
    const std::scoped_lock lock(mutex_);
    damaged_command_ = id;
  }
  /// From now on the index of this stream cannot be read.
  void damage_stream(std::string stream) {
    const std::scoped_lock lock(mutex_);
    damaged_stream_ = std::move(stream);
  }

  std::vector<storage::AppendResult> append(std::span<const storage::Commit> commits) override {
    if (const auto act = taken_hook()) act();
    const std::scoped_lock lock(mutex_);
    if (breaks_ == Breaks::no) return log_->append(commits);
    if (breaks_ == Breaks::broken) throw std::runtime_error("an earlier append failed");
    if (std::exchange(breaks_, Breaks::broken) == Breaks::after_write) log_->append(commits);
    return std::vector<storage::AppendResult>(
        commits.size(),
        storage::Unknown{"appending to the log in /data/log: IO error: No space left on device"});
  }
  using Log::stream_version;
  domain::Uuid id() const override { return log_->id(); }
  bool others_may_write() const override { return log_->others_may_write(); }
  storage::Head head() const override { return log_->head(); }
  void scan(storage::Position from, std::size_t limit,
            const std::function<void(const storage::SeenEvent&)>& visit) const override {
    log_->scan(from, limit, visit);
  }
  std::vector<storage::StoredEvent> read_stream(std::string_view stream, storage::StreamVersion after,
                                                std::size_t limit) const override {
    throw_if_damaged(stream);
    return log_->read_stream(stream, after, limit);
  }
  storage::StreamVersion stream_version(std::string_view stream,
                                        storage::StreamVersion likely) const override {
    throw_if_damaged(stream);
    return log_->stream_version(stream, likely);
  }
  std::optional<storage::Duplicate> find_command(const domain::CommandId& command) const override {
    {
      const std::scoped_lock lock(mutex_);
      if (command == damaged_command_) throw events::Damaged("reading the log: Corruption: block checksum");
    }
    return log_->find_command(command);
  }
  std::optional<std::string> claim_owner(std::string_view name_space,
                                         const events::Hash& key) const override {
    return log_->claim_owner(name_space, key);
  }
  void each_stream_row(const std::function<void(const storage::StreamRow&)>& visit) const override {
    log_->each_stream_row(visit);
  }
  void each_command_row(const std::function<void(const storage::CommandRow&)>& visit) const override {
    log_->each_command_row(visit);
  }
  void each_claim_row(const std::function<void(const storage::ClaimRow&)>& visit) const override {
    log_->each_claim_row(visit);
  }
  storage::Position wait_beyond(storage::Position position,
                                std::chrono::milliseconds time_out) const override {
    return log_->wait_beyond(position, time_out);
  }
  storage::Position barrier() override { return log_->barrier(); }
  storage::Position enter_turn() override { return log_->enter_turn(); }
  void leave_turn() override { log_->leave_turn(); }
  storage::Head seal() override { return log_->seal(); }
  std::vector<events::Hash> tile(unsigned level, std::uint64_t index) const override {
    return log_->tile(level, index);
  }

 private:
  enum class Breaks : std::uint8_t { no, before_write, after_write, broken };

  std::function<void()> taken_hook() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(before_append_, {});
  }
  void throw_if_damaged(std::string_view stream) const {
    const std::scoped_lock lock(mutex_);
    if (stream == damaged_stream_)
      throw events::Damaged("reading the stream index: Corruption: block checksum");
  }

  const std::unique_ptr<storage::Log> log_;
  mutable std::mutex mutex_;  // guards what follows
  std::function<void()> before_append_;
  Breaks breaks_ = Breaks::no;
  std::optional<domain::CommandId> damaged_command_;
  std::optional<std::string> damaged_stream_;
};

}  // namespace ttp::service::tests

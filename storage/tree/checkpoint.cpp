#include "storage/tree/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "os/files.hpp"

namespace ttp::storage {
namespace {

using events::Damaged;
using events::Hash;

constexpr std::size_t note_bytes_max = 64 * 1024;

SignedCheckpoint parse_text(std::string_view text) {
  SignedCheckpoint checkpoint;
  std::string_view rest = text;
  checkpoint.origin = take_line(rest);
  const auto size = take_line(rest);
  std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  const auto root = events::from_base64(take_line(rest));
  if (!root || root->size() != checkpoint.root.size()) throw Damaged("a checkpoint's root is not a hash");
  std::ranges::copy(events::as_bytes(*root), checkpoint.root.begin());
  // Each checkpoint has exactly one text: leading zeros, signs and extra lines are refused here.
  if (checkpoint_text(checkpoint) != text) throw Damaged("a checkpoint is not three lines of its form");
  return checkpoint;
}

std::string root_text(const Hash& root) {
  return events::to_base64(events::as_text(root));
}

}  // namespace

std::string checkpoint_text(const SignedCheckpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, root_text(checkpoint.root));
}

std::string sign_checkpoint(const SignedCheckpoint& checkpoint, const SecretKey& seed) {
  return sign_note(checkpoint_text(checkpoint), checkpoint.origin, std::span{&seed, 1});
}

std::string sign_checkpoint(const SignedCheckpoint& checkpoint, const SigningKeys& seeds) {
  return sign_note(checkpoint_text(checkpoint), checkpoint.origin, signers(seeds));
}

std::span<const SecretKey> signers(const SigningKeys& seeds) {
  constexpr std::size_t signatures_max = 2;
  return std::span{seeds}.first(std::min(seeds.size(), signatures_max));
}

std::vector<Verifier> verifiers_of(const std::string& origin, const SigningKeys& seeds) {
  std::vector<Verifier> verifiers;
  for (const SecretKey& seed : seeds) verifiers.push_back({origin, verifying_key(seed)});
  return verifiers;
}

SignedCheckpoint open_checkpoint(std::string_view note, std::string_view origin, const VerifyingKey& key) {
  const Verifier verifier{std::string{origin}, key};
  return open_checkpoint(note, std::span{&verifier, 1});
}

SignedCheckpoint open_checkpoint(std::string_view note, std::span<const Verifier> verifiers) {
  auto checkpoint = parse_text(open_note(note, verifiers));
  if (checkpoint.origin != verifiers.front().name) throw Damaged("the checkpoint is another log's");
  return checkpoint;
}

void compare_at_start(const Log& log, const std::optional<SignedCheckpoint>& checkpoint) {
  const Head head = log.head();
  if (!checkpoint) {
    if (head.next == 0) return;
    throw CheckpointMissing(fmt::format(
        "the log has {} events with root {}, but there is no signed checkpoint to compare it with: "
        "bring its file back, or, knowing why it is gone, run ttpctl checkpoint renew",
        head.next, root_text(head.root)));
  }
  const auto signed_text = fmt::format("the signed checkpoint has {} events with root {}", checkpoint->size,
                                       root_text(checkpoint->root));
  if (head.next < checkpoint->size)
    throw LogShorter(
        fmt::format("the log has {} events with root {}, but {}: acknowledged events are missing", head.next,
                    root_text(head.root), signed_text));
  if (const auto root = log.root_at(checkpoint->size); root != checkpoint->root)
    throw LogDiffers(
        fmt::format("the log's first {} of {} events have root {}, but {}: this is another history",
                    checkpoint->size, head.next, root_text(root), signed_text));
}

std::optional<std::string> CheckpointFile::read() const {
  return os::read_small_file(path_, note_bytes_max);
}

void CheckpointFile::write(std::string_view note) const {
  if (path_.has_parent_path()) os::make_private_folder(path_.parent_path());
  os::replace_file(path_, note);
}

CheckpointKeeper::CheckpointKeeper(const Log& log, CheckpointFile file, std::string origin, SigningKeys seeds,
                                   std::chrono::milliseconds interval)
    : log_(log),
      file_(std::move(file)),
      origin_(std::move(origin)),
      interval_(interval),
      seeds_(std::move(seeds)) {
  if (auto note = file_.read()) {
    last_ = open_checkpoint(*note, verifiers_of(origin_, seeds_));
    note_ = *std::move(note);
  }
  compare_at_start(log_, last_);
  if (!last_) sign_now();
  worker_.emplace(
      os::Worker::Traits{
          .fault = {"checkpoint", "the signed checkpoint could not be written",
                    "Commands are accepted, but no signature covers the newest events. Make room at " +
                        file_.path().string() + " or make it writable; the service tries again by itself",
                    "the signed checkpoint could not be written"},
          .thread_name = "checkpointer",
          .starts_after = interval_,
          .first_wait = interval_,
          .longest_wait = std::max(interval_, std::chrono::milliseconds{5'000})},
      [this](os::Worker&) {
        sign_now();
        return os::Worker::Next::within(interval_);
      });
}

CheckpointKeeper::~CheckpointKeeper() {
  stop();
}

SignedCheckpoint CheckpointKeeper::sign_now() {
  const os::MutexLock turn{turn_};
  // A log must never sign two histories, whatever went wrong since the last signature.
  const auto last = signed_last();
  compare_at_start(log_, last);
  const Head head = log_.head();
  if (last && last->size == head.next) return *last;
  const SignedCheckpoint checkpoint{origin_, head.next, head.root};
  publish(checkpoint);
  return checkpoint;
}

void CheckpointKeeper::publish(const SignedCheckpoint& checkpoint) {
  auto note = sign_checkpoint(checkpoint, seeds_);
  file_.write(note);
  const os::MutexLock lock{mutex_};
  last_ = checkpoint;
  note_ = std::move(note);
}

void CheckpointKeeper::use(SigningKeys seeds) {
  const os::MutexLock turn{turn_};
  seeds_ = std::move(seeds);
  if (const auto last = signed_last()) publish(*last);
}

std::optional<SignedCheckpoint> CheckpointKeeper::signed_last() const {
  const os::MutexLock lock{mutex_};
  return last_;
}

std::pair<SignedCheckpoint, std::string> CheckpointKeeper::last() const {
  const os::MutexLock lock{mutex_};
  return {last_.value_or(SignedCheckpoint{}), note_};
}

void CheckpointKeeper::stop() noexcept {
  if (std::exchange(stopped_, true)) return;
  worker_->stop();
  try {
    sign_now();
  } catch (const std::exception&) {
    // The older checkpoint stays on file; it is a prefix of the log, so the next start accepts it.
  }
}

}  // namespace ttp::storage

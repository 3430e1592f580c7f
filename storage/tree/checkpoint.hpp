// Signed checkpoints: the log's size and root in a form that anybody can check (C2SP tlog-checkpoint, a
// signed note with Ed25519), kept in a file outside the databases. At start the log is compared with the last
// one; a log that was cut or replaced is refused.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/bytes.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "storage/log/log.hpp"
#include "storage/tree/signed_note.hpp"
#include "storage/vault/secret_key.hpp"

namespace ttp::storage {

/// `origin` names the log: a URL without scheme, without spaces and plus signs. It is also the key's name.
struct SignedCheckpoint {
  std::string origin;
  Position size = 0;
  events::Hash root{};
  friend bool operator==(const SignedCheckpoint&, const SignedCheckpoint&) = default;
};

/// The three lines that are signed: origin, size, base64 of the root; each with its newline.
std::string checkpoint_text(const SignedCheckpoint& checkpoint);
/// The signing keys, the newest first. A note is signed by the newest key and by the one before it, for
/// verifiers that only know the older key yet.
using SigningKeys = std::vector<SecretKey>;
/// The keys that sign now.
std::span<const SecretKey> signers(const SigningKeys& seeds);
/// The public halves of all keys.
std::vector<Verifier> verifiers_of(const std::string& origin, const SigningKeys& seeds);

/// The signed note. Throws std::invalid_argument for an origin that is not a valid key name.
std::string sign_checkpoint(const SignedCheckpoint& checkpoint, const SecretKey& seed);
std::string sign_checkpoint(const SignedCheckpoint& checkpoint, const SigningKeys& seeds);
/// Reads a signed note; other keys' signatures are ignored. Throws events::Damaged if it is not a checkpoint
/// of `origin` with a valid signature by `key`.
SignedCheckpoint open_checkpoint(std::string_view note, std::string_view origin, const VerifyingKey& key);
/// The same with a signature by any of several keys of one origin.
SignedCheckpoint open_checkpoint(std::string_view note, std::span<const Verifier> verifiers);

/// The log is not the one that was signed last.
struct NotTheSignedLog : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The log holds fewer events than a signed checkpoint says: acknowledged events are gone.
struct LogShorter : NotTheSignedLog {
  using NotTheSignedLog::NotTheSignedLog;
};
/// The log holds other events than those that a signed checkpoint covers.
struct LogDiffers : NotTheSignedLog {
  using NotTheSignedLog::NotTheSignedLog;
};
/// The log holds events, but there is no checkpoint. An empty log is signed before its first event, so the
/// file was lost.
struct CheckpointMissing : NotTheSignedLog {
  using NotTheSignedLog::NotTheSignedLog;
};
/// Throws LogShorter or LogDiffers, whose messages name both sizes and roots, or CheckpointMissing.
void compare_at_start(const Log& log, const std::optional<SignedCheckpoint>& checkpoint);

/// The file that holds the last signed note. It must not be in the folder of a database.
class CheckpointFile {
 public:
  explicit CheckpointFile(std::filesystem::path path) : path_(std::move(path)) {}
  /// Nothing if there is no file yet.
  std::optional<std::string> read() const;
  /// Replaces the file as a whole and durably: the old note or the new one survives a crash, never a part.
  void write(std::string_view note) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Signs the head when it has moved, at most once per `interval`, and once more when it stops. If the file
/// cannot be written, its worker retries.
class CheckpointKeeper {
 public:
  /// Compares the log with the checkpoint on file before it starts, and signs an empty log at once. Throws
  /// what `open_checkpoint`, `compare_at_start` and `sign_now` throw. `log` must outlive the keeper.
  CheckpointKeeper(const Log& log, CheckpointFile file, std::string origin, SigningKeys seeds,
                   std::chrono::milliseconds interval = std::chrono::seconds{1});
  ~CheckpointKeeper();
  CheckpointKeeper(const CheckpointKeeper&) = delete;
  CheckpointKeeper& operator=(const CheckpointKeeper&) = delete;

  /// Signs what is durable now, whether or not the interval is over; returns the checkpoint on file. Throws
  /// what `compare_at_start` throws and std::system_error.
  SignedCheckpoint sign_now();
  /// The last signed checkpoint and its note.
  std::pair<SignedCheckpoint, std::string> last() const;
  std::string note() const { return last().second; }
  /// Signs with these keys from now on, and signs the last checkpoint again with them at once.
  void use(SigningKeys seeds);
  /// Why the worker's last signing failed; nothing if it succeeded.
  std::optional<std::string> fault() const { return worker_->fault(); }
  /// Ends the worker and signs the last events; the destructor does the same.
  void stop() noexcept;

 private:
  void publish(const SignedCheckpoint& checkpoint) TTP_REQUIRES(turn_);
  std::optional<SignedCheckpoint> signed_last() const;

  const Log& log_;
  const CheckpointFile file_;
  const std::string origin_;
  const std::chrono::milliseconds interval_;
  os::Mutex turn_ TTP_ACQUIRED_BEFORE(mutex_);  // held for a whole signature
  SigningKeys seeds_ TTP_GUARDED_BY(turn_);
  mutable os::Mutex mutex_;  // never held during disk access
  std::optional<SignedCheckpoint> last_ TTP_GUARDED_BY(mutex_);
  std::string note_ TTP_GUARDED_BY(mutex_);
  bool stopped_ = false;  // used only by the thread that calls stop
  std::optional<os::Worker> worker_;
};

}  // namespace ttp::storage

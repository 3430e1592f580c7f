#include "storage/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>
#include <sodium.h>

#include "storage/files.hpp"

namespace ttp::storage {
namespace {

using events::Damaged;
using events::Hash;

// ---- fixed by C2SP (signed-note, tlog-checkpoint): never change ------------------------------------------
constexpr std::string_view signature_mark = "\xE2\x80\x94 ";  // em dash, space
constexpr char ed25519_type = 0x01;
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t signature_bytes = crypto_sign_BYTES;
constexpr std::size_t note_bytes_max = 64 * 1024;

bool is_key_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != '+'; });
}

/// The first four bytes of SHA-256(name || newline || type || public key).
std::string key_id(std::string_view name, const VerifyingKey& key) {
  std::string input{name};
  input.append("\n").append(1, ed25519_type).append(events::as_text(key));
  return std::string{events::as_text(events::sha256(input)).substr(0, key_id_bytes)};
}
// ---- end of what is fixed --------------------------------------------------------------------------------

/// A pair of keys, wiped when it goes.
struct KeyPair {
  explicit KeyPair(const SecretKey& seed) {
    crypto_sign_seed_keypair(open.data(), secret.data(), seed.bytes.data());
  }
  ~KeyPair() { wipe(secret); }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;

  VerifyingKey open{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
};

std::string take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) throw Damaged("a signed note has a line without an end");
  std::string line{text.substr(0, end)};
  text.remove_prefix(end + 1);
  return line;
}

SignedCheckpoint parse_text(std::string_view text) {
  SignedCheckpoint checkpoint;
  std::string_view rest = text;
  checkpoint.origin = take_line(rest);
  const auto size = take_line(rest);
  std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  const auto root = events::from_base64(take_line(rest));
  if (!root || root->size() != checkpoint.root.size()) throw Damaged("a checkpoint's root is not a hash");
  std::ranges::copy(events::as_bytes(*root), checkpoint.root.begin());
  // One text per checkpoint: leading zeros, signs and further lines do not come back.
  if (checkpoint_text(checkpoint) != text) throw Damaged("a checkpoint is not three lines of its form");
  return checkpoint;
}

/// Whether the signature line is by this key. Throws Damaged for a line that is none, and for a bad signature
/// by it.
bool signed_by(const std::string& line, std::string_view text, std::string_view name,
               const VerifyingKey& key) {
  const auto space = line.rfind(' ');
  if (!line.starts_with(signature_mark) || space < signature_mark.size())
    throw Damaged("a signed note has a line that is no signature");
  const auto blob = events::from_base64(std::string_view{line}.substr(space + 1));
  if (!blob || blob->size() < key_id_bytes) throw Damaged("a signed note has a signature that is not base64");
  const auto signer = std::string_view{line}.substr(signature_mark.size(), space - signature_mark.size());
  if (signer != name || blob->substr(0, key_id_bytes) != key_id(name, key)) return false;
  const auto signature = blob->substr(key_id_bytes);
  if (signature.size() != signature_bytes ||
      crypto_sign_verify_detached(events::as_bytes(signature).data(), events::as_bytes(text).data(),
                                  text.size(), key.data()) != 0)
    throw Damaged("a checkpoint's signature is wrong");
  return true;
}

std::string root_text(const Hash& root) {
  return events::to_base64(events::as_text(root));
}

}  // namespace

VerifyingKey verifying_key(const SecretKey& seed) {
  return KeyPair{seed}.open;
}

std::string verifier_text(std::string_view origin, const VerifyingKey& key) {
  const std::string typed_key = std::string(1, ed25519_type).append(events::as_text(key));
  return fmt::format("{}+{}+{}", origin, events::to_hex(key_id(origin, key)), events::to_base64(typed_key));
}

std::string checkpoint_text(const SignedCheckpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, root_text(checkpoint.root));
}

std::string sign_checkpoint(const SignedCheckpoint& checkpoint, const SecretKey& seed) {
  if (!is_key_name(checkpoint.origin))
    throw std::invalid_argument("a log's origin must be printable ASCII without spaces and plus signs");
  const auto text = checkpoint_text(checkpoint);
  const KeyPair keys{seed};
  std::array<std::uint8_t, signature_bytes> signature;
  crypto_sign_detached(signature.data(), nullptr, events::as_bytes(text).data(), text.size(),
                       keys.secret.data());
  const auto blob = key_id(checkpoint.origin, keys.open).append(events::as_text(signature));
  return fmt::format("{}\n{}{} {}\n", text, signature_mark, checkpoint.origin, events::to_base64(blob));
}

SignedCheckpoint open_checkpoint(std::string_view note, std::string_view origin, const VerifyingKey& key) {
  const auto gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) throw Damaged("a signed note has no signatures");
  const auto text = note.substr(0, gap + 1);
  const auto checkpoint = parse_text(text);
  if (checkpoint.origin != origin) throw Damaged("the checkpoint is another log's");
  bool found = false;
  for (auto rest = note.substr(gap + 2); !rest.empty();)
    found |= signed_by(take_line(rest), text, origin, key);
  if (!found) throw Damaged("the checkpoint is not signed with this log's key");
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
  return read_small_file(path_, note_bytes_max);
}

void CheckpointFile::write(std::string_view note) const {
  if (path_.has_parent_path()) make_private_folder(path_.parent_path());
  replace_file(path_, note);
}

CheckpointKeeper::CheckpointKeeper(const Log& log, CheckpointFile file, std::string origin,
                                   const SecretKey& seed, std::chrono::milliseconds interval)
    : log_(log), file_(std::move(file)), origin_(std::move(origin)), seed_(seed), interval_(interval) {
  if (auto note = file_.read()) {
    last_ = open_checkpoint(*note, origin_, verifying_key(seed_));
    note_ = *std::move(note);
  }
  compare_at_start(log_, last_);
  if (!last_) sign_now();
  thread_ = std::thread{[this] { run(); }};
}

CheckpointKeeper::~CheckpointKeeper() {
  stop();
}

SignedCheckpoint CheckpointKeeper::sign_now() {
  const std::lock_guard turn{turn_};
  // A log must never sign two histories, whatever went wrong since the last turn.
  compare_at_start(log_, last_);
  const Head head = log_.head();
  if (last_ && last_->size == head.next) return *last_;
  const SignedCheckpoint checkpoint{origin_, head.next, head.root};
  auto note = sign_checkpoint(checkpoint, seed_);
  file_.write(note);
  last_ = checkpoint;
  const std::lock_guard lock{mutex_};
  note_ = std::move(note);
  return checkpoint;
}

std::string CheckpointKeeper::note() const {
  const std::lock_guard lock{mutex_};
  return note_;
}

std::optional<std::string> CheckpointKeeper::fault() const {
  const std::lock_guard lock{mutex_};
  return fault_;
}

void CheckpointKeeper::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CheckpointKeeper::run() {
  for (bool last_turn = false; !last_turn;) {
    {
      std::unique_lock lock{mutex_};
      last_turn = wake_.wait_for(lock, interval_, [this] { return stopping_; });
    }
    take_turn();
  }
}

void CheckpointKeeper::take_turn() noexcept {
  std::optional<std::string> fault;
  try {
    sign_now();
  } catch (const std::exception& error) {
    fault = error.what();
  }
  const std::lock_guard lock{mutex_};
  fault_ = std::move(fault);
}

}  // namespace ttp::storage

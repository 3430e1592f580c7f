#include "storage/backup/backup.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "events/envelope.hpp"
#include "os/files.hpp"
#include "storage/backup/parts.hpp"
#include "storage/backup/rocks_backup.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/tree/merkle.hpp"

namespace ttp::storage {
namespace {

namespace fs = std::filesystem;
using events::Damaged;
using events::Hash;

constexpr std::size_t page_events = 512;

// ---- stored: never change (a backup's label) -------------------------------------------------------------
constexpr std::string_view log_label = "trusted-trader log backup 1";
constexpr std::string_view vault_label = "trusted-trader vault backup 1";

std::string label_text(std::string_view kind, domain::Time taken_at) {
  return fmt::format("{}\n{}\n", kind, domain::to_text(taken_at));
}

/// The label of the log's backup: kind, time, the log's id in hexadecimal, and the signed note.
std::string label_text(domain::Time taken_at, const domain::Uuid& log, std::string_view note) {
  return fmt::format("{}{}\n{}", label_text(log_label, taken_at), events::to_hex(log.bytes), note);
}
// ---- end of what is stored --------------------------------------------------------------------------------

/// Removes kind and time from the front of a label and returns the time.
domain::Time take_time(std::string_view& label, std::string_view kind) {
  if (take_line(label) != kind) throw Damaged("this is not a " + std::string{kind});
  const auto time = domain::parse_time(take_line(label));
  if (!time) throw Damaged("the backup's time is not a time");
  return *time;
}

domain::Uuid uuid_from_hex(std::string_view hex) {
  const auto bytes = events::from_hex(hex);
  domain::Uuid id;
  if (!bytes || bytes->size() != id.bytes.size()) throw Damaged("the backup does not name its log");
  std::ranges::copy(events::as_bytes(*bytes), id.bytes.begin());
  return id;
}

struct LogLabel {
  domain::Time taken_at{};
  domain::Uuid log{};
  std::string note;
  SignedCheckpoint checkpoint;
};

LogLabel read_log_label(std::string_view text, std::span<const Verifier> verifiers) {
  LogLabel label;
  label.taken_at = take_time(text, log_label);
  label.log = uuid_from_hex(take_line(text));
  label.note = text;
  label.checkpoint = open_checkpoint(text, verifiers);
  return label;
}

BackupInfo measures(BackupId id, const rocks::Backup& backup) {
  return {id, {}, backup.bytes, backup.bytes_new, backup.files, backup.files_new, backup.fault};
}

LogBackupInfo log_info(BackupId id, const rocks::Backup& backup, std::span<const Verifier> verifiers) {
  LogBackupInfo info{measures(id, backup)};
  if (info.fault) return info;
  try {
    const auto label = read_log_label(backup.label, verifiers);
    info.taken_at = label.taken_at;
    info.log = label.log;
    info.events = label.checkpoint.size;
    info.root = label.checkpoint.root;
  } catch (const Damaged& damage) {
    info.fault = damage.what();
  }
  return info;
}

BackupInfo vault_info(BackupId id, const rocks::Backup& backup) {
  BackupInfo info = measures(id, backup);
  if (info.fault) return info;
  try {
    std::string_view text = backup.label;
    info.taken_at = take_time(text, vault_label);
  } catch (const Damaged& damage) {
    info.fault = damage.what();
  }
  return info;
}

/// Calls `visit(event, envelope)` with each of the first `size` events.
template <class Visit>
void each_event(const Log& log, Position size, const BackupProgress& progress, Visit visit) {
  for (Position next = 0; next < size;) {
    if (progress) progress(next, size);
    for (auto& event : log.read(next, std::min<Position>(page_events, size - next))) {
      const auto envelope = events::decode_envelope(event.envelope);
      if (envelope.body_bytes != event.body.size() || envelope.body_hash != events::sha256(event.body))
        throw Damaged(fmt::format("the body at position {} is not the one that was recorded", next));
      visit(event, envelope);
      ++next;
    }
  }
}

void check_is(const Log& log, const LogLabel& label) {
  if (log.id() != label.log) throw Damaged("the backup holds another log than it says");
  compare_at_start(log, label.checkpoint);
}

/// Computes the root from the events themselves, not from the stored tiles, and compares it with the head.
void check_events(const Log& log, const BackupProgress& progress) {
  const Head head = log.head();
  Frontier tree;
  each_event(log, head.next, progress, [&](const StoredEvent& event, const events::Envelope&) {
    tree.push(hash_leaf(event.version, event.envelope));
  });
  if (tree.root() != head.root) throw Damaged("the backup's events do not give its root");
}

/// `opens_with`: the master key, or a vault that has it.
template <class OpensWith>
BackupInfo verify_vault(const fs::path& folder, BackupId id, const OpensWith& opens_with) {
  const rocks::BackupFolder backups{folder};
  backups.check_files(id);
  const auto vault = rocks::open_vault(backups, id, opens_with);
  rocks::check_blocks(rocks::database_of(*vault));
  check_vault(*vault);
  return vault_info(id, backups.find(id));
}

/// A temporary folder beside the target. `finish` renames it to the target; otherwise it is deleted.
class Restoring {
 public:
  explicit Restoring(const fs::path& target) : target_(target), beside_(target.string() + ".restoring") {
    if (fs::exists(fs::symlink_status(target_)))
      throw TargetExists(target_.string() + " exists already: nothing was restored");
    fs::remove_all(beside_);
    os::make_private_folder(beside_);
  }
  ~Restoring() {
    std::error_code ignored;
    if (!finished_) fs::remove_all(beside_, ignored);
  }
  Restoring(const Restoring&) = delete;
  Restoring& operator=(const Restoring&) = delete;

  const fs::path& folder() const { return beside_; }
  void finish() {
    os::sync_folder(beside_);
    fs::rename(beside_, target_);
    finished_ = true;
    os::sync_folder(target_.has_parent_path() ? target_.parent_path() : fs::path{"."});
  }

 private:
  const fs::path target_, beside_;
  bool finished_ = false;
};

/// Throws if the log contradicts the checkpoint on file. Returns whether there is a checkpoint on file.
bool agrees_with_file(const Log& log, const CheckpointFile& file, std::span<const Verifier> verifiers) {
  const auto note = file.read();
  if (note) compare_at_start(log, open_checkpoint(*note, verifiers));
  return note.has_value();
}

/// Appends the first `size` events of a log to an empty one, each command with its answer. The claims are
/// derived from the envelopes.
void append_first(const Log& from, Position size, Log& to, const BackupProgress& progress) {
  std::vector<Commit> batch;
  const auto append = [&] {
    for (const auto& outcome : to.append(std::exchange(batch, {})))
      if (!std::holds_alternative<Appended>(outcome))
        throw Damaged("the backup's commands contradict each other");
  };
  const auto unchanged = commands_without_events(from);
  auto next_unchanged = unchanged.begin();
  const auto take_unchanged = [&](Position until) {
    for (; next_unchanged != unchanged.end() && next_unchanged->first <= until; ++next_unchanged) {
      const auto known = from.find_command(next_unchanged->command).value();
      batch.push_back({next_unchanged->command, known.fingerprint, {}, {}, known.answer});
    }
  };
  Commit commit;
  each_event(from, size, progress, [&](StoredEvent& event, const events::Envelope& envelope) {
    const auto command = from.find_command(envelope.command);
    if (!command || event.position < command->first || event.position > command->last)
      throw Damaged(
          fmt::format("the event at position {} is not of the command that it names", event.position));
    if (command->last >= size)
      throw std::invalid_argument(
          fmt::format("the events {} to {} were recorded together: restore until {} or until {}",
                      command->first, command->last, command->first, command->last + 1));
    take_unchanged(command->first);
    commit.events.push_back(
        {envelope.stream, std::move(event.envelope), std::move(event.body), envelope.claims});
    if (event.position < command->last) return;
    commit.id = envelope.command;
    commit.fingerprint = command->fingerprint;
    commit.answer = command->answer;
    batch.push_back(std::exchange(commit, {}));
    if (batch.size() >= page_events) append();
  });
  take_unchanged(size);
  if (!batch.empty()) append();
}

}  // namespace

// ---- the log ----------------------------------------------------------------------------------------------

LogBackups::LogBackups(fs::path folder, std::vector<Verifier> verifiers)
    : folder_(std::move(folder)), verifiers_(std::move(verifiers)) {}

LogBackupInfo LogBackups::create(const Log& log, std::string_view note, domain::Time now,
                                 const BackupProgress& progress) const {
  auto& database = rocks::database_of(log);
  compare_at_start(log, open_checkpoint(note, verifiers_));
  const rocks::BackupFolder backups{folder_};
  const auto id = backups.create(database, label_text(now, log.id(), note), progress);
  return log_info(id, backups.find(id), verifiers_);
}

std::vector<LogBackupInfo> LogBackups::list() const {
  std::vector<LogBackupInfo> infos;
  for (const auto& [id, backup] : rocks::BackupFolder{folder_}.list())
    infos.push_back(log_info(id, backup, verifiers_));
  return infos;
}

LogBackupInfo LogBackups::verify(BackupId id, const BackupProgress& progress) const {
  const rocks::BackupFolder backups{folder_};
  backups.check_files(id);
  const auto backup = backups.find(id);
  const auto log = rocks::open_log(backups, id);
  check_is(*log, read_log_label(backup.label, verifiers_));
  check_events(*log, progress);
  rocks::check_blocks(rocks::database_of(*log));
  return log_info(id, backup, verifiers_);
}

std::unique_ptr<Log> LogBackups::open(BackupId id) const {
  const rocks::BackupFolder backups{folder_};
  auto log = rocks::open_log(backups, id);
  check_is(*log, read_log_label(backups.find(id).label, verifiers_));
  return log;
}

Head LogBackups::restore(BackupId id, const fs::path& target, const CheckpointFile& checkpoint,
                         const BackupProgress& progress) const {
  Restoring restoring{target};
  const rocks::BackupFolder backups{folder_};
  const auto label = read_log_label(backups.find(id).label, verifiers_);
  backups.copy_to(id, restoring.folder());
  auto log = open_rocks_log(restoring.folder());
  check_is(*log, label);
  check_events(*log, progress);
  // Write the note before the log: a note without its log is refused at start, and the restore can be
  // repeated.
  if (!agrees_with_file(*log, checkpoint, verifiers_)) checkpoint.write(label.note);
  const Head head = log->head();
  log.reset();
  restoring.finish();
  return head;
}

Head LogBackups::restore_until(BackupId id, const fs::path& target, const CheckpointFile& checkpoint,
                               Position size, const SigningKeys& seeds,
                               const BackupProgress& progress) const {
  Restoring restoring{target};
  rocks::BackupFolder{folder_}.check_files(id);
  const auto whole = open(id);
  const Hash root = whole->root_at(size);
  auto log = open_rocks_log(restoring.folder());
  append_first(*whole, size, *log, progress);
  const Head head = log->head();
  if (head.next != size || head.root != root)
    throw Damaged("what was restored is not the beginning of the backed-up log");
  if (!agrees_with_file(*log, checkpoint, verifiers_))
    checkpoint.write(sign_checkpoint({verifiers_.front().name, size, root}, seeds));
  log.reset();
  restoring.finish();
  return head;
}

// ---- the vault --------------------------------------------------------------------------------------------

VaultBackups::VaultBackups(fs::path folder) : folder_(std::move(folder)) {}

BackupInfo VaultBackups::create(const Vault& vault, domain::Time now, const BackupProgress& progress) const {
  const rocks::BackupFolder backups{folder_};
  const auto id = backups.create(rocks::database_of(vault), label_text(vault_label, now), progress);
  return vault_info(id, backups.find(id));
}

std::vector<BackupInfo> VaultBackups::list() const {
  std::vector<BackupInfo> infos;
  for (const auto& [id, backup] : rocks::BackupFolder{folder_}.list())
    infos.push_back(vault_info(id, backup));
  return infos;
}

BackupInfo VaultBackups::verify(BackupId id, const MasterKey& master) const {
  return verify_vault(folder_, id, master);
}

BackupInfo VaultBackups::verify(BackupId id, const Vault& vault) const {
  return verify_vault(folder_, id, vault);
}

std::unique_ptr<Vault> VaultBackups::open(BackupId id, const MasterKey& master) const {
  return rocks::open_vault(rocks::BackupFolder{folder_}, id, master);
}

void VaultBackups::restore(BackupId id, const fs::path& target, const MasterKey& master) const {
  Restoring restoring{target};
  rocks::BackupFolder{folder_}.copy_to(id, restoring.folder());
  check_vault(*Vault::open(restoring.folder(), master));
  restoring.finish();
}

}  // namespace ttp::storage

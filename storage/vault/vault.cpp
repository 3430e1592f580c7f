#include "storage/vault/vault.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include <rocksdb/db.h>

#include "os/faults.hpp"
#include "os/mutex.hpp"
#include "os/waiting.hpp"
#include "storage/backup/rocks_backup.hpp"
#include "storage/rocks/database.hpp"
#include "storage/rocks/keys.hpp"
#include "storage/rocks/verify.hpp"

namespace ttp::storage {
namespace {

using events::Damaged;
using events::DataKey;
using rocks::check;

constexpr std::array<rocks::WantedFamily, 5> families{
    {{keys::data_keys}, {keys::named_keys}, {keys::verifiers}, {keys::notes}, {keys::meta}}};
constexpr std::array wrapped_families{keys::data_keys, keys::named_keys, keys::verifiers};
constexpr std::size_t subject_bytes_max = 255;
constexpr std::size_t cached_keys_max = 131'072;
constexpr std::chrono::seconds old_files_wait_max{30};
constexpr std::chrono::milliseconds old_files_poll{20};

// ---- stored: never change (what a wrapped value is bound to) ---------------------------------------------
constexpr std::string_view known_text = "trusted-trader vault 1";
/// There is a note for each verifier that is unnamed.
constexpr std::string_view unnamed_prefix = "verifier/unnamed/";

std::string unnamed_note(const domain::UserId& user, const domain::VerifierId& id) {
  return std::string{unnamed_prefix} + domain::to_text(user) + "/" + domain::to_text(id);
}
std::string place(std::string_view family, std::string_view key) {
  return std::string{family} + '/' + std::string{key};
}
// ---- end of what is fixed --------------------------------------------------------------------------------

/// A cache of unwrapped data keys, so that a projection does not read the disk for each field. Each shard has
/// two ages: a key that is used becomes young; when there are too many young keys, they become the old ones,
/// and the old ones are dropped.
class KeyCache {
 public:
  std::optional<DataKey> find(std::string_view subject) const { return shard(subject).find(subject); }

  /// Counts destructions: a key that was read before a destruction must not be cached after it.
  std::uint64_t generation(std::string_view subject) const { return shard(subject).generation(); }

  void keep(std::string_view subject, const DataKey& key, std::uint64_t read_in_generation) {
    shard(subject).keep(subject, key, read_in_generation);
  }

  void forget(std::string_view subject) { shard(subject).forget(subject); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Keys = std::unordered_map<std::string, DataKey, Hash, std::equal_to<>>;

  class Shard {
   public:
    Shard() = default;
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard() {
      clear(young_);
      clear(old_);
    }

    std::optional<DataKey> find(std::string_view subject) {
      const os::MutexLock lock{mutex_};
      if (const auto found = young_.find(subject); found != young_.end()) return found->second;
      const auto found = old_.find(subject);
      if (found == old_.end()) return std::nullopt;
      auto again_young = old_.extract(found);
      const DataKey key = again_young.mapped();
      make_room();
      young_.insert(std::move(again_young));
      return key;
    }

    std::uint64_t generation() {
      const os::MutexLock lock{mutex_};
      return generation_;
    }

    void keep(std::string_view subject, const DataKey& key, std::uint64_t read_in_generation) {
      const os::MutexLock lock{mutex_};
      if (read_in_generation != generation_) return;
      make_room();
      young_.insert_or_assign(std::string{subject}, key);
    }

    void forget(std::string_view subject) {
      const os::MutexLock lock{mutex_};
      ++generation_;
      for (Keys* keys : {&young_, &old_}) {
        const auto found = keys->find(subject);
        if (found == keys->end()) continue;
        wipe(found->second);
        keys->erase(found);
      }
    }

   private:
    void make_room() TTP_REQUIRES(mutex_) {
      if (young_.size() < cached_keys_max / shards_count / 2) return;
      clear(old_);
      std::swap(young_, old_);
    }
    static void clear(Keys& keys) {
      for (auto& [subject, key] : keys) wipe(key);
      keys.clear();
    }

    os::Mutex mutex_;
    Keys young_ TTP_GUARDED_BY(mutex_), old_ TTP_GUARDED_BY(mutex_);
    std::uint64_t generation_ TTP_GUARDED_BY(mutex_) = 0;
  };

  static constexpr std::size_t shards_count = 16;
  Shard& shard(std::string_view subject) const { return shards_[Hash{}(subject) % shards_count]; }

  mutable std::array<Shard, shards_count> shards_;
};

DataKey key_from(std::string plain) {
  DataKey key;
  if (plain.size() != key.size()) throw Damaged("a key of the vault has another length");
  std::ranges::copy(events::as_bytes(plain), key.begin());
  wipe({reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()});
  return key;
}

DataKey fresh_key() {
  DataKey key;
  events::fill_random(key);
  return key;
}

rocksdb::WriteOptions durability(bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  return options;
}

void check_subject(std::string_view subject) {
  if (subject.empty() || subject.size() > subject_bytes_max)
    throw std::invalid_argument("a subject of the vault has 1 to 255 bytes");
}

/// The stored name of a later key of a purpose; the first key is stored under the purpose's name itself.
std::string name_of(std::string_view purpose, std::size_t generation) {
  return std::string{purpose} + '#' + std::to_string(generation);
}

KeyGeneration generation_from(std::string plain) {
  if (plain.size() < 8) throw Damaged("a key of the vault is too short");
  const domain::Time since{domain::Duration{static_cast<std::int64_t>(events::get_be64(plain))}};
  std::string key = plain.substr(8);
  wipe({reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()});
  return {since, SecretKey{key_from(std::move(key))}};
}

void check_purpose(std::string_view purpose) {
  check_subject(purpose);
  if (purpose.find('#') != std::string_view::npos)
    throw std::invalid_argument("a key's purpose has no '#' in its name");
}

}  // namespace

struct Vault::Impl {
  Impl(rocks::Database opened, const MasterKey& key) : store(std::move(opened)), master(key) {
    begin_or_check_master_key();
  }

  std::optional<std::string> get(std::string_view family, std::string_view key) const {
    os::before_waiting();
    std::string value;
    const auto status = store.db->Get({}, store.family(family), key, &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status, "reading the vault", damage);
    return value;
  }

  void put(rocksdb::WriteBatch& batch, std::string_view family, std::string_view key,
           std::string_view value) const {
    check(batch.Put(store.family(family), key, value), "preparing a write to the vault");
  }

  void write(rocksdb::WriteBatch& batch, bool sync) const {
    check(store.db->Write(durability(sync), &batch), "writing the vault");
  }

  std::string wrap(std::string_view family, std::string_view key, std::string_view plain) const
      TTP_REQUIRES_SHARED(changing_master) {
    return events::seal(master.bytes, place(family, key), plain);
  }

  /// Replaces a wrapped value by the same under another master key.
  void rewrap(rocksdb::WriteBatch& batch, const MasterKey& next, std::string_view family,
              std::string_view key, std::string_view value) const TTP_REQUIRES(changing_master) {
    auto plain = events::unseal(master.bytes, place(family, key), value);
    put(batch, family, key, events::seal(next.bytes, place(family, key), plain));
    wipe({reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()});
  }

  std::optional<std::string> get_wrapped(std::string_view family, std::string_view key) const {
    const os::SharedLock reading{changing_master};
    const auto value = get(family, key);
    return value ? std::optional{events::unseal(master.bytes, place(family, key), *value)} : std::nullopt;
  }

  std::optional<DataKey> find_data_key(std::string_view subject) {
    if (auto cached = cache.find(subject)) return cached;
    const auto generation = cache.generation(subject);
    auto plain = get_wrapped(keys::data_keys, subject);
    if (!plain) return std::nullopt;
    const auto key = key_from(*std::move(plain));
    cache.keep(subject, key, generation);
    return key;
  }

  void begin_or_check_master_key() TTP_REQUIRES_SHARED(changing_master) {
    const auto format = get(keys::meta, keys::meta_format);
    if (!format) return begin();
    if (*format != keys::u32(keys::vault_format))
      throw Damaged("the vault has a format that this program does not know");
    const auto known = get(keys::meta, keys::meta_known);
    if (!known) throw Damaged("the vault lacks the value that its master key is known by");
    if (!opens(*known)) throw WrongMasterKey("this is not the master key that the vault was made with");
  }

  bool opens(const std::string& known) const TTP_REQUIRES_SHARED(changing_master) {
    try {
      return events::unseal(master.bytes, place(keys::meta, keys::meta_known), known) == known_text;
    } catch (const Damaged&) {
      return false;  // RocksDB has checked the bytes, so the master key is the wrong one
    }
  }

  void begin() TTP_REQUIRES_SHARED(changing_master) {
    for (const auto& [family, filters] : families) {
      const std::unique_ptr<rocksdb::Iterator> row{store.db->NewIterator({}, store.family(family))};
      row->SeekToFirst();
      if (row->Valid()) throw Damaged("the vault has content but no format");
    }
    rocksdb::WriteBatch batch;
    put(batch, keys::meta, keys::meta_format, keys::u32(keys::vault_format));
    put(batch, keys::meta, keys::meta_known, wrap(keys::meta, keys::meta_known, known_text));
    write(batch, true);
  }

  /// Deletes the rows from `first` to `last` one by one: a range deletion does not work with insert hints.
  void erase_stretch(rocksdb::WriteBatch& batch, std::string_view family, std::string_view first,
                     std::string_view last) const {
    const std::unique_ptr<rocksdb::Iterator> row{store.db->NewIterator({}, store.family(family))};
    for (row->Seek(first); row->Valid() && row->key().ToStringView() <= last; row->Next())
      check(batch.Delete(store.family(family), row->key()), "erasing rows of the vault");
    check(row->status(), "looking for rows of the vault");
  }

  /// The keys of a family from `first` to `last`; all keys if neither is set.
  struct Stretch {
    std::string_view family;
    std::optional<std::string> first, last;
  };

  /// Removes deleted and replaced values from the disk. RocksDB writes a change beside the old value; the old
  /// value is gone only when all is flushed, the stretch is compacted and the old files are deleted.
  void purge(std::span<const Stretch> stretches) const {
    std::vector<rocksdb::ColumnFamilyHandle*> all;
    for (const auto& [name, handle] : store.families) all.push_back(handle.get());
    check(store.db->Flush({}, all), "flushing the vault");
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    for (const auto& [family, first, last] : stretches) {
      const auto begin = first ? rocksdb::Slice{*first} : rocksdb::Slice{};
      const auto end = last ? rocksdb::Slice{*last} : rocksdb::Slice{};
      check(store.db->CompactRange(options, store.family(family), first ? &begin : nullptr,
                                   last ? &end : nullptr),
            "compacting the vault");
    }
    wait_for_old_files_to_go();
  }

  /// Old files stay while a reader or a backup still uses them.
  void wait_for_old_files_to_go() const {
    const auto give_up = std::chrono::steady_clock::now() + old_files_wait_max;
    while (true) {
      // This deletes unreferenced files. If a backup has switched deletions off, it deletes them at its end.
      check(store.db->DisableFileDeletions(), "deleting the vault's old files");
      check(store.db->EnableFileDeletions(false), "deleting the vault's old files");
      const auto old = old_file();
      if (!old) return;
      if (std::chrono::steady_clock::now() > give_up)
        throw std::runtime_error(old->string() + " is still in use, and what was destroyed may be in it: " +
                                 "start the service again, which deletes it");
      std::this_thread::sleep_for(old_files_poll);
    }
  }

  /// The path of a table file that is no longer part of the vault, or of a write-ahead log that was flushed.
  std::optional<std::filesystem::path> old_file() const {
    std::vector<rocksdb::LiveFileMetaData> tables;
    store.db->GetLiveFilesMetaData(&tables);
    std::set<std::string> live;
    for (const auto& table : tables) live.insert(std::filesystem::path{table.name}.filename().string());
    std::vector<std::filesystem::path> logs;
    for (const auto& entry : std::filesystem::directory_iterator{store.db->GetName()}) {
      const auto extension = entry.path().extension();
      if (extension == ".log") logs.push_back(entry.path());
      if (extension == ".sst" && !live.contains(entry.path().filename().string())) return entry.path();
    }
    if (logs.size() < 2) return std::nullopt;
    return *std::ranges::min_element(logs);
  }

  rocks::Database store;
  MasterKey master TTP_GUARDED_BY(changing_master);
  /// Held to create, destroy or replace keys, and to destroy or replace verifiers.
  os::Mutex writer TTP_ACQUIRED_BEFORE(changing_master);
  mutable os::SharedMutex changing_master;  // held shared from wrapping to writing, and while unwrapping
  KeyCache cache;
  mutable std::optional<os::Fault> damage;  ///< only in the vault that is served
};

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::~Vault() = default;

std::unique_ptr<Vault> Vault::open(const std::filesystem::path& dir, const MasterKey& master,
                                   const Memory& memory) {
  auto store = rocks::open(dir, families, rocks::Damage::refuse, rocks::Deletion::at_once, memory);
  // The vault is small, and a request that meets damage later cannot be answered.
  static constexpr std::array all{keys::data_keys, keys::named_keys, keys::verifiers, keys::notes,
                                  keys::meta};
  for (const auto& file : rocks::files_of(store, all)) rocks::verify(file);
  auto impl = std::make_unique<Impl>(std::move(store), master);
  impl->damage.emplace(os::FaultTexts{
      .name = "vault_damage",
      .what_fails = "the vault is damaged",
      .what_to_do = "Requests that need the damaged part fail and change nothing; others go on. Stop the "
                    "service, run ttpctl fsck, and bring back log and vault from the last backup",
      .not_ready = "the vault is damaged, and some requests fail"});
  return std::unique_ptr<Vault>{new Vault{std::move(impl)}};
}

struct rocks::VaultDoor {
  static const Vault::Impl& inside(const Vault& vault) { return *vault.impl_; }
  static std::unique_ptr<Vault> made_of(Database store, const MasterKey& master) {
    return std::unique_ptr<Vault>{new Vault{std::make_unique<Vault::Impl>(std::move(store), master)}};
  }
};

rocksdb::DB& rocks::database_of(const Vault& vault) {
  return *VaultDoor::inside(vault).store.db;
}

std::unique_ptr<Vault> rocks::open_vault(const BackupFolder& backups, std::uint32_t id,
                                         const MasterKey& master) {
  return VaultDoor::made_of(backups.open(id, families), master);
}

std::unique_ptr<Vault> rocks::open_vault(const BackupFolder& backups, std::uint32_t id, const Vault& like) {
  const auto& inside = VaultDoor::inside(like);
  const os::SharedLock reading{inside.changing_master};
  return VaultDoor::made_of(backups.open(id, families), inside.master);
}

void rocks::check_wrapped(const Vault& vault) {
  const auto& inside = VaultDoor::inside(vault);
  const os::SharedLock reading{inside.changing_master};
  for (const auto family : wrapped_families) {
    const std::unique_ptr<rocksdb::Iterator> row{
        inside.store.db->NewIterator({}, inside.store.family(family))};
    for (row->SeekToFirst(); row->Valid(); row->Next()) {
      auto plain = events::unseal(inside.master.bytes, place(family, row->key().ToStringView()),
                                  row->value().ToStringView());
      wipe({reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()});
    }
    check(row->status(), "reading the vault");
  }
}

std::optional<DataKey> Vault::find_data_key(std::string_view subject) const {
  check_subject(subject);
  return impl_->find_data_key(subject);
}

void Vault::each_data_key(std::string_view first, std::string_view last,
                          const std::function<void(std::string_view, const DataKey&)>& visit) const {
  const os::SharedLock reading{impl_->changing_master};
  const std::unique_ptr<rocksdb::Iterator> row{
      impl_->store.db->NewIterator({}, impl_->store.family(keys::data_keys))};
  for (row->Seek(first); row->Valid() && row->key().ToStringView() <= last; row->Next()) {
    const auto subject = row->key().ToStringView();
    auto key = key_from(
        events::unseal(impl_->master.bytes, place(keys::data_keys, subject), row->value().ToStringView()));
    visit(subject, key);
    wipe(key);
  }
  check(row->status(), "reading the vault");
}

DataKey Vault::data_key(std::string_view subject) {
  const std::array one{std::string{subject}};
  return data_keys(one).front();
}

std::vector<DataKey> Vault::data_keys(std::span<const std::string> subjects) {
  std::ranges::for_each(subjects, check_subject);
  std::vector<DataKey> found;
  for (const auto& subject : subjects)
    if (const auto key = impl_->find_data_key(subject)) found.push_back(*key);
  if (found.size() == subjects.size()) return found;

  const os::MutexLock writer{impl_->writer};
  std::map<std::string, DataKey> made;
  rocksdb::WriteBatch batch;
  found.clear();
  for (const auto& subject : subjects) {
    auto key = impl_->find_data_key(subject);
    if (!key) {
      const auto [entry, is_new] = made.try_emplace(subject, fresh_key());
      if (is_new) {
        const os::SharedLock wrapping{impl_->changing_master};
        impl_->put(batch, keys::data_keys, subject,
                   impl_->wrap(keys::data_keys, subject, events::as_text(entry->second)));
      }
      key = entry->second;
    }
    found.push_back(*key);
  }
  if (!made.empty()) impl_->write(batch, true);
  for (auto& [subject, key] : made) {
    impl_->cache.keep(subject, key, impl_->cache.generation(subject));
    wipe(key);
  }
  return found;
}

bool Vault::destroy_data_key(std::string_view subject) {
  check_subject(subject);
  const os::MutexLock writer{impl_->writer};
  const bool existed = impl_->get(keys::data_keys, subject).has_value();
  check(impl_->store.db->Delete(durability(true), impl_->store.family(keys::data_keys), subject),
        "destroying a key");
  impl_->cache.forget(subject);
  // Purge even if there was no key: an earlier call may have been interrupted between deletion and purge.
  const std::string key{subject};
  impl_->purge(std::array{Impl::Stretch{keys::data_keys, key, key}});
  return existed;
}

bool Vault::erase_person(std::string_view subject, const domain::UserId& user) {
  check_subject(subject);
  const os::MutexLock writer{impl_->writer};
  const std::string key{subject};
  const bool existed = impl_->get(keys::data_keys, key).has_value();
  const auto first = keys::verifiers_of(user);
  const auto last = first + std::string(sizeof(domain::Uuid), '\xff');
  const std::string unnamed = std::string{unnamed_prefix} + domain::to_text(user);
  rocksdb::WriteBatch batch;
  check(batch.Delete(impl_->store.family(keys::data_keys), key), "erasing a person");
  impl_->erase_stretch(batch, keys::verifiers, first, last);
  impl_->erase_stretch(batch, keys::notes, unnamed + "/", unnamed + "0");
  impl_->write(batch, true);
  impl_->cache.forget(subject);
  impl_->purge(std::array{Impl::Stretch{keys::data_keys, key, key},
                          Impl::Stretch{keys::verifiers, first, last},
                          Impl::Stretch{keys::notes, std::nullopt, std::nullopt}});
  return existed;
}

std::size_t Vault::named_key_count(std::string_view purpose) const {
  check_purpose(purpose);
  if (!impl_->get_wrapped(keys::named_keys, purpose)) return 0;
  std::size_t count = 1;
  while (impl_->get_wrapped(keys::named_keys, name_of(purpose, count))) ++count;
  return count;
}

std::vector<KeyGeneration> Vault::named_keys(std::string_view purpose) {
  check_purpose(purpose);
  const os::MutexLock writer{impl_->writer};
  std::vector<KeyGeneration> generations;
  if (auto first = impl_->get_wrapped(keys::named_keys, purpose)) {
    generations.push_back({{}, SecretKey{key_from(*std::move(first))}});
  } else {
    const SecretKey key{fresh_key()};
    const os::SharedLock writing{impl_->changing_master};
    rocksdb::WriteBatch batch;
    impl_->put(batch, keys::named_keys, purpose, impl_->wrap(keys::named_keys, purpose, key.view()));
    impl_->write(batch, true);
    return {{{}, key}};
  }
  while (auto next = impl_->get_wrapped(keys::named_keys, name_of(purpose, generations.size())))
    generations.push_back(generation_from(*std::move(next)));
  return generations;
}

SecretKey Vault::named_key(std::string_view purpose) {
  return named_keys(purpose).back().key;
}

KeyGeneration Vault::rotate_named_key(std::string_view purpose, domain::Time since) {
  const auto known = named_keys(purpose);
  const os::MutexLock writer{impl_->writer};
  const KeyGeneration made{since, SecretKey{fresh_key()}};
  const std::string name = name_of(purpose, known.size());
  if (impl_->get(keys::named_keys, name)) throw std::logic_error("a key is rotated by one at a time");
  std::string plain;
  events::put_be64(plain, static_cast<std::uint64_t>(since.time_since_epoch().count()));
  plain += made.key.view();
  const os::SharedLock writing{impl_->changing_master};
  rocksdb::WriteBatch batch;
  impl_->put(batch, keys::named_keys, name, impl_->wrap(keys::named_keys, name, plain));
  wipe({reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()});
  impl_->write(batch, true);
  return made;
}

void Vault::change_master_key(const MasterKey& master) {
  const os::MutexLock writer{impl_->writer};
  os::ExclusiveLock alone{impl_->changing_master};
  rocksdb::WriteBatch batch;
  for (const auto family : wrapped_families) {
    const std::unique_ptr<rocksdb::Iterator> row{
        impl_->store.db->NewIterator({}, impl_->store.family(family))};
    for (row->SeekToFirst(); row->Valid(); row->Next())
      impl_->rewrap(batch, master, family, row->key().ToStringView(), row->value().ToStringView());
    check(row->status(), "reading the vault");
  }
  impl_->rewrap(batch, master, keys::meta, keys::meta_known,
                impl_->get(keys::meta, keys::meta_known).value());
  impl_->write(batch, true);
  impl_->master = master;
  alone.unlock();
  std::vector<Impl::Stretch> rewrapped{{keys::meta, std::nullopt, std::nullopt}};
  for (const auto family : wrapped_families) rewrapped.push_back({family, std::nullopt, std::nullopt});
  impl_->purge(rewrapped);
}

void Vault::put_verifier(const domain::UserId& user, const domain::VerifierId& id, std::string_view phc) {
  const auto key = keys::verifier(user, id);
  const os::SharedLock writing{impl_->changing_master};
  rocksdb::WriteBatch batch;
  impl_->put(batch, keys::verifiers, key, impl_->wrap(keys::verifiers, key, phc));
  impl_->put(batch, keys::notes, unnamed_note(user, id), "");
  impl_->write(batch, true);
}

std::optional<std::string> Vault::find_verifier(const domain::UserId& user,
                                                const domain::VerifierId& id) const {
  return impl_->get_wrapped(keys::verifiers, keys::verifier(user, id));
}

void Vault::replace_verifier(const domain::UserId& user, const domain::VerifierId& id, std::string_view phc) {
  const os::MutexLock writer{impl_->writer};
  if (!find_verifier(user, id)) return;
  const auto key = keys::verifier(user, id);
  const os::SharedLock writing{impl_->changing_master};
  rocksdb::WriteBatch batch;
  impl_->put(batch, keys::verifiers, key, impl_->wrap(keys::verifiers, key, phc));
  impl_->write(batch, true);
}

void Vault::keep_verifier(const domain::UserId& user, const domain::VerifierId& id) {
  erase_note(unnamed_note(user, id), true);
}

void Vault::erase_verifier(const domain::UserId& user, const domain::VerifierId& id) {
  const os::MutexLock writer{impl_->writer};
  rocksdb::WriteBatch batch;
  check(batch.Delete(impl_->store.family(keys::verifiers), keys::verifier(user, id)), "erasing a verifier");
  check(batch.Delete(impl_->store.family(keys::notes), unnamed_note(user, id)), "erasing a verifier");
  impl_->write(batch, true);
}

void Vault::erase_verifiers_except(const domain::UserId& user, const domain::VerifierId& kept) {
  const os::MutexLock writer{impl_->writer};
  const auto prefix = keys::verifiers_of(user), kept_key = keys::verifier(user, kept);
  rocksdb::WriteBatch batch;
  const std::unique_ptr<rocksdb::Iterator> row{
      impl_->store.db->NewIterator({}, impl_->store.family(keys::verifiers))};
  for (row->Seek(prefix); row->Valid() && row->key().starts_with(prefix); row->Next())
    if (row->key() != kept_key)
      check(batch.Delete(impl_->store.family(keys::verifiers), row->key()), "erasing verifiers");
  check(row->status(), "looking for verifiers");
  impl_->write(batch, true);
}

std::vector<std::pair<domain::UserId, domain::VerifierId>> Vault::unnamed_verifiers() const {
  std::vector<std::pair<domain::UserId, domain::VerifierId>> found;
  for (const auto& [key, value] : scan_notes(unnamed_prefix)) {
    const std::string_view ids = std::string_view{key}.substr(unnamed_prefix.size());
    const auto slash = ids.find('/');
    const auto user = domain::parse_uuid(ids.substr(0, slash));
    const auto id = slash == ids.npos ? std::nullopt : domain::parse_uuid(ids.substr(slash + 1));
    if (user && id) found.emplace_back(domain::UserId{*user}, domain::VerifierId{*id});
  }
  return found;
}

void Vault::put_note(std::string_view key, std::string_view value, bool sync) {
  rocksdb::WriteBatch batch;
  impl_->put(batch, keys::notes, key, value);
  impl_->write(batch, sync);
}

std::optional<std::string> Vault::find_note(std::string_view key) const {
  return impl_->get(keys::notes, key);
}

void Vault::erase_note(std::string_view key, bool sync) {
  rocksdb::WriteBatch batch;
  check(batch.Delete(impl_->store.family(keys::notes), key), "erasing a note");
  impl_->write(batch, sync);
}

std::vector<std::pair<std::string, std::string>> Vault::scan_notes(std::string_view prefix,
                                                                   std::string_view after,
                                                                   std::size_t limit) const {
  std::vector<std::pair<std::string, std::string>> found;
  const std::unique_ptr<rocksdb::Iterator> row{
      impl_->store.db->NewIterator({}, impl_->store.family(keys::notes))};
  row->Seek(std::max(prefix, after));
  if (row->Valid() && row->key() == after) row->Next();
  for (; row->Valid() && row->key().starts_with(prefix) && found.size() < limit; row->Next())
    found.emplace_back(row->key().ToString(), row->value().ToString());
  check(row->status(), "scanning the notes");
  return found;
}

}  // namespace ttp::storage

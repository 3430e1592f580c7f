#include "storage/rocks/file_system.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include "os/mutex.hpp"
#include "storage/rocks/disk_faults.hpp"

namespace ttp::storage::rocks {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// RocksDB tries by itself to go on after a fault that it takes for a passing one, and then uses the file
/// again that met it. That is right for a table file, which it writes anew. A write-ahead log or a list of
/// files with a fault ends all writing until the database is opened again.
IOStatus for_good(const IOStatus& status, const std::string& path) {
  if (status.ok() || (status.IsNoSpace() && std::string_view{path}.ends_with(".sst"))) return status;
  auto plain = IOStatus::IOError(status.ToString());
  plain.SetRetryable(false);
  return plain;
}

void tell(const std::string& path, std::string_view doing, const IOStatus& status) {
  tell_disk_fault({path, doing, status.ToString()});
}

class WrittenFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WrittenFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)) {}

  // What follows a fault is not written, so that the file has no hole; it ends where the fault was.
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return hold_back("writing", [&] { return target()->Append(data, options, debug); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& checksum,
                  IODebugContext* debug) override {
    return hold_back("writing", [&] { return target()->Append(data, options, checksum, debug); });
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* debug) override {
    return hold_back("writing", [&] { return target()->PositionedAppend(data, offset, options, debug); });
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            const rocksdb::DataVerificationInfo& checksum, IODebugContext* debug) override {
    return hold_back("writing",
                     [&] { return target()->PositionedAppend(data, offset, options, checksum, debug); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return hold_back("cutting", [&] { return target()->Truncate(size, options, debug); });
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return hold_back("writing", [&] { return target()->Flush(options, debug); });
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* debug) override {
    return hold_back("syncing", [&] { return target()->RangeSync(offset, bytes, options, debug); });
  }

  // A file that had a fault is never said to be synced.
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return act("syncing", [&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return act("syncing", [&] { return target()->Fsync(options, debug); });
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    auto closed = target()->Close(options, debug);
    return act("closing", [&] { return std::move(closed); });
  }

 private:
  /// Returns the fault that the file has had, or what `action` returns, which is then its fault.
  template <class Action>
  IOStatus act(std::string_view doing, const Action& action) {
    if (auto earlier = fault(); !earlier.ok()) return earlier;
    const IOStatus status = action();
    if (status.ok() || status.IsNotSupported()) return status;
    const os::MutexLock lock{mutex_};
    if (!fault_.ok()) return fault_;
    fault_ = for_good(status, path_);
    tell(path_, doing, status);
    return fault_;
  }
  IOStatus fault() const {
    const os::MutexLock lock{mutex_};
    return fault_;
  }
  template <class Action>
  IOStatus hold_back(std::string_view doing, const Action& action) {
    const auto status = act(doing, action);
    return status.IsNotSupported() ? status : IOStatus::OK();
  }

  const std::string path_;
  mutable os::Mutex mutex_;  // RocksDB may sync a file while it writes to it
  IOStatus fault_ TTP_GUARDED_BY(mutex_);
};

/// A folder whose entries are synced.
class SyncedFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  SyncedFolder(std::unique_ptr<rocksdb::FSDirectory> folder, std::string path)
      : FSDirectoryWrapper(std::move(folder)), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return told(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& reason) override {
    return told(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, reason));
  }

 private:
  IOStatus told(const IOStatus& status) const {
    if (!status.ok()) tell(path_, "syncing", status);
    return for_good(status, path_);
  }

  const std::string path_;
};

class Files final : public rocksdb::FileSystemWrapper {
  using File = std::unique_ptr<rocksdb::FSWritableFile>;

 public:
  explicit Files(std::shared_ptr<rocksdb::FileSystem> files) : FileSystemWrapper(files) {}
  const char* Name() const override { return "ttp.faults_held_back"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options, File* file,
                           IODebugContext* debug) override {
    return opened(target()->NewWritableFile(path, options, file, debug), path, file);
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options, File* file,
                              IODebugContext* debug) override {
    return opened(target()->ReopenWritableFile(path, options, file, debug), path, file);
  }
  IOStatus ReuseWritableFile(const std::string& path, const std::string& old,
                             const rocksdb::FileOptions& options, File* file,
                             IODebugContext* debug) override {
    return opened(target()->ReuseWritableFile(path, old, options, file, debug), path, file);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* folder, IODebugContext* debug) override {
    const auto status = target()->NewDirectory(path, options, folder, debug);
    if (!status.ok()) return status;
    *folder = std::make_unique<SyncedFolder>(std::move(*folder), path);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    const auto status = target()->RenameFile(from, to, options, debug);
    if (!status.ok()) tell(from, "renaming", status);
    return for_good(status, from);
  }

 private:
  static IOStatus opened(const IOStatus& status, const std::string& path, File* file) {
    if (!status.ok()) {
      tell(path, "opening", status);
      return for_good(status, path);
    }
    *file = std::make_unique<WrittenFile>(std::move(*file), path);
    return status;
  }
};

struct Place {
  os::Mutex mutex;
  std::shared_ptr<rocksdb::Env> env TTP_GUARDED_BY(mutex);
};

Place& place() {
  static auto* const one = new Place;  // databases may outlive every other static object
  return *one;
}

}  // namespace

std::shared_ptr<rocksdb::FileSystem> faults_held_back(std::shared_ptr<rocksdb::FileSystem> files) {
  return std::make_shared<Files>(std::move(files));
}

std::shared_ptr<rocksdb::Env> environment() {
  Place& one = place();
  const os::MutexLock lock{one.mutex};
  if (!one.env) one.env = rocksdb::NewCompositeEnv(faults_held_back(rocksdb::FileSystem::Default()));
  return one.env;
}

void lay_databases_in(std::shared_ptr<rocksdb::FileSystem> files) {
  Place& one = place();
  const os::MutexLock lock{one.mutex};
  one.env = files ? rocksdb::NewCompositeEnv(faults_held_back(std::move(files))) : nullptr;
}

}  // namespace ttp::storage::rocks

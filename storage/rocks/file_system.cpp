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

/// Whether RocksDB recovers from the fault by itself: it writes the table file anew when there is room.
bool passes(const IOStatus& status, const std::string& path) {
  return status.IsNoSpace() && std::string_view{path}.ends_with(".sst");
}

/// Marks a fault as permanent. RocksDB retries by itself after a fault that it takes for a passing one, and
/// then uses the same file again. That is right for a table file, which it writes anew. After a fault in a
/// write-ahead log or a list of files all writing must end until the database is opened again.
IOStatus for_good(const IOStatus& status, const std::string& path) {
  if (status.ok() || passes(status, path)) return status;
  auto plain = IOStatus::IOError(status.ToString());
  plain.SetRetryable(false);
  return plain;
}

void report(const std::string& path, std::string_view doing, const IOStatus& status) {
  report_disk_fault({path, doing, status.ToString(), !passes(status, path)});
}

class WrittenFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WrittenFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)) {}

  // Nothing is written after a fault, so that the file has no hole: it ends where the fault was.
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

  // A sync never succeeds on a file that had a fault.
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
  /// Returns the file's first fault if there was one; otherwise runs `action` and remembers its fault.
  template <class Action>
  IOStatus act(std::string_view doing, const Action& action) {
    if (auto earlier = fault(); !earlier.ok()) return earlier;
    const IOStatus status = action();
    if (status.ok() || status.IsNotSupported()) return status;
    const os::MutexLock lock{mutex_};
    if (!fault_.ok()) return fault_;
    fault_ = for_good(status, path_);
    report(path_, doing, status);
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
    return reported(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& reason) override {
    return reported(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, reason));
  }

 private:
  IOStatus reported(const IOStatus& status) const {
    if (!status.ok()) report(path_, "syncing", status);
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
    // A file that is gone needs no place among the files to delete.
    if (status.IsPathNotFound() && std::string_view{to}.ends_with(".trash")) return status;
    if (!status.ok()) report(from, "renaming", status);
    return for_good(status, from);
  }

 private:
  static IOStatus opened(const IOStatus& status, const std::string& path, File* file) {
    if (!status.ok()) {
      report(path, "opening", status);
      return for_good(status, path);
    }
    *file = std::make_unique<WrittenFile>(std::move(*file), path);
    return status;
  }
};

struct CurrentEnvironment {
  os::Mutex mutex;
  std::shared_ptr<rocksdb::Env> env TTP_GUARDED_BY(mutex);
};

CurrentEnvironment& current_environment() {
  static auto* const one = new CurrentEnvironment;  // databases may outlive every other static object
  return *one;
}

}  // namespace

std::shared_ptr<rocksdb::FileSystem> faults_held_back(std::shared_ptr<rocksdb::FileSystem> files) {
  return std::make_shared<Files>(std::move(files));
}

std::shared_ptr<rocksdb::Env> environment() {
  CurrentEnvironment& current = current_environment();
  const os::MutexLock lock{current.mutex};
  if (!current.env) current.env = rocksdb::NewCompositeEnv(faults_held_back(rocksdb::FileSystem::Default()));
  return current.env;
}

void lay_databases_in(std::shared_ptr<rocksdb::FileSystem> files) {
  CurrentEnvironment& current = current_environment();
  const os::MutexLock lock{current.mutex};
  current.env = files ? rocksdb::NewCompositeEnv(faults_held_back(std::move(files))) : nullptr;
}

}  // namespace ttp::storage::rocks

// A file system for tests that simulates a power cut: writes that were not synced are lost, in part or as a
// whole, and so are files and renames whose folder was not synced.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace ttp::faults {

class ForgetfulFiles final : public rocksdb::FileSystemWrapper {
 public:
  enum class Syncs { done, ignored };

  /// The power fails at the `last`th write or sync. `ignored`: the disk reports syncs that it did not do.
  ForgetfulFiles(std::uint64_t last, Syncs syncs)
      : FileSystemWrapper(FileSystem::Default()), last_(last), syncs_(syncs) {}
  const char* Name() const override { return "ttp.forgetful"; }

  /// Sets the files to the content of the disk after the power cut. No file may be open.
  void forget(std::mt19937& draw) {
    namespace fs = std::filesystem;
    for (const auto& [path, file] : files_) {
      if (!fs::exists(path)) continue;
      if (!file.is_listed) {
        fs::remove(path);
      } else if (file.written > file.synced) {
        std::uniform_int_distribution<std::uint64_t> some{file.synced, file.written};
        fs::resize_file(path, std::min<std::uint64_t>(some(draw), fs::file_size(path)));
      }
    }
    for (const auto& [path, before] : replaced_) std::ofstream{path, std::ios::binary} << before;
  }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (!has_power()) return gone();
    const auto status = target()->NewWritableFile(path, options, file, debug);
    if (!status.ok()) return status;
    {
      const std::lock_guard lock{mutex_};
      files_[path] = {};
    }
    *file = std::make_unique<Written>(*this, path, std::move(*file));
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (!has_power()) return gone();
    const std::lock_guard lock{mutex_};
    if (std::filesystem::exists(to) && !replaced_.contains(to)) {
      std::ifstream in{to, std::ios::binary};
      replaced_[to] = {std::istreambuf_iterator<char>{in}, {}};
    }
    const auto status = target()->RenameFile(from, to, options, debug);
    if (!status.ok()) return status;
    if (const auto found = files_.find(from); found != files_.end()) {
      files_[to] = found->second;
      files_.erase(from);
    }
    return status;
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    return has_power() ? target()->DeleteFile(path, options, debug) : gone();
  }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override {
    const auto status = target()->NewDirectory(path, options, folder, debug);
    if (status.ok()) *folder = std::make_unique<Folder>(*this, path, std::move(*folder));
    return status;
  }

 private:
  struct File {
    std::uint64_t written = 0, synced = 0;
    bool is_listed = false;  ///< whether its folder was synced after its creation
  };

  class Written final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    Written(ForgetfulFiles& files, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)), files_(files), path_(std::move(path)) {}
    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (!files_.takes_one()) return gone();
      auto status = target()->Append(data, options, debug);
      const std::lock_guard lock{files_.mutex_};
      if (status.ok()) files_.files_[path_].written += data.size();
      return status;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override { return synced(); }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override { return synced(); }

   private:
    rocksdb::IOStatus synced() {
      if (!files_.takes_one()) return gone();
      const std::lock_guard lock{files_.mutex_};
      auto& file = files_.files_[path_];
      if (files_.syncs_ == Syncs::done) file.synced = file.written;
      return rocksdb::IOStatus::OK();
    }
    ForgetfulFiles& files_;
    const std::string path_;
  };

  class Folder final : public rocksdb::FSDirectoryWrapper {
   public:
    Folder(ForgetfulFiles& files, std::string path, std::unique_ptr<rocksdb::FSDirectory> folder)
        : FSDirectoryWrapper(std::move(folder)), files_(files), path_(std::move(path)) {}
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override { return synced(); }
    rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions&, rocksdb::IODebugContext*,
                                          const rocksdb::DirFsyncOptions&) override {
      return synced();
    }

   private:
    rocksdb::IOStatus synced() {
      if (!files_.takes_one()) return gone();
      const std::lock_guard lock{files_.mutex_};
      if (files_.syncs_ == Syncs::ignored) return rocksdb::IOStatus::OK();
      const auto is_here = [&](const std::string& file) {
        return std::filesystem::path{file}.parent_path() == std::filesystem::path{path_};
      };
      for (auto& [path, file] : files_.files_)
        if (is_here(path)) file.is_listed = true;
      std::erase_if(files_.replaced_, [&](const auto& each) { return is_here(each.first); });
      return rocksdb::IOStatus::OK();
    }
    ForgetfulFiles& files_;
    const std::string path_;
  };

  static rocksdb::IOStatus gone() { return rocksdb::IOStatus::IOError("the power is gone"); }
  bool has_power() {
    const std::lock_guard lock{mutex_};
    return done_ < last_;
  }
  bool takes_one() {
    const std::lock_guard lock{mutex_};
    if (done_ >= last_) return false;
    ++done_;
    return done_ < last_;
  }

  const std::uint64_t last_;
  const Syncs syncs_;
  std::mutex mutex_;  // guards what follows
  std::uint64_t done_ = 0;
  std::map<std::string, File> files_;
  std::map<std::string, std::string>
      replaced_;  ///< by path: the content replaced by a rename that is not synced
};

}  // namespace ttp::faults

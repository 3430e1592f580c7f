// A lock that lets one process at a time work in a folder.
#pragma once

#include <filesystem>
#include <string>

namespace ttp::os {

/// Held by one process at a time; the kernel releases it when that process ends.
class FolderLock {
 public:
  /// Throws InUse with `sentence` if another process holds the lock, and std::system_error if locking fails.
  FolderLock(const std::filesystem::path& folder, const std::string& sentence);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace ttp::os

// A folder that one process at a time works in.
#pragma once

#include <filesystem>
#include <string>

namespace ttp::os {

/// Held by one process at a time, and by nobody once that process has ended.
class FolderLock {
 public:
  /// Throws InUse with `sentence` where another holds it, and std::system_error.
  FolderLock(const std::filesystem::path& folder, const std::string& sentence);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace ttp::os

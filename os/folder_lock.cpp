#include "os/folder_lock.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "os/files.hpp"

namespace ttp::os {

FolderLock::FolderLock(const std::filesystem::path& folder, const std::string& sentence)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int why = errno;
  if (descriptor_ >= 0) ::close(descriptor_);
  if (why == EWOULDBLOCK) throw InUse(sentence);
  throw std::system_error(why, std::generic_category(), "cannot lock " + folder.string());
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

}  // namespace ttp::os

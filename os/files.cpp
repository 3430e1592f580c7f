#include "os/files.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ttp::os {
namespace {

[[noreturn]] void fail(const char* doing, const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), std::string{doing} + " " + path.string());
}

/// The name under which a new file is written until it is whole.
std::filesystem::path making_of(const std::filesystem::path& path) {
  auto aside = path;
  aside += ".making";
  return aside;
}

class File {
 public:
  File(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  void write(std::string_view content) {
    while (!content.empty()) {
      const auto written = ::write(descriptor_, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("cannot write", path_);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void sync() {
    if (::fsync(descriptor_) != 0) fail("cannot sync", path_);
  }

  struct ::stat status() const {
    struct ::stat is{};
    if (::fstat(descriptor_, &is) != 0) fail("cannot read", path_);
    return is;
  }

  std::string read(std::size_t bytes_max) {
    const struct ::stat is = status();
    // Room for one byte more than the size or the limit, so that the end is noticed. A pipe reports no size,
    // and a file may grow.
    std::string content(std::min(static_cast<std::size_t>(is.st_size), bytes_max) + 1, '\0');
    std::size_t length = 0;
    while (length < content.size()) {
      const auto got = ::read(descriptor_, content.data() + length, content.size() - length);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("cannot read", path_);
      if (got == 0) break;
      length += static_cast<std::size_t>(got);
      if (length == content.size()) content.resize(bytes_max + 1);
    }
    if (length > bytes_max) throw std::runtime_error(path_.string() + " is longer than such a file can be");
    content.resize(length);
    return content;
  }

 private:
  const std::filesystem::path& path_;
  const int descriptor_;
};

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

}  // namespace

void make_private_folder(const std::filesystem::path& folder) {
  if (std::filesystem::is_directory(folder)) return;
  const auto parent = folder_of(folder);
  if (parent != folder && !std::filesystem::exists(parent)) make_private_folder(parent);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make", folder);
  sync_folder(parent);
}

void sync_folder(const std::filesystem::path& folder) {
  File file{folder, O_RDONLY | O_DIRECTORY};
  if (!file.is_open()) fail("cannot open", folder);
  file.sync();
}

void discard_unfinished(const std::filesystem::path& path) {
  ::unlink(making_of(path).c_str());
}

void write_new_file(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  // Write under another name first, so that `path` never names a partly written file.
  const auto aside = making_of(path);
  ::unlink(aside.c_str());
  {
    File file{aside, O_WRONLY | O_CREAT | O_EXCL, mode};
    if (!file.is_open()) fail("cannot make", path);
    file.write(content);
    file.sync();
  }
  const bool is_new = ::link(aside.c_str(), path.c_str()) == 0;
  const int why = errno;
  ::unlink(aside.c_str());
  errno = why;
  if (!is_new) fail("cannot make", path);
  sync_folder(folder_of(path));
}

void replace_file(const std::filesystem::path& path, std::string_view content) {
  auto aside = path;
  aside += ".new";
  {
    File file{aside, O_WRONLY | O_CREAT | O_TRUNC, 0644};
    if (!file.is_open()) fail("cannot make", aside);
    file.write(content);
    file.sync();
  }
  move_file(aside, path);
}

void move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::rename(from, to);
  sync_folder(folder_of(to));
}

std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max) {
  File file{path, O_RDONLY};
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) fail("cannot open", path);
  return file.read(bytes_max);
}

std::string read_secret_file(const std::filesystem::path& path, std::size_t bytes_max) {
  File file{path, O_RDONLY};
  if (!file.is_open() && errno == ENOENT) throw std::runtime_error("there is no file " + path.string());
  if (!file.is_open()) fail("cannot open", path);
  const auto is = file.status();
  if (!S_ISREG(is.st_mode)) throw std::runtime_error(path.string() + " is not a file");
  if (is.st_uid != 0 && is.st_uid != ::geteuid())
    throw std::runtime_error(path.string() + " holds a secret and must belong to root or to this user");
  if ((is.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    throw std::runtime_error(path.string() +
                             " holds a secret and is open to others than its owner (mode 0600 or 0640)");
  return file.read(bytes_max);
}

}  // namespace ttp::os

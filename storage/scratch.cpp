#include "storage/scratch.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace ttp::storage {
namespace {

[[noreturn]] void fail(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

}  // namespace

Scratch::Scratch(const std::filesystem::path& folder)
    : file_(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
  if (file_ < 0) fail("making a file without a name");
}

Scratch::~Scratch() {
  ::close(file_);
}

Scratch::Piece Scratch::write(std::string_view bytes) {
  const Piece piece{end_.fetch_add(bytes.size()), bytes.size()};
  for (std::uint64_t done = 0; done < bytes.size();) {
    const auto count =
        ::pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(piece.begin + done));
    if (count < 0 && errno != EINTR) fail("writing what does not fit into memory");
    if (count > 0) done += static_cast<std::uint64_t>(count);
  }
  return piece;
}

void Scratch::read(const Piece& piece, std::string& into, std::uint64_t bytes_max) const {
  into.resize(std::min(piece.bytes, bytes_max));
  for (std::uint64_t done = 0; done < into.size();) {
    const auto count =
        ::pread(file_, into.data() + done, into.size() - done, static_cast<off_t>(piece.begin + done));
    if (count < 0 && errno != EINTR) fail("reading what did not fit into memory");
    if (count == 0) throw std::runtime_error("what did not fit into memory is cut short");
    if (count > 0) done += static_cast<std::uint64_t>(count);
  }
}

}  // namespace ttp::storage

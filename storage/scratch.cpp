#include "storage/scratch.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace ttp::storage {
namespace {

/// Who reads from the same disk meanwhile waits for what is being written.
constexpr std::size_t texts_at_once = 32;

[[noreturn]] void fail(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

int open_without_name(const std::filesystem::path& folder, int flags) {
  return ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0600);
}

/// What is left of the texts when so many bytes of them are written.
std::span<iovec> behind(std::span<iovec> texts, std::size_t written) {
  while (!texts.empty() && written >= texts.front().iov_len) {
    written -= texts.front().iov_len;
    texts = texts.subspan(1);
  }
  if (written > 0) {
    texts.front().iov_base = static_cast<char*>(texts.front().iov_base) + written;
    texts.front().iov_len -= written;
  }
  return texts;
}

}  // namespace

Scratch::Scratch(const std::filesystem::path& folder) : file_(open_without_name(folder, O_DIRECT)) {
  if (file_ < 0 && errno == EINVAL) file_ = open_without_name(folder, 0);
  if (file_ < 0) fail("making a file without a name");
}

Scratch::~Scratch() {
  ::close(file_);
}

std::vector<Scratch::Piece> Scratch::write(std::span<Bytes> texts) {
  std::uint64_t bytes = 0;
  for (const auto& text : texts) bytes += whole_blocks(text.size());
  std::uint64_t at = end_.fetch_add(bytes);
  std::vector<Piece> pieces;
  std::vector<iovec> blocks;
  for (std::uint64_t begin = at; auto& text : texts) {
    pieces.push_back({begin, text.size()});
    if (text.empty()) continue;
    text.resize(whole_blocks(text.size()));
    blocks.push_back({text.data(), text.size()});
    begin += text.size();
  }
  for (std::span<iovec> ahead{blocks}; !ahead.empty();) {
    const auto count = static_cast<int>(std::min(ahead.size(), texts_at_once));
    const auto written = ::pwritev(file_, ahead.data(), count, static_cast<off_t>(at));
    if (written < 0 && errno != EINTR) fail("writing what does not fit into memory");
    if (written <= 0) continue;
    at += static_cast<std::uint64_t>(written);
    ahead = behind(ahead, static_cast<std::size_t>(written));
  }
  return pieces;
}

void Scratch::read(const Piece& piece, char* into) const {
  const auto bytes = whole_blocks(piece.bytes);
  for (std::uint64_t done = 0; done < bytes;) {
    const auto count = ::pread(file_, into + done, bytes - done, static_cast<off_t>(piece.begin + done));
    if (count < 0 && errno != EINTR) fail("reading what did not fit into memory");
    if (count == 0) throw std::runtime_error("what did not fit into memory is cut short");
    if (count > 0) done += static_cast<std::uint64_t>(count);
  }
}

}  // namespace ttp::storage

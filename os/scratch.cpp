#include "os/scratch.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace ttp::os {
namespace {

/// Bounds one write, because reads of the same disk queue behind it.
constexpr std::size_t portions_at_once = 32;
/// Together with a string's overhead this matches a size class of the allocator.
constexpr std::size_t portion_bytes = 15 * Scratch::block_bytes;

[[noreturn]] void fail(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

int open_without_name(const std::filesystem::path& folder, int flags) {
  return ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0600);
}

/// The rest of the portions after `written` bytes of them are written.
std::span<iovec> behind(std::span<iovec> portions, std::size_t written) {
  while (!portions.empty() && written >= portions.front().iov_len) {
    written -= portions.front().iov_len;
    portions = portions.subspan(1);
  }
  if (written > 0) {
    portions.front().iov_base = static_cast<char*>(portions.front().iov_base) + written;
    portions.front().iov_len -= written;
  }
  return portions;
}

}  // namespace

Scratch::Scratch(const std::filesystem::path& folder) : file_(open_without_name(folder, O_DIRECT)) {
  if (file_ < 0 && errno == EINVAL) file_ = open_without_name(folder, 0);
  if (file_ < 0) fail("making a file without a name");
}

Scratch::~Scratch() {
  ::close(file_);
}

void Scratch::Text::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (portions_.empty() || portions_.back().size() == portion_bytes) {
      if (spare_->empty()) spare_->emplace_back().reserve(portion_bytes);
      portions_.push_back(std::move(spare_->back()));
      spare_->pop_back();
    }
    auto& last = portions_.back();
    const auto fits = bytes.substr(0, portion_bytes - last.size());
    last += fits;
    bytes.remove_prefix(fits.size());
  }
}

std::uint64_t Scratch::Text::size() const {
  return portions_.empty() ? 0 : (portions_.size() - 1) * portion_bytes + portions_.back().size();
}

void Scratch::Text::clear() {
  for (auto& portion : portions_) {
    portion.clear();
    spare_->push_back(std::move(portion));
  }
  portions_.clear();
}

std::vector<Scratch::Piece> Scratch::write(std::span<Text> texts) {
  std::uint64_t bytes = 0;
  for (const auto& text : texts) bytes += whole_blocks(text.size());
  std::uint64_t at = end_.fetch_add(bytes);
  std::vector<Piece> pieces;
  std::vector<iovec> portions;
  for (std::uint64_t begin = at; auto& text : texts) {
    pieces.push_back({begin, text.size()});
    begin += whole_blocks(text.size());
    if (text.empty()) continue;
    auto& last = text.portions_.back();
    last.resize(whole_blocks(last.size()));
    for (auto& portion : text.portions_) portions.push_back({portion.data(), portion.size()});
  }
  for (std::span<iovec> ahead{portions}; !ahead.empty();) {
    const auto count = static_cast<int>(std::min(ahead.size(), portions_at_once));
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

}  // namespace ttp::os

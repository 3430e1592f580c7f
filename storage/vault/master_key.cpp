// The master key's file: outside the data directory, readable by its owner alone.
#include <algorithm>
#include <stdexcept>

#include <sys/stat.h>

#include "os/files.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::storage {
namespace {

constexpr std::size_t file_bytes_max = 65;  // 64 hexadecimal digits and a newline

void refuse_if_others_can_open(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    throw std::runtime_error("there is no master key file " + path.string());
  if ((status.st_mode & 077) != 0)
    throw std::runtime_error("the master key file " + path.string() +
                             " must be open to its owner alone (mode 0600)");
}

std::optional<std::string> raw_key(std::string content) {
  if (content.size() == 32) return content;
  if (content.size() == 65 && content.back() == '\n') content.pop_back();
  return content.size() == 64 ? events::from_hex(content) : std::nullopt;
}

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

MasterKey load_master_key(const std::filesystem::path& path) {
  refuse_if_others_can_open(path);
  auto content = os::read_small_file(path, file_bytes_max);
  if (!content) throw std::runtime_error("there is no master key file " + path.string());
  auto raw = raw_key(*content);
  wipe_text(*content);
  if (!raw)
    throw std::runtime_error("the master key file " + path.string() +
                             " holds neither 32 bytes nor 64 digits");
  MasterKey key;
  std::ranges::copy(events::as_bytes(*raw), key.bytes.begin());
  wipe_text(*raw);
  return key;
}

MasterKey create_master_key(const std::filesystem::path& path) {
  MasterKey key;
  events::fill_random(key.bytes);
  auto content = events::to_hex(key.view()) + "\n";
  os::write_new_file(path, content, 0600);
  wipe_text(content);
  return key;
}

}  // namespace ttp::storage

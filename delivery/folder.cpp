// Writes whole files into a folder: temporary name, fsync, rename, fsync of the folder.
#include "delivery/folder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ttp::delivery {
namespace {

// Starts with a dot, as no stem does, so a half-written file cannot be mistaken for a finished one.
constexpr std::string_view half_written_prefix = ".half-";

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw std::filesystem::filesystem_error(what, path, std::error_code{errno, std::generic_category()});
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

void write_all(int file, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("writing a file of the delivery folder", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_folder(const std::filesystem::path& path) {
  const Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) fail("syncing a delivery folder", path);
}

/// A number that is unique among the half-written files of this process, so two threads with one key cannot
/// collide.
std::uint64_t next_number() {
  static std::atomic<std::uint64_t> number{0};
  return number.fetch_add(1);
}

/// Sorts by position first (20 digits and a dash), then by index as a number.
auto mail_order(std::string_view key) {
  return std::tuple{key.substr(0, 21), key.size(), key};
}

}  // namespace

FileFolder::FileFolder(std::filesystem::path path, std::string extension)
    : path_(std::move(path)), extension_(std::move(extension)) {
  if (std::filesystem::create_directories(path_) && path_.has_parent_path()) sync_folder(path_.parent_path());
  if (::chmod(path_.c_str(), S_IRWXU) != 0) fail("setting the permissions of a delivery folder", path_);
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    if (entry.path().filename().native().starts_with(half_written_prefix))
      std::filesystem::remove(entry.path());
}

void FileFolder::put(std::string_view stem, std::string_view bytes) const {
  assert(is_message_key(stem));
  const auto half_written = path_ / fmt::format("{}{}-{}", half_written_prefix, ::getpid(), next_number());
  try {
    const Descriptor file{
        ::open(half_written.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (file.get() < 0) fail("opening a file of the delivery folder", half_written);
    write_all(file.get(), bytes, half_written);
    if (::fsync(file.get()) != 0) fail("syncing a file of the delivery folder", half_written);
    std::filesystem::rename(half_written, path_ / (std::string{stem} + extension_));
  } catch (...) {
    ::unlink(half_written.c_str());
    throw;
  }
  sync_folder(path_);
}

std::vector<std::string> FileFolder::stems() const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    std::string name = entry.path().filename().native();
    if (!name.ends_with(extension_)) continue;
    name.resize(name.size() - extension_.size());
    if (is_message_key(name)) found.push_back(std::move(name));
  }
  return found;
}

std::optional<std::string> FileFolder::read(std::string_view stem) const {
  if (!is_message_key(stem)) return std::nullopt;
  const auto name = path_ / (std::string{stem} + extension_);
  const Descriptor file{::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (file.get() < 0 && (errno == ENOENT || errno == ELOOP)) return std::nullopt;
  if (file.get() < 0) fail("opening a file of the delivery folder", name);
  std::string bytes;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("reading a file of the delivery folder", name);
    if (count == 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
  }
}

MailFolder::MailFolder(std::filesystem::path path, MailFrom from)
    : folder_(std::move(path), ".eml"), from_(std::move(from)) {
  require_from(from_);
}

HandOver MailFolder::deliver(const Mail& mail) {
  std::string eml;
  try {
    eml = to_eml(mail, from_);
  } catch (const MailFault&) {
    return Delivery::refused;
  }
  folder_.put(mail.message_key, eml);
  return Delivery::delivered;
}

std::vector<MailEntry> MailFolder::list(std::string_view after, std::size_t limit) const {
  auto keys = folder_.stems();
  if (!after.empty())
    std::erase_if(keys, [&](const auto& key) { return mail_order(key) <= mail_order(after); });
  std::ranges::sort(keys, {}, [](const std::string& key) { return mail_order(key); });
  std::vector<MailEntry> entries;
  for (const auto& key : keys) {
    if (entries.size() == limit) break;
    const auto mail = folder_.read(key).and_then([](const std::string& eml) { return parse_eml(eml); });
    if (mail) entries.push_back({key, mail->to, mail->subject, mail->date});
  }
  return entries;
}

std::optional<std::string> MailFolder::read(std::string_view key) const {
  return folder_.read(key);
}

LetterFolder::LetterFolder(std::filesystem::path path) : folder_(std::move(path), ".pdf") {}

Handed LetterFolder::order(const LetterOrder& order) {
  deliver(order.letter, order.pdf);
  return Handed::accepted;
}

Handed LetterFolder::cancel(domain::LetterId) {
  return Handed::accepted;
}

std::vector<LetterReport> LetterFolder::reports(std::string&) {
  return {};
}

void LetterFolder::deliver(const domain::LetterId& letter, std::string_view pdf) {
  folder_.put(domain::to_text(letter), pdf);
}

std::vector<domain::LetterId> LetterFolder::list(const std::optional<domain::LetterId>& after,
                                                 std::size_t limit) const {
  std::vector<domain::LetterId> letters;
  for (const auto& stem : folder_.stems()) {
    const auto uuid = domain::parse_uuid(stem);
    if (uuid && (!after || domain::LetterId{*uuid} > *after)) letters.push_back({*uuid});
  }
  std::ranges::sort(letters);
  if (letters.size() > limit) letters.resize(limit);
  return letters;
}

std::optional<std::string> LetterFolder::read(const domain::LetterId& letter) const {
  return folder_.read(domain::to_text(letter));
}

}  // namespace ttp::delivery

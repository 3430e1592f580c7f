// Helpers of the storage tests: a temporary folder, and short functions for events and commits.
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "storage/log/log.hpp"

namespace ttp::storage::test {

/// A new temporary folder, which is removed with its content.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path() /
            ("ttp-storage-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// The content of every file below `folder` whose name ends with one of `endings` (of all files if it is
/// empty).
inline std::string content_below(const std::filesystem::path& folder,
                                 const std::vector<std::string>& endings = {}) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    const auto name = entry.path().filename().string();
    bool wanted = endings.empty();
    for (const auto& ending : endings) wanted |= name.ends_with(ending);
    if (entry.is_regular_file() && wanted) all += content_of(entry.path());
  }
  return all;
}

inline domain::CommandId command(std::uint64_t number) {
  domain::CommandId id;
  id.uuid.bytes[0] = 1;  // so that no id is nil
  for (std::size_t i = 0; i < 8; ++i) id.uuid.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

inline events::Hash hash(std::uint8_t byte) {
  events::Hash value;
  value.fill(byte);
  return value;
}

inline events::ClaimChange take(std::string name_space, std::uint8_t key) {
  return {true, std::move(name_space), hash(key)};
}
inline events::ClaimChange release(std::string name_space, std::uint8_t key) {
  return {false, std::move(name_space), hash(key)};
}

inline NewEvent event(std::string stream, std::string text, std::vector<events::ClaimChange> claims = {}) {
  auto envelope = "envelope of " + text;
  return {std::move(stream), std::move(envelope), std::move(text), std::move(claims)};
}

/// A commit that expects nothing.
inline Commit commit(std::uint64_t number, std::vector<NewEvent> events) {
  return {command(number),
          hash(static_cast<std::uint8_t>(number)),
          {},
          std::move(events),
          "answer " + std::to_string(number)};
}

inline Commit commit(std::uint64_t number, std::vector<ExpectedVersion> expected,
                     std::vector<NewEvent> events) {
  auto made = commit(number, std::move(events));
  made.expected = std::move(expected);
  return made;
}

inline AppendResult append(Log& log, const Commit& one) {
  return log.append({&one, 1}).front();
}

/// Appends the commit of one event that has this number.
inline AppendResult append_numbered(Log& log, std::uint64_t number) {
  return append(
      log,
      commit(number, {event("stream " + std::to_string(number % 7), "event " + std::to_string(number))}));
}

/// Appends `count` such commits, one at a time.
inline void append_many(Log& log, std::uint64_t first_number, std::uint64_t count) {
  for (auto number = first_number; number < first_number + count; ++number) append_numbered(log, number);
}

}  // namespace ttp::storage::test

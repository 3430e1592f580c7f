// A file for what does not fit into memory and is needed for no longer than the process: it has no name, so
// nothing is left of it when it is closed, however the process ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace ttp::storage {

class Scratch {
 public:
  /// What was written at once: where it begins, and how long it is.
  struct Piece {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
  };

  /// On the disk of the folder. Throws std::system_error, as the others do.
  explicit Scratch(const std::filesystem::path& folder);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// From any thread.
  Piece write(std::string_view bytes);
  /// Replaces `into` by the piece, or by its first `bytes_max` bytes. From any thread.
  void read(const Piece& piece, std::string& into, std::uint64_t bytes_max = ~std::uint64_t{0}) const;

 private:
  int file_ = -1;
  std::atomic<std::uint64_t> end_{0};
};

}  // namespace ttp::storage

// A file for what does not fit into memory and is needed for no longer than the process: it has no name, so
// nothing is left of it when it is closed, however the process ends. Where the disk allows it, it bypasses
// the kernel's cache, which has nothing to gain from bytes that are written once and read once.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/align/aligned_allocator.hpp>

namespace ttp::os {

class Scratch {
 public:
  /// What is written and read begins at a multiple of so many bytes, in the file and in memory.
  static constexpr std::size_t block_bytes = 4096;
  /// Aligned from a block's length on.
  using Bytes =
      std::basic_string<char, std::char_traits<char>, boost::alignment::aligned_allocator<char, block_bytes>>;

  /// What is to be written as one. It grows in portions, none of which moves when the next one comes.
  class Text {
   public:
    /// Portions that no text has now, so that memory is used again. Of one thread.
    using Spare = std::vector<Bytes>;

    explicit Text(Spare& spare) : spare_(&spare) {}
    void append(std::string_view bytes);
    bool empty() const { return portions_.empty(); }
    std::uint64_t size() const;
    void clear();

   private:
    friend class Scratch;

    Spare* spare_;
    std::vector<Bytes> portions_;  ///< all but the last are full
  };

  /// What was written as one: where it begins, and how long it is.
  struct Piece {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
  };

  static constexpr std::uint64_t whole_blocks(std::uint64_t bytes) {
    return (bytes + block_bytes - 1) / block_bytes * block_bytes;
  }

  /// On the disk of the folder. Throws std::system_error, as the others do.
  explicit Scratch(const std::filesystem::path& folder);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// A piece for each text, all written at once; each is lengthened to whole blocks. From any thread.
  std::vector<Piece> write(std::span<Text> texts);
  /// Into memory that begins a block and has room for the piece in whole blocks. From any thread.
  void read(const Piece& piece, char* into) const;

 private:
  int file_ = -1;
  std::atomic<std::uint64_t> end_{0};
};

}  // namespace ttp::os

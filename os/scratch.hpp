// A temporary file for data that does not fit into memory. It has no name, so nothing remains of it when it
// is closed, however the process ends. Where the disk allows it, the file bypasses the kernel's cache,
// because its bytes are written once and read once.
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
  /// Reads and writes start at a multiple of this, in the file and in memory.
  static constexpr std::size_t block_bytes = 4096;
  /// Memory aligned to the length of a block.
  using Bytes =
      std::basic_string<char, std::char_traits<char>, boost::alignment::aligned_allocator<char, block_bytes>>;

  /// A text to be written as one piece. It grows in portions; earlier portions do not move.
  class Text {
   public:
    /// Unused portions, kept so that their memory is reused. Used by one thread.
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

  /// A written text: its offset and its length.
  struct Piece {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
  };

  static constexpr std::uint64_t whole_blocks(std::uint64_t bytes) {
    return (bytes + block_bytes - 1) / block_bytes * block_bytes;
  }

  /// Opens a file on the disk of `folder`. Every member throws std::system_error on failure.
  explicit Scratch(const std::filesystem::path& folder);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// Writes all texts at once and returns a piece for each; each text is padded to whole blocks. Any thread
  /// may call this.
  std::vector<Piece> write(std::span<Text> texts);
  /// Reads into memory that is aligned to a block and has room for the piece in whole blocks. Any thread may
  /// call this.
  void read(const Piece& piece, char* into) const;

 private:
  int file_ = -1;
  std::atomic<std::uint64_t> end_{0};
};

}  // namespace ttp::os

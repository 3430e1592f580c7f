// The bytes that a connection has received and not yet used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace ttp::http {

/// A buffer that grows at its end and is consumed at its front. Each byte is copied a bounded number of
/// times, however small the received pieces are.
class Input {
 public:
  std::string_view bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return capacity_; }

  /// Memory after the bytes to read into: at most `size_max` bytes, never empty.
  std::span<char> room(std::size_t size_max) {
    if (empty()) begin_ = end_ = 0;
    if (capacity_ - end_ < std::min(size_max, room_min)) make_room(size_max);
    return {memory_.get() + end_, std::min(capacity_ - end_, size_max)};
  }
  /// Declares that `count` bytes were read into the room.
  void add(std::size_t count) { end_ += count; }
  /// Drops `count` bytes at the front.
  void remove(std::size_t count) { begin_ += count; }
  void clear() { begin_ = end_ = 0; }
  /// Frees the memory. All bytes must have been removed.
  void release() { *this = {}; }

  /// The total number of bytes moved within or between buffers.
  std::size_t copied() const { return copied_; }

 private:
  static constexpr std::size_t room_min = 1024;

  /// Provides memory for at least twice the present bytes.
  void make_room(std::size_t size_max) {
    const std::size_t capacity = std::max(2 * size(), size() + size_max);
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    if (!empty()) std::memcpy(memory.get(), memory_.get() + begin_, size());
    copied_ += size();
    end_ -= begin_;
    begin_ = 0;
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> memory_{};
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t copied_ = 0;
};

}  // namespace ttp::http

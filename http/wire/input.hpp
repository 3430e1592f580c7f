// What a connection has received and not yet used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace ttp::http {

/// A buffer that is filled behind and emptied in front. However small the pieces are in which bytes come,
/// each byte is copied a bounded number of times.
class Input {
 public:
  std::string_view bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return capacity_; }

  /// Memory behind the bytes to read into, of `size_max` at most and never empty.
  std::span<char> room(std::size_t size_max) {
    if (empty()) begin_ = end_ = 0;
    if (capacity_ - end_ < std::min(size_max, room_min)) make_room(size_max);
    return {memory_.get() + end_, std::min(capacity_ - end_, size_max)};
  }
  /// So many bytes were read into the room.
  void add(std::size_t count) { end_ += count; }
  /// So many bytes in front were used.
  void remove(std::size_t count) { begin_ += count; }
  void clear() { begin_ = end_ = 0; }
  /// Returns the memory. Nothing may be left to use.
  void release() { *this = {}; }

  /// How many bytes were copied from one place to another, since the beginning.
  std::size_t copied() const { return copied_; }

 private:
  static constexpr std::size_t room_min = 1024;

  /// Memory for at least as many bytes again as there are.
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

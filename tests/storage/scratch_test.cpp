// The scratch file for data that does not fit into memory: pieces are read back as written, and no file is
// left.
#include "os/scratch.hpp"

#include <array>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "storage/support.hpp"

namespace ttp::storage {
namespace {

std::string read(const os::Scratch& scratch, const os::Scratch::Piece& piece) {
  os::Scratch::Bytes into(os::Scratch::whole_blocks(piece.bytes), 0);
  scratch.read(piece, into.data());
  return {into.data(), piece.bytes};
}

TEST(Scratch, returns_the_texts_of_several_threads) {
  const test::TemporaryFolder folder;
  os::Scratch scratch{folder / ""};
  const auto text = [](std::size_t writer, std::size_t number) {
    return std::string(number * 37 % 10000, static_cast<char>('a' + writer));
  };
  std::vector<std::vector<os::Scratch::Piece>> pieces(4);
  {
    std::vector<std::jthread> writers;
    for (std::size_t writer = 0; writer < pieces.size(); ++writer)
      writers.emplace_back([&, writer] {
        for (std::size_t i = 0; i < 100; ++i) {
          os::Scratch::Text::Spare spare;
          os::Scratch::Text whole{spare};
          whole.append(text(writer, i));
          pieces[writer].push_back(scratch.write({&whole, 1}).front());
        }
      });
  }
  for (std::size_t writer = 0; writer < pieces.size(); ++writer)
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(read(scratch, pieces[writer][i]), text(writer, i));
}

TEST(Scratch, makes_a_piece_of_each_of_many_texts) {
  const test::TemporaryFolder folder;
  os::Scratch scratch{folder / ""};
  std::vector<std::string> texts;
  os::Scratch::Text::Spare spare;
  std::vector<os::Scratch::Text> to_write;
  for (std::size_t i = 0; i < 3000; ++i) {
    texts.emplace_back(i % 7 * 900, static_cast<char>('a' + i % 26));
    to_write.emplace_back(spare).append(texts.back());
  }
  const auto pieces = scratch.write(to_write);
  ASSERT_EQ(pieces.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(read(scratch, pieces[i]), texts[i]);
}

TEST(Scratch, writes_a_text_that_grew_and_then_another_in_the_same_memory) {
  const test::TemporaryFolder folder;
  os::Scratch scratch{folder / ""};
  os::Scratch::Text::Spare spare;
  std::vector<os::Scratch::Text> texts(2, os::Scratch::Text{spare});
  for (const std::size_t length : {500'000, 61'440, 3, 70'000}) {
    std::array<std::string, 2> expected;
    while (expected[0].size() < length)
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto piece = std::to_string(length + expected[i].size() * (i + 7)) + ",";
        expected[i] += piece;
        texts[i].append(piece);
      }
    EXPECT_EQ(texts[0].size(), expected[0].size());
    const auto pieces = scratch.write(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(read(scratch, pieces[i]), expected[i]);
      texts[i].clear();
      EXPECT_TRUE(texts[i].empty());
    }
  }
}

TEST(Scratch, has_no_name_in_its_folder) {
  const test::TemporaryFolder folder;
  os::Scratch scratch{folder / ""};
  os::Scratch::Text::Spare spare;
  os::Scratch::Text text{spare};
  text.append("what nobody shall find");
  scratch.write({&text, 1});
  EXPECT_TRUE(std::filesystem::is_empty(folder / ""));
}

TEST(Scratch, needs_a_folder_that_is_there) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(os::Scratch{folder / "missing"}, std::system_error);
}

}  // namespace
}  // namespace ttp::storage

// The file for what does not fit into memory: pieces come back as they were written, and nothing is left.
#include "storage/scratch.hpp"

#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "storage/support.hpp"

namespace ttp::storage {
namespace {

TEST(Scratch, gives_back_what_several_threads_have_written) {
  const test::TemporaryFolder folder;
  Scratch scratch{folder / ""};
  const auto text = [](std::size_t writer, std::size_t number) {
    return std::string(number * 37 % 5000, static_cast<char>('a' + writer));
  };
  std::vector<std::vector<Scratch::Piece>> pieces(4);
  {
    std::vector<std::jthread> writers;
    for (std::size_t writer = 0; writer < pieces.size(); ++writer)
      writers.emplace_back([&, writer] {
        for (std::size_t i = 0; i < 100; ++i) pieces[writer].push_back(scratch.write(text(writer, i)));
      });
  }
  std::string read;
  for (std::size_t writer = 0; writer < pieces.size(); ++writer)
    for (std::size_t i = 0; i < 100; ++i) {
      scratch.read(pieces[writer][i], read);
      EXPECT_EQ(read, text(writer, i));
      scratch.read(pieces[writer][i], read, 7);
      EXPECT_EQ(read, text(writer, i).substr(0, 7));
    }
}

TEST(Scratch, has_no_name_in_its_folder) {
  const test::TemporaryFolder folder;
  Scratch scratch{folder / ""};
  scratch.write("what nobody shall find");
  EXPECT_TRUE(std::filesystem::is_empty(folder / ""));
}

TEST(Scratch, needs_a_folder_that_is_there) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(Scratch{folder / "missing"}, std::system_error);
}

}  // namespace
}  // namespace ttp::storage

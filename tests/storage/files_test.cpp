// Small files are read whole, up to a bound, whether or not their length is known beforehand.
#include "os/files.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "storage/support.hpp"

namespace ttp::storage {
namespace {

void write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream{path, std::ios::binary} << content;
}

TEST(SmallFile, is_read_whole_up_to_its_bound) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(os::read_small_file(folder / "missing", 10), std::nullopt);
  for (const std::size_t length : {0, 1, 9, 10}) {
    write(folder / "file", std::string(length, 'x'));
    EXPECT_EQ(os::read_small_file(folder / "file", 10), std::string(length, 'x'));
  }
  for (const std::size_t length : {11, 5000}) {
    write(folder / "file", std::string(length, 'x'));
    EXPECT_THROW(os::read_small_file(folder / "file", 10), std::runtime_error);
  }
}

TEST(SmallFile, may_be_a_pipe_whose_length_is_unknown) {
  const test::TemporaryFolder folder;
  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::jthread writer{[&] { write(pipe, "what comes through"); }};
  EXPECT_EQ(os::read_small_file(pipe, 100), "what comes through");
}

}  // namespace
}  // namespace ttp::storage

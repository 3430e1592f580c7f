// Files with secrets, and addresses with ports as settings have them.
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/files.hpp"
#include "os/socket_address.hpp"

namespace ttp::os {
namespace {

namespace fs = std::filesystem;

class SecretFile : public testing::Test {
 protected:
  ~SecretFile() override { fs::remove(path_); }

  std::string read(mode_t mode) {
    std::ofstream{path_} << "secret";
    ::chmod(path_.c_str(), mode);
    try {
      return read_secret_file(path_, 100);
    } catch (const std::runtime_error& fault) {
      return fault.what();
    }
  }

  const fs::path path_ = fs::temp_directory_path() / ("ttp-secret-" + std::to_string(::getpid()));
};

TEST_F(SecretFile, IsReadIfItsOwnerAndGroupAloneCan) {
  for (const mode_t mode : {0600, 0400, 0640, 0440}) EXPECT_EQ(read(mode), "secret");
}

TEST_F(SecretFile, IsRefusedIfOthersCanReadOrTheGroupCanWriteIt) {
  for (const mode_t mode : {0644, 0604, 0601, 0602, 0660, 0620})
    EXPECT_NE(read(mode).find("is open to others than its owner"), std::string::npos) << mode;
}

TEST_F(SecretFile, IsRefusedIfItBelongsToAnother) {
  if (::geteuid() != 0) return;  // only root can give a file away
  std::ofstream{path_} << "secret";
  ASSERT_EQ(::chown(path_.c_str(), 12345, 0), 0);
  EXPECT_NE(read(0600).find("must belong to root or to this user"), std::string::npos);
}

TEST_F(SecretFile, IsRefusedIfItIsMissingOrTooLong) {
  EXPECT_THROW(read_secret_file(path_, 100), std::runtime_error);
  std::ofstream{path_} << std::string(101, 'x');
  ::chmod(path_.c_str(), 0600);
  EXPECT_THROW(read_secret_file(path_, 100), std::runtime_error);
}

TEST(SocketAddresses, AreNumericWithAPort) {
  EXPECT_EQ(parse_socket_address("192.0.2.1:443"), (SocketAddress{"192.0.2.1", 443}));
  EXPECT_EQ(parse_socket_address("[2001:db8::1]:8443"), (SocketAddress{"2001:db8::1", 8443}));
  EXPECT_EQ(parse_socket_address("127.0.0.1:0"), (SocketAddress{"127.0.0.1", 0}));
  for (const char* wrong :
       {"", ":", "443", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:4x", "localhost:443",
        "2001:db8::1:443", "[192.0.2.1]:443", "[]:443", "[2001:db8::1]443", "192.0.2.1:-1"})
    EXPECT_EQ(parse_socket_address(wrong), std::nullopt) << wrong;
}

TEST(Loopback, IsThisMachineAndNoNameThatBeginsLikeIt) {
  for (const char* own : {"localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]"})
    EXPECT_TRUE(is_loopback(own)) << own;
  for (const char* other : {"", "127.example.org", "127.0.0.1.example.org", "128.0.0.1", "::", "[::2]", "[]",
                            "[", "localhost.example.org", "0.0.0.0", "127"})
    EXPECT_FALSE(is_loopback(other)) << other;
}

}  // namespace
}  // namespace ttp::os

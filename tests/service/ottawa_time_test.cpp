// A program refuses to start if the system's time zone database is missing or wrong.
#include "service/ottawa_time.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

namespace ttp::service {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A time zone database of the test's own.
class Zones {
 public:
  Zones() : folder_(fs::temp_directory_path() / ("ttp-zones-" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "America");
    setenv("TZDIR", folder_.c_str(), 1);
  }
  ~Zones() {
    unsetenv("TZDIR");
    fs::remove_all(folder_);
    use_ottawa_time();
  }
  Zones(const Zones&) = delete;
  Zones& operator=(const Zones&) = delete;

  void toronto_is(const std::string& zone) const {
    fs::copy_file("/usr/share/zoneinfo/" + zone, folder_ / "America/Toronto");
  }

 private:
  fs::path folder_;
};

std::string refusal() {
  try {
    use_ottawa_time();
  } catch (const std::runtime_error& fault) {
    return fault.what();
  }
  return "";
}

TEST(OttawaTime, is_refused_without_a_zone_file) {
  const Zones zones;
  EXPECT_THAT(refusal(), HasSubstr("There is no time zone file"));
  EXPECT_THAT(refusal(), HasSubstr("Install the package tzdata"));
}

TEST(OttawaTime, is_refused_when_the_zone_file_is_anothers) {
  const Zones zones;
  zones.toronto_is("America/Vancouver");
  EXPECT_THAT(refusal(), HasSubstr("wrong about the year 2020"));
}

TEST(OttawaTime, is_taken_from_the_zone_file) {
  const Zones zones;
  zones.toronto_is("America/New_York");
  EXPECT_EQ(refusal(), "");
}

TEST(OttawaTime, leaves_the_zone_of_the_process_as_it_was) {
  setenv("TZ", "Asia/Tokyo", 1);
  use_ottawa_time();
  EXPECT_STREQ(std::getenv("TZ"), "Asia/Tokyo");
  unsetenv("TZ");
  use_ottawa_time();
  EXPECT_EQ(std::getenv("TZ"), nullptr);
}

}  // namespace
}  // namespace ttp::service

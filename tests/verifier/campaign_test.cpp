// Two verifiers that were written apart, ours and one of public Go code, look at the same export bundles,
// good ones and thousands that were tampered with: both must find every fault, and name the same first bad
// event. TTP_MUTATIONS: how many tampered bundles (10,000 by default); TTP_MUTATIONS_SEED: the draw (1).
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/log/memory_log.hpp"
#include "storage/support.hpp"
#include "storage/tree/export.hpp"
#include "support/real_log.hpp"

namespace ttp::storage {
namespace {

namespace fs = std::filesystem;

constexpr const char* origin = "ttp.example/audit/log1";

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The Go program, asked over pipes; one for each key and older checkpoint.
class OutsideVerifier {
 public:
  OutsideVerifier(const Verifier& verifier, const fs::path& since) {
    std::array<int, 2> to{}, from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0) std::abort();
    std::vector<std::string> arguments{TTP_BINARY_DIR "/tests/outside_verifier", "--batch", "--key",
                                       to_text(verifier)};
    if (!since.empty()) arguments.insert(arguments.end(), {"--since", since.string()});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    questions_ = ::fdopen(to[1], "w");
    answers_ = ::fdopen(from[0], "r");
  }
  ~OutsideVerifier() {
    std::fclose(questions_);
    std::fclose(answers_);
    ::waitpid(child_, nullptr, 0);
  }
  OutsideVerifier(const OutsideVerifier&) = delete;
  OutsideVerifier& operator=(const OutsideVerifier&) = delete;

  /// Its line of verdict; empty if it ended.
  std::string ask(const fs::path& bundle) {
    std::fprintf(questions_, "%s\n", bundle.c_str());
    std::fflush(questions_);
    std::array<char, 4096> line{};
    if (!std::fgets(line.data(), line.size(), answers_)) return "";
    return std::string{line.data()}.substr(0, std::string_view{line.data()}.find('\n'));
  }

 private:
  pid_t child_ = -1;
  std::FILE* questions_ = nullptr;
  std::FILE* answers_ = nullptr;
};

/// A good bundle on a disk in memory, what was taken from it, and the logs from which lies are made.
class Campaign : public ::testing::Test {
 public:
  const fs::path folder_ = (fs::exists("/dev/shm") ? fs::path{"/dev/shm"} : fs::temp_directory_path()) /
                           ("ttp-campaign-" + std::to_string(::getpid()));
  const fs::path bundle_ = folder_ / "bundle";
  const SecretKey seed_{test::hash(7)};
  const Verifier verifier_{origin, verifying_key(seed_)};
  std::mt19937_64 dice_{from_environment("TTP_MUTATIONS_SEED", 1)};
  std::map<fs::path, std::string> good_;  // the bundle's files

  Campaign() { fs::create_directories(folder_); }
  ~Campaign() override { fs::remove_all(folder_); }

  std::string note(const Log& log) const {
    return sign_checkpoint({origin, log.head().next, log.head().root}, seed_);
  }
  void write(const Log& log, const fs::path& to) const {
    fs::remove_all(to);
    write_export(log, {origin, log.head().next, log.head().root}, note(log), {seed_}, to);
  }
  void remember() {
    good_.clear();
    for (const auto& entry : fs::recursive_directory_iterator{bundle_})
      if (entry.is_regular_file()) good_[entry.path()] = test::content_of(entry.path());
  }
  static void put(const fs::path& file, const std::string& content) {
    std::ofstream{file, std::ios::binary} << content;
  }
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : dice_() % limit; }

  /// Where the bundle was tampered with is drawn by the files' sizes, so that all bytes have their turn.
  const fs::path& a_file() {
    std::size_t all = 0;
    for (const auto& [path, content] : good_) all += content.size() + 64;
    std::size_t at = below(all);
    for (const auto& [path, content] : good_) {
      if (at < content.size() + 64) return path;
      at -= content.size() + 64;
    }
    return good_.begin()->first;
  }

  static std::optional<Position> position_in(const std::string& verdict) {
    constexpr std::string_view mark = "bad: position ";
    if (!verdict.starts_with(mark)) return std::nullopt;
    return std::strtoull(verdict.c_str() + mark.size(), nullptr, 10);
  }

  /// Both verifiers' words on the bundle; whether they take it for good.
  bool agreed(OutsideVerifier& outside, const std::optional<std::string>& since, const std::string& what) {
    const Verdict ours = verify_export(bundle_, verifier_, since);
    const std::string theirs = outside.ask(bundle_);
    EXPECT_FALSE(theirs.empty()) << "the outside verifier ended";
    EXPECT_EQ(ours.good(), theirs.starts_with("verified "))
        << what << ": " << ours.fault.value_or("good") << " | " << theirs;
    if (ours.bad_position && position_in(theirs)) {
      EXPECT_EQ(ours.bad_position, position_in(theirs)) << what << ": " << *ours.fault << " | " << theirs;
    }
    return ours.good();
  }

  // ---- one way of tampering each; what was done, empty if nothing was changed ----------------------------

  std::string change_bits() {
    const fs::path& file = a_file();
    std::string content = good_[file];
    if (content.empty()) return "";
    for (auto count = 1 + below(3); count > 0; --count) {
      char& changed = content[below(content.size())];
      changed = static_cast<char>(changed ^ (1 << below(8)));
    }
    put(file, content);
    return "bits changed in " + file.string();
  }
  std::string drop_bytes() {
    const fs::path& file = a_file();
    std::string content = good_[file];
    if (content.empty()) return "";
    const std::size_t at = below(content.size());
    content.erase(at, 1 + below(content.size() - at));
    put(file, content);
    return "bytes dropped from " + file.string();
  }
  std::string insert_bytes() {
    const fs::path& file = a_file();
    std::string content = good_[file];
    content.insert(below(content.size() + 1), 1 + below(40), static_cast<char>(below(256)));
    put(file, content);
    return "bytes inserted into " + file.string();
  }
  std::string swap_parts() {
    const fs::path& file = a_file();
    std::string content = good_[file];
    if (content.size() < 4) return "";
    const std::size_t length = 1 + below(std::min<std::size_t>(content.size() / 2, 100));
    const std::size_t first = below(content.size() - 2 * length + 1);
    const std::size_t second = first + length + below(content.size() - 2 * length - first + 1);
    std::swap_ranges(content.begin() + static_cast<std::ptrdiff_t>(first),
                     content.begin() + static_cast<std::ptrdiff_t>(first + length),
                     content.begin() + static_cast<std::ptrdiff_t>(second));
    if (content == good_[file]) return "";
    put(file, content);
    return "parts swapped in " + file.string();
  }
  std::string swap_files() {
    const fs::path one = a_file();
    const fs::path two = a_file();
    if (good_[one] == good_[two]) return "";
    put(one, good_[two]);
    put(two, good_[one]);
    return one.string() + " and " + two.string() + " swapped";
  }
  std::string truncate() {
    const fs::path& file = a_file();
    if (good_[file].empty()) return "";
    put(file, good_[file].substr(0, below(good_[file].size())));
    return file.string() + " cut";
  }
  std::string remove() {
    const fs::path& file = a_file();
    fs::remove(file);
    return file.string() + " removed";
  }
  std::string add_a_file() {
    put(bundle_ / "tile" / ("added" + std::to_string(below(1000))), "x");
    return "a file added";
  }

  void put_back(const std::string& what) {
    if (what == "a file added") {
      for (const auto& entry : fs::directory_iterator{bundle_ / "tile"})
        if (entry.path().filename().string().starts_with("added")) fs::remove(entry.path());
    }
    for (const auto& [path, content] : good_) {
      std::error_code missing;
      if (fs::file_size(path, missing) != content.size() || test::content_of(path) != content)
        put(path, content);
    }
  }
};

TEST_F(Campaign, both_verifiers_take_what_is_good) {
  OutsideVerifier outside{verifier_, {}};
  const auto log = open_memory_log();
  samples::RealLog history{*log, 3};
  for (const Position size : {0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000}) {
    history.grow_to(size);
    write(*log, bundle_);
    EXPECT_TRUE(agreed(outside, std::nullopt, "a log of " + std::to_string(size))) << size;
  }
}

TEST_F(Campaign, both_verifiers_find_every_tampering) {
  const std::vector<std::function<std::string(Campaign&)>> ways{
      &Campaign::change_bits,  &Campaign::change_bits, &Campaign::change_bits, &Campaign::drop_bytes,
      &Campaign::insert_bytes, &Campaign::swap_parts,  &Campaign::swap_files,  &Campaign::truncate,
      &Campaign::remove,       &Campaign::add_a_file,
  };
  OutsideVerifier outside{verifier_, {}};
  const std::uint64_t mutations = from_environment("TTP_MUTATIONS", 10'000);
  std::uint64_t missed = 0;
  std::uint64_t done = 0;
  for (const Position size : {3, 40, 259, 300}) {
    const auto log = open_memory_log();
    samples::RealLog{*log, size}.grow_to(size);
    write(*log, bundle_);
    remember();
    for (std::uint64_t until = done + mutations / 4; done < until;) {
      const std::string what = ways[below(ways.size())](*this);
      if (what.empty()) continue;
      ++done;
      if (agreed(outside, std::nullopt, what)) {
        ++missed;
        ADD_FAILURE() << "not found: " << what;
      }
      put_back(what);
      if (HasFailure() && missed > 5) return;
    }
    ASSERT_TRUE(agreed(outside, std::nullopt, "put back"));
  }
  RecordProperty("mutations", static_cast<int>(done));
}

/// Lies that are signed: a history that was rolled back, another one, a key of one's own.
TEST_F(Campaign, both_verifiers_find_every_signed_lie_that_an_older_checkpoint_gives_away) {
  const auto log = open_memory_log();
  samples::RealLog history{*log, 11};
  history.grow_to(300);
  put(folder_ / "since", note(*log));
  const std::string since = note(*log);
  OutsideVerifier outside{verifier_, folder_ / "since"};
  history.grow_to(400);
  write(*log, bundle_);
  EXPECT_TRUE(agreed(outside, since, "grown"));
  const std::uint64_t lies = from_environment("TTP_MUTATIONS", 10'000) / 200;
  for (std::uint64_t lie = 0; lie < lies; ++lie) {
    const auto rolled_back = open_memory_log();
    samples::RealLog{*rolled_back, 11}.grow_to(below(300));
    write(*rolled_back, bundle_);
    EXPECT_FALSE(agreed(outside, since, "rolled back"));
    const auto other = open_memory_log();
    samples::RealLog{*other, 1000 + lie}.grow_to(300 + below(60));
    write(*other, bundle_);
    EXPECT_FALSE(agreed(outside, since, "split view"));
  }
  OutsideVerifier wrong_key{{origin, verifying_key(SecretKey{test::hash(8)})}, {}};
  write(*log, bundle_);
  EXPECT_TRUE(wrong_key.ask(bundle_).starts_with("bad: "));
  EXPECT_FALSE(verify_export(bundle_, {origin, verifying_key(SecretKey{test::hash(8)})}).good());
}

}  // namespace
}  // namespace ttp::storage

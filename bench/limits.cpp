// Measures the limits of the machine: one synced write, SHA-256 over given bytes, a scan of the log's events.
// One line of JSON each.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include "events/bytes.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ttp;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// ---- one synced write -------------------------------------------------------------------------------------

/// A file to append to, which is deleted afterwards.
class Appended {
 public:
  explicit Appended(fs::path path) : path_(std::move(path)) {
    file_ = ::open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file_ < 0) fail("opening");
  }
  ~Appended() {
    ::close(file_);
    fs::remove(path_);
  }
  Appended(const Appended&) = delete;
  Appended& operator=(const Appended&) = delete;

  void write_and_sync(const std::string& bytes) const {
    if (::write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) fail("writing");
    if (::fdatasync(file_) != 0) fail("syncing");
  }

 private:
  [[noreturn]] void fail(const char* doing) const {
    throw std::system_error(errno, std::generic_category(), std::string{doing} + " " + path_.string());
  }

  fs::path path_;
  int file_ = -1;
};

void measure_fdatasync(const fs::path& folder, std::size_t bytes, double seconds) {
  const Appended file(folder / "synced");
  const std::string block(bytes, 'x');
  std::vector<double> times;
  const auto began = Clock::now();
  while (seconds_since(began) < seconds) {
    const auto before = Clock::now();
    file.write_and_sync(block);
    times.push_back(seconds_since(before) * 1e6);
  }
  std::ranges::sort(times);
  const auto quantile = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  fmt::print(R"({{"count":{},"p50_us":{:.1f},"p99_us":{:.1f}}})"
             "\n",
             times.size(), quantile(0.5), quantile(0.99));
}

// ---- SHA-256 ----------------------------------------------------------------------------------------------

void measure_sha256(const fs::path& folder) {
  std::uint64_t bytes = 0;
  double seconds = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    const auto began = Clock::now();
    events::sha256(content);
    seconds += seconds_since(began);
    bytes += content.size();
  }
  fmt::print(R"({{"bytes":{},"seconds":{:.6f}}})"
             "\n",
             bytes, seconds);
}

// ---- a scan of the events ---------------------------------------------------------------------------------

void need(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

void measure_scan(const fs::path& data_dir) {
  const rocksdb::ColumnFamilyOptions plain;
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  need(rocksdb::DB::OpenForReadOnly({}, (data_dir / "log").string(), {{"default", plain}, {"events", plain}},
                                    &families, &opened));
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::uint64_t events = 0, bytes = 0;
  const auto began = Clock::now();
  {
    const std::unique_ptr<rocksdb::Iterator> row(db->NewIterator({}, families[1]));
    for (row->SeekToFirst(); row->Valid(); row->Next()) {
      ++events;
      bytes += row->key().size() + row->value().size();
    }
    need(row->status());
  }
  const double seconds = seconds_since(began);
  for (auto* family : families) need(db->DestroyColumnFamilyHandle(family));
  fmt::print(R"({{"events":{},"bytes":{},"seconds":{:.6f}}})"
             "\n",
             events, bytes, seconds);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures what this machine can do at best"};
  app.require_subcommand(1);
  std::string folder;
  std::size_t bytes = 1024;
  double seconds = 3;
  auto* fdatasync = app.add_subcommand("fdatasync", "appends to a file and syncs it, again and again");
  fdatasync->add_option("folder", folder)->required();
  fdatasync->add_option("--bytes", bytes, "of each write");
  fdatasync->add_option("--seconds", seconds);
  auto* sha256 = app.add_subcommand("sha256", "hashes every file of a folder");
  sha256->add_option("folder", folder)->required();
  auto* scan = app.add_subcommand("scan", "reads every event of a data directory's log, and nothing of it");
  scan->add_option("folder", folder)->required();
  CLI11_PARSE(app, argc, argv);
  try {
    if (*fdatasync) measure_fdatasync(folder, bytes, seconds);
    if (*sha256) measure_sha256(folder);
    if (*scan) measure_scan(folder);
  } catch (const std::exception& fault) {
    fmt::print(stderr, "limits: {}\n", fault.what());
    return 1;
  }
}

// Power cuts at random points: everything that the log or the vault has acknowledged exists afterwards, in
// order.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "faults/forgetful_files.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/rocks/file_system.hpp"
#include "storage/support.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::storage {
namespace {

using namespace test;
using faults::ForgetfulFiles;
using Syncs = ForgetfulFiles::Syncs;

constexpr std::uint64_t commits_max = 60;
constexpr std::uint64_t calls_max = 160;  // about as many as creating and filling such a database takes
const MasterKey master{hash(42)};

/// The number of power cuts: TTP_POWER_CUTS; a long run has thousands.
std::uint64_t cuts() {
  const char* text = std::getenv("TTP_POWER_CUTS");
  return text ? std::strtoull(text, nullptr, 10) : 60;
}

/// While it lives, databases are opened in the forgetful files.
class Cut {
 public:
  Cut(std::uint64_t at, Syncs syncs) : files_(std::make_shared<ForgetfulFiles>(at, syncs)) {
    rocks::lay_databases_in(files_);
  }
  ~Cut() { rocks::lay_databases_in(nullptr); }
  Cut(const Cut&) = delete;
  Cut& operator=(const Cut&) = delete;
  void forget(std::mt19937& draw) { files_->forget(draw); }

 private:
  std::shared_ptr<ForgetfulFiles> files_;
};

bool is_appended(Log& log, std::uint64_t number) {
  return std::holds_alternative<Appended>(append_numbered(log, number));
}

/// Appends until the power fails; returns the number of acknowledged commits, or nothing if the log was not
/// created.
std::optional<std::uint64_t> fill_log(const std::filesystem::path& dir) {
  std::unique_ptr<Log> log;
  try {
    log = open_rocks_log(dir);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  std::uint64_t acknowledged = 0;
  try {
    while (acknowledged < commits_max && is_appended(*log, acknowledged)) ++acknowledged;
  } catch (const std::exception&) {
  }
  return acknowledged;
}

/// Returns the number of acknowledged commits that the log has lost; checks that the others are in their
/// order.
std::uint64_t lost_by_log(const std::filesystem::path& dir, std::uint64_t acknowledged) {
  const auto log = open_rocks_log(dir);
  const auto held = log->read(0, commits_max + 1);
  for (std::uint64_t n = 0; n < held.size(); ++n) {
    EXPECT_EQ(held[n].position, n);
    EXPECT_EQ(held[n].body, "event " + std::to_string(n));
    EXPECT_TRUE(log->find_command(command(n)).has_value());
  }
  return acknowledged - std::min<std::uint64_t>(acknowledged, held.size());
}

std::uint64_t lost_after_cut_of_log(std::uint64_t at, Syncs syncs, std::mt19937& draw) {
  const TemporaryFolder folder;
  std::optional<std::uint64_t> acknowledged;
  {
    Cut cut{at, syncs};
    acknowledged = fill_log(folder / "log");
    cut.forget(draw);
  }
  if (!acknowledged) return 0;
  try {
    return lost_by_log(folder / "log", *acknowledged);
  } catch (const events::Damaged&) {
    return syncs == Syncs::ignored ? *acknowledged : throw;
  }
}

TEST(PowerLoss, the_log_keeps_every_event_that_it_acknowledged) {
  std::mt19937 draw{20'261};
  for (std::uint64_t n = 0; n < cuts(); ++n) {
    const auto at = std::uniform_int_distribution<std::uint64_t>{1, calls_max}(draw);
    EXPECT_EQ(lost_after_cut_of_log(at, Syncs::done, draw), 0u) << "a power cut at call " << at;
  }
}

TEST(PowerLoss, the_control_finds_lost_events_on_a_disk_that_lies_about_syncs) {
  std::mt19937 draw{20'262};
  std::uint64_t lost = 0;
  for (std::uint64_t at = calls_max / 2; at <= calls_max; at += 10)
    lost += lost_after_cut_of_log(at, Syncs::ignored, draw);
  EXPECT_GT(lost, 0u);
}

TEST(PowerLoss, the_vault_keeps_every_key_that_it_acknowledged) {
  std::mt19937 draw{20'263};
  for (std::uint64_t n = 0; n < cuts(); ++n) {
    const auto at = std::uniform_int_distribution<std::uint64_t>{1, calls_max}(draw);
    const TemporaryFolder folder;
    std::vector<events::DataKey> keys;
    {
      Cut cut{at, Syncs::done};
      try {
        const auto vault = Vault::open(folder / "vault", master);
        while (keys.size() < commits_max)
          keys.push_back(vault->data_key("user:" + std::to_string(keys.size())));
      } catch (const std::exception&) {
      }
      cut.forget(draw);
    }
    if (keys.empty()) continue;
    const auto vault = Vault::open(folder / "vault", master);
    for (std::size_t i = 0; i < keys.size(); ++i)
      EXPECT_EQ(vault->find_data_key("user:" + std::to_string(i)), keys[i]) << "a power cut at call " << at;
  }
}

}  // namespace
}  // namespace ttp::storage

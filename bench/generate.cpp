// Creates a data directory with a history made through the domain itself, and the sessions of owners who are
// signed in at its end.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "bench/stories.hpp"
#include "events/bytes.hpp"
#include "events/registry.hpp"
#include "service/ottawa_time.hpp"

namespace {

using namespace ttp;

/// The average number of events of a company and its people, from its first day until now.
constexpr double events_per_account = 11.3;

struct Wanted {
  std::uint64_t accounts = 1000;
  std::uint64_t events = 0;
  std::size_t owners = 0;
  std::string targets_file;
  std::uint64_t seed = 1;
  unsigned span_days = 1600;
  bool with_views = true;
  bool list_types = false;
  bool all_types = false;
};

/// Starts one company after another, increasingly often, so that most companies are young.
bench::Life companies_begin(bench::History& history, bench::Cast& cast, const Wanted& wanted) {
  auto staff = bench::staff_begins(history, cast.staff);
  co_await staff;
  bench::begin_stories(history, cast);
  const auto span = history.ends_at() - history.began_at();
  for (std::uint64_t number = 1; number <= wanted.accounts; ++number) {
    const double share = (static_cast<double>(number) - 0.5) / static_cast<double>(wanted.accounts);
    const auto begins =
        history.began_at() + std::chrono::duration_cast<domain::Duration>(span * std::pow(share, 1.0 / 6));
    if (begins > history.now()) {
      auto sleep = history.sleeps_until(begins);
      co_await sleep;
    }
    history.begin(bench::company_life(history, cast, number));
  }
}

void sign_in_owners(bench::History& history, const bench::Cast& cast, const Wanted& wanted) {
  std::vector<std::pair<domain::SessionId, domain::AccountId>> signed_in;
  bench::owners_sign_in(history, cast, wanted.owners, signed_in);
  history.unfold();
  if (signed_in.empty()) throw std::runtime_error{"no owner can be signed in"};
  std::ofstream targets(wanted.targets_file);
  for (const auto& [session, account] : signed_in)
    targets << history.secrets().session_token(session) << ' ' << domain::to_text(account) << '\n';
  if (!targets.flush()) throw std::runtime_error{"cannot write " + wanted.targets_file};
}

void print_types(const bench::History& history) {
  for (std::size_t i = 0; i < events::event_count; ++i)
    std::printf("%12llu %s\n", static_cast<unsigned long long>(history.counts()[i]),
                std::string{events::event_names[i]}.c_str());
}

void require_all_types(const bench::History& history) {
  std::string lacking;
  for (std::size_t i = 0; i < events::event_count; ++i)
    if (history.counts()[i] == 0) lacking += " " + std::string{events::event_names[i]};
  if (!lacking.empty()) throw std::runtime_error{"these did not occur:" + lacking};
}

void make_history(const service::Config& config, const Wanted& wanted) {
  const auto began = std::chrono::steady_clock::now();
  bench::History history(config, domain::days{wanted.span_days});
  if (history.events() > 0) throw std::runtime_error{"there is a history already"};
  bench::Cast cast;
  cast.seed = wanted.seed;
  history.begin(companies_begin(history, cast, wanted));
  history.unfold();
  if (wanted.owners > 0) sign_in_owners(history, cast, wanted);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  history.finish(wanted.with_views);
  if (wanted.list_types) print_types(history);
  std::printf("%llu events, %llu accounts, %.1f s, %.0f events/s\n",
              static_cast<unsigned long long>(history.events()),
              static_cast<unsigned long long>(wanted.accounts), took.count(),
              static_cast<double>(history.events()) / took.count());
  if (wanted.all_types) require_all_types(history);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Makes a data directory with a history in it"};
  service::Config config;
  config.sandbox = true;
  // The machine has no other work, so the states of a long history may use much memory.
  config.cache_mib = std::size_t{12} * 1024;
  Wanted wanted;
  app.add_option("--data-dir", config.data_dir, "the directory to create")->required();
  app.add_option("--accounts", wanted.accounts, "how many companies")->check(CLI::Range(1, 8'000'000));
  app.add_option("--events", wanted.events,
                 "approximate number of events, which limits the number of companies; 0: no limit");
  app.add_option("--span-days", wanted.span_days, "days before now at which the history begins");
  app.add_option("--seed", wanted.seed, "seed of every choice; identifiers differ in each run");
  auto* owners =
      app.add_option("--owners", wanted.owners, "maximum number of owners who are signed in at the end");
  app.add_option("--targets", wanted.targets_file, "file for their session tokens and accounts");
  owners->needs("--targets");
  app.add_flag("!--without-views", wanted.with_views, "does not build the views; the next start does");
  app.add_flag("--types", wanted.list_types, "prints how often each event was recorded");
  app.add_flag("--all-types", wanted.all_types, "fails unless every type of event was recorded");
  CLI11_PARSE(app, argc, argv);
  if (wanted.events > 0)
    wanted.accounts = std::min(
        wanted.accounts, static_cast<std::uint64_t>(static_cast<double>(wanted.events) / events_per_account));
  try {
    service::use_ottawa_time();
    make_history(config, wanted);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "generate: %s\n", fault.what());
    return 1;
  }
}

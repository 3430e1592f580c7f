// Makes a data directory with a history in it, through the domain itself, and the sessions of owners who are
// signed in when it ends.
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>

#include <CLI/CLI.hpp>

#include "bench/lives.hpp"
#include "events/bytes.hpp"

namespace {

using namespace ttp;

bench::Life owner_signs_in(bench::History& history, bench::Owner owner, std::ofstream& targets) {
  domain::SessionId session;
  auto signs_in = bench::signs_in(history, owner.user, session);
  co_await signs_in;
  targets << history.stores().secrets.session_token(session) << ' ' << domain::to_text(owner.account) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Makes a data directory with a history in it"};
  service::Config config;
  config.sandbox = true;
  std::uint64_t accounts = 1000;
  std::uint64_t events_max = 0;
  std::size_t owners = 0;
  std::string targets_file;
  bench::History::Options options;
  options.span = domain::days{30};
  app.add_option("--data-dir", config.data_dir, "where to make it")->required();
  app.add_option("--accounts", accounts, "how many companies");
  app.add_option("--events", events_max, "no more companies once the log is that long; 0: no limit");
  app.add_option("--owners", owners, "how many owners are signed in at the end");
  app.add_option("--targets", targets_file, "where to write their session tokens and accounts");
  app.add_option("--seed", options.seed, "of every choice; identifiers are drawn afresh");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto began = std::chrono::steady_clock::now();
    bench::History history(config, options);
    std::deque<bench::Owner> all;
    const auto life = [&]() -> std::optional<bench::Life> {
      if (all.size() >= accounts) return std::nullopt;
      const auto number = all.size() + 1;
      return bench::company_life(history, number, history.skewed(1000), all.emplace_back());
    };
    history.unfold(life, events_max ? events_max : ~std::uint64_t{0});
    history.catch_up_with_now();

    std::ofstream targets(targets_file);
    std::size_t signed_in = 0;
    history.unfold(
        [&]() -> std::optional<bench::Life> {
          if (signed_in == std::min(owners, all.size())) return std::nullopt;
          return owner_signs_in(history, all[signed_in++ * all.size() / owners], targets);
        },
        ~std::uint64_t{0});
    history.finish();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%llu events, %zu accounts, %.1f s\n", static_cast<unsigned long long>(history.events()),
                all.size(), took.count());
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "generate: %s\n", fault.what());
    return 1;
  }
}

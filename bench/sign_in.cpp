// Signs the owners of a file of targets in again: their sessions end after fifteen idle minutes.
#include <cstdio>
#include <fstream>

#include <CLI/CLI.hpp>

#include "bench/owners.hpp"

namespace {

using namespace ttp;

bench::Life signs_in_again(bench::History& history, bench::Owner owner, std::string& line) {
  domain::SessionId session;
  auto signs_in = bench::signs_in(history, owner.user, session);
  co_await signs_in;
  line = history.stores().secrets.session_token(session) + " " + domain::to_text(owner.account);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Signs the owners of a file of targets in again"};
  service::Config config;
  config.sandbox = true;
  std::string targets;
  app.add_option("--data-dir", config.data_dir, "where they live")->required();
  app.add_option("--targets", targets, "the file, which is written anew")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    bench::History history(config, {});
    const auto owners = bench::owners_of(targets, history.stores().queries);
    std::vector<std::string> lines(owners.size());
    std::size_t next = 0;
    history.unfold(
        [&]() -> std::optional<bench::Life> {
          if (next == owners.size()) return std::nullopt;
          const auto number = next++;
          return signs_in_again(history, owners[number], lines[number]);
        },
        ~storage::Position{0});
    history.finish();
    std::ofstream file(targets);
    for (const auto& line : lines) file << line << '\n';
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "sign_in: %s\n", fault.what());
    return 1;
  }
}

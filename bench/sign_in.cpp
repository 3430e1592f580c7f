// Signs the owners of a file of targets in again, because their sessions end after fifteen idle minutes.
#include <cstdio>
#include <fstream>

#include <CLI/CLI.hpp>

#include "bench/owners.hpp"
#include "service/ottawa_time.hpp"

namespace {

using namespace ttp;

bench::Life signs_in_again(bench::History& history, bench::Owner owner, std::string& line) {
  bench::Person who;
  who.id = owner.user;
  who.credential_version = owner.credential_version;
  domain::SessionId session;
  auto signs_in = bench::signs_in(history, who, session);
  co_await signs_in;
  line = history.secrets().session_token(session) + " " + domain::to_text(owner.account);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Signs the owners of a file of targets in again"};
  service::Config config;
  config.sandbox = true;
  std::string targets;
  app.add_option("--data-dir", config.data_dir, "where they live")->required();
  app.add_option("--targets", targets, "the file, which is rewritten")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    service::use_ottawa_time();
    bench::History history(config, {});
    const auto owners = bench::owners_of(targets, history.queries());
    std::vector<std::string> lines(owners.size());
    for (std::size_t i = 0; i < owners.size(); ++i)
      history.begin(signs_in_again(history, owners[i], lines[i]));
    history.unfold();
    history.finish(true);
    std::ofstream file(targets);
    for (const auto& line : lines) file << line << '\n';
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "sign_in: %s\n", fault.what());
    return 1;
  }
}

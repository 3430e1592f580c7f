#include "bench/owners.hpp"

#include <fstream>
#include <stdexcept>

namespace ttp::bench {

std::vector<Owner> owners_of(const std::filesystem::path& targets, const service::Queries& queries) {
  std::ifstream file(targets);
  std::vector<Owner> owners;
  for (std::string token, text; file >> token >> text;) {
    const domain::AccountId account{domain::parse_uuid(text).value_or(domain::Uuid{})};
    const auto found = queries.account(account);
    if (!found) throw std::runtime_error("there is no account " + text);
    const domain::UserId owner = found->state.owner();
    owners.push_back({owner, queries.user(owner).value().state.credential_version, account, {}});
  }
  if (owners.empty()) throw std::runtime_error("no targets in " + targets.string());
  return owners;
}

}  // namespace ttp::bench

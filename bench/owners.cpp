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
    owners.push_back({found->state.owner(), account});
  }
  if (owners.empty()) throw std::runtime_error("no targets in " + targets.string());
  return owners;
}

}  // namespace ttp::bench

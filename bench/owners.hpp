// The owners in a file of targets: session tokens and accounts, as generate writes them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/lives.hpp"
#include "service/reading/queries.hpp"

namespace ttp::bench {

/// Throws std::runtime_error if the file or one of its accounts is missing.
std::vector<Owner> owners_of(const std::filesystem::path& targets, const service::Queries& queries);

}  // namespace ttp::bench

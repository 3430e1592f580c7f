// Reads the file that lists the erased persons, without opening the vault.
#pragma once

#include <filesystem>
#include <vector>

#include "domain/user.hpp"

namespace ttp::service {

/// The erasures that a file lists; none if there is no file. Throws events::Damaged if the file is not as it
/// was written.
std::vector<domain::UserErased> erasures_in(const std::filesystem::path& file);

}  // namespace ttp::service

// The file that lists who was erased, without the vault that the erasures were carried out in.
#pragma once

#include <filesystem>
#include <vector>

#include "domain/user.hpp"

namespace ttp::service {

/// All that a file lists; nothing where there is none. Throws events::Damaged where it is not as it was
/// written.
std::vector<domain::UserErased> erasures_in(const std::filesystem::path& file);

}  // namespace ttp::service

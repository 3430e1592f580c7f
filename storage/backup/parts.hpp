// What is done with a part of a backup, or with the vault that it is made of, whichever backup it belongs to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "storage/vault/vault.hpp"

namespace ttp::storage {

/// Deletes these backups of one database's folder; one that is not there is passed over. Interrupted, it has
/// deleted some, and others are told as damaged until they are deleted, too.
void remove_backups(const std::filesystem::path& folder, std::span<const std::uint32_t> ids);

/// Reads every row of a vault and unseals everything that it wraps. Throws events::Damaged for what cannot be
/// read or does not open.
void check_vault(const Vault& vault);

}  // namespace ttp::storage

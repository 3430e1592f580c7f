// Steps that the backup of the log and the backup of the vault share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "storage/vault/vault.hpp"

namespace ttp::storage {

/// Deletes these backups from one database's folder; an id that is not there is skipped. If the call is
/// interrupted, some backups are gone and the others may be listed as damaged until they are deleted, too.
void remove_backups(const std::filesystem::path& folder, std::span<const std::uint32_t> ids);

/// Reads every row of a vault and unseals every wrapped value. Throws events::Damaged for a row that cannot
/// be read or unsealed.
void check_vault(const Vault& vault);

}  // namespace ttp::storage

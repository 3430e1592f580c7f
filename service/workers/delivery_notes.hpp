// The position of delivery as noted in the vault, for comparing a vault with its log.
#pragma once

#include <optional>

#include "storage/log/log.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// The position that delivery had reached when the vault was last written; nothing in a new vault. Throws
/// events::Damaged.
std::optional<storage::Position> delivered_until(const storage::Vault& vault);

}  // namespace ttp::service

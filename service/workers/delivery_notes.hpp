// How far deliveries had come, as the vault notes it: whoever compares a vault with its log asks.
#pragma once

#include <optional>

#include "storage/log/log.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// How far the log had been looked through when the vault was written last; nothing in a new vault. Throws
/// events::Damaged.
std::optional<storage::Position> delivered_until(const storage::Vault& vault);

}  // namespace ttp::service

// Reads table files and compares every block with its checksum, so that damage is found when the service
// starts and not by a request.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "storage/rocks/database.hpp"

namespace ttp::storage::rocks {

struct TableFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

/// The table files that these families have now, the smallest first.
std::vector<TableFile> files_of(const Database& database, std::span<const std::string_view> families);

/// Reads the file. Throws events::Damaged with its path and what to do. A file that a compaction has deleted
/// meanwhile is skipped: the compaction has checked it.
void verify(const TableFile& file);

}  // namespace ttp::storage::rocks

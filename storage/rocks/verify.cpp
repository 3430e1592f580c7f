#include "storage/rocks/verify.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include "events/bytes.hpp"
#include "storage/rocks/file_system.hpp"

namespace ttp::storage::rocks {
namespace {

constexpr std::size_t read_bytes = 1024 * 1024;

/// The damage of the file, or nothing.
std::optional<std::string> damage_of(const std::filesystem::path& path) {
  const auto env = environment();
  rocksdb::BlockBasedTableOptions table;
  table.no_block_cache = true;
  rocksdb::Options options;
  options.env = env.get();
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::SstFileReader reader{options};
  rocksdb::ReadOptions reading;
  reading.readahead_size = read_bytes;
  auto status = reader.Open(path.string());
  if (status.ok()) status = reader.VerifyChecksum(reading);
  if (status.ok() || status.IsPathNotFound() || status.IsNotFound()) return std::nullopt;
  return status.ToString();
}

}  // namespace

std::vector<TableFile> files_of(const Database& database, std::span<const std::string_view> families) {
  std::vector<rocksdb::LiveFileMetaData> all;
  database.db->GetLiveFilesMetaData(&all);
  std::vector<TableFile> files;
  for (const auto& each : all)
    if (std::ranges::find(families, each.column_family_name) != families.end())
      files.push_back({std::filesystem::path{each.directory} / each.relative_filename, each.size});
  std::ranges::sort(files, {}, &TableFile::bytes);
  return files;
}

void verify(const TableFile& file) {
  const auto damage = damage_of(file.path);
  if (!damage) return;
  throw events::Damaged(
      "the file " + file.path.string() + " is damaged (" + *damage +
      "): check the disk, then bring the folder back from a backup (ttpctl backup restore)");
}

}  // namespace ttp::storage::rocks

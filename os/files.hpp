// Small files that survive a power cut: written under another name, synced, renamed, and the folder synced
// too.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace ttp::os {

/// Thrown when another process holds the folder; the sentence says what to do.
struct InUse : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Creates a folder with its parents, accessible to the owner only; does nothing if it exists.
void make_private_folder(const std::filesystem::path& folder);
/// Syncs a folder: its entries are on disk when this returns.
void sync_folder(const std::filesystem::path& folder);
/// Writes a new file, synced with its folder. Throws std::system_error if it exists.
void write_new_file(const std::filesystem::path& path, std::string_view content, mode_t mode);
/// Removes what a write_new_file() of this path left that was killed half-way.
void discard_unfinished(const std::filesystem::path& path);
/// Replaces the file as a whole: after a crash there is the old content or the new one.
void replace_file(const std::filesystem::path& path, std::string_view content);
/// Renames a file over another in the same folder, durably.
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// Returns the content, at most `bytes_max`; nothing if there is no such file. Throws std::system_error if it
/// cannot be read, and std::runtime_error if it is longer.
std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max);
/// Returns the content of a file with a secret, at most `bytes_max`. Throws std::runtime_error with a
/// sentence if the file is missing or longer, belongs to another user than root and the process's own, or is
/// open to users who are neither its owner nor in its group, or can be written by the group.
std::string read_secret_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace ttp::os

#include "service/secrets/keys.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "os/files.hpp"
#include "service/data_folder.hpp"

namespace ttp::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view master_since_note = "keys/master_since_ms";

/// The time between the creation of a key and its first use.
domain::Duration lead_of(KeyPurpose purpose) {
  switch (purpose) {
    // These values are derived from an identifier with the key of the identifier's time: every thread must
    // know the key before that time.
    case KeyPurpose::activation_code:
    case KeyPurpose::one_time_code:
    case KeyPurpose::session:
    case KeyPurpose::sign_in:
      return std::chrono::seconds{1};
    // No command may be recorded under the new key while a request is waiting that has looked for its command
    // under the earlier keys only.
    case KeyPurpose::idempotency:
      return std::chrono::seconds{10};
    case KeyPurpose::checkpoint_signing:
    case KeyPurpose::claims:
    case KeyPurpose::cursor:
    case KeyPurpose::pepper:
      break;
  }
  return {};
}

fs::path next_to(const fs::path& master) {
  return master.string() + ".next";
}

fs::path until(const fs::path& master, domain::Duration::rep ms) {
  return fmt::format("{}.until-{}", master.string(), ms);
}

/// Undoes an interrupted rotation: removes the next key and the second name of the current one.
void undo_rotation(const fs::path& master) {
  const std::string names = master.filename().string() + ".until-";
  const fs::path folder = master.has_parent_path() ? master.parent_path() : fs::path{"."};
  std::vector<fs::path> second_names;
  for (const auto& each : fs::directory_iterator{folder})
    if (each.path().filename().string().starts_with(names) && fs::equivalent(each.path(), master))
      second_names.push_back(each.path());
  for (const auto& each : second_names) fs::remove(each);
  fs::remove(next_to(master));
}

}  // namespace

Keys::Keys(storage::Vault& vault) : vault_(vault) {
  for (std::size_t i = 0; i < rings_.size(); ++i)
    for (auto& generation : vault.named_keys(key_purposes[i])) rings_[i].add(std::move(generation));
}

void Keys::rotate(KeyPurpose purpose, domain::Time now) {
  const os::MutexLock lock(rotating_);
  const auto index = static_cast<std::size_t>(purpose);
  rings_[index].add(vault_.rotate_named_key(key_purposes[index], now + lead_of(purpose)));
}

storage::SigningKeys checkpoint_keys(storage::Vault& vault) {
  return Keys{vault}.of(KeyPurpose::checkpoint_signing).newest_first();
}

std::unique_ptr<storage::Vault> open_vault(const Config& config, const storage::Memory& memory) {
  const fs::path path = config.master_key();
  const fs::path dir = config.data_dir / "vault";
  // Never create a key beside an existing vault: it would not open the vault.
  if (config.sandbox && !fs::exists(path) && !holds_database(dir)) {
    fs::create_directories(path.parent_path());
    storage::create_master_key(path);
  }
  const fs::path next = next_to(path);
  try {
    auto vault = storage::Vault::open(dir, storage::load_master_key(path), memory);
    // The vault is wrapped in one write: if the old key opens it, no value is under the next key.
    if (fs::exists(next)) undo_rotation(path);
    os::discard_unfinished(next);
    return vault;
  } catch (const storage::WrongMasterKey&) {
    if (!fs::exists(next))
      throw storage::WrongMasterKey(
          fmt::format("{} is not the master key that {} was made with. Bring back the key that "
                      "belongs to it; earlier ones lie beside it as {}.until-<time>",
                      path.string(), dir.string(), path.filename().string()));
  }
  auto vault = storage::Vault::open(dir, storage::load_master_key(next), memory);
  os::move_file(next, path);
  os::discard_unfinished(next);
  return vault;
}

void rotate_master_key(storage::Vault& vault, const Config& config, domain::Time now) {
  const fs::path path = config.master_key();
  const fs::path next = next_to(path);
  const auto ms = now.time_since_epoch().count();
  if (fs::exists(next))
    throw std::system_error(
        std::make_error_code(std::errc::file_exists),
        fmt::format("an earlier change of the master key failed and left {}: restart the server, which "
                    "finishes or undoes it",
                    next.string()));
  const auto key = storage::create_master_key(next);
  try {
    fs::create_hard_link(path, until(path, ms));
  } catch (...) {
    fs::remove(next);
    throw;
  }
  vault.change_master_key(key);
  os::move_file(next, path);
  vault.put_note(master_since_note, std::to_string(ms), true);
}

std::optional<domain::Time> master_key_since(const storage::Vault& vault) {
  const auto note = vault.find_note(master_since_note);
  return note ? std::optional{domain::Time{domain::Duration{std::stoll(*note)}}} : std::nullopt;
}

}  // namespace ttp::service

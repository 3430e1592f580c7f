// The export bundle: the whole log as files. Anybody can verify it without this program, with the log's
// verifier key alone (C2SP checkpoint, hash tiles and entry bundles; bodies beside them), and a new log can
// continue the same tree from it. Personal fields stay sealed; the bundle has no keys of the vault.
//
//   checkpoint                    the signed note
//   tile/<L>/<N>[.p/<W>]          hash tiles
//   tile/entries/<N>[.p/<W>]      per entry: be16 length, be64 version, envelope
//   bodies/<N>[.p/<W>]            per event: be32 length, body
//   commands                      the answers of the commands, for "asked twice, done once" after an import
//   manifest                      signed note: "<origin>/export", size, root, SHA-256 of `commands`
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/log/log.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/tree/signed_note.hpp"

namespace ttp::storage {

/// Called repeatedly with the number of events done and the total.
using ExportProgress = std::function<void(Position done, Position total)>;

/// Writes the log's first events, as many as the checkpoint says, into `folder`, which must not exist. The
/// folder has a temporary name beside it until it is complete. The log may grow meanwhile. Throws
/// std::invalid_argument if the folder exists, Damaged if the log is not the signed one, std::system_error.
void write_export(const Log& log, const SignedCheckpoint& checkpoint, std::string_view note,
                  const SigningKeys& seeds, const std::filesystem::path& folder,
                  const ExportProgress& progress = {});

/// The result of a verification: good, or the first fault found.
struct Verdict {
  Position size = 0;
  events::Hash root{};
  std::optional<std::string> fault{};
  std::optional<Position> bad_position{};  ///< set if the fault is at one event
  bool good() const { return !fault; }
};

/// Checks every file of the bundle, and that there are no other files. `since` is an older signed note by the
/// same key, which the log must extend.
Verdict verify_export(const std::filesystem::path& folder, const Verifier& verifier,
                      const std::optional<std::string>& since = std::nullopt,
                      const ExportProgress& progress = {});

/// Appends a bundle to an empty log, so that it has the same positions, versions, tree and answers. Verify
/// the bundle first. Throws std::invalid_argument for a log that is not empty, Damaged if the result is not
/// the bundle's tree.
Head import_export(const std::filesystem::path& folder, const Verifier& verifier, Log& log,
                   const ExportProgress& progress = {});

}  // namespace ttp::storage

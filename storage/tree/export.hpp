// The export bundle: the whole log as files that anybody can verify without this program, with the log's
// verifier key alone (C2SP checkpoint, hash tiles and entry bundles; bodies beside them), and from which a
// new log continues the same tree. Personal fields stay sealed; the vault's keys are not in it.
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

/// Called now and then with the events done and to do.
using ExportProgress = std::function<void(Position done, Position total)>;

/// Writes the log's first events, as many as the checkpoint says, into `folder`, which must not exist; while
/// it is written it has another name beside it. The log may grow meanwhile. Throws std::invalid_argument
/// where the folder exists, Damaged where the log is not the one that was signed, std::system_error.
void write_export(const Log& log, const SignedCheckpoint& checkpoint, std::string_view note,
                  const SigningKeys& seeds, const std::filesystem::path& folder,
                  const ExportProgress& progress = {});

/// What a verification found: nothing wrong, or the first thing that is.
struct Verdict {
  Position size = 0;
  events::Hash root{};
  std::optional<std::string> fault{};
  std::optional<Position> bad_position{};  ///< where the fault lies at one event
  bool good() const { return !fault; }
};

/// Checks everything that the bundle holds, and that it holds nothing else. `since`: an older signed note, by
/// the same key, which the log must extend.
Verdict verify_export(const std::filesystem::path& folder, const Verifier& verifier,
                      const std::optional<std::string>& since = std::nullopt,
                      const ExportProgress& progress = {});

/// Appends a bundle to an empty log, so that it has the same positions, versions, tree and answers. Verify
/// the bundle first. Throws std::invalid_argument for a log that is not empty, Damaged where the result is
/// not the bundle's tree.
Head import_export(const std::filesystem::path& folder, const Verifier& verifier, Log& log,
                   const ExportProgress& progress = {});

}  // namespace ttp::storage

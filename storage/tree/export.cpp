#include "storage/tree/export.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <future>
#include <stdexcept>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/envelope.hpp"
#include "os/background.hpp"
#include "os/files.hpp"
#include "os/in_order.hpp"
#include "storage/log/chain.hpp"
#include "storage/tree/merkle.hpp"
#include "storage/tree/proofs.hpp"

namespace ttp::storage {
namespace {

namespace fs = std::filesystem;
using events::Damaged;
using events::Hash;

constexpr std::size_t import_batch = 256;

// ---- the files' form: never change -----------------------------------------------------------------------

void put_body(std::string& bundle, const StoredEvent& event) {
  events::put_be32(bundle, static_cast<std::uint32_t>(event.body.size()));
  bundle += event.body;
}

/// be64 position of the command's last event, then the command's stored row.
void put_command(std::string& out, const domain::CommandId& id, const Duplicate& command) {
  events::put_be64(out, command.last);
  out += events::as_text(id.uuid.bytes);
  out += events::as_text(command.fingerprint);
  events::put_be32(out, static_cast<std::uint32_t>(command.answer.size()));
  out += command.answer;
}

std::string bodies_path(std::uint64_t index, unsigned width) {
  return "bodies" + entries_path(index, width).substr(std::string_view{"tile/entries"}.size());
}

std::string manifest_text(const SignedCheckpoint& checkpoint, const Hash& commands) {
  return fmt::format("{}/export\n{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     events::to_base64(events::as_text(checkpoint.root)),
                     events::to_base64(events::as_text(commands)));
}

std::string tile_bytes(std::span<const Hash> hashes) {
  std::string bytes;
  for (const Hash& hash : hashes) bytes += events::as_text(hash);
  return bytes;
}
// ---- end of the files' form ------------------------------------------------------------------------------

std::string_view take(std::string_view& bytes, std::size_t count, std::string_view what) {
  if (bytes.size() < count) throw Damaged{std::string{what} + " is cut short"};
  const auto taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}

void write_file(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream out{path, std::ios::binary};
  out << content;
  out.flush();
  if (!out) throw std::system_error{errno, std::generic_category(), "writing " + path.string()};
}

/// A file of a bundle, read from its first byte to its last. It uses a descriptor, because a standard
/// stream's buffer and locale are costly for many small files.
class BundleFile {
 public:
  explicit BundleFile(const fs::path& path)
      : name_(path.filename().string()), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~BundleFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  BundleFile(const BundleFile&) = delete;
  BundleFile& operator=(const BundleFile&) = delete;

  /// Throws Damaged if there is no such file.
  std::size_t bytes() const {
    struct stat status;
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode))
      throw Damaged{"there is no file " + name_};
    return static_cast<std::size_t>(status.st_size);
  }

  /// Fills `content` with the next `count` bytes; throws Damaged if there are fewer.
  void read(std::string& content, std::size_t count) const {
    content.resize_and_overwrite(count, [&](char* into, std::size_t) {
      std::size_t length = 0;
      while (length < count) {
        const auto got = ::read(descriptor_, into + length, count - length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        length += static_cast<std::size_t>(got);
      }
      return length;
    });
    if (content.size() < count) throw Damaged{name_ + " cannot be read"};
  }

 private:
  const std::string name_;
  const int descriptor_;
};

std::string read_file(const fs::path& path) {
  const BundleFile file{path};
  std::string content;
  file.read(content, file.bytes());
  return content;
}

/// The hash of a file that may be too long for memory.
Hash hash_file(const fs::path& path) {
  constexpr std::size_t piece_bytes_max = 64 * 1024;
  const BundleFile file{path};
  events::Sha256 hash;
  std::string piece;
  for (std::size_t left = file.bytes(); left > 0; left -= piece.size()) {
    file.read(piece, std::min(left, piece_bytes_max));
    hash.add(piece);
  }
  return hash.finish();
}

unsigned width_of(std::uint64_t bundle, Position size) {
  return static_cast<unsigned>(std::min<Position>(tile_width, size - bundle * tile_width));
}

/// Calls `each` with path and content of each unfinished tile at the right edge.
template <class Each>
void each_partial_tile(const TileEdge& edge, Each&& each) {
  for (unsigned level = 0; level < 64 / 8; ++level) {
    const auto hashes = edge.hashes(level);
    if (hashes.empty()) continue;
    const std::uint64_t index = (edge.size() >> (8 * level)) / tile_width;
    each(tile_path(level, index, static_cast<unsigned>(hashes.size())), tile_bytes(hashes));
  }
}

// ---- reading a bundle ------------------------------------------------------------------------------------

/// The events of one bundle, one after the other. It only checks the form of the files.
class Bundle {
 public:
  Bundle(const fs::path& folder, std::uint64_t index, Position size)
      : at_(index * tile_width),
        end_(at_ + width_of(index, size)),
        entries_file_(read_file(folder / entries_path(index, width_of(index, size)))),
        bodies_file_(read_file(folder / bodies_path(index, width_of(index, size)))) {}

  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;

  struct Event {
    StreamVersion version = 0;
    std::string_view envelope;
    std::string_view body;
  };
  Event next() {
    const auto entry = take(entries_, events::get_be16(take(entries_, 2, "an entry bundle")), "an entry");
    Event event;
    event.version = events::get_be64(entry);
    event.envelope = entry.substr(8);
    event.body = take(bodies_, events::get_be32(take(bodies_, 4, "a bundle of bodies")), "a body");
    ++at_;
    if (done() && !(entries_.empty() && bodies_.empty()))
      throw Damaged{"its bundle holds more than it should"};
    return event;
  }
  bool done() const { return at_ == end_; }

 private:
  Position at_;
  Position end_;
  std::string entries_file_, bodies_file_;
  std::string_view entries_ = entries_file_, bodies_ = bodies_file_;
};

std::uint64_t bundles_of(Position size) {
  return (size + tile_width - 1) / tile_width;
}

SignedCheckpoint open_own(std::string_view note, const Verifier& verifier) {
  return open_checkpoint(note, verifier.name, verifier.key);
}

/// Reads a bundle from its first event to its last and checks each event against all earlier ones.
class Verification {
 public:
  Verification(const fs::path& folder, const SignedCheckpoint& checkpoint)
      : folder_(folder), checkpoint_(checkpoint) {}

  void run(const std::optional<SignedCheckpoint>& since, const ExportProgress& progress) {
    os::in_order(
        bundles_of(checkpoint_.size), [&](std::uint64_t index) { return read_page(index); },
        [&](ChainPage page) {
          if (progress) progress(page.first(), checkpoint_.size);
          take_page(std::move(page), since);
        });
    if (since && since->size > checkpoint_.size)
      throw Damaged{"the log is shorter than the older checkpoint says: rolled back"};
    each_partial_tile(chain_.edge(),
                      [&](const std::string& path, const std::string& bytes) { expect_file(path, bytes); });
    if (chain_.edge().root() != checkpoint_.root) throw Damaged{"the events' root is not the signed one"};
    for (const char* name : {"checkpoint", "commands", "manifest"}) expected_.insert(name);
    check_nothing_else();
  }

 private:
  // ---- one bundle by itself, on any thread ---------------------------------------------------------------

  ChainPage read_page(std::uint64_t index) const {
    ChainPage page{index * tile_width, chain_};
    try {
      Bundle bundle{folder_, index, checkpoint_.size};
      const std::string leaves = read_tile(index);
      while (!bundle.done()) add_event(bundle.next(), leaves, page);
      page.close();
    } catch (const std::exception& fault) {
      page.close_with(fault.what());
    }
    return page;
  }

  std::string read_tile(std::uint64_t index) const {
    const unsigned width = width_of(index, checkpoint_.size);
    std::string hashes = read_file(folder_ / tile_path(0, index, width));
    if (hashes.size() != width * sizeof(Hash)) throw Damaged{"its hash tile has the wrong length"};
    return hashes;
  }

  static void add_event(const Bundle::Event& event, std::string_view leaves, ChainPage& page) {
    const Hash leaf = hash_leaf(event.version, event.envelope);
    if (leaves.substr(page.leaves().size() * leaf.size(), leaf.size()) != events::as_text(leaf))
      throw Damaged{"the entry is not the one whose hash is in the tile"};
    page.add(event.version, event.envelope, event.body, leaf);
  }

  // ---- in order ------------------------------------------------------------------------------------------

  void take_page(ChainPage page, const std::optional<SignedCheckpoint>& since) {
    const Position first = page.first(), behind = page.behind();
    const bool ends_here = since && since->size > first && since->size <= behind;
    const bool extends = !ends_here || root_within(page, since->size) == since->root;
    constexpr const char* split = "the log does not extend the older checkpoint: split view or rolled back";
    std::vector<FullTile> filled;
    try {
      chain_.take(std::move(page), filled);
    } catch (const BadPosition& bad) {
      if (!extends && bad.position >= since->size) throw Damaged{split};
      throw;
    }
    if (!extends) throw Damaged{split};
    try {
      expect_files(first / tile_width, filled);
    } catch (const std::exception& fault) {
      throw BadPosition{behind - 1, fault.what()};
    }
  }

  /// The root of the first `size` events, the last of which are in this page.
  Hash root_within(const ChainPage& page, Position size) const {
    TileEdge edge = chain_.edge();
    std::vector<FullTile> filled;
    for (Position at = page.first(); at < size; ++at)
      edge.push(page.leaves()[static_cast<std::size_t>(at - page.first())], filled);
    return edge.root();
  }

  void expect_files(std::uint64_t index, const std::vector<FullTile>& filled) {
    const unsigned width = width_of(index, checkpoint_.size);
    expected_.insert(entries_path(index, width));
    expected_.insert(bodies_path(index, width));
    expected_.insert(tile_path(0, index, width));  // compared with each event already
    for (const FullTile& tile : filled)
      if (tile.level > 0) expect_file(tile_path(tile.level, tile.index, tile_width), tile_bytes(tile.hashes));
  }

  void expect_file(const std::string& path, const std::string& bytes) {
    if (read_file(folder_ / path) != bytes) throw Damaged{path + " does not follow from the events"};
    expected_.insert(path);
  }

  void check_nothing_else() const {
    for (const auto& entry : fs::recursive_directory_iterator{folder_}) {
      if (entry.is_directory()) continue;
      const std::string path = entry.path().lexically_relative(folder_).generic_string();
      if (!expected_.contains(path)) throw Damaged{"unexpected file " + path};
    }
  }

  const fs::path& folder_;
  const SignedCheckpoint& checkpoint_;
  Chain chain_{Chain::Claims::ignored};
  std::unordered_set<std::string> expected_;
};

void check_manifest(const fs::path& folder, const SignedCheckpoint& checkpoint, const Verifier& verifier,
                    std::future<Hash> commands) {
  const std::string text = open_note(read_file(folder / "manifest"), std::span{&verifier, 1});
  if (text != manifest_text(checkpoint, commands.get()))
    throw Damaged{"the manifest is not that of this checkpoint and these commands"};
}

/// Commands in the order of their last events.
class Commands {
 public:
  explicit Commands(const fs::path& folder) : file_(read_file(folder / "commands")), rest_(file_) {}

  struct Command {
    Position last = 0;
    domain::CommandId id;
    Hash fingerprint{};
    std::string answer;
  };
  Command next() {
    Command command;
    command.last = events::get_be64(take(rest_, 8, "the file of commands"));
    const auto id = take(rest_, 16, "the file of commands");
    std::ranges::copy(events::as_bytes(id), command.id.uuid.bytes.begin());
    const auto fingerprint = take(rest_, sizeof(Hash), "the file of commands");
    std::ranges::copy(events::as_bytes(fingerprint), command.fingerprint.begin());
    command.answer = take(rest_, events::get_be32(take(rest_, 4, "the file of commands")), "an answer");
    return command;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string file_;
  std::string_view rest_;
};

}  // namespace

void write_export(const Log& log, const SignedCheckpoint& checkpoint, std::string_view note,
                  const SigningKeys& seeds, const fs::path& folder, const ExportProgress& progress) {
  if (fs::exists(folder)) throw std::invalid_argument{folder.string() + " exists already"};
  const fs::path partial = folder.string() + ".partial";
  fs::remove_all(partial);
  os::make_private_folder(partial);
  TileEdge edge;
  std::vector<FullTile> filled;
  std::string commands;
  const auto unchanged = commands_without_events(log);
  auto next_unchanged = unchanged.begin();
  const auto put_unchanged = [&](Position until) {
    for (; next_unchanged != unchanged.end() && next_unchanged->first <= until; ++next_unchanged)
      put_command(commands, next_unchanged->command, log.find_command(next_unchanged->command).value());
  };
  for (std::uint64_t index = 0; index * tile_width < checkpoint.size; ++index) {
    const unsigned width = width_of(index, checkpoint.size);
    const auto page = log.read(index * tile_width, width);
    if (page.size() != width) throw Damaged{"the log is shorter than its checkpoint"};
    std::string entries, bodies;
    for (const StoredEvent& event : page) {
      put_entry(entries, event);
      put_body(bodies, event);
      edge.push(hash_leaf(event.version, event.envelope), filled);
      put_unchanged(event.position);
      const domain::CommandId id = events::decode_envelope(event.envelope).command;
      const auto command = log.find_command(id);
      if (!command) throw Damaged{"the log has forgotten a command"};
      if (command->last == event.position) put_command(commands, id, *command);
    }
    write_file(partial / entries_path(index, width), entries);
    write_file(partial / bodies_path(index, width), bodies);
    for (const FullTile& tile : filled)
      write_file(partial / tile_path(tile.level, tile.index, tile_width), tile_bytes(tile.hashes));
    filled.clear();
    if (progress) progress(index * tile_width + width, checkpoint.size);
  }
  each_partial_tile(
      edge, [&](const std::string& path, const std::string& bytes) { write_file(partial / path, bytes); });
  if (edge.root() != checkpoint.root) throw Damaged{"the log is not the one that was signed"};
  put_unchanged(checkpoint.size);
  write_file(partial / "commands", commands);
  write_file(partial / "checkpoint", note);
  write_file(partial / "manifest", sign_note(manifest_text(checkpoint, events::sha256(commands)),
                                             checkpoint.origin, signers(seeds)));
  fs::rename(partial, folder);
  os::sync_folder(fs::absolute(folder).parent_path());
}

Verdict verify_export(const fs::path& folder, const Verifier& verifier,
                      const std::optional<std::string>& since, const ExportProgress& progress) {
  Verdict verdict;
  try {
    const SignedCheckpoint checkpoint = open_own(read_file(folder / "checkpoint"), verifier);
    verdict.size = checkpoint.size;
    verdict.root = checkpoint.root;
    // In parallel to the events: one hash over a long file cannot be split among threads.
    auto commands = os::in_background([&] { return hash_file(folder / "commands"); });
    Verification{folder, checkpoint}.run(since ? std::optional{open_own(*since, verifier)} : std::nullopt,
                                         progress);
    check_manifest(folder, checkpoint, verifier, std::move(commands));
  } catch (const BadPosition& bad) {
    verdict.fault = bad.what;
    verdict.bad_position = bad.position;
  } catch (const std::exception& fault) {
    verdict.fault = fault.what();
  }
  return verdict;
}

Head import_export(const fs::path& folder, const Verifier& verifier, Log& log,
                   const ExportProgress& progress) {
  if (log.head().next != 0) throw std::invalid_argument{"the log to import into is not empty"};
  const SignedCheckpoint checkpoint = open_own(read_file(folder / "checkpoint"), verifier);
  std::optional<Bundle> bundle;
  Commands commands{folder};
  std::vector<Commit> batch;
  const auto append = [&] {
    for (const AppendResult& outcome : log.append(batch))
      if (!std::holds_alternative<Appended>(outcome))
        throw Damaged{"the bundle's commands contradict each other"};
    batch.clear();
  };
  Commit commit;
  const auto end_commit = [&](Commands::Command& command) {
    commit.id = command.id;
    commit.fingerprint = command.fingerprint;
    commit.answer = std::move(command.answer);
    batch.push_back(std::exchange(commit, {}));
    if (batch.size() == import_batch) append();
  };
  std::optional<Commands::Command> command;
  for (Position position = 0; position < checkpoint.size; ++position) {
    for (; !command || command->last + 1 == position; command = commands.next())
      if (command) end_commit(*command);
    if (!bundle || bundle->done()) bundle.emplace(folder, position / tile_width, checkpoint.size);
    const Bundle::Event event = bundle->next();
    const events::Envelope envelope = events::decode_envelope(event.envelope);
    if (envelope.command != command->id) throw Damaged{"a command's events do not stand together"};
    commit.events.push_back(
        {envelope.stream, std::string{event.envelope}, std::string{event.body}, envelope.claims});
    if (position < command->last) continue;
    end_commit(*command);
    command.reset();
    if (progress) progress(position + 1, checkpoint.size);
  }
  while (!commands.done()) {
    Commands::Command last = commands.next();
    if (last.last + 1 != checkpoint.size) throw Damaged{"there are commands whose events are missing"};
    end_commit(last);
  }
  if (!batch.empty()) append();
  const Head head = log.head();
  if (head.next != checkpoint.size || head.root != checkpoint.root)
    throw Damaged{"what was imported is not the tree that was signed"};
  return head;
}

}  // namespace ttp::storage

// The two transports that need no server: a folder of mails (`.eml`) and a folder of letters (`.pdf`). A file
// appears whole or not at all, and is on disk before the call returns. Its name follows from its content, so
// a repeat after a crash replaces it. Only the service's own user can read the files (0600, folders 0700).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/letter_provider.hpp"
#include "delivery/mail.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace ttp::delivery {

/// A folder in which whole files appear. Throws std::system_error if the disk fails.
class FileFolder {
 public:
  /// Creates the folder if it is missing and removes half-written files of a crash. `extension` includes its
  /// dot; files with another extension are ignored.
  FileFolder(std::filesystem::path path, std::string extension);

  /// Writes and syncs the file, and replaces a file of the same name. The stem must have the form of a
  /// message key (is_message_key); any other stem is a programming error.
  void put(std::string_view stem, std::string_view bytes) const;
  /// The stems of all files, unordered.
  std::vector<std::string> stems() const;
  /// Returns nothing if there is no such file, or if the stem could lead out of the folder.
  std::optional<std::string> read(std::string_view stem) const;

 private:
  std::filesystem::path path_;
  std::string extension_;
};

struct MailEntry {
  std::string key;
  std::string to;
  std::string subject;
  domain::Time date;
};

class MailFolder : public MailTransport {
 public:
  /// Throws what require_from throws, and std::system_error if the folder cannot be used.
  MailFolder(std::filesystem::path path, MailFrom from);

  /// Returns delivered, or refused if the mail cannot be written in RFC 5322's form. Throws
  /// std::system_error.
  HandOver deliver(const Mail& mail) override;

  /// At most `limit` mails after the key `after` (empty: from the first), ordered by position and index.
  /// Foreign files are skipped.
  std::vector<MailEntry> list(std::string_view after, std::size_t limit) const;
  /// The `.eml` bytes (parse_eml reads them); nothing if there is no such mail.
  std::optional<std::string> read(std::string_view key) const;

 private:
  FileFolder folder_;
  MailFrom from_;
};

class LetterFolder : public LetterProvider {
 public:
  explicit LetterFolder(std::filesystem::path path);

  Handed order(const LetterOrder& order) override;
  /// The mail room sees that the letter is cancelled; its file stays.
  Handed cancel(domain::LetterId letter) override;
  /// None: the mail room records what it does.
  std::vector<LetterReport> reports(std::string& cursor) override;

  /// Stores the letter's PDF under its identifier. Throws std::system_error.
  void deliver(const domain::LetterId& letter, std::string_view pdf);
  /// At most `limit` letters after `after`, oldest identifier first.
  std::vector<domain::LetterId> list(const std::optional<domain::LetterId>& after, std::size_t limit) const;
  std::optional<std::string> read(const domain::LetterId& letter) const;

 private:
  FileFolder folder_;
};

}  // namespace ttp::delivery

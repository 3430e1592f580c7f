// The two transports that need no server: a folder of mails (`.eml`) and a folder of letters (`.pdf`). A file
// appears whole or not at all, is on disk before the call returns, and is named by what it carries, so that a
// repeat after a crash replaces it by itself. Files are for the service's own user only (0600, folders 0700).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/mail.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace ttp::delivery {

/// A folder in which whole files appear. Throws std::system_error when the disk refuses.
class FileFolder {
 public:
  /// Makes the folder where it is missing and removes what a crash left half written. `extension` with its
  /// dot; files with another one are not seen.
  FileFolder(std::filesystem::path path, std::string extension);

  /// Writes, syncs and names the file; replaces one of that name. The stem must be a message key by its form
  /// (is_message_key); another one is our bug.
  void put(std::string_view stem, std::string_view bytes) const;
  /// The stems of all files, in no order.
  std::vector<std::string> stems() const;
  /// Nothing where there is no such file, or the stem could lead out of the folder.
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
  /// Throws MailFault where `from_domain` is not a domain name, std::system_error where the folder can not be
  /// used.
  MailFolder(std::filesystem::path path, std::string from_domain);

  /// Delivered, or refused where the mail can not be put into RFC 5322's form. Throws std::system_error.
  Delivery deliver(const Mail& mail) override;

  /// At most `limit` mails after the key `after` (empty: from the first), in the order of position and index.
  /// A file that is not one of ours is left out.
  std::vector<MailEntry> list(std::string_view after, std::size_t limit) const;
  /// The `.eml` bytes (parse_eml reads them); nothing where there is no such mail.
  std::optional<std::string> read(std::string_view key) const;

 private:
  FileFolder folder_;
  std::string from_domain_;
};

class LetterFolder {
 public:
  explicit LetterFolder(std::filesystem::path path);

  /// Puts the letter's PDF under its identifier. Throws std::system_error.
  void deliver(const domain::LetterId& letter, std::string_view pdf);
  /// At most `limit` letters after `after`, oldest identifier first.
  std::vector<domain::LetterId> list(const std::optional<domain::LetterId>& after, std::size_t limit) const;
  std::optional<std::string> read(const domain::LetterId& letter) const;

 private:
  FileFolder folder_;
};

}  // namespace ttp::delivery

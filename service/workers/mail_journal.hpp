// The journal of deliveries: for each mail to a person what became of it, for 90 days. The service desk and
// auditors read it, and a bounce finds its reader in it. It holds no address and no text of a mail. It is not
// in the log, because one event more for each sign-in would buy nothing; without the journal, delivery goes
// on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"
#include "events/bytes.hpp"
#include "os/mutex.hpp"
#include "storage/rocks/memory.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::service {

enum class MailState : std::uint8_t {
  handed_over,  ///< the carrier is responsible for it
  waiting,      ///< it is tried again
  refused,
  given_up,
  delayed,  ///< a relay on the way reports that it still tries, or has given up for now
  bounced,
};

/// One mail, as of the last thing that is known of it.
struct JournalRow {
  std::string id;  ///< the mail's key
  domain::UserId reader;
  std::string occasion;  ///< the stored name of the event that causes the mail
  domain::Time caused_at;
  domain::Time changed_at;
  MailState state{};
  std::uint32_t attempts = 0;
  std::uint32_t reply = 0;   ///< SMTP's reply code; 0: none
  std::string status;        ///< RFC 3463; empty: unknown
  std::string words;         ///< of the carrier, without addresses
  std::string address_mark;  ///< a keyed hash: whether the reader still has the address
};

/// Where a mail stands among those to its reader; it stays when the mail has left the journal.
std::string place_of(const JournalRow& row);

class MailJournal {
 public:
  static constexpr domain::Duration kept_for = domain::days{90};

  /// A damaged journal is begun anew; `report` gets a sentence about it.
  MailJournal(
      const std::filesystem::path& folder, const events::Hash& key,
      const storage::Memory& memory = storage::Memory{},
      const std::function<void(std::string_view)>& report = [](std::string_view) {});

  /// Replaces what is known of this mail. It can be read, and is durable, after `sync`.
  void note(const JournalRow& row);
  void sync();
  std::optional<JournalRow> find(std::string_view id) const;
  /// At most `limit` mails to a person, by when they were caused; `after` is the place of the last one of the
  /// page before, or empty.
  std::vector<JournalRow> of(domain::UserId reader, std::string_view after, bool newest_first,
                             std::size_t limit) const;
  /// Removes mails that were caused more than 90 days ago, at most `limit` of them; returns how many.
  std::size_t prune(domain::Time now, std::size_t limit);

  std::string mark_of(const domain::EmailAddress& address) const;

 private:
  const events::Hash key_;
  std::unique_ptr<storage::ViewStore> store_;
  os::Mutex mutex_;
  storage::ViewBatch noted_ TTP_GUARDED_BY(mutex_);  // not yet stored
};

}  // namespace ttp::service

namespace ttp::domain {
template <>
inline constexpr std::array<Names, 6> enum_names<service::MailState>{"handed_over", "waiting", "refused",
                                                                     "given_up",    "delayed", "bounced"};
}  // namespace ttp::domain

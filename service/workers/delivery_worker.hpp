// Delivery: a consumer of the log on its own thread. It makes the mails and letters for each event (the rules
// are in mail_rules.hpp) and hands them to the carriers. It stores its position as a note in the vault, so a
// crash can repeat a delivery under the same name, never lose one. If a carrier does not take an item now,
// the item is noted and tried again later, while later items go out; codes have priority. An event whose
// mails cannot be made, because a person's key or a row is damaged, is set aside and tried again in the same
// way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/folder.hpp"
#include "delivery/letter_provider.hpp"
#include "delivery/mail.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"
#include "service/workers/mail_journal.hpp"
#include "service/workers/mail_rules.hpp"
#include "service/writer/executor.hpp"
#include "storage/log/log.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// The kinds of items that wait: a code lives for minutes, a letter's due day is near, a notice can wait for
/// hours.
enum class Urgency : std::uint8_t { notice, code, letter };
/// The pause after a failed delivery. A code: one second, then five, and thirty from then on. A letter: the
/// same, and two minutes from the fourth failure on. A notice: one minute, then five, fifteen, and an hour.
/// Up to a tenth more, by the item's key, so that not all come at once.
domain::Duration delivery_wait_after(unsigned failures, Urgency urgency, std::string_view key);
/// A notice is given up this long after its first failure, unless the carrier takes nothing at all; a code at
/// its own expiry.
inline constexpr domain::Duration notice_patience = domain::days{3};

/// For an imported history: marks all events before `next` as delivered, without sending anything.
void skip_deliveries(storage::Vault& vault, storage::Position next);

struct DeliveryCounts {
  std::uint64_t mails = 0;
  std::uint64_t letters = 0;
  std::uint64_t given_up = 0;  ///< refused by the carrier, useless by now, or tried for too long
  std::size_t pending = 0;     ///< failed items that will be tried again
  std::size_t set_aside = 0;   ///< of the pending ones, events whose mails could not be made
  storage::Position next = 0;  ///< every event before it has been handled
  /// The text of the last failure of a carrier.
  std::optional<std::string> last_failure;
};

class DeliveryWorker {
 public:
  /// Starts at the noted position. Letters go to `provider`, or without one into the folder. Throws
  /// events::Damaged for notes that cannot be read.
  DeliveryWorker(const storage::Log& log, storage::Vault& vault, const Queries& queries,
                 const Secrets& secrets, Executor& executor, delivery::MailTransport& mails,
                 delivery::LetterFolder& letters, MailJournal* journal = nullptr,
                 delivery::LetterProvider* provider = nullptr);
  ~DeliveryWorker();  ///< stops
  DeliveryWorker(const DeliveryWorker&) = delete;
  DeliveryWorker& operator=(const DeliveryWorker&) = delete;

  /// Finishes the delivery under way and ends the worker.
  void stop();

  DeliveryCounts counts() const;
  /// Why the worker makes no progress (the views, the log or the vault), or nothing.
  std::optional<std::string> fault() const { return worker_->fault(); }
  /// Blocks until every event up to and including `position` has been handled, or the time is up; returns the
  /// position of the next event to handle.
  storage::Position wait_beyond(storage::Position position, std::chrono::milliseconds time_out) const;

  /// The PDF of a letter that waits for the mail room, made on demand. Refused with the reasons of
  /// letter_to_print.
  std::expected<std::string, domain::Reason> letter_pdf(domain::AccountId account,
                                                        domain::LetterId letter) const;

 private:
  /// A failed item, as stored in its note. Its content is derived from the event again.
  struct Pending {
    storage::Position position = 0;
    unsigned failures = 0;
    domain::Time first_failed_at;
    domain::Time next_attempt_at;
    Urgency urgency = Urgency::notice;
    bool is_over = false;  ///< delivered or given up; only its note must still be erased
  };
  enum class Result : std::uint8_t {
    delivered,
    failed,
    carrier_failed,  ///< whatever the item: it is not given up while the carrier takes nothing
    given_up,
  };

  os::Worker::Next step(os::Worker& worker);
  std::chrono::milliseconds deliver_new();
  bool deliver_page(const std::vector<storage::StoredEvent>& page);
  void retry_due();
  void retry(const std::string& key);
  /// Delivers the item of a note; throws if it cannot be made.
  Result try_again(const std::string& key, const Pending& pending);
  std::vector<Outgoing> items_of(const events::Recorded& recorded) const;
  std::vector<Outgoing> items_at(storage::Position position) const;
  Result attempt(const Outgoing& item);
  void note_failure(std::string failure);
  Result attempt_mail(const Outgoing& item, const delivery::Mail& mail);
  Result attempt_letter(const Outgoing& item);
  delivery::Handed hand_to_provider(const Outgoing& item);
  /// Puts into the log that a mail does not reach its reader. Returns false if that cannot be recorded now.
  bool record_fate(const Outgoing& item, const delivery::Mail& mail, domain::MailFate fate,
                   const delivery::HandOver& told);
  void note_in_journal(const Outgoing& item, const delivery::Mail& mail, MailState state,
                       const delivery::HandOver& told);
  void give_up(const std::string& key, const Pending& pending);
  void remember_first(const Outgoing& item, storage::Position position);
  bool is_erased(domain::UserId user) const;
  bool is_due(const Pending& pending) const;
  std::optional<std::string> first_due(bool urgent) const;

  void remember(const std::string& key, const Pending& pending);
  void forget(const std::string& key);
  void count_pending();
  /// `had_reason`: one of the events may send something, so the position is noted even without a sync.
  void move_position(storage::Position next, bool had_reason, bool sync);

  bool is_stopping() const;

  const storage::Log& log_;
  storage::Vault& vault_;
  const Queries& queries_;
  const Secrets& secrets_;
  Executor& executor_;
  delivery::MailTransport& mails_;
  delivery::LetterFolder& letters_;
  delivery::LetterProvider& provider_;
  MailJournal* const journal_;

  // The next five members are used by the worker's thread alone.
  storage::Position next_ = 0;
  storage::Position noted_ = 0;             // the noted position, where the next start begins
  std::map<std::string, Pending> pending_;  // by key
  domain::Time taken_at_;                   // when the carrier last took a mail
  std::set<std::string> done_in_page_;      // keys that are skipped when a page is begun again
  os::Fault mail_fault_, letter_fault_, set_aside_fault_;

  mutable os::Mutex mutex_;
  mutable os::Condition changed_;
  bool stopping_ TTP_GUARDED_BY(mutex_) = false;
  DeliveryCounts counts_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Worker> worker_;  // last: its step uses the other members
};

}  // namespace ttp::service

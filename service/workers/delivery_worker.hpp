// Delivery: a consumer of the log on its own thread that makes the mails and letters which follow from each
// event (the rules are in mail_rules.hpp) and hands them to the carriers. It keeps how far it has come as a
// note in the vault, so a crash can repeat a delivery under the same name, never lose one. What a carrier
// does not take now is noted and tried again later, while everything behind it goes on; codes go first. So is
// an event whose mails cannot be made, because a person's key or a row is damaged: it is set aside.
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
#include "delivery/mail.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"
#include "service/workers/mail_rules.hpp"
#include "service/writer/executor.hpp"
#include "storage/log/log.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// After a failed delivery: one second, then five, thirty, and two minutes from there on.
domain::Duration delivery_wait_after(unsigned failures);
/// A notice that no carrier took is given up so long after its first failure; a code at its own expiry.
inline constexpr domain::Duration notice_patience = domain::days{3};

/// For a history that was made elsewhere: what stands before `next` is looked after, and nobody is written
/// to.
void skip_deliveries(storage::Vault& vault, storage::Position next);

struct DeliveryCounts {
  std::uint64_t mails = 0;
  std::uint64_t letters = 0;
  std::uint64_t given_up = 0;  ///< refused by the carrier, of no use any more, or tried for too long
  std::size_t pending = 0;     ///< failed and to be tried again
  std::size_t set_aside = 0;   ///< of these, events whose mails could not be made
  storage::Position next = 0;  ///< every event before it has been looked after
  /// What a carrier said when it failed last.
  std::optional<std::string> last_failure;
};

class DeliveryWorker {
 public:
  /// Starts where an earlier one stopped. Throws events::Damaged for notes that can not be read.
  DeliveryWorker(const storage::Log& log, storage::Vault& vault, const Queries& queries,
                 const Secrets& secrets, const Executor& executor, delivery::MailTransport& mails,
                 delivery::LetterFolder& letters);
  ~DeliveryWorker();  ///< stops
  DeliveryWorker(const DeliveryWorker&) = delete;
  DeliveryWorker& operator=(const DeliveryWorker&) = delete;

  /// Finishes the delivery under way and ends the worker.
  void stop();

  DeliveryCounts counts() const;
  /// Why the worker does not get on (the views, the log or the vault), or nothing.
  std::optional<std::string> fault() const { return worker_->fault(); }
  /// Blocks until every event up to and including `position` has been looked after, or the time is up;
  /// returns the position of the next one.
  storage::Position wait_beyond(storage::Position position, std::chrono::milliseconds time_out) const;

  /// The PDF of a letter that waits for the mail room, made on demand. Refused as letter_to_print says.
  std::expected<std::string, domain::Reason> letter_pdf(domain::AccountId account,
                                                        domain::LetterId letter) const;

 private:
  /// Something that failed, as its note keeps it. What it says is derived from the event again.
  struct Pending {
    storage::Position position = 0;
    unsigned failures = 0;
    domain::Time first_failed_at;
    domain::Time next_attempt_at;
    bool carries_code = false;
    bool is_over = false;  ///< delivered or given up; its note is still to be erased
  };
  enum class Result : std::uint8_t { delivered, failed, given_up };

  os::Worker::Next step(os::Worker& worker);
  std::chrono::milliseconds deliver_new();
  bool deliver_page(const std::vector<storage::StoredEvent>& page);
  void retry_due();
  void retry(const std::string& key);
  /// Delivers what the note asks for; throws where it cannot be made.
  Result try_again(const std::string& key, const Pending& pending);
  std::vector<Outgoing> items_of(const events::Recorded& recorded) const;
  std::vector<Outgoing> items_at(storage::Position position) const;
  Result attempt(const Outgoing& item);
  void note_failure(std::string failure);
  /// A mail or letter that its folder took, or did not.
  void tell_of_folder(const Outgoing& item, const std::optional<std::string>& failure);
  Result hand_over(const Outgoing& item);
  bool is_erased(domain::UserId user) const;
  bool is_due(const Pending& pending) const;
  std::optional<std::string> first_due(bool carrying_code) const;

  void remember(const std::string& key, const Pending& pending);
  void forget(const std::string& key);
  void count_pending();
  /// `had_reason`: an event was looked at that may send something, so that no start does it again.
  void move_checkpoint(storage::Position next, bool had_reason, bool sync);

  bool is_stopping() const;

  const storage::Log& log_;
  storage::Vault& vault_;
  const Queries& queries_;
  const Secrets& secrets_;
  const Executor& executor_;
  delivery::MailTransport& mails_;
  delivery::LetterFolder& letters_;

  storage::Position next_ = 0;              // the worker's thread alone
  storage::Position noted_ = 0;             // the next_ that a start would begin at
  std::map<std::string, Pending> pending_;  // likewise, by key
  std::set<std::string> done_in_page_;      // likewise: keys that a page begun again passes over
  os::Fault mail_fault_, letter_fault_, set_aside_fault_;

  mutable os::Mutex mutex_;
  mutable os::Condition changed_;
  bool stopping_ TTP_GUARDED_BY(mutex_) = false;
  DeliveryCounts counts_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Worker> worker_;  // last: its step uses the others
};

}  // namespace ttp::service

// Mails that no event causes: the code of a registration and the reminder of a user name. Anybody can ask for
// them, so the answer must not depend on whether somebody owns the mailbox, and neither may its time: the
// look-up and the mail are made here, on a thread of their own, after the answer. Mails wait in memory
// only; a mail that a stop loses can be asked for again (docs/decisions/029-the-mailbox-comes-first.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "delivery/mail.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/mailbox_limits.hpp"
#include "service/secrets/secrets.hpp"
#include "storage/log/log.hpp"

namespace ttp::service {

class MailboxMails {
 public:
  static constexpr std::size_t waiting_max = 1'000;

  struct Wanted {
    MailboxMail kind{};
    Registration registration;  ///< of a reminder: address and time alone
  };

  MailboxMails(const storage::Log& log, const Queries& queries, const Secrets& secrets,
               std::function<domain::Time()> now, delivery::MailTransport& mails);

  /// Queues a mail; false if too many wait. A mail that the folder does not take is tried again until its
  /// code, or half an hour, is over.
  bool ask(Wanted wanted);
  void stop() { worker_->stop(); }
  std::size_t waiting() const;

 private:
  struct Waiting {
    Wanted wanted;
    std::string name;  ///< of the mail's file and Message-ID; each try has the same
    unsigned failures = 0;
    domain::Time next_attempt_at;
  };

  os::Worker::Next step();
  std::optional<Waiting> take_due();
  void put_back(Waiting waiting);
  delivery::Mail mail_for(const Waiting& waiting) const;
  delivery::Mail registration_mail(const Registration& registration) const;
  delivery::Mail user_name_mail(const Registration& registration) const;

  const storage::Log& log_;
  const Queries& queries_;
  const Secrets& secrets_;
  const std::function<domain::Time()> now_;
  delivery::MailTransport& mails_;
  mutable os::Mutex mutex_;
  std::deque<Waiting> waiting_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Worker> worker_;  // last: its step uses the other members
};

}  // namespace ttp::service

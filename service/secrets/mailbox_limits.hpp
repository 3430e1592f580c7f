// Limits of the mails that strangers can cause: three an hour to one mailbox, whose sub-addresses count as
// one, and so many an hour from one network. Nothing here depends on whether somebody owns the mailbox. In
// memory only, as keyed names of fixed size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/time.hpp"
#include "domain/values.hpp"
#include "events/bytes.hpp"
#include "os/mutex.hpp"

namespace ttp::service {

/// The kinds of mail that anybody can ask for; each is counted on its own.
enum class MailboxMail : std::uint8_t { registration_code, user_name };

class MailboxLimits {
 public:
  static constexpr std::size_t counted_max =
      100'000;  ///< mailboxes and networks; beyond it the one used first is forgotten

  explicit MailboxLimits(std::size_t mails_of_network_max) : of_network_max_(mails_of_network_max) {}

  /// Counts one mail. If a limit is reached, counts nothing and returns when the next mail is allowed.
  std::optional<domain::Time> take(MailboxMail kind, const domain::EmailAddress& email,
                                   std::string_view network, domain::Time now);
  std::size_t size() const;

 private:
  struct Counted {
    std::vector<domain::Time> mails;  ///< within the window
    std::list<events::Hash>::iterator age;
  };

  Counted& counted(const events::Hash& name, domain::Time now) TTP_REQUIRES(mutex_);

  const std::size_t of_network_max_;
  mutable os::Mutex mutex_;
  std::map<events::Hash, Counted> counted_ TTP_GUARDED_BY(mutex_);
  std::list<events::Hash> by_age_ TTP_GUARDED_BY(mutex_);  ///< the one used longest ago first
};

}  // namespace ttp::service

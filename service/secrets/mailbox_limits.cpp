#include "service/secrets/mailbox_limits.hpp"

#include <algorithm>

#include "domain/decision.hpp"
#include "domain/user.hpp"

namespace ttp::service {
namespace {

events::Hash name_of(std::string_view kind, std::string_view what) {
  std::string name{kind};
  name += '\0';
  name += what;
  return events::sha256(name);
}

std::string_view name_of(MailboxMail kind) {
  return kind == MailboxMail::registration_code ? "registration code" : "user name";
}

}  // namespace

std::optional<domain::Time> MailboxLimits::take(MailboxMail kind, const domain::EmailAddress& email,
                                                std::string_view network, domain::Time now) {
  const os::MutexLock lock(mutex_);
  std::vector<domain::Time>& to_mailbox =
      counted(name_of(name_of(kind), domain::same_mailbox(email)), now).mails;
  std::vector<domain::Time>& of_network = counted(name_of("network", network), now).mails;
  const auto limited = [now](const std::vector<domain::Time>& mails, std::size_t limit) {
    return domain::next_allowed(mails, limit, domain::mailbox_mails_window, now);
  };
  if (const auto next = limited(to_mailbox, domain::mailbox_mails_max)) return next;
  if (const auto next = limited(of_network, of_network_max_)) return next;
  to_mailbox.push_back(now);
  of_network.push_back(now);
  return std::nullopt;
}

/// Two are used at once, so the bound leaves room for the one before.
MailboxLimits::Counted& MailboxLimits::counted(const events::Hash& name, domain::Time now) {
  const auto [found, is_new] = counted_.try_emplace(name);
  if (is_new) {
    found->second.age = by_age_.insert(by_age_.end(), name);
  } else {
    by_age_.splice(by_age_.end(), by_age_, found->second.age);
  }
  std::erase_if(found->second.mails,
                [now](domain::Time at) { return at + domain::mailbox_mails_window <= now; });
  if (counted_.size() > counted_max) {
    counted_.erase(by_age_.front());
    by_age_.pop_front();
  }
  return found->second;
}

std::size_t MailboxLimits::size() const {
  const os::MutexLock lock(mutex_);
  return counted_.size();
}

}  // namespace ttp::service

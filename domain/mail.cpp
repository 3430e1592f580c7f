#include "domain/mail.hpp"

#include "domain/user.hpp"
#include "domain/user_rules.hpp"

namespace ttp::domain {

using user_rules::record;
using user_rules::refuse;

UserDecision decide(const User& user, const RecordMailFate& command, const Facts& facts) {
  if (!user.registered || user.erased) return refuse(Reason::user_not_found);
  return record(MailNotDelivered{user.id, command.mail_key, command.fate, command.is_lasting,
                                 command.is_about_mailbox, command.status, facts.now});
}

UserDecision decide(const User& user, const ResendMail& command, const Facts& facts) {
  if (!facts.caller.has(StaffRole::service_desk)) return refuse(Reason::staff_role_required);
  if (!user.registered || user.erased) return refuse(Reason::user_not_found);
  if (command.mail_key.empty()) return refuse(Reason::mail_not_found);
  return record(MailResendRequested{user.id, command.mail_key, facts.caller.id, facts.now});
}

void end_mail_trouble(User& user) {
  user.mail_trouble.reset();
  user.passing_mail_failures.clear();
}

void evolve(User& user, const MailNotDelivered& event) {
  if (!event.is_about_mailbox) return;
  auto& failures = user.passing_mail_failures;
  std::erase_if(failures, [&](Time at) { return at + passing_mail_failures_window <= event.at; });
  if (!event.is_lasting) failures.push_back(event.at);
  if (!event.is_lasting && failures.size() < passing_mail_failures_max) return;
  failures.clear();
  // The first failure counts: it says since when.
  if (!user.mail_trouble) user.mail_trouble = MailTrouble{event.fate, event.status, event.at};
}

void evolve(User&, const MailResendRequested&) {}

}  // namespace ttp::domain

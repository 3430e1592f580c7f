#include "service/workers/mailbox_mails.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "delivery/mails.hpp"
#include "domain/user.hpp"
#include "service/workers/delivery_worker.hpp"
#include "service/workers/mail_rules.hpp"

namespace ttp::service {
namespace {

namespace mails = delivery::mails;
using domain::Language;

constexpr std::chrono::milliseconds look_again{1'000};

os::Worker::Traits traits() {
  return {
      .fault = {"mailbox_mails", "a mail to a mailbox that somebody named could not be made or handed over",
                "It waits and is tried again for half an hour, and everything else goes on. Make room in "
                "the mail folder, or make it writable; with a relay see ttpctl mail test"},
      .longest_wait = std::chrono::milliseconds{5'000}};
}

/// The text alone: no name, because a stranger may have asked.
template <class Content>
delivery::Mail mail_to(domain::EmailAddress to, const Content& content, Language language) {
  auto rendered = render(content, language);
  delivery::Mail mail;
  mail.to = std::move(to);
  mail.language = language;
  mail.subject = std::move(rendered.subject);
  mail.text = std::move(rendered.text);
  mail.bilingual = rendered.bilingual;
  return mail;
}

}  // namespace

MailboxMails::MailboxMails(const storage::Log& log, const Queries& queries, const Secrets& secrets,
                           std::function<domain::Time()> now, delivery::MailTransport& mails)
    : log_(log), queries_(queries), secrets_(secrets), now_(std::move(now)), mails_(mails) {
  worker_.emplace(traits(), [this](os::Worker&) { return step(); });
}

bool MailboxMails::ask(Wanted wanted) {
  {
    const os::MutexLock lock(mutex_);
    if (waiting_.size() >= waiting_max) return false;
    const domain::Time now = now_();
    waiting_.push_back({std::move(wanted), domain::to_text(domain::UserId{fresh_uuid(now)}), 0, now});
  }
  worker_->wake();
  return true;
}

std::size_t MailboxMails::waiting() const {
  const os::MutexLock lock(mutex_);
  return waiting_.size();
}

// ---- the worker's thread ---------------------------------------------------------------------------------

os::Worker::Next MailboxMails::step() {
  auto due = take_due();
  if (!due) return waiting() > 0 ? os::Worker::Next::within(look_again) : os::Worker::Next::when_woken();
  if (due->wanted.registration.expires_at() <= now_()) return os::Worker::Next::at_once();
  delivery::HandOver told{delivery::Delivery::try_later};
  try {
    told = mails_.deliver(mail_for(*due));
  } catch (...) {
    put_back(*std::move(due));
    throw;
  }
  if (told == delivery::Delivery::delivered || told == delivery::Delivery::refused)
    return os::Worker::Next::at_once();
  put_back(*std::move(due));
  // A mailbox that is busy must not delay the mails to others; a carrier that fails is a fault.
  if (told.about != delivery::About::carrier) return os::Worker::Next::at_once();
  throw std::runtime_error{told.words.empty() ? "the carrier asks to try later" : told.words};
}

std::optional<MailboxMails::Waiting> MailboxMails::take_due() {
  const os::MutexLock lock(mutex_);
  const auto due = std::ranges::find_if(
      waiting_, [now = now_()](const Waiting& each) { return each.next_attempt_at <= now; });
  if (due == waiting_.end()) return std::nullopt;
  Waiting taken = std::move(*due);
  waiting_.erase(due);
  return taken;
}

void MailboxMails::put_back(Waiting waiting) {
  ++waiting.failures;
  waiting.next_attempt_at = now_() + delivery_wait_after(waiting.failures, Urgency::code, waiting.name);
  const os::MutexLock lock(mutex_);
  waiting_.push_back(std::move(waiting));
}

delivery::Mail MailboxMails::mail_for(const Waiting& waiting) const {
  const Registration& registration = waiting.wanted.registration;
  delivery::Mail mail = waiting.wanted.kind == MailboxMail::registration_code
                            ? registration_mail(registration)
                            : user_name_mail(registration);
  const storage::Position next = log_.head().next;
  mail.message_key = delivery::mailbox_mail_key(next > 0 ? next - 1 : 0, waiting.name);
  // The key has a position, which would show a stranger when others act.
  mail.message_id = waiting.name;
  mail.date = time_of(registration.user.uuid);
  return mail;
}

delivery::Mail MailboxMails::registration_mail(const Registration& registration) const {
  if (queries_.user_by_email(registration.email))
    return mail_to(registration.email, mails::AddressAlreadyRegistered{}, registration.language);
  const mails::RegistrationCode content{secrets_.registration_code(registration.user),
                                        registration.expires_at(), request_word(registration.user)};
  return mail_to(registration.email, content, registration.language);
}

delivery::Mail MailboxMails::user_name_mail(const Registration& registration) const {
  const auto id = queries_.user_by_email(registration.email);
  const auto user = id ? queries_.user(*id) : Found<domain::User>{};
  if (!user || user->state.email.empty())
    return mail_to(registration.email, mails::NoUserName{}, registration.language);
  if (user->state.user_name.empty())
    return mail_to(user->state.email, mails::NoUserNameButPartner{}, user->state.language);
  return mail_to(user->state.email, mails::UserNameReminder{user->state.user_name}, user->state.language);
}

}  // namespace ttp::service

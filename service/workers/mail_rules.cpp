#include "service/workers/mail_rules.hpp"

#include <array>
#include <cstddef>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "delivery/mails.hpp"
#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"

namespace ttp::service {
namespace {

namespace mails = delivery::mails;
using delivery::Bilingual;
using delivery::PersonName;
using domain::Account;
using domain::AccountId;
using domain::Language;
using domain::Reason;
using domain::Time;
using domain::User;
using domain::UserId;

const Bilingual signing_in{"signing in to the portal", "connexion au portail"};

// A membership's status as a mail names it.
const Bilingual status_under_review{"under review", "à l'étude"};
const Bilingual status_member{"member", "membre"};
const Bilingual status_suspended{"suspended", "suspendu"};
const Bilingual status_cancelled{"cancelled", "annulé"};
const Bilingual status_refused{"refused", "refusé"};
const Bilingual changes_under_review{"unchanged; your changes are under review",
                                     "inchangé; vos modifications sont à l'étude"};
const Bilingual changes_accepted{"unchanged; your changes were accepted",
                                 "inchangé; vos modifications ont été acceptées"};
const Bilingual changes_refused{"unchanged; your changes were refused",
                                "inchangé; vos modifications ont été refusées"};
const Bilingual revalidation_due{"member; revalidation is due", "membre; la revalidation est due"};
const Bilingual revalidated{"member; revalidated", "membre; revalidé"};

const Bilingual& name_of(domain::StaffRole role) {
  static const std::array<Bilingual, 6> names{
      {{"service desk", "USTCC"},
       {"mail room", "salle du courrier"},
       {"programme officer", "agent du programme"},
       {"auditor", "auditeur"},
       {"operator", "exploitant"},
       {"privacy auditor", "auditeur des renseignements personnels"}}};
  return names.at(static_cast<std::size_t>(role));
}

Bilingual refusal_announced(Time effective_at) {
  return {"refusal announced, in effect on " + delivery::written_date(effective_at, Language::en),
          "refus annoncé, en vigueur le " + delivery::written_date(effective_at, Language::fr)};
}

/// Uses consonants and vowels that sound alike in English and French and are hard to confuse with each other.
std::string word_of(const domain::Uuid& id) {
  constexpr std::string_view consonants = "BDFKLMNRSTV", vowels = "AEIO";
  constexpr std::size_t first_random_byte = 10, syllables = 3;  // a UUIDv7 ends with six random bytes
  std::string word;
  for (std::size_t i = 0; i < syllables; ++i) {
    word += consonants[id.bytes[first_random_byte + 2 * i] % consonants.size()];
    word += vowels[id.bytes[first_random_byte + 2 * i + 1] % vowels.size()];
  }
  return word;
}

PersonName name_of(const User& user) {
  return {user.given_names, user.family_name};
}

/// The user, or nothing if there is none or their personal data is erased, address included.
std::optional<User> reachable_person(const Queries& queries, UserId id) {
  auto found = queries.user(id);
  if (!found || found->state.email.empty()) return std::nullopt;
  return found->state;
}

std::optional<Account> known_company(const Queries& queries, AccountId id) {
  auto found = queries.account(id);
  if (!found || found->state.legal_name.empty()) return std::nullopt;
  return found->state;
}

/// To whose attention a letter goes, and the language that comes first in it.
struct Addressee {
  bool is_known = false;
  PersonName names{};
  Language language{};
};
Addressee addressee_of(const Queries& queries, const Account& account, const domain::Letter& letter) {
  // A company that awaits its owner is all that is known; Quebec reads French first.
  if (account.awaits_owner())
    return {true, {}, account.mailing_address.region == "QC" ? Language::fr : Language::en};
  const auto person = reachable_person(queries, letter.recipient.value_or(account.owner()));
  return person ? Addressee{true, name_of(*person), person->language} : Addressee{};
}

/// The rules: one `on` per event that sends something, in the order of the events. Other events send nothing.
class Rules {
 public:
  Rules(const events::Recorded& recorded, const Queries& queries, const Secrets& secrets, Time now)
      : recorded_(recorded), queries_(queries), secrets_(secrets), now_(now) {}

  std::vector<Outgoing> take() { return std::move(out_); }

  struct Nothing {};
  template <class E>
  Nothing on(const E&) {
    return {};
  }

  // ---- the user ------------------------------------------------------------------------------------------

  void on(const domain::UrnIssued& event) {
    const auto user = person(event.user);
    if (!user || user->urn_generation != event.generation) return;
    const auto occasion = event.generation == 1 ? mails::UrnOccasion::first : mails::UrnOccasion::new_number;
    send(key(0), *user, mails::UrnIssued{name_of(*user), event.urn, occasion});
  }

  void on(const domain::OneTimeCodeIssued& event) {
    const auto user = person(event.user);
    if (!user || !user->sign_in || !user->sign_in->code || !is_open(*user->sign_in->code, event.code)) return;
    send_code(*user, user->email, event.expires_at,
              mails::OneTimeCode{secrets_.one_time_code(event.code), event.expires_at, signing_in,
                                 request_word(event.sign_in)});
  }

  void on(const domain::EmailChangeRequested& event) {
    const auto user = person(event.user);
    if (!user || !user->email_change || !is_open(user->email_change->code, event.code)) return;
    send_code(*user, event.email, event.expires_at,
              mails::EmailConfirmationCode{secrets_.one_time_code(event.code), event.expires_at,
                                           request_word(event.code)});
    // Both mails show the same word, so a person sees that their codes belong together.
    send(key(1), *user,
         mails::EmailChangeCode{secrets_.present_address_code(event.code), event.expires_at,
                                request_word(event.code), event.email});
    out_.back().useless_from = event.expires_at;
    out_.back().carries_code = true;
  }

  void on(const domain::CredentialRejected& event) { attempt_failed(event); }
  void on(const domain::OneTimeCodeRejected& event) { attempt_failed(event); }
  void on(const domain::EmailChangeRejected& event) { attempt_failed(event); }
  void on(const domain::CurrentPasswordRejected& event) { attempt_failed(event); }

  void on(const domain::CredentialLocked& event) {
    to_all_addresses<mails::CredentialLocked>(event.user, at(), event.device.has_value());
  }
  void on(const domain::CredentialUnlocked& event) {
    to_all_addresses<mails::CredentialUnlocked>(event.user, at());
  }
  void on(const domain::SessionsEnded& event) {
    to_all_addresses<mails::SessionsEnded>(event.user, event.ended_at, event.reason);
  }

  // ---- recovery with a permit: the person, also at an address that was theirs a short while ago -----------

  void on(const domain::RecoveryProposed& event) {
    const auto user = person(event.user);
    const auto account = company(event.account);
    const bool is_open =
        user && user->recovery_proposal && user->recovery_proposal->proposal.id == event.proposal;
    if (is_open && account)
      to_all_addresses<mails::RecoveryProposed>(event.user, account->legal_name,
                                                user->recovery_proposal->proposal.lapses_at());
  }
  void on(const domain::RecoveryPermitted& event) {
    if (const auto account = company(event.account))
      to_all_addresses<mails::RecoveryPermitted>(event.user, account->legal_name, event.expires_at);
  }
  void on(const domain::RecoveryEnded& event) {
    to_all_addresses<mails::RecoveryEnded>(event.user, recovery_end(event.cause));
  }
  void on(const domain::UserRecovered& event) {
    const auto user = person(event.user);
    if (!user) return;
    const mails::Recovered recovered{event.recovered_at};
    send(key(0), *user, recovered);
    if (event.previous_email) send(key(1), *user, recovered).to = *event.previous_email;
    to_former_addresses(2, *user, recovered);
  }

  void on(const domain::ContactDetailsChanged& event) {
    const auto user = person(event.user);
    if (!user) return;
    if (event.family_name || event.given_names)
      send(key(0), *user, mails::CredentialChanged{mails::CredentialPart::names, at()});
    if (event.telephone)
      send(key(1), *user, mails::CredentialChanged{mails::CredentialPart::telephone, at()});
  }

  void on(const domain::EmailChanged& event) {
    const auto user = person(event.user);
    if (!user) return;
    const mails::CredentialChanged changed{mails::CredentialPart::email, at()};
    send(key(0), *user, changed).to = event.previous_email;
    send(key(1), *user, changed).to = event.email;
    to_former_addresses(2, *user, changed);
  }

  void on(const domain::PasswordChanged& event) {
    to_all_addresses<mails::CredentialChanged>(event.user, mails::CredentialPart::password, at());
  }

  void on(const domain::UrnExpiryReminded& event) {
    const auto user = person(event.user);
    // A sign-in since the event has extended the URN for two years.
    const bool still_holds = user && user->urn_expires_at() == event.expires_at && now_ < event.expires_at;
    if (!still_holds) return;
    send(key(0), *user, mails::UrnExpiryReminder{event.expires_at, event.kind});
    out_.back().useless_from = event.expires_at;
    for (const Membership& membership : queries_.memberships(event.user)) {
      const auto account = company(membership.account);
      const auto owner = account ? person(account->owner()) : std::nullopt;
      if (!owner || owner->id == event.user) continue;
      send(key(1) + "-" + to_text(account->id), *owner,
           mails::OwnerWarnedOfUserUrn{account->legal_name, name_of(*user), event.expires_at});
      out_.back().useless_from = event.expires_at;
    }
  }

  void on(const domain::UrnExpired& event) {
    const auto user = person(event.user);
    if (user && user->urn_generation == event.generation)
      send(key(0), *user, mails::UrnExpired{event.expired_at});
  }

  /// The same mail as before if it is still due, under a name of its own.
  void on(const domain::MailResendRequested& event) {
    auto again = mail_of(event);
    if (!again) return;
    auto& mail = std::get<delivery::Mail>(again->content);
    again->key = key(0);
    mail.message_key = key(0);
    mail.date = at();
    out_.push_back(*std::move(again));
  }

  // ---- code and letter: the owner ------------------------------------------------------------------------

  void on(const domain::ActivationCodeExpiring& event) {
    const auto account = company(event.account);
    const bool open = account && account->code && account->code->code == event.code &&
                      account->code->state == domain::CodeState::open && now_ < event.expires_at;
    if (!open) return;
    to_owner<mails::ActivationCodeExpiring>(event.account, event.expires_at);
    if (!out_.empty()) out_.back().useless_from = event.expires_at;
  }

  void on(const domain::ActivationCodeExpired& event) {
    const auto account = company(event.account);
    const bool replaced = account && account->code && account->code->code != event.code;
    if (!replaced) to_owner<mails::ActivationCodeExpired>(event.account, event.expired_at);
  }

  void on(const domain::ActivationCodeVoided& event) {
    switch (event.cause) {
      case domain::CodeVoidCause::replaced:
        return to_owner<mails::ActivationCodeVoided>(event.account, mails::CodeEnd::replaced);
      case domain::CodeVoidCause::too_many_tries:
        return to_owner<mails::ActivationCodeVoided>(event.account, mails::CodeEnd::too_many_tries);
      case domain::CodeVoidCause::address_changed:
        return to_owner<mails::ActivationCodeVoided>(event.account, mails::CodeEnd::address_changed);
      case domain::CodeVoidCause::letter_returned:
      case domain::CodeVoidCause::enrolment_ended:
        return;  // the mail about the returned letter or the end of the enrolment says it
    }
  }

  void on(const domain::LetterOrdered& event) {
    auto letter = letter_to_print(queries_, secrets_, event.account, event.letter, now_);
    if (!letter) return;
    std::optional<Time> useless_from;
    if (const auto* with_code = std::get_if<delivery::ActivationLetter>(&*letter))
      useless_from = with_code->code_expires_at;
    if (const auto* with_permit = std::get_if<delivery::RecoveryLetter>(&*letter))
      useless_from = with_permit->permit_expires_at;
    out_.push_back({to_text(event.letter), reader_of(event), *std::move(letter), useless_from, false});
  }

  /// The mail room sees in its work list that a letter is cancelled; a provider must be told, even if its
  /// reader is erased.
  void on(const domain::LetterCancelled& event) {
    out_.push_back(
        {"cancel-" + to_text(event.letter), UserId{}, LetterToCancel{event.letter}, std::nullopt, false});
  }

  void on(const domain::LetterPosted& event) {
    if (const auto account = company(event.account))
      to<mails::LetterPosted>(reader_of(event), account->legal_name, event.registered_mail_number);
  }
  void on(const domain::RegisteredMailNumberCorrected& event) {
    if (const auto account = company(event.account))
      to<mails::LetterNumberCorrected>(reader_of(event), account->legal_name, event.registered_mail_number);
  }
  void on(const domain::LetterArrivalDue& event) {
    const auto account = company(event.account);
    const domain::Letter* letter = account ? account->letter(event.letter) : nullptr;
    if (letter && is_awaited(*account, *letter))
      to_owner<mails::LetterArrivalDue>(event.account, letter->ordered_at);
  }
  void on(const domain::LetterReturned& event) {
    const auto account = company(event.account);
    const domain::Letter* letter = account ? account->letter(event.letter) : nullptr;
    if (letter && letter->recipient)
      return to_all_addresses<mails::RecoveryEnded>(*letter->recipient, mails::RecoveryEnd::letter_returned);
    to_owner<mails::LetterReturned>(event.account);
  }

  void on(const domain::LetterCaseResolved& event) {
    const auto account = company(event.account);
    const domain::LetterCase* resolved = account ? account->letter_case(event.case_id) : nullptr;
    // A person who has left the company meanwhile is not told.
    if (!resolved || !account->member(resolved->opened_by)) return;
    to<mails::LetterCaseResolved>(resolved->opened_by, account->legal_name, case_end(event.resolution),
                                  event.reason);
  }

  // ---- the end of an enrolment: who was its owner --------------------------------------------------------

  void on(const domain::EnrolmentWithdrawn& event) { to_former_owner(event, mails::EnrolmentEnd::withdrawn); }
  void on(const domain::EnrolmentLapsed& event) {
    to_former_owner(event, event.cause == domain::EnrolmentLapse::never_confirmed
                               ? mails::EnrolmentEnd::never_confirmed
                               : mails::EnrolmentEnd::never_activated);
  }
  void on(const domain::EnrolmentReleased& event) { to_former_owner(event, mails::EnrolmentEnd::released); }
  void on(const domain::EnrolmentReleaseProposed& event) {
    const auto account = company(event.account);
    const bool is_open =
        account && account->enrolment_release && account->enrolment_release->id == event.proposal;
    if (is_open)
      to_owner<mails::EnrolmentReleaseProposed>(event.account, account->enrolment_release->lapses_at());
  }
  void on(const domain::EnrolmentReleaseWithdrawn& event) {
    to_owner<mails::EnrolmentReleaseDropped>(event.account);
  }
  void on(const domain::EnrolmentReleaseLapsed& event) {
    to_owner<mails::EnrolmentReleaseDropped>(event.account);
  }

  // ---- staff roles and erasures: the person and all operators ---------------------------------------------

  void on(const domain::StaffRoleChangeProposed& event) {
    const auto user = person(event.user);
    const bool is_open =
        user && user->staff_role_change && user->staff_role_change->proposal.id == event.proposal;
    if (is_open)
      to_person_and_operators(
          event.user, mails::StaffRoleChangeProposed{name_of(*user), event.change, name_of(event.role),
                                                     user->staff_role_change->proposal.lapses_at()});
  }
  void on(const domain::StaffRoleChangeWithdrawn& event) {
    about_person<mails::StaffRoleChangeDropped>(event.user);
  }
  void on(const domain::StaffRoleChangeLapsed& event) {
    about_person<mails::StaffRoleChangeDropped>(event.user);
  }
  void on(const domain::StaffRoleGranted& event) {
    if (!event.granted_by) return;  // the installation: there is nobody to tell
    about_person<mails::StaffRoleChanged>(event.user, domain::RoleChange::grant, name_of(event.role));
  }
  void on(const domain::StaffRoleRevoked& event) {
    about_person<mails::StaffRoleChanged>(event.user, domain::RoleChange::revoke, name_of(event.role));
  }
  void on(const domain::ErasureProposed& event) {
    const auto user = person(event.user);
    const bool is_open = user && user->erasure && user->erasure->proposal.id == event.proposal;
    if (is_open)
      to_person_and_operators(event.user,
                              mails::ErasureProposed{name_of(*user), user->erasure->proposal.lapses_at()});
  }
  void on(const domain::ErasureWithdrawn& event) { about_person<mails::ErasureDropped>(event.user); }
  void on(const domain::ErasureLapsed& event) { about_person<mails::ErasureDropped>(event.user); }

  // ---- a new owner by the service desk: owner and proxy owners --------------------------------------------

  void on(const domain::OwnerReassignmentProposed& event) {
    const auto account = company(event.account);
    const auto new_owner = person(event.new_owner);
    const bool is_open =
        account && account->reassignment && new_owner && account->reassignment->proposal.id == event.proposal;
    if (is_open)
      to_owner_and_proxies(*account,
                           mails::OwnerReassignmentProposed{account->legal_name, name_of(*new_owner),
                                                            account->reassignment->proposal.lapses_at()});
  }
  void on(const domain::OwnerReassignmentWithdrawn& event) { reassignment_dropped(event.account); }
  void on(const domain::OwnerReassignmentEnded& event) {
    // The mails about the transfer say it.
    if (event.cause == domain::ReassignmentEnd::owner_changed) return;
    reassignment_dropped(event.account);
  }

  // ---- members: each about themselves --------------------------------------------------------------------

  void on(const domain::MemberAdded& event) { to_member<mails::MemberAdded>(event, event.role); }
  void on(const domain::MemberRoleChanged& event) { to_member<mails::MemberRoleChanged>(event, event.role); }
  void on(const domain::MemberSuspended& event) { to_member<mails::MemberSuspended>(event); }
  void on(const domain::MemberReinstated& event) { to_member<mails::MemberReinstated>(event); }
  void on(const domain::MemberReactivated& event) { to_member<mails::MemberReactivated>(event); }
  void on(const domain::MemberRemoved& event) { to_member<mails::MemberRemoved>(event); }

  // ---- company data: the owner, who alone can confirm an address -----------------------------------------

  void on(const domain::CompanyDataAccepted& event) {
    const auto account = company(event.account);
    if (account && account->new_mailing_address == event.company.mailing_address)
      to_owner<mails::MailingAddressToConfirm>(event.account, event.company.mailing_address);
  }
  void on(const domain::MailingAddressReplaced& event) {
    to_owner<mails::MailingAddressReplaced>(event.account, event.mailing_address);
  }

  // ---- ownership: who offers and who is offered ----------------------------------------------------------

  void on(const domain::OwnershipOffered& event) {
    const auto account = company(event.account);
    const auto reader = person(event.to);
    const auto from = person(event.from);
    const bool open = account && account->ownership_offer && account->ownership_offer->id == event.offer &&
                      now_ < event.expires_at;
    if (!open || !reader || !from) return;
    send(key(0), *reader, mails::OwnershipOffered{account->legal_name, name_of(*from), event.expires_at});
    out_.back().useless_from = event.expires_at;
  }

  void on(const domain::OwnershipOfferWithdrawn& event) {
    to_offered<mails::OwnershipOfferWithdrawn>(key(0), event.account, event.offer);
  }
  void on(const domain::OwnershipOfferDeclined& event) {
    to_owner<mails::OwnershipOfferDeclined>(event.account);
  }
  void on(const domain::OwnershipOfferLapsed& event) {
    to_owner<mails::OwnershipOfferLapsed>(event.account);
    to_offered<mails::OwnershipOfferLapsed>(key(1), event.account, event.offer);
  }

  void on(const domain::OwnershipTransferred& event) {
    const auto account = company(event.account);
    if (!account) return;
    const auto owner = person(event.to);
    if (!owner) return;
    mails::OwnershipTransferred words{account->legal_name, name_of(*owner), at(),
                                      mails::TransferReader::previous_owner};
    if (const auto previous = person(event.from)) send(key(0), *previous, words);
    words.reader = mails::TransferReader::new_owner;
    send(key(1), *owner, words);
    words.reader = mails::TransferReader::other_member;
    for (const domain::Member& member : account->members) {
      if (member.user == event.from || member.user == event.to) continue;
      if (const auto user = person(member.user)) send(key(2) + "-" + to_text(user->id), *user, words);
    }
  }

  // ---- the programme: every member -----------------------------------------------------------------------

  void on(const domain::ApplicationSubmitted& event) {
    to_members<mails::SubmissionReceived>(event.account, event.submitted_at);
  }
  void on(const domain::ReviewBegun& event) {
    notify_status(event, is_application(event) ? status_under_review : changes_under_review);
  }
  void on(const domain::SubmissionAccepted& event) {
    notify_status(event, is_application(event) ? status_member : changes_accepted);
  }
  void on(const domain::SubmissionReturned& event) {
    to_members<mails::SubmissionReturned>(event.account, event.remarks);
  }
  void on(const domain::SubmissionRefused& event) {
    notify_status(event, is_application(event) ? refusal_announced(event.effective_at) : changes_refused,
                  event.reason);
  }
  void on(const domain::InformalReviewAnswered& event) {
    to_members<mails::InformalReviewAnswered>(event.account, event.answer);
  }
  void on(const domain::RefusalTookEffect& event) { notify_status(event, status_refused); }
  void on(const domain::MembershipSuspended& event) { notify_status(event, status_suspended, event.reason); }
  void on(const domain::MembershipReinstated& event) { notify_status(event, status_member, event.reason); }
  void on(const domain::MembershipCancelled& event) { notify_status(event, status_cancelled, event.reason); }
  void on(const domain::AppealAnswered& event) {
    to_members<mails::AppealAnswered>(event.account, event.answer);
  }
  /// To the owner alone, because only the owner can confirm.
  void on(const domain::AnnualConfirmationDue& event) {
    to_owner<mails::AnnualConfirmationDue>(event.account, event.due_at);
  }
  void on(const domain::RevalidationAnnounced& event) {
    to_members<mails::RevalidationAnnounced>(event.account, event.due_at);
  }
  void on(const domain::RevalidationDue& event) { notify_status(event, revalidation_due); }
  void on(const domain::MembershipRevalidated& event) { notify_status(event, revalidated, event.remarks); }

 private:
  Time at() const { return recorded_.envelope.recorded_at; }
  std::string key(std::uint32_t index) const { return delivery::mail_key(recorded_.position, index); }
  std::optional<User> person(UserId id) const { return reachable_person(queries_, id); }
  std::optional<Account> company(AccountId id) const { return known_company(queries_, id); }

  bool is_open(const domain::OpenCode& code, domain::CodeId wanted) const {
    return code.code == wanted && code.tries < domain::one_time_code_tries && now_ < code.expires_at;
  }

  template <class E>
  bool is_application(const E& event) const {
    const auto programme = queries_.programme(event.account);
    for (const domain::Submission& each : programme->state.submissions)
      if (each.id == event.submission) return each.kind == domain::SubmissionKind::application;
    return false;
  }

  /// Returns the mail, so that a rule can change its address.
  template <class M>
  delivery::Mail& send(std::string mail_key, const User& reader, const M& words) {
    delivery::Rendered rendered = mails::render(words, reader.language);
    delivery::Mail mail{.message_key = mail_key,
                        .date = at(),
                        .to = reader.email,
                        .to_name = name_of(reader).full(),
                        .language = reader.language,
                        .subject = std::move(rendered.subject),
                        .text = std::move(rendered.text),
                        .bilingual = rendered.bilingual};
    out_.push_back({std::move(mail_key), reader.id, std::move(mail), std::nullopt, false});
    return std::get<delivery::Mail>(out_.back().content);
  }

  template <class M>
  void send_code(const User& reader, const domain::EmailAddress& address, Time expires_at, const M& words) {
    send(key(0), reader, words).to = address;
    out_.back().useless_from = expires_at;
    out_.back().carries_code = true;
  }

  /// The mail that the event asks for, as it would be sent now; nothing if it is not due any more.
  std::optional<Outgoing> mail_of(domain::MailResendRequested event) const {
    for (storage::Position before = recorded_.position;;) {
      const auto position = delivery::position_of(event.mail_key);
      if (!position || *position >= before) return std::nullopt;
      const auto found = queries_.history(*position, 1);
      if (found.empty() || found[0].position != *position) return std::nullopt;
      if (const auto* copy = std::get_if<domain::MailResendRequested>(&found[0].event)) {
        before = *position;
        event.mail_key = copy->mail_key;
        continue;
      }
      for (Outgoing& each : outgoing(found[0], queries_, secrets_, now_))
        if (each.key == event.mail_key && each.reader == event.user &&
            std::holds_alternative<delivery::Mail>(each.content))
          return std::move(each);
      return std::nullopt;
    }
  }

  template <class M, class... More>
  void to(UserId reader, const More&... more) {
    if (const auto user = person(reader)) send(key(0), *user, M{more...});
  }

  /// Also to addresses that the person had until lately, because who has taken over a credential may have
  /// changed them.
  template <class M, class... More>
  void to_all_addresses(UserId reader, const More&... more) {
    const auto user = person(reader);
    if (!user) return;
    const M words{more...};
    send(key(0), *user, words);
    to_former_addresses(1, *user, words);
  }
  /// To all but the one that ended with this event. Later ones come last, so the keys stay the same.
  template <class M>
  void to_former_addresses(std::uint32_t first_key, const User& user, const M& words) {
    for (const domain::FormerEmail& former : user.former_emails)
      if (former.until != at() && at() < former.until + domain::former_email_told)
        send(key(first_key++), user, words).to = former.email;
  }

  /// One mail for a row of failures, when there are some.
  template <class E>
  void attempt_failed(const E& event) {
    if (event.consecutive_failures == domain::failures_warned_of)
      to_all_addresses<mails::AttemptsFailed>(event.user, event.consecutive_failures, event.at);
  }

  /// The reader of a letter: the person it is addressed to, else the company's owner.
  template <class E>
  UserId reader_of(const E& event) const {
    const auto account = company(event.account);
    if (!account) return {};
    const domain::Letter* letter = account->letter(event.letter);
    return letter && letter->recipient ? *letter->recipient : account->owner();
  }

  static mails::RecoveryEnd recovery_end(domain::RecoveryEnd cause) {
    switch (cause) {
      case domain::RecoveryEnd::lapsed:
        return mails::RecoveryEnd::lapsed;
      case domain::RecoveryEnd::withdrawn:
        return mails::RecoveryEnd::withdrawn;
      case domain::RecoveryEnd::objected:
        return mails::RecoveryEnd::objected;
      case domain::RecoveryEnd::too_many_tries:
        return mails::RecoveryEnd::too_many_tries;
      case domain::RecoveryEnd::expired:
        return mails::RecoveryEnd::expired;
    }
    std::unreachable();
  }

  template <class M, class... More>
  void to_owner(AccountId id, const More&... more) {
    const auto account = company(id);
    if (account) to<M>(account->owner(), account->legal_name, more...);
  }

  template <class M>
  void to_owner_and_proxies(const Account& account, const M& words) {
    for (const domain::Member& member : account.members) {
      const bool is_told = member.role == domain::Role::owner || member.role == domain::Role::proxy_owner;
      const auto user = is_told && !member.suspended ? person(member.user) : std::nullopt;
      if (user) send(key(0) + "-" + to_text(user->id), *user, words);
    }
  }
  void reassignment_dropped(AccountId id) {
    if (const auto account = company(id))
      to_owner_and_proxies(*account, mails::OwnerReassignmentDropped{account->legal_name});
  }

  template <class M>
  void to_person_and_operators(UserId id, const M& words) {
    std::set<UserId> readers{id};
    for (const UserId each : queries_.staff()) {
      const auto user = queries_.user(each);
      if (user && user->state.staff_roles.contains(domain::StaffRole::operator_)) readers.insert(each);
    }
    for (const UserId each : readers)
      if (const auto user = person(each)) send(key(0) + "-" + to_text(each), *user, words);
  }
  template <class M, class... More>
  void about_person(UserId id, const More&... more) {
    if (const auto user = person(id)) to_person_and_operators(id, M{name_of(*user), more...});
  }

  template <class E>
  void to_former_owner(const E& event, mails::EnrolmentEnd end) {
    if (const auto account = company(event.account))
      to<mails::EnrolmentEnded>(event.owner, account->legal_name, end);
  }

  static mails::CaseEnd case_end(domain::CaseResolution resolution) {
    switch (resolution) {
      case domain::CaseResolution::letter_sent_again:
        return mails::CaseEnd::letter_sent_again;
      case domain::CaseResolution::new_code:
        return mails::CaseEnd::new_code;
      case domain::CaseResolution::closed:
        return mails::CaseEnd::closed;
    }
    std::unreachable();
  }

  template <class M, class E, class... More>
  void to_member(const E& event, const More&... more) {
    if (const auto account = company(event.account)) to<M>(event.user, account->legal_name, more...);
  }

  /// To all members, including those who have joined meanwhile, but not to suspended members.
  template <class M, class... More>
  void to_members(AccountId id, const More&... more) {
    const auto account = company(id);
    if (!account) return;
    for (const domain::Member& member : account->members) {
      const auto user = member.suspended ? std::nullopt : person(member.user);
      if (user) send(key(0) + "-" + to_text(user->id), *user, M{account->legal_name, more...});
    }
  }

  template <class E>
  void notify_status(const E& event, const Bilingual& status,
                     const std::optional<domain::Remark>& remark = std::nullopt) {
    to_members<mails::MembershipChanged>(event.account, status, remark);
  }

  /// An ended offer is no longer in the account's state; its recipient is found in the history.
  template <class M>
  void to_offered(std::string mail_key, AccountId id, domain::OfferId offer) {
    const auto account = company(id);
    if (!account) return;
    for (const events::Recorded& earlier : queries_.history(id, 0, recorded_.position)) {
      const auto* offered = std::get_if<domain::OwnershipOffered>(&earlier.event);
      if (!offered || offered->offer != offer) continue;
      if (const auto reader = person(offered->to)) send(std::move(mail_key), *reader, M{account->legal_name});
      return;
    }
  }

  const events::Recorded& recorded_;
  const Queries& queries_;
  const Secrets& secrets_;
  const Time now_;
  std::vector<Outgoing> out_;
};

}  // namespace

bool sends(std::string_view event) {
  static const auto names = []<class... E>(std::type_identity<std::variant<E...>>) {
    std::set<std::string_view> sending;
    const auto add = [&]<class Each>(const Each& each) {
      using Sent = decltype(std::declval<Rules&>().on(each));
      if (!std::is_same_v<Sent, Rules::Nothing>) sending.insert(events::name_of(events::Event{each}));
    };
    (add(E{}), ...);
    return sending;
  }(std::type_identity<events::EventList>{});
  return names.contains(event);
}

std::vector<Outgoing> outgoing(const events::Recorded& recorded, const Queries& queries,
                               const Secrets& secrets, Time now) {
  if (recorded.erased) return {};
  Rules rules{recorded, queries, secrets, now};
  std::visit([&](const auto& event) { rules.on(event); }, recorded.event);
  auto items = rules.take();
  for (Outgoing& each : items)
    if (each.occasion.empty()) each.occasion = recorded.envelope.type;
  return items;
}

std::expected<LetterToPrint, Reason> letter_to_print(const Queries& queries, const Secrets& secrets,
                                                     AccountId id, domain::LetterId letter_id, Time now) {
  const auto account = known_company(queries, id);
  const domain::Letter* letter = account ? account->letter(letter_id) : nullptr;
  if (!letter) return std::unexpected{Reason::letter_not_found};
  const Addressee addressee = addressee_of(queries, *account, *letter);
  if (!addressee.is_known) return std::unexpected{Reason::letter_not_found};
  if (const auto reason = letter_refusal(*account, *letter, now)) return std::unexpected{*reason};
  if (letter->kind == domain::LetterKind::recovery)
    return delivery::RecoveryLetter{
        .letter = letter_id,
        .ordered_at = letter->ordered_at,
        .legal_name = letter->legal_name,
        .address = letter->address,
        .attention = addressee.names,
        .permit = secrets.recovery_permit(letter->code.value()),
        .permit_expires_at = letter->ordered_at + domain::recovery_permit_lifetime,
        .first_language = addressee.language};
  if (letter->kind == domain::LetterKind::client_number)
    return delivery::ClientNumberLetter{.letter = letter_id,
                                        .ordered_at = letter->ordered_at,
                                        .legal_name = letter->legal_name,
                                        .address = letter->address,
                                        .attention = addressee.names,
                                        .client_number = account->client_number,
                                        .first_language = addressee.language};
  return delivery::ActivationLetter{.letter = letter_id,
                                    .ordered_at = letter->ordered_at,
                                    .legal_name = letter->legal_name,
                                    .address = letter->address,
                                    .attention = addressee.names,
                                    .client_number = account->client_number,
                                    .code = secrets.activation_code(account->code->code),
                                    .code_expires_at = account->code->expires_at,
                                    .first_language = addressee.language};
}

std::string render_pdf(const LetterToPrint& letter) {
  return std::visit([](const auto& each) { return delivery::render_pdf(each); }, letter);
}

std::string request_word(domain::SignInId sign_in) {
  return word_of(sign_in.uuid);
}
std::string request_word(domain::CodeId email_change) {
  return word_of(email_change.uuid);
}
std::string request_word(domain::UserId registration) {
  return word_of(registration.uuid);
}

}  // namespace ttp::service

// Each kind of mail: the text it uses and the values of its placeholders.
#include "delivery/mails.hpp"

#include <utility>

namespace ttp::delivery {

namespace mails {
namespace {

std::string framed(std::string_view body, Language language) {
  std::string text{phrase(Phrase::mail_opening, language)};
  text.append("\n\n").append(body).append("\n\n").append(phrase(Phrase::mail_closing, language)).append("\n");
  return text;
}

Rendered in_one_language(MailText text, const Values& values, Language language) {
  const auto words = wording(text, language);
  return {fill(words.subject, values), framed(fill(words.body, values), language), false};
}

/// `values_in` returns the values for a language. The reader's language comes first, also in the subject.
template <class ValuesIn>
Rendered in_both_languages(MailText text, const ValuesIn& values_in, Language first) {
  const auto here = in_one_language(text, values_in(first), first);
  const auto there = in_one_language(text, values_in(other(first)), other(first));
  std::string body{phrase(Phrase::other_language_follows, first)};
  body.append("\n\n").append(here.text).append(language_divider).append(there.text);
  return {here.subject + " / " + there.subject, std::move(body), true};
}

Values no_values(Language) {
  return {};
}

/// "123 456": easier to read, also for a screen reader.
std::string grouped(const domain::OneTimeCode& code) {
  std::string text = code.text();
  if (text.size() == 6) text.insert(3, 1, ' ');
  return text;
}

/// "7K4QX-9M2TB".
std::string grouped(const domain::RegistrationCode& code) {
  std::string text = code.text();
  if (text.size() == 10) text.insert(5, 1, '-');
  return text;
}

std::string role_name(domain::Role role, Language language) {
  switch (role) {
    case domain::Role::owner:
      return std::string{phrase(Phrase::role_owner, language)};
    case domain::Role::proxy_owner:
      return std::string{phrase(Phrase::role_proxy_owner, language)};
    case domain::Role::full_access:
      return std::string{phrase(Phrase::role_full_access, language)};
    case domain::Role::administrative:
      return std::string{phrase(Phrase::role_administrative, language)};
  }
  std::unreachable();
}

std::string part_name(CredentialPart part, Language language) {
  switch (part) {
    case CredentialPart::password:
      return std::string{phrase(Phrase::part_password, language)};
    case CredentialPart::email:
      return std::string{phrase(Phrase::part_email, language)};
    case CredentialPart::telephone:
      return std::string{phrase(Phrase::part_telephone, language)};
    case CredentialPart::names:
      return std::string{phrase(Phrase::part_names, language)};
  }
  std::unreachable();
}

Phrase phrase_of(CodeEnd end) {
  switch (end) {
    case CodeEnd::replaced:
      return Phrase::code_replaced;
    case CodeEnd::too_many_tries:
      return Phrase::code_tried_too_often;
    case CodeEnd::address_changed:
      return Phrase::code_address_changed;
  }
  std::unreachable();
}

Phrase phrase_of(CaseEnd end) {
  switch (end) {
    case CaseEnd::letter_sent_again:
      return Phrase::case_letter_sent_again;
    case CaseEnd::new_code:
      return Phrase::case_new_code;
    case CaseEnd::closed:
      return Phrase::case_closed;
  }
  std::unreachable();
}

Phrase phrase_of(EnrolmentEnd end) {
  switch (end) {
    case EnrolmentEnd::withdrawn:
      return Phrase::enrolment_withdrawn;
    case EnrolmentEnd::never_confirmed:
      return Phrase::enrolment_never_confirmed;
    case EnrolmentEnd::never_activated:
      return Phrase::enrolment_never_activated;
    case EnrolmentEnd::released:
      return Phrase::enrolment_released;
  }
  std::unreachable();
}

Phrase phrase_of(RecoveryEnd end) {
  switch (end) {
    case RecoveryEnd::lapsed:
      return Phrase::recovery_lapsed;
    case RecoveryEnd::withdrawn:
      return Phrase::recovery_withdrawn;
    case RecoveryEnd::objected:
      return Phrase::recovery_objected;
    case RecoveryEnd::too_many_tries:
      return Phrase::permit_tried_too_often;
    case RecoveryEnd::expired:
      return Phrase::permit_expired;
    case RecoveryEnd::letter_returned:
      return Phrase::permit_letter_returned;
  }
  std::unreachable();
}

template <class End>
std::string end_text(End end, Language language) {
  return std::string{phrase(phrase_of(end), language)};
}

std::pair<std::string_view, std::string> legal_name(const domain::CompanyName& name) {
  return {"legal_name", name.text()};
}

/// The address as it is printed on a letter, line by line.
std::pair<std::string_view, std::string> address(const domain::MailingAddress& address) {
  std::string text = address.line1.text();
  if (address.line2) text += "\n" + address.line2->text();
  text += "\n" + address.city.text() + " " + address.region + "  " + address.postal_code;
  if (address.country == domain::Country::US) text += "\nUNITED STATES / ÉTATS-UNIS";
  return {"address", std::move(text)};
}

std::pair<std::string_view, std::string> moment(std::string_view name, Time time, Language language) {
  return {name, written_moment(time, language)};
}

}  // namespace

Rendered render(const UrnIssued& mail, Language language) {
  const auto text = mail.occasion == UrnOccasion::first ? MailText::urn_issued : MailText::urn_reissued;
  return in_one_language(text, {{"names", mail.names.full()}, {"urn", mail.urn.text()}}, language);
}

Rendered render(const OneTimeCode& mail, Language language) {
  const auto values_in = [&mail](Language in) -> Values {
    return {{"code", grouped(mail.code)},
            {"asked_for", mail.asked_for.in(in)},
            {"request_word", mail.request_word},
            moment("expires_at", mail.expires_at, in)};
  };
  return in_both_languages(MailText::one_time_code, values_in, language);
}

Rendered render(const EmailConfirmationCode& mail, Language language) {
  const auto values_in = [&mail](Language in) -> Values {
    return {{"code", grouped(mail.code)},
            {"request_word", mail.request_word},
            moment("expires_at", mail.expires_at, in)};
  };
  return in_both_languages(MailText::email_confirmation_code, values_in, language);
}

Rendered render(const EmailChangeCode& mail, Language language) {
  const auto values_in = [&mail](Language in) -> Values {
    return {{"code", grouped(mail.code)},
            {"request_word", mail.request_word},
            {"new_email", mail.new_email.text()},
            moment("expires_at", mail.expires_at, in)};
  };
  return in_both_languages(MailText::email_change_code, values_in, language);
}

Rendered render(const RegistrationCode& mail, Language language) {
  const auto values_in = [&mail](Language in) -> Values {
    return {{"code", grouped(mail.code)},
            {"request_word", mail.request_word},
            moment("expires_at", mail.expires_at, in)};
  };
  return in_both_languages(MailText::registration_code, values_in, language);
}

Rendered render(const AddressAlreadyRegistered&, Language language) {
  return in_both_languages(MailText::address_already_registered, no_values, language);
}

Rendered render(const UserNameReminder& mail, Language language) {
  const auto values_in = [&mail](Language) -> Values { return {{"user_name", mail.user_name.text()}}; };
  return in_both_languages(MailText::user_name_reminder, values_in, language);
}

Rendered render(const NoUserName&, Language language) {
  return in_both_languages(MailText::no_user_name, no_values, language);
}

Rendered render(const NoUserNameButPartner&, Language language) {
  return in_both_languages(MailText::no_user_name_but_partner, no_values, language);
}

Rendered render(const UrnExpiryReminder& mail, Language language) {
  const auto expires = moment("expires_at", mail.expires_at, language);
  switch (mail.kind) {
    case domain::UrnReminder::twelve_months:
      return in_one_language(MailText::urn_yearly_reminder, {expires}, language);
    case domain::UrnReminder::sixty_days:
      return in_one_language(MailText::urn_expires_soon, {expires, {"days", "60"}}, language);
    case domain::UrnReminder::thirty_days:
      return in_one_language(MailText::urn_expires_soon, {expires, {"days", "30"}}, language);
    case domain::UrnReminder::seven_days:
      return in_one_language(MailText::urn_expires_soon, {expires, {"days", "7"}}, language);
  }
  std::unreachable();
}

Rendered render(const UrnExpired& mail, Language language) {
  return in_one_language(MailText::urn_expired, {moment("expired_at", mail.expired_at, language)}, language);
}

Rendered render(const OwnerWarnedOfUserUrn& mail, Language language) {
  return in_one_language(MailText::owner_warned_of_user_urn,
                         {legal_name(mail.legal_name),
                          {"names", mail.user.full()},
                          moment("expires_at", mail.expires_at, language)},
                         language);
}

Rendered render(const ActivationCodeExpiring& mail, Language language) {
  return in_one_language(MailText::activation_code_expiring,
                         {legal_name(mail.legal_name), moment("expires_at", mail.expires_at, language)},
                         language);
}

Rendered render(const ActivationCodeExpired& mail, Language language) {
  return in_one_language(MailText::activation_code_expired,
                         {legal_name(mail.legal_name), moment("expired_at", mail.expired_at, language)},
                         language);
}

Rendered render(const LetterPosted& mail, Language language) {
  return in_one_language(
      MailText::letter_posted,
      {legal_name(mail.legal_name), {"registered_mail_number", mail.registered_mail_number.text()}},
      language);
}

Rendered render(const LetterReturned& mail, Language language) {
  return in_one_language(MailText::letter_returned, {legal_name(mail.legal_name)}, language);
}

Rendered render(const ActivationCodeVoided& mail, Language language) {
  return in_one_language(MailText::activation_code_voided,
                         {legal_name(mail.legal_name), {"end", end_text(mail.end, language)}}, language);
}

Rendered render(const LetterNumberCorrected& mail, Language language) {
  return in_one_language(
      MailText::letter_number_corrected,
      {legal_name(mail.legal_name), {"registered_mail_number", mail.registered_mail_number.text()}},
      language);
}

Rendered render(const LetterArrivalDue& mail, Language language) {
  return in_one_language(
      MailText::letter_arrival_due,
      {legal_name(mail.legal_name), {"ordered_at", written_date(mail.ordered_at, language)}}, language);
}

Rendered render(const LetterCaseResolved& mail, Language language) {
  return in_one_language(
      MailText::letter_case_resolved,
      {legal_name(mail.legal_name), {"end", end_text(mail.end, language)}, {"reason", mail.reason.text()}},
      language);
}

Rendered render(const EnrolmentEnded& mail, Language language) {
  return in_one_language(MailText::enrolment_ended,
                         {legal_name(mail.legal_name), {"end", end_text(mail.end, language)}}, language);
}

Rendered render(const EnrolmentReleaseProposed& mail, Language language) {
  return in_one_language(MailText::enrolment_release_proposed,
                         {legal_name(mail.legal_name), moment("lapses_at", mail.lapses_at, language)},
                         language);
}

Rendered render(const EnrolmentReleaseDropped& mail, Language language) {
  return in_one_language(MailText::enrolment_release_dropped, {legal_name(mail.legal_name)}, language);
}

Rendered render(const OwnerReassignmentProposed& mail, Language language) {
  return in_one_language(MailText::owner_reassignment_proposed,
                         {legal_name(mail.legal_name),
                          {"names", mail.new_owner.full()},
                          moment("lapses_at", mail.lapses_at, language)},
                         language);
}

Rendered render(const OwnerReassignmentDropped& mail, Language language) {
  return in_one_language(MailText::owner_reassignment_dropped, {legal_name(mail.legal_name)}, language);
}

Rendered render(const StaffRoleChangeProposed& mail, Language language) {
  const auto text = mail.change == domain::RoleChange::grant ? MailText::staff_role_grant_proposed
                                                             : MailText::staff_role_revocation_proposed;
  return in_one_language(text,
                         {{"names", mail.person.full()},
                          {"role", mail.role.in(language)},
                          moment("lapses_at", mail.lapses_at, language)},
                         language);
}

Rendered render(const StaffRoleChanged& mail, Language language) {
  const auto text =
      mail.change == domain::RoleChange::grant ? MailText::staff_role_granted : MailText::staff_role_revoked;
  return in_one_language(text, {{"names", mail.person.full()}, {"role", mail.role.in(language)}}, language);
}

Rendered render(const StaffRoleChangeDropped& mail, Language language) {
  return in_one_language(MailText::staff_role_change_dropped, {{"names", mail.person.full()}}, language);
}

Rendered render(const ErasureProposed& mail, Language language) {
  return in_one_language(MailText::erasure_proposed,
                         {{"names", mail.person.full()}, moment("lapses_at", mail.lapses_at, language)},
                         language);
}

Rendered render(const ErasureDropped& mail, Language language) {
  return in_one_language(MailText::erasure_dropped, {{"names", mail.person.full()}}, language);
}

Rendered render(const MailingAddressToConfirm& mail, Language language) {
  return in_one_language(MailText::mailing_address_to_confirm,
                         {legal_name(mail.legal_name), address(mail.address)}, language);
}

Rendered render(const MailingAddressReplaced& mail, Language language) {
  return in_one_language(MailText::mailing_address_replaced,
                         {legal_name(mail.legal_name), address(mail.address)}, language);
}

Rendered render(const OwnershipOffered& mail, Language language) {
  return in_one_language(MailText::ownership_offered,
                         {legal_name(mail.legal_name),
                          {"from_name", mail.from.full()},
                          moment("expires_at", mail.expires_at, language)},
                         language);
}

Rendered render(const OwnershipOfferWithdrawn& mail, Language language) {
  return in_one_language(MailText::ownership_offer_withdrawn, {legal_name(mail.legal_name)}, language);
}

Rendered render(const OwnershipOfferDeclined& mail, Language language) {
  return in_one_language(MailText::ownership_offer_declined, {legal_name(mail.legal_name)}, language);
}

Rendered render(const OwnershipOfferLapsed& mail, Language language) {
  return in_one_language(MailText::ownership_offer_lapsed, {legal_name(mail.legal_name)}, language);
}

Rendered render(const OwnershipTransferred& mail, Language language) {
  const auto text = [&] {
    switch (mail.reader) {
      case TransferReader::previous_owner:
        return MailText::ownership_given;
      case TransferReader::new_owner:
        return MailText::ownership_received;
      case TransferReader::other_member:
        return MailText::ownership_changed;
    }
    std::unreachable();
  };
  return in_one_language(text(),
                         {legal_name(mail.legal_name),
                          {"owner_name", mail.owner.full()},
                          moment("transferred_at", mail.transferred_at, language)},
                         language);
}

Rendered render(const MemberAdded& mail, Language language) {
  return in_one_language(MailText::member_added,
                         {legal_name(mail.legal_name), {"role", role_name(mail.role, language)}}, language);
}

Rendered render(const MemberRemoved& mail, Language language) {
  return in_one_language(MailText::member_removed, {legal_name(mail.legal_name)}, language);
}

Rendered render(const MemberRoleChanged& mail, Language language) {
  return in_one_language(MailText::member_role_changed,
                         {legal_name(mail.legal_name), {"role", role_name(mail.role, language)}}, language);
}

Rendered render(const MemberSuspended& mail, Language language) {
  return in_one_language(MailText::member_suspended, {legal_name(mail.legal_name)}, language);
}

Rendered render(const MemberReinstated& mail, Language language) {
  return in_one_language(MailText::member_reinstated, {legal_name(mail.legal_name)}, language);
}

Rendered render(const MemberReactivated& mail, Language language) {
  return in_one_language(MailText::member_reactivated, {legal_name(mail.legal_name)}, language);
}

Rendered render(const CredentialChanged& mail, Language language) {
  return in_one_language(
      MailText::credential_changed,
      {{"part", part_name(mail.part, language)}, moment("changed_at", mail.changed_at, language)}, language);
}

Rendered render(const AttemptsFailed& mail, Language language) {
  return in_one_language(
      MailText::attempts_failed,
      {{"attempts", std::to_string(mail.attempts)}, moment("failed_at", mail.failed_at, language)}, language);
}

Rendered render(const CredentialLocked& mail, Language language) {
  const auto text = mail.is_of_known_device ? MailText::device_locked : MailText::credential_locked;
  return in_one_language(text, {moment("locked_at", mail.locked_at, language)}, language);
}

Rendered render(const SessionsEnded& mail, Language language) {
  return in_one_language(MailText::sessions_ended,
                         {moment("ended_at", mail.ended_at, language), {"reason", mail.reason.text()}},
                         language);
}

Rendered render(const CredentialUnlocked& mail, Language language) {
  return in_one_language(MailText::credential_unlocked, {moment("unlocked_at", mail.unlocked_at, language)},
                         language);
}

Rendered render(const RecoveryProposed& mail, Language language) {
  return in_one_language(MailText::recovery_proposed,
                         {legal_name(mail.legal_name), moment("lapses_at", mail.lapses_at, language)},
                         language);
}

Rendered render(const RecoveryPermitted& mail, Language language) {
  return in_one_language(MailText::recovery_permitted,
                         {legal_name(mail.legal_name), moment("expires_at", mail.expires_at, language)},
                         language);
}

Rendered render(const RecoveryEnded& mail, Language language) {
  return in_one_language(MailText::recovery_ended, {{"end", end_text(mail.end, language)}}, language);
}

Rendered render(const Recovered& mail, Language language) {
  return in_one_language(MailText::recovered, {moment("recovered_at", mail.recovered_at, language)},
                         language);
}

Rendered render(const MembershipChanged& mail, Language language) {
  std::string remark;
  if (mail.remark)
    remark = fill(phrase(Phrase::remark_paragraph, language), {{"remark", mail.remark->text()}});
  return in_one_language(
      MailText::membership_changed,
      {legal_name(mail.legal_name), {"status", mail.status.in(language)}, {"remark_paragraph", remark}},
      language);
}

Rendered render(const SubmissionReceived& mail, Language language) {
  return in_one_language(MailText::submission_received,
                         {legal_name(mail.legal_name), moment("received_at", mail.received_at, language)},
                         language);
}

Rendered render(const SubmissionReturned& mail, Language language) {
  return in_one_language(MailText::submission_returned,
                         {legal_name(mail.legal_name), {"remarks", mail.remarks.text()}}, language);
}

Rendered render(const InformalReviewAnswered& mail, Language language) {
  return in_one_language(MailText::informal_review_answered,
                         {legal_name(mail.legal_name), {"answer", mail.answer.text()}}, language);
}

Rendered render(const AppealAnswered& mail, Language language) {
  return in_one_language(MailText::appeal_answered,
                         {legal_name(mail.legal_name), {"answer", mail.answer.text()}}, language);
}

Rendered render(const AnnualConfirmationDue& mail, Language language) {
  return in_one_language(MailText::annual_confirmation_due,
                         {legal_name(mail.legal_name), {"due_at", written_date(mail.due_at, language)}},
                         language);
}

Rendered render(const RevalidationAnnounced& mail, Language language) {
  return in_one_language(MailText::revalidation_announced,
                         {legal_name(mail.legal_name), {"due_at", written_date(mail.due_at, language)}},
                         language);
}

}  // namespace mails
}  // namespace ttp::delivery

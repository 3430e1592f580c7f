// The wording of every mail and letter in English and French, as one table (texts.cpp), and written-out
// dates. Nothing here depends on the recipient or on the present time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::delivery {

using domain::Language;
using domain::Time;

/// The same words in both languages, for texts that the caller provides (a membership status, the purpose of
/// a code).
struct Bilingual {
  std::string en;
  std::string fr;
  const std::string& in(Language language) const { return language == Language::fr ? fr : en; }
};

/// A person's name in the form that mails and letters use.
struct PersonName {
  domain::GivenNames given_names;
  domain::FamilyName family_name;
  /// "Marie-Ève Tremblay".
  std::string full() const;
};

constexpr Language other(Language language) {
  return language == Language::fr ? Language::en : Language::fr;
}

/// The texts of the table of mails, one per row and in its order.
enum class MailText : std::uint8_t {
  urn_issued,
  urn_reissued,
  one_time_code,
  email_confirmation_code,
  email_change_code,
  registration_code,
  address_already_registered,
  user_name_reminder,
  no_user_name,
  no_user_name_but_partner,
  urn_yearly_reminder,
  urn_expires_soon,
  urn_expired,
  owner_warned_of_user_urn,
  activation_code_expiring,
  activation_code_expired,
  letter_posted,
  letter_returned,
  activation_code_voided,
  letter_number_corrected,
  letter_arrival_due,
  letter_case_resolved,
  enrolment_ended,
  enrolment_release_proposed,
  enrolment_release_dropped,
  owner_reassignment_proposed,
  owner_reassignment_dropped,
  staff_role_grant_proposed,
  staff_role_revocation_proposed,
  staff_role_granted,
  staff_role_revoked,
  staff_role_change_dropped,
  erasure_proposed,
  erasure_dropped,
  mailing_address_to_confirm,
  mailing_address_replaced,
  ownership_offered,
  ownership_offer_withdrawn,
  ownership_offer_declined,
  ownership_offer_lapsed,
  ownership_given,
  ownership_received,
  ownership_changed,
  member_added,
  member_removed,
  member_role_changed,
  member_suspended,
  member_reinstated,
  member_reactivated,
  credential_changed,
  attempts_failed,
  credential_locked,
  device_locked,
  credential_unlocked,
  sessions_ended,
  recovery_proposed,
  recovery_permitted,
  recovery_ended,
  recovered,
  membership_changed,
  submission_received,
  submission_returned,
  informal_review_answered,
  appeal_answered,
  annual_confirmation_due,
  revalidation_announced,
};

/// A phrase that several texts share or that fills a placeholder.
enum class Phrase : std::uint8_t {
  mail_opening,
  mail_closing,
  other_language_follows,  ///< in the first language; announces the second
  sender_name,
  remark_paragraph,
  role_owner,
  role_proxy_owner,
  role_full_access,
  role_administrative,
  part_password,
  part_email,
  part_telephone,
  part_names,
  code_replaced,
  code_tried_too_often,
  code_address_changed,
  case_letter_sent_again,
  case_new_code,
  case_closed,
  enrolment_withdrawn,
  enrolment_never_confirmed,
  enrolment_never_activated,
  enrolment_released,
  recovery_lapsed,
  recovery_withdrawn,
  recovery_objected,
  permit_tried_too_often,
  permit_expired,
  permit_letter_returned,
  attention,
  agency,
  programme,
  registered_mail,
  letter_number,
  client_number,
  activation_code,
  code_expires,
  recovery_permit,
  permit_expires,
  activation_letter_title,
  client_number_letter_title,
  recovery_letter_title,
  activation_letter_body,     ///< paragraphs; a line that begins with "# " is a heading
  client_number_letter_body,  ///< likewise
  recovery_letter_body,       ///< likewise
};

struct Wording {
  std::string_view subject;
  std::string_view body;
};

/// Placeholders are in braces: "{expires_at}".
Wording wording(MailText text, Language language);
std::string_view phrase(Phrase phrase, Language language);

/// The value of each placeholder.
using Values = std::vector<std::pair<std::string_view, std::string>>;

/// Replaces every placeholder in one pass, so braces inside a value stay unchanged. A placeholder without a
/// value is a programming error and ends the program.
std::string fill(std::string_view text, const Values& values);

/// "March 9, 2026" or "9 mars 2026": the day in Ottawa, where the programme is; the first of a month is "1er"
/// in French.
std::string written_date(Time time, Language language);
/// "March 9, 2026, at 10:05 (Eastern time)" or "9 mars 2026 à 10 h 05 (heure de l'Est)", as Ottawa's clocks
/// show it. Seconds are dropped, so a deadline is never
/// shown later than it is.
std::string written_moment(Time time, Language language);

}  // namespace ttp::delivery

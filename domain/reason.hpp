// Every reason for which something asked of the service is refused: a state of affairs, by a name that never
// changes (clients store it). Its sentence in English and French and its HTTP status are in
// http/api/problem.cpp, whose switch does not compile while a reason is missing there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/time.hpp"

namespace ttp::domain {

// clang-format off
#define TTP_REASONS(X) \
  /* the value of a field */ \
  X(malformed)                        /* not of the form that the field requires */ \
  X(too_long)                         /* longer than the field takes */ \
  X(too_short)                        /* shorter than the field takes, or empty */ \
  X(missing)                          /* a required field is absent */ \
  X(out_of_range)                     /* a number or date outside what the field takes */ \
  X(not_a_choice)                     /* not one of the listed values */ \
  X(forbidden_characters)             /* the field holds forbidden characters; the answer names them */ \
  X(not_shown_in_letters)             /* the field holds characters that no letter can show; the answer names them */ \
  X(letter_missing)                   /* a name of signs alone: it has no letter, or neither letter nor digit */ \
  X(postal_code_elsewhere)            /* of another province or state; the answer names those that have it */ \
  X(check_digit_wrong)                /* a number with a wrong check digit */ \
  X(user_name_too_many_digits)        /* more than seven digits */ \
  X(password_is_user_name)            /* the password is, or holds, the user name */ \
  X(password_too_uniform)             /* fewer than five different characters */ \
  X(password_is_guessable)            /* consists of the person's names or address, or of words of the programme */ \
  X(password_too_common)              /* on the list of common passwords */ \
  X(attestation_required)             /* a required attestation is missing */ \
  /* uniqueness */ \
  X(user_name_taken)                  \
  X(email_taken)                      \
  X(partner_identity_taken)           \
  X(urn_taken)                        \
  X(client_number_taken)              \
  X(business_number_taken)            \
  /* credentials and signing in */ \
  X(credential_rejected)              /* user name or password wrong; the answer never says which */ \
  X(credential_locked)                /* 100 failures in a row; the service desk unlocks it */ \
  X(credential_not_locked)            \
  X(sign_in_partner_unavailable)      /* no OpenID Connect provider is connected */ \
  X(too_many_attempts)                /* wait; the answer says how long */ \
  X(registration_not_found)           /* the token is not of this service */ \
  X(sign_in_not_found)                /* unknown, finished, or asked from another browser */ \
  X(sign_in_step_out_of_order)        /* the sign-in waits for another step */ \
  X(mail_factor_terms_required)       /* the mail factor's terms must be accepted first */ \
  X(mail_factor_already_enrolled)     \
  X(one_time_code_wrong)              \
  X(one_time_code_expired)            \
  X(one_time_code_void)               /* used, replaced, or tried five times */ \
  X(terms_version_outdated)           /* the named terms are not in force */ \
  X(session_not_found)                \
  X(device_not_found)                 /* unknown, or forgotten */ \
  X(password_unchanged)               \
  X(current_password_wrong)           \
  X(email_change_not_pending)         \
  X(recovery_open)                    /* a recovery of this person is under way */ \
  X(recovery_not_found)               /* unknown, withdrawn, lapsed, or its permit was used */ \
  X(recovery_refused)                 /* number, name and permit are not one person's; never says which */ \
  X(recovery_permit_expired)          \
  X(recovery_permit_void)             /* used, ended, tried five times, or its letter came back */ \
  /* the user reference number */ \
  X(user_not_found)                   \
  X(urn_expired)                      /* the caller's URN has expired: the service desk issues a new one */ \
  X(urn_not_expired)                  \
  X(owner_urn_expired)                /* nobody has access until the owner has a new URN */ \
  X(reactivation_required)            /* the owner must reactivate this user in the account */ \
  X(not_awaiting_reactivation)        \
  /* permission */ \
  X(not_permitted)                    /* the caller's role does not allow it */ \
  X(staff_role_required)              \
  X(staff_may_not_hold_account)       /* programme staff are not company users */ \
  X(staff_role_already_held)          \
  X(staff_role_not_held)              \
  X(own_staff_role)                   /* nobody gives or takes their own staff role */ \
  X(belongs_to_account)               /* a company user, or one who is named to become one, is no staff */ \
  X(staff_role_change_open)           /* a change of this person's staff roles is proposed already */ \
  X(staff_role_change_not_found)      /* unknown, withdrawn, lapsed or approved */ \
  X(last_operator)                    /* one operator must remain */ \
  X(second_officer_required)          /* two different officers must approve */ \
  X(officers_not_independent)         /* one of the two proposed the other for a staff role lately */ \
  X(proposer_without_role)            /* the officer who proposed it no longer holds the role */ \
  /* enrolment, letter, code, activation */ \
  X(account_not_found)                \
  X(account_already_exists)           \
  X(not_eligible)                     /* the answer names each rule that failed */ \
  X(too_many_enrolments)              /* three of the caller's enrolments are not activated */ \
  X(enrolment_release_open)           \
  X(enrolment_release_not_found)      /* unknown, withdrawn, lapsed or approved */ \
  X(address_not_confirmed)            \
  X(address_already_confirmed)        \
  X(already_activated)                \
  X(not_activated)                    \
  X(already_authorised)               \
  X(not_authorised)                   /* programme terms not accepted: nothing may be changed yet */ \
  X(programme_terms_outdated)         /* the programme's terms have changed and must be accepted again */ \
  X(code_requests_one_a_day)          \
  X(code_requests_four_in_45_days)    \
  X(activation_refused)               /* client number and code do not match */ \
  X(activation_code_expired)          /* ask for a new one */ \
  X(activation_code_replaced)         /* a later code is in a later letter */ \
  X(activation_code_void)             /* returned, tried too often, or meant for another address */ \
  X(client_number_not_assigned)       \
  X(letter_not_found)                 \
  X(mail_not_found)                   \
  X(letter_not_pending)               /* posted, returned or cancelled already */ \
  X(letter_not_posted)                \
  X(letter_not_on_its_way)            /* cancelled, returned, arrived, or with a former code */ \
  X(letter_not_overdue)               /* still within its two business days */ \
  X(letter_case_open)                 \
  X(case_not_found)                   \
  /* members and ownership */ \
  X(no_matching_user)                 /* family name, URN and e-mail do not all match one user */ \
  X(already_member)                   \
  X(not_a_member)                     \
  X(role_above_own)                   /* nobody gives or takes a role at or above their own */ \
  X(owner_untouchable)                /* the owner is changed only by transfer */ \
  X(role_unchanged)                   \
  X(member_suspended)                 \
  X(member_not_suspended)             \
  X(ownership_offer_open)             \
  X(ownership_offer_not_found)        /* unknown, withdrawn, declined, lapsed or accepted */ \
  X(ownership_offer_lapsed)           \
  X(already_owner)                    \
  X(reassignment_not_found)           \
  X(reassignment_open)                \
  X(erasure_open)                     /* proposed already */ \
  X(erasure_not_found)                /* no such proposal is open */ \
  X(erasure_of_member)                /* a user who belongs to an account cannot be erased */ \
  X(erasure_of_staff)                 /* a user who holds a staff role cannot be erased */ \
  /* profiles, submission, membership */ \
  X(profile_not_found)                \
  X(own_company)                      /* an officer decides on no company that they belong or belonged to */ \
  X(line_of_business_not_enrolled)    \
  X(unknown_question)                 \
  X(profiles_incomplete)              /* the answer lists what is missing */ \
  X(nothing_to_submit)                \
  X(submission_under_review)          \
  X(submission_not_found)             \
  X(submission_not_under_review)      \
  X(informal_review_not_found)        \
  X(appeal_not_found)                 \
  X(membership_status_differs)        /* the present membership status does not allow it */ \
  X(informal_review_closed)           \
  X(appeal_closed)                    /* more than 30 days since the cancellation */ \
  X(appeal_denied)                    /* this cancellation was appealed, and the appeal denied */ \
  X(revalidation_not_announced)       /* it can be recorded from its announcement on */ \
  X(request_already_open)             \
  X(no_request_open)                  \
  /* the request itself */ \
  X(route_not_found)                  \
  X(method_not_allowed)               \
  X(body_not_json)                    \
  X(body_too_deep)                    \
  X(body_not_utf8)                    \
  X(body_too_large)                   \
  X(unsupported_media_type)           \
  X(unknown_member)                   /* unknown member of the body or query parameter */ \
  X(duplicate_member)                 \
  X(cursor_not_of_list)               /* damaged, or of another list, order or service */ \
  X(wrong_type)                       \
  X(not_signed_in)                    \
  X(session_expired)                  \
  X(two_credentials)                  /* a cookie and a bearer token on one request */ \
  X(cross_site_write)                 \
  X(idempotency_key_missing)          \
  X(idempotency_key_reused)           /* the same key with another request */ \
  /* auditors and operators */ \
  X(event_not_found)                  \
  X(projection_not_found)             \
  X(standby_not_found)                \
  X(standby_exists)                   /* a rebuild of this projection is running or ready */ \
  X(key_not_found)                    \
  X(master_key_not_replaced)          /* its file or folder cannot be written */ \
  X(backup_under_way)                 /* another backup is running */ \
  X(backups_not_configured)           /* no backup folder is configured */ \
  X(standby_not_level)                /* the view under construction cannot serve yet */ \
  X(version_differs)                  /* If-Match does not name the present version */ \
  X(precondition_required)            /* overwriting needs If-Match with the version seen last */ \
  X(changed_meanwhile)                /* another command won; read again and retry */ \
  X(position_not_reached)             /* min_position is ahead of the views */ \
  X(rate_limited)                     \
  X(overloaded)                       \
  X(misdirected_request)              /* the Host header names another machine */ \
  X(too_many_streams)                 /* this person has as many live streams open as one may have */ \
  X(disk_nearly_full)                 /* changes are refused until there is room; reads go on */ \
  X(framing_refused)                  /* a request whose framing is ambiguous */ \
  X(header_too_large)                 \
  X(outcome_unknown)                  /* a sync failed; a repeat with the same key shows the outcome */ \
  X(log_unavailable)                  /* nothing is recorded until the service has restarted */ \
  X(authorisation_unavailable)        /* the view of sessions and roles has stopped or lags */ \
  X(not_ready)                        /* requests should go elsewhere; the details say why */ \
  X(shutting_down)                    \
  X(internal_fault)
// clang-format on

enum class Reason : std::uint16_t {
#define TTP_REASON_ENUMERATOR(name) name,
  TTP_REASONS(TTP_REASON_ENUMERATOR)
#undef TTP_REASON_ENUMERATOR
};

/// The stable code, for example "account_not_found".
constexpr std::string_view to_text(Reason reason) {
  switch (reason) {
#define TTP_REASON_TEXT(name) \
  case Reason::name:          \
    return #name;
    TTP_REASONS(TTP_REASON_TEXT)
#undef TTP_REASON_TEXT
  }
  return "";
}

/// One field at fault: a JSON pointer into the request body, the reason, and details that help to correct it
/// (offending characters, failed rules, missing answers). If a parameter of the path, the query or the
/// headers is at fault, its name stands in the pointer's place.
struct FieldFault {
  std::string pointer;
  Reason reason{};
  std::vector<std::string> details{};
  std::string parameter{};
  friend bool operator==(const FieldFault&, const FieldFault&) = default;
};

/// A refusal: the reason, the fields at fault, details (rule codes, counts), the time from which a retry can
/// succeed, and how many tries of a code are left.
struct Refusal {
  Reason reason{};
  std::vector<FieldFault> faults{};
  std::vector<std::string> details{};
  std::optional<Time> retry_at{};
  std::optional<std::uint32_t> tries_left{};
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace ttp::domain

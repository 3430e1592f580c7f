#include "http/api/audit/past.hpp"

#include "http/api/audit/differences.hpp"
#include "http/api/pages.hpp"
#include "storage/log/times.hpp"

namespace ttp::http {
namespace {

using namespace domain;
using service::PastPoint;
using service::PastStates;

std::optional<storage::Position> last_seen(const PastPoint& point) {
  return point.size > 0 ? std::optional{point.size - 1} : std::nullopt;
}

/// The point in the past that `position` or `at` names: directly after that event was recorded, or that
/// time with every event until then. Without either: now.
Answered<PastPoint> past_point_in(const Call& call, const std::string& position_name,
                                  const std::string& time_name) {
  const auto position = number_in(call, position_name);
  const auto time = time_in(call, time_name);
  if (!position) return std::unexpected{position.error()};
  if (!time) return std::unexpected{time.error()};
  const storage::Log& log = call.service.log();
  if (*position && *time) return refused_query(Reason::duplicate_member, time_name);
  if (*position) {
    if (**position >= log.head().next) return refused_query(Reason::out_of_range, position_name);
    return PastPoint{**position + 1, storage::recorded_at(log, **position)};
  }
  if (*time) {
    if (**time > call.now) return refused_query(Reason::out_of_range, time_name);
    return PastPoint{storage::size_at(log, **time), **time};
  }
  return PastPoint{log.head().next, call.now};
}

/// The reader whose view is wanted; the view then includes the reader's role and open actions.
Answered<User> reader_in(const Call& call, const PastStates& states) {
  const auto id = user_in(call, "reader_id");
  if (!id) return std::unexpected{id.error()};
  const auto found = *id ? states.user(**id) : service::Found<User>{};
  if (*id && !found) return refused_query(Reason::user_not_found, "reader_id");
  return found ? found->state : User{};
}

void leave_out_personal(UserDocument& document) {
  document.user_name.reset();
  document.family_name.reset();
  document.given_names.reset();
  document.email.reset();
  document.pending_email.reset();
  document.telephone.reset();
  document.urn.reset();
  for (AccountSummary& each : document.accounts) each.legal_name.reset();
  for (OfferSummary& each : document.ownership_offers) each.legal_name.reset();
}

void leave_out_personal(MembershipDocument& document) {
  document.status_reason.reset();
  for (StatusChangeDocument& each : document.statuses) each.status_reason.reset();
  for (InformalReviewDocument& each : document.informal_reviews) {
    each.grounds.reset();
    each.answer.reset();
  }
  for (AppealDocument& each : document.appeals) {
    each.grounds.reset();
    each.answer.reset();
  }
}

void leave_out_personal(AccountStateDocument& document) {
  document.account.business_number.reset();
  document.account.legal_name.reset();
  document.account.operating_names.clear();
  document.account.mailing_address.reset();
  document.account.mailing_address_to_confirm.reset();
  document.account.client_number.reset();
  for (LetterCaseDocument& each : document.account.letter_cases) each.reason.reset();
  for (auto* proposal : {&document.account.enrolment_release, &document.account.owner_reassignment})
    if (*proposal) (*proposal)->reason.reset();
  for (MemberDocument& each : document.members) {
    each.family_name.reset();
    each.given_names.reset();
    each.email.reset();
    each.telephone.reset();
    each.job_title.reset();
    each.work_telephone.reset();
    each.work_email.reset();
  }
  leave_out_personal(document.membership);
  for (ProfileDocument& each : document.profiles) {
    each.name.reset();
    each.company.reset();
    each.answers = {};
  }
  for (SubmissionDocument& each : document.submissions) each.remarks.reset();
}

Answered<AccountStateDocument> account_at(const Call& call, const PastPoint& point, bool with_personal) {
  const PastStates states = call.service.states_at(point);
  const auto found = states.account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  const auto reader = reader_in(call, states);
  if (!reader) return std::unexpected{reader.error()};
  const auto told = states.programme(found->state.id);
  const Programme& programme = told->state;
  AccountStateDocument document{last_seen(point),
                                point.time,
                                account_document(states, found->state, *reader),
                                member_documents(states, found->state, *reader),
                                membership_document(states, found->state, programme, *reader),
                                profile_documents(found->state, programme),
                                submission_documents(programme)};
  if (!with_personal) leave_out_personal(document);
  return document;
}

Answered<UserStateDocument> user_at(const Call& call, const PastPoint& point, bool with_personal) {
  const PastStates states = call.service.states_at(point);
  const auto found = states.user(call.id<UserId>("user"));
  if (!found) return refused(Reason::user_not_found);
  const auto reader = reader_in(call, states);
  if (!reader) return std::unexpected{reader.error()};
  UserStateDocument document{last_seen(point), point.time,
                             user_document(states, found->state, reader->id == found->state.id)};
  if (!with_personal) leave_out_personal(document.user);
  return document;
}

/// The JSON of the subject at one of the two moments; empty for an account or a user that did not exist yet.
template <class Document>
Answered<std::string> shown(const Answered<Document>& document, Reason absent) {
  if (document) return events::to_json(*document);
  if (document.error().reason == absent) return std::string{"{}"};
  return std::unexpected{document.error()};
}

template <class At>
Answered<DifferencesDocument> differences_by(Call& call, Reason absent, At at) {
  const auto from = past_point_in(call, "from_position", "from_at");
  const auto to = past_point_in(call, "to_position", "to_at");
  if (!from) return std::unexpected{from.error()};
  if (!to) return std::unexpected{to.error()};
  if (from->size > to->size || from->time > to->time)
    return refused_query(Reason::out_of_range, "from_position");
  const auto before = shown(at(*from), absent);
  const auto now = at(*to);
  if (!now) return std::unexpected{now.error()};
  if (!before) return std::unexpected{before.error()};
  return DifferencesDocument{last_seen(*from), from->time, last_seen(*to), to->time,
                             differences(*before, events::to_json(*now), call.language())};
}

}  // namespace

Answered<bool> shows_personal(Call& call, Look look, std::optional<UserId> of_user,
                              std::optional<AccountId> of_account) {
  const std::string_view wanted = call.query_text("personal");
  if (wanted.empty() || wanted == "false") return false;
  if (wanted != "true") return refused_query(Reason::not_a_choice, "personal");
  const auto outcome =
      call.service.execute(RecordLook{call.user().id, look, of_user, of_account}, asked_by(call));
  if (outcome.refusal) return std::unexpected{*outcome.refusal};
  return true;
}

Answered<AccountStateDocument> account_state(Call& call) {
  const auto point = past_point_in(call, "position", "at");
  if (!point) return std::unexpected{point.error()};
  const auto personal = shows_personal(call, Look::state, std::nullopt, call.id<AccountId>("account"));
  if (!personal) return std::unexpected{personal.error()};
  return account_at(call, *point, *personal);
}

Answered<UserStateDocument> user_state(Call& call) {
  const auto point = past_point_in(call, "position", "at");
  if (!point) return std::unexpected{point.error()};
  const auto personal = shows_personal(call, Look::state, call.id<UserId>("user"), std::nullopt);
  if (!personal) return std::unexpected{personal.error()};
  return user_at(call, *point, *personal);
}

Answered<DifferencesDocument> account_differences(Call& call) {
  const auto personal = shows_personal(call, Look::differences, std::nullopt, call.id<AccountId>("account"));
  if (!personal) return std::unexpected{personal.error()};
  return differences_by(call, Reason::account_not_found,
                        [&](const PastPoint& point) { return account_at(call, point, *personal); });
}

Answered<DifferencesDocument> user_differences(Call& call) {
  const auto personal = shows_personal(call, Look::differences, call.id<UserId>("user"), std::nullopt);
  if (!personal) return std::unexpected{personal.error()};
  return differences_by(call, Reason::user_not_found,
                        [&](const PastPoint& point) { return user_at(call, point, *personal); });
}

}  // namespace ttp::http

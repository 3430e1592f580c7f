// The programme's decisions: profiles, submitting, the officer's answers, membership and what it owes year by
// year.
#include "domain/programme.hpp"

#include <algorithm>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

using ProgrammeEvents = std::vector<ProgrammeEvent>;
using testing::ElementsAre;

const Time later = noon + hours{1};
const Time a_year_later = add_years(noon, 1);
const Time four_years_later = add_years(noon, 4);

const ProfileRef company_profile{ProfileKind::company, ""};
const ProfileRef importer_profile{ProfileKind::application, "importer"};
const ProfileRef carrier_profile{ProfileKind::application, "highway_carrier"};
const ProfileRef site_profile{ProfileKind::security, example<SiteName>().text()};

/// An answer of the question's form.
std::string answer_to(const Question& question) {
  switch (question.type) {
    case AnswerType::text:
      return "As the programme asks.";
    case AnswerType::yes_no:
      return "yes";
    case AnswerType::choice:
      return std::string{question.choices.front().code};
    case AnswerType::date:
      return "2025-06-30";
    case AnswerType::number:
      return std::to_string(question.min);
    case AnswerType::email:
      return "security@example.com";
    case AnswerType::telephone:
      return "+16135550123";
  }
  std::abort();
}

Answers::Table complete(const ProfileRef& ref) {
  Answers::Table answers;
  for (const Question* question : questions_of(ref))
    if (question->required) answers[std::string{question->id}] = answer_to(*question);
  return answers;
}
ProfileSaved saved(const ProfileRef& ref, Answers answers) {
  return {company, owner.id, ref, questions_version, std::move(answers)};
}
ProfileSaved saved_completely(const ProfileRef& ref) {
  return saved(ref, complete(ref));
}

/// The histories of the programme; every test starts from an authorised account with a member of each role.
ProgrammeEvents all_profiles_complete() {
  return {saved_completely(company_profile), saved_completely(importer_profile),
          saved_completely(carrier_profile), saved_completely(site_profile)};
}
const SubmissionId first_submission = id<SubmissionId>(501);
ProgrammeEvents applied() {
  return history(all_profiles_complete(), ApplicationSubmitted{company, first_submission,
                                                               SubmissionKind::application, owner.id, noon});
}
ProgrammeEvents under_review() {
  return history(applied(), ReviewBegun{company, first_submission, programme_officer.id});
}
ProgrammeEvents member() {
  return history(under_review(), SubmissionAccepted{company, first_submission, programme_officer.id, noon});
}
ProgrammeEvents refusal_announced() {
  return history(under_review(), SubmissionRefused{company, first_submission, programme_officer.id, because,
                                                   noon + days{30}});
}
ProgrammeEvents refused() {
  return history(refusal_announced(), RefusalTookEffect{company, noon + days{30}});
}
ProgrammeEvents review_requested() {
  return history(refusal_announced(), InformalReviewRequested{company, owner.id, because, noon});
}
ProgrammeEvents suspended() {
  return history(member(), MembershipSuspended{company, programme_officer.id, because});
}
ProgrammeEvents cancelled() {
  return history(member(), MembershipCancelled{company, programme_officer.id, because, noon});
}
ProgrammeEvents appealed() {
  return history(cancelled(), CancellationAppealed{company, owner.id, because, noon});
}
ProgrammeEvents changed(ProgrammeEvents earlier) {
  Answers::Table answers = complete(site_profile);
  answers.begin()->second = "no";
  return history(std::move(earlier), saved(site_profile, answers));
}

const auto officer = at(later).by(programme_officer);

MembershipStatus status_after(const ProgrammeEvents& events) {
  return given(events).programme.status;
}

// ---- profiles ---------------------------------------------------------------------------------------------

std::string some_question(const ProfileRef& ref) {
  return std::string{questions_of(ref).front()->id};
}

TEST(SaveProfile, keeps_a_draft_unchanged) {
  for (const ProfileRef& ref : {company_profile, importer_profile, carrier_profile, site_profile})
    given(with_members).when(SaveProfile{company, ref, {}}, at(noon)).then(saved(ref, {}));
  given(with_members)
      .when(SaveProfile{company, importer_profile, complete(importer_profile)}, at(noon))
      .then(saved_completely(importer_profile));
}

TEST(SaveProfile, replaces_the_draft_and_says_nothing_where_it_is_the_same) {
  const Story story = given(with_members, all_profiles_complete());
  story.when(SaveProfile{company, site_profile, complete(site_profile)}).then();
  const Story after =
      story.when(SaveProfile{company, site_profile, {}}).then(saved(site_profile, {})).after();
  EXPECT_EQ(after.programme.profile(site_profile)->answers, Answers{});
  EXPECT_EQ(after.programme.profiles.size(), 4u);
}

TEST(SaveProfile, is_open_while_the_application_is_under_review) {
  given(with_members, under_review())
      .when(SaveProfile{company, site_profile, {}})
      .then(saved(site_profile, {}));
}

TEST(SaveProfile, is_refused_for_a_line_of_business_that_was_not_enrolled) {
  for (const std::string key : {"exporter", "no_such_line", ""})
    given(with_members)
        .when(SaveProfile{company, {ProfileKind::application, key}, {}})
        .refused(Reason::line_of_business_not_enrolled);
}

TEST(SaveProfile, is_refused_for_the_two_hundred_and_first_site) {
  ProgrammeEvents sites;
  for (int site = 1; site <= 200; ++site)
    sites.emplace_back(saved({ProfileKind::security, "site-" + std::to_string(site)}, {}));
  const Story story = given(with_members, sites);
  story.when(SaveProfile{company, {ProfileKind::security, "site-201"}, {}}).refused(Reason::out_of_range);
  const ProfileRef known{ProfileKind::security, "site-200"};
  story.when(SaveProfile{company, known, complete(known)}).then(saved_completely(known));
}

TEST(SaveProfile, points_at_each_answer_at_fault) {
  const auto decision =
      given(with_members)
          .decided(SaveProfile{company, company_profile, {{"no_such_question", "yes"}}}, at(noon));
  ASSERT_TRUE(decision.refusal);
  EXPECT_EQ(
      *decision.refusal,
      (Refusal{
          Reason::unknown_question, {{"/answers/no_such_question", Reason::unknown_question, {}}}, {}, {}}));
  // A security question is none of the importer's.
  const std::string foreign = some_question(site_profile);
  given(with_members)
      .when(SaveProfile{company, importer_profile, {{foreign, "yes"}}})
      .refused(Reason::unknown_question)
      .pointing_at("/answers/" + foreign);
}

TEST(SaveProfile, refuses_an_answer_that_is_not_of_the_questions_form) {
  const auto questions = security_questions();
  const auto yes_no = std::ranges::find(questions, AnswerType::yes_no, &Question::type);
  ASSERT_NE(yes_no, questions.end());
  given(with_members)
      .when(SaveProfile{company, site_profile, {{std::string{yes_no->id}, "perhaps"}}})
      .refused(Reason::not_a_choice)
      .pointing_at("/answers/" + std::string{yes_no->id}, {"yes", "no"});
}

TEST(RemoveSecurityProfile, takes_back_the_draft_of_a_site) {
  const Story story = given(with_members, all_profiles_complete())
                          .when(RemoveSecurityProfile{company, example<SiteName>()}, at(noon).by(full))
                          .then(SecurityProfileRemoved{company, full.id, example<SiteName>()})
                          .after();
  EXPECT_EQ(story.programme.profile(site_profile), nullptr);
  EXPECT_NE(story.programme.profile(company_profile), nullptr);
  story.when(RemoveSecurityProfile{company, example<SiteName>()}).refused(Reason::profile_not_found);
}

TEST(Progress, has_a_row_for_the_company_each_line_of_business_and_each_site) {
  const auto rows_of = [](const Story& story) {
    std::vector<std::pair<ProfileRef, unsigned>> rows;
    for (const ProfileProgress& row : progress(story.account, story.programme))
      rows.emplace_back(row.ref, row.percent);
    return rows;
  };
  const ProfileRef no_site{ProfileKind::security, ""};
  EXPECT_THAT(rows_of(given(with_members)),
              ElementsAre(std::pair{company_profile, 0u}, std::pair{importer_profile, 0u},
                          std::pair{carrier_profile, 0u}, std::pair{no_site, 0u}));
  EXPECT_THAT(rows_of(given(with_members, all_profiles_complete())),
              ElementsAre(std::pair{company_profile, 100u}, std::pair{importer_profile, 100u},
                          std::pair{carrier_profile, 100u}, std::pair{site_profile, 100u}));
}

TEST(Progress, has_the_mean_of_its_rows_as_total) {
  const auto in_all = [](const Story& story) { return total_percent(story.account, story.programme); };
  EXPECT_EQ(in_all(given(with_members)), 0u);
  const Story complete = given(with_members, all_profiles_complete());
  EXPECT_EQ(in_all(complete), 100u);
  const Story without_site =
      complete.when(RemoveSecurityProfile{company, example<SiteName>()}, at(noon).by(full))
          .then(SecurityProfileRemoved{company, full.id, example<SiteName>()})
          .after();
  EXPECT_EQ(in_all(without_site), 75u);

  Story begun = given(with_members);
  begun.programme.profiles = {{company_profile, {{"year_founded", "1998"}, {"no_such_question", "x"}}},
                              {site_profile, {{"no_such_question", "x"}}}};
  const auto company_percent = progress(begun.account, begun.programme).front().percent;
  ASSERT_GT(company_percent, 0u);
  EXPECT_EQ(in_all(begun), company_percent / 4);
}

TEST(Progress, in_all_is_a_hundred_exactly_when_each_profile_is) {
  const Story known = given(with_members, all_profiles_complete());
  EXPECT_TRUE(rc::check([&] {
    Programme programme = known.programme;
    const auto skipped = *rc::gen::inRange<std::size_t>(0, 3);
    for (std::size_t i = 0; i < skipped; ++i) {
      Profile& profile = programme.profiles[*rc::gen::inRange<std::size_t>(0, programme.profiles.size())];
      Answers::Table answers = profile.answers.table();
      answers.erase(std::next(answers.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(answers))));
      profile.answers = std::move(answers);
    }
    const bool each_is_whole = std::ranges::all_of(progress(known.account, programme),
                                                   [](const auto& row) { return row.missing.empty(); });
    RC_ASSERT((total_percent(known.account, programme) == 100) == each_is_whole);
  }));
}

TEST(Progress, of_answers_that_two_profiles_share_is_each_profiles_own) {
  const Answers shared{{"year_founded", "1998"}};
  Story begun = given(with_members);
  const auto in_all = [&](std::vector<Profile> profiles) {
    begun.programme.profiles = std::move(profiles);
    return total_percent(begun.account, begun.programme);
  };
  const auto company_alone = in_all({{company_profile, shared}});
  ASSERT_GT(company_alone, 0u);
  EXPECT_EQ(in_all({{importer_profile, shared}}), 0u);
  for (const ProfileRef& other : {importer_profile, site_profile})
    EXPECT_EQ(in_all({{company_profile, shared}, {other, shared}}), company_alone);
}

TEST(Answers, are_counted_once_for_all_copies_while_the_same_is_asked) {
  unsigned times = 0;
  const auto size = [&](const Answers::Table& table) {
    ++times;
    return static_cast<unsigned>(table.size());
  };
  const Answers answers{{"a", "1"}, {"b", "2"}};
  const Answers copy = answers;
  for (const Answers& each : {answers, copy, answers}) EXPECT_EQ(each.counted(0, size), 2u);
  EXPECT_EQ(times, 1u);
  EXPECT_EQ(copy.counted(7, size), 2u);
  EXPECT_EQ(times, 2u) << "something else was asked";
  EXPECT_EQ((Answers{{"a", "1"}}.counted(7, size)), 1u);
  EXPECT_EQ(Answers{}.counted(7, size), 0u);
}

TEST(QuestionsOf, are_none_for_a_line_of_business_that_does_not_exist) {
  EXPECT_TRUE(questions_of({ProfileKind::application, "no_such_line"}).empty());
}

// ---- submitting -------------------------------------------------------------------------------------------

TEST(Submit, sends_a_complete_application) {
  const Story story =
      given(with_members, all_profiles_complete())
          .when(Submit{company}, at(later))
          .then(ApplicationSubmitted{company, new_submission, SubmissionKind::application, owner.id, later})
          .after();
  EXPECT_EQ(story.programme.status, MembershipStatus::applied);
}

TEST(Submit, lists_each_required_answer_that_is_missing) {
  for (const ProfileRef& ref : {company_profile, importer_profile, site_profile}) {
    Answers::Table answers = complete(ref);
    const std::string left_out = answers.begin()->first;
    answers.erase(left_out);
    const std::string key = ref.key.empty() ? "" : "/" + ref.key;
    given(with_members, all_profiles_complete(), saved(ref, answers))
        .when(Submit{company})
        .refused(Reason::profiles_incomplete)
        .listing({std::string{to_text(ref.kind)}.append(key).append("/").append(left_out)});
  }
}

TEST(Submit, needs_at_least_one_site) {
  const auto refusal = given(with_members, all_profiles_complete(),
                             SecurityProfileRemoved{company, owner.id, example<SiteName>()})
                           .decided(Submit{company}, at(noon))
                           .refusal;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, Reason::profiles_incomplete);
  EXPECT_EQ(refusal->details.size(), complete(site_profile).size());
}

TEST(Submit, is_refused_while_something_is_under_review) {
  given(with_members, changed(applied())).when(Submit{company}).refused(Reason::submission_under_review);
  given(with_members, changed(under_review())).when(Submit{company}).refused(Reason::submission_under_review);
}

TEST(Submit, is_refused_where_nothing_has_changed) {
  given(with_members, member()).when(Submit{company}).refused(Reason::nothing_to_submit);
}

TEST(Submit, is_refused_while_a_refusal_or_an_appeal_hangs) {
  given(with_members, changed(refusal_announced()))
      .when(Submit{company})
      .refused(Reason::membership_status_differs);
  given(with_members, appealed()).when(Submit{company}).refused(Reason::membership_status_differs);
}

TEST(Submit, submits_changes_for_a_member_and_an_application_for_others) {
  const auto submits = [](const ProgrammeEvents& events, SubmissionKind kind) {
    given(with_members, events)
        .when(Submit{company}, at(noon + days{31}))
        .then(ApplicationSubmitted{company, new_submission, kind, owner.id, noon + days{31}});
  };
  submits(changed(member()), SubmissionKind::changes);
  submits(changed(suspended()), SubmissionKind::changes);
  submits(cancelled(), SubmissionKind::application);
  submits(refused(), SubmissionKind::application);
  submits(
      history(under_review(), SubmissionReturned{company, first_submission, programme_officer.id, because}),
      SubmissionKind::application);
}

TEST(BeforeTheProgrammesTerms, no_profile_is_saved_and_nothing_submitted) {
  const auto refused_everywhere = [](const AccountEvents& events, Reason reason, unsigned terms = 1) {
    const auto facts = at(noon).under_programme_terms(terms);
    given(events).when(SaveProfile{company, company_profile, {}}, facts).refused(reason);
    given(events).when(RemoveSecurityProfile{company, example<SiteName>()}, facts).refused(reason);
    given(events).when(Submit{company}, facts).refused(reason);
    given(events).when(ConfirmDetails{company}, facts).refused(reason);
    given(events).when(RequestInformalReview{company, because}, facts).refused(reason);
    given(events).when(AppealCancellation{company, because}, facts).refused(reason);
  };
  refused_everywhere({}, Reason::account_not_found);
  refused_everywhere(enrolled, Reason::not_activated);
  refused_everywhere(awaiting_activation, Reason::not_activated);
  refused_everywhere(activated, Reason::not_authorised);
  refused_everywhere(with_members, Reason::programme_terms_outdated, 2);
}

// ---- the officer's answers --------------------------------------------------------------------------------

TEST(Review, is_begun_and_then_decided) {
  given(with_members, applied())
      .when(BeginReview{company, first_submission}, officer)
      .then(ReviewBegun{company, first_submission, programme_officer.id})
      .when(AcceptSubmission{company, first_submission}, officer)
      .then(SubmissionAccepted{company, first_submission, programme_officer.id, later});
  EXPECT_EQ(status_after(under_review()), MembershipStatus::under_review);
  EXPECT_EQ(status_after(member()), MembershipStatus::member);
}

TEST(Review, returns_a_submission_with_remarks_and_allows_it_again_unchanged) {
  const Story story = given(with_members, under_review())
                          .when(ReturnSubmission{company, first_submission, because}, officer)
                          .then(SubmissionReturned{company, first_submission, programme_officer.id, because})
                          .after();
  EXPECT_EQ(story.programme.status, MembershipStatus::none);
  EXPECT_EQ(story.programme.submissions.back().remarks, because);
  story.when(Submit{company}, at(later))
      .then(ApplicationSubmitted{company, new_submission, SubmissionKind::application, owner.id, later});
}

TEST(Review, refuses_with_a_reason_and_thirty_days_notice) {
  const Story story =
      given(with_members, under_review())
          .when(RefuseSubmission{company, first_submission, because}, officer)
          .then(SubmissionRefused{company, first_submission, programme_officer.id, because, later + days{30}})
          .after();
  EXPECT_EQ(story.programme.status, MembershipStatus::under_review);
  EXPECT_EQ(next_deadline(story.programme), later + days{30});
}

TEST(Review, leaves_the_membership_unchanged_for_changes) {
  const ProgrammeEvents submitted =
      history(changed(member()),
              ApplicationSubmitted{company, new_submission, SubmissionKind::changes, owner.id, later});
  const ProgrammeEvents begun =
      history(submitted, ReviewBegun{company, new_submission, programme_officer.id});
  const Programme before = given(member()).programme;
  for (const ProgrammeEvents& events :
       {submitted, begun,
        history(begun, SubmissionAccepted{company, new_submission, programme_officer.id, later}),
        history(begun, SubmissionReturned{company, new_submission, programme_officer.id, because}),
        history(begun, SubmissionRefused{company, new_submission, programme_officer.id, because, later})}) {
    const Programme after = given(events).programme;
    EXPECT_EQ(after.status, MembershipStatus::member);
    EXPECT_EQ(after.member_since, before.member_since);
    EXPECT_EQ(after.revalidation_due_at, before.revalidation_due_at);
    EXPECT_EQ(after.refusal_effective_at, std::nullopt);
  }
}

TEST(Review, goes_in_order_and_only_once) {
  const auto decisions_refused = [](const ProgrammeEvents& events, Reason reason) {
    const Story story = given(with_members, events);
    story.when(AcceptSubmission{company, first_submission}, officer).refused(reason);
    story.when(ReturnSubmission{company, first_submission, because}, officer).refused(reason);
    story.when(RefuseSubmission{company, first_submission, because}, officer).refused(reason);
  };
  decisions_refused(all_profiles_complete(), Reason::submission_not_found);
  decisions_refused(applied(), Reason::submission_not_under_review);
  decisions_refused(member(), Reason::submission_not_under_review);
  given(with_members)
      .when(BeginReview{company, first_submission}, officer)
      .refused(Reason::submission_not_found);
  for (const ProgrammeEvents& events : {under_review(), member(), refusal_announced()})
    given(with_members, events)
        .when(BeginReview{company, first_submission}, officer)
        .refused(Reason::submission_not_under_review);
}

template <class Command>
void is_the_officers_alone(const ProgrammeEvents& events, const Command& command) {
  for (const Person& person : {owner, proxy, stranger, mail_clerk, desk_officer, auditor, portal_operator})
    given(with_members, events).when(command, at(later).by(person)).refused(Reason::staff_role_required);
  given().when(command, officer).refused(Reason::account_not_found);
  EXPECT_FALSE(given(with_members, events).decided(command, officer).refusal) << type_name<Command>();
}

TEST(TheOfficersCommands, are_refused_to_all_others_and_for_an_account_that_does_not_exist) {
  is_the_officers_alone(applied(), BeginReview{company, first_submission});
  is_the_officers_alone(under_review(), AcceptSubmission{company, first_submission});
  is_the_officers_alone(under_review(), ReturnSubmission{company, first_submission, because});
  is_the_officers_alone(under_review(), RefuseSubmission{company, first_submission, because});
  is_the_officers_alone(review_requested(), AnswerInformalReview{company, true, because});
  is_the_officers_alone(member(), SuspendMembership{company, because});
  is_the_officers_alone(suspended(), ReinstateMembership{company, because});
  is_the_officers_alone(member(), CancelMembership{company, because});
  is_the_officers_alone(appealed(), AnswerAppeal{company, false, because});
  is_the_officers_alone(member(), RecordRevalidation{company, because});
}

// ---- a refusal and its informal review --------------------------------------------------------------------

const RequestInformalReview request_review{company, because};

TEST(Refusal, takes_effect_after_its_notice_to_the_millisecond) {
  const Time effective = noon + days{30};
  const LetTimePassForProgramme pass{company};
  const Story story = given(with_members, refusal_announced());
  story.when(pass, at(effective - millisecond).by(scheduler)).then();
  const Story after =
      story.when(pass, at(effective).by(scheduler)).then(RefusalTookEffect{company, effective}).after();
  EXPECT_EQ(after.programme.status, MembershipStatus::refused);
  EXPECT_EQ(next_deadline(after.programme), std::nullopt);
}

TEST(RequestInformalReview, stops_the_refusal_from_taking_effect) {
  const Time last = noon + days{30} - millisecond;
  const Story story = given(with_members, refusal_announced())
                          .when(request_review, at(last))
                          .then(InformalReviewRequested{company, owner.id, because, last})
                          .after();
  EXPECT_EQ(story.programme.informal_review_open_since, last);
  EXPECT_EQ(next_deadline(story.programme), std::nullopt);
  story.when(LetTimePassForProgramme{company}, at(noon + days{300}).by(scheduler)).then();
}

TEST(RequestInformalReview, is_refused_too_late_twice_or_without_a_refusal) {
  given(with_members, refusal_announced())
      .when(request_review, at(noon + days{30}))
      .refused(Reason::informal_review_closed);
  given(with_members, under_review()).when(request_review).refused(Reason::informal_review_closed);
  given(with_members, refused()).when(request_review).refused(Reason::informal_review_closed);
  given(with_members, review_requested()).when(request_review).refused(Reason::request_already_open);
  given(with_members, review_requested(),
        InformalReviewAnswered{company, programme_officer.id, true, because})
      .when(request_review)
      .refused(Reason::informal_review_closed);
}

TEST(AnswerInformalReview, that_upholds_lets_the_refusal_take_effect) {
  const Story story = given(with_members, review_requested())
                          .when(AnswerInformalReview{company, true, because}, officer)
                          .then(InformalReviewAnswered{company, programme_officer.id, true, because})
                          .after();
  EXPECT_EQ(next_deadline(story.programme), noon + days{30});
  story.when(LetTimePassForProgramme{company}, at(noon + days{30}).by(scheduler))
      .then(RefusalTookEffect{company, noon + days{30}});
}

TEST(AnswerInformalReview, that_does_not_puts_the_application_back_under_review) {
  const Story story = given(with_members, review_requested())
                          .when(AnswerInformalReview{company, false, because}, officer)
                          .then(InformalReviewAnswered{company, programme_officer.id, false, because})
                          .after();
  EXPECT_EQ(story.programme.status, MembershipStatus::under_review);
  EXPECT_EQ(next_deadline(story.programme), std::nullopt);
  story.when(AcceptSubmission{company, first_submission}, officer)
      .then(SubmissionAccepted{company, first_submission, programme_officer.id, later});
  // A second refusal can be reviewed again.
  story.when(RefuseSubmission{company, first_submission, because}, at(noon).by(programme_officer))
      .then(SubmissionRefused{company, first_submission, programme_officer.id, because, noon + days{30}})
      .when(request_review, at(noon))
      .then(InformalReviewRequested{company, owner.id, because, noon});
}

TEST(AnswerInformalReview, is_refused_where_none_was_asked_for) {
  given(with_members, refusal_announced())
      .when(AnswerInformalReview{company, true, because}, officer)
      .refused(Reason::no_request_open);
}

// ---- suspending, cancelling, appealing --------------------------------------------------------------------

TEST(Membership, is_suspended_and_reinstated) {
  given(with_members, member())
      .when(SuspendMembership{company, because}, officer)
      .then(MembershipSuspended{company, programme_officer.id, because})
      .when(ReinstateMembership{company, because}, officer)
      .then(MembershipReinstated{company, programme_officer.id, because});
  EXPECT_EQ(status_after(suspended()), MembershipStatus::suspended);
  EXPECT_EQ(status_after(history(suspended(), MembershipReinstated{company, programme_officer.id, because})),
            MembershipStatus::member);
}

TEST(Membership, is_cancelled_from_both_states) {
  for (const ProgrammeEvents& events : {member(), suspended()})
    given(with_members, events)
        .when(CancelMembership{company, because}, officer)
        .then(MembershipCancelled{company, programme_officer.id, because, later});
  EXPECT_EQ(status_after(cancelled()), MembershipStatus::cancelled);
}

TEST(Membership, changes_only_from_the_states_that_allow_it) {
  // clang-format off
  const struct {
    const char* name;
    ProgrammeEvents events;
    bool suspend, reinstate, cancel, revalidate, confirm;
  } rows[] = {
      {"none", {}, false, false, false, false, false},
      {"applied", applied(), false, false, false, false, false},
      {"under review", under_review(), false, false, false, false, false},
      {"member", member(), true, false, true, true, true},
      {"suspended", suspended(), false, true, true, true, true},
      {"cancelled", cancelled(), false, false, false, false, false},
      {"refused", refused(), false, false, false, false, false},
  };
  // clang-format on
  for (const auto& row : rows) {
    const Story story = given(with_members, row.events);
    const auto expect = [&](const auto& command, const Facts& facts, bool allowed) {
      const auto refusal = story.decided(command, facts).refusal;
      EXPECT_EQ(refusal ? std::optional{refusal->reason} : std::nullopt,
                allowed ? std::nullopt : std::optional{Reason::membership_status_differs})
          << row.name;
    };
    expect(SuspendMembership{company, because}, officer, row.suspend);
    expect(ReinstateMembership{company, because}, officer, row.reinstate);
    expect(CancelMembership{company, because}, officer, row.cancel);
    expect(RecordRevalidation{company, because}, officer, row.revalidate);
    expect(ConfirmDetails{company}, at(later), row.confirm);
  }
}

const AppealCancellation appeal{company, because};

TEST(AppealCancellation, is_open_for_thirty_days_to_the_millisecond) {
  given(with_members, cancelled())
      .when(appeal, at(noon + days{30} - millisecond))
      .then(CancellationAppealed{company, owner.id, because, noon + days{30} - millisecond});
  given(with_members, cancelled()).when(appeal, at(noon + days{30})).refused(Reason::appeal_closed);
}

TEST(AppealCancellation, is_refused_twice_or_without_a_cancellation) {
  for (const ProgrammeEvents& events : {member(), suspended(), refused(), all_profiles_complete()})
    given(with_members, events).when(appeal).refused(Reason::membership_status_differs);
  given(with_members, appealed()).when(appeal).refused(Reason::request_already_open);
  given(with_members, appealed(), AppealAnswered{company, programme_officer.id, false, because})
      .when(appeal)
      .refused(Reason::appeal_closed);
}

TEST(AnswerAppeal, grants_or_keeps_the_cancellation) {
  for (const bool granted : {true, false}) {
    const Story story = given(with_members, appealed())
                            .when(AnswerAppeal{company, granted, because}, officer)
                            .then(AppealAnswered{company, programme_officer.id, granted, because})
                            .after();
    EXPECT_EQ(story.programme.status, granted ? MembershipStatus::member : MembershipStatus::cancelled);
    EXPECT_FALSE(story.programme.appeal_open_since);
  }
}

TEST(AnswerAppeal, is_refused_where_there_is_none) {
  given(with_members, cancelled())
      .when(AnswerAppeal{company, true, because}, officer)
      .refused(Reason::no_request_open);
}

TEST(AppealCancellation, is_possible_again_after_another_cancellation) {
  given(with_members, appealed(), AppealAnswered{company, programme_officer.id, true, because},
        MembershipCancelled{company, programme_officer.id, because, noon})
      .when(appeal, at(noon))
      .then(CancellationAppealed{company, owner.id, because, noon});
}

// ---- what a member owes year by year ----------------------------------------------------------------------

TEST(LetTimePassForProgramme, records_the_annual_confirmation_and_the_fourth_anniversary) {
  const LetTimePassForProgramme pass{company};
  Story story = given(with_members, member());

  EXPECT_EQ(next_deadline(story.programme), a_year_later);
  story.when(pass, at(a_year_later - millisecond).by(scheduler)).then();
  story = story.when(pass, at(a_year_later).by(scheduler))
              .then(AnnualConfirmationDue{company, a_year_later})
              .after();

  const Time announced = four_years_later - days{90};
  EXPECT_EQ(next_deadline(story.programme), announced);
  story.when(pass, at(announced - millisecond).by(scheduler)).then();
  story = story.when(pass, at(announced).by(scheduler))
              .then(RevalidationAnnounced{company, four_years_later})
              .after();

  EXPECT_EQ(next_deadline(story.programme), four_years_later);
  story.when(pass, at(four_years_later - millisecond).by(scheduler)).then();
  story = story.when(pass, at(four_years_later).by(scheduler))
              .then(RevalidationDue{company, four_years_later})
              .after();

  EXPECT_EQ(next_deadline(story.programme), std::nullopt);
}

TEST(LetTimePassForProgramme, makes_up_for_all_that_fell_due_while_the_service_was_down) {
  given(with_members, member())
      .when(LetTimePassForProgramme{company}, at(add_years(noon, 9)).by(scheduler))
      .then(AnnualConfirmationDue{company, a_year_later}, RevalidationAnnounced{company, four_years_later},
            RevalidationDue{company, four_years_later});
}

TEST(LetTimePassForProgramme, records_nothing_for_companies_that_are_not_members) {
  for (const ProgrammeEvents& events :
       {ProgrammeEvents{}, applied(), under_review(), cancelled(), refused()}) {
    given(with_members, events)
        .when(LetTimePassForProgramme{company}, at(add_years(noon, 9)).by(scheduler))
        .then();
    EXPECT_EQ(next_deadline(given(events).programme), std::nullopt);
  }
}

TEST(ConfirmDetails, starts_another_year) {
  const Story story = given(with_members, member(), AnnualConfirmationDue{company, a_year_later})
                          .when(ConfirmDetails{company}, at(a_year_later + days{10}))
                          .then(DetailsConfirmed{company, owner.id, a_year_later + days{10}})
                          .after();
  EXPECT_FALSE(story.programme.confirmation_overdue);
  EXPECT_EQ(next_deadline(story.programme), add_years(a_year_later + days{10}, 1));
}

TEST(ConfirmDetails, on_29_february_is_due_on_the_28th) {
  const Time leap_day = parse_time("2028-02-29T08:00:00Z").value();
  const Programme programme = given(member(), DetailsConfirmed{company, owner.id, leap_day}).programme;
  EXPECT_EQ(next_deadline(programme), parse_time("2029-02-28T08:00:00Z"));
}

TEST(RecordRevalidation, starts_another_four_years) {
  const Time now = four_years_later + days{5};
  const Story story =
      given(with_members, member(), AnnualConfirmationDue{company, a_year_later},
            RevalidationAnnounced{company, four_years_later}, RevalidationDue{company, four_years_later})
          .when(RecordRevalidation{company, because}, at(now).by(programme_officer))
          .then(MembershipRevalidated{company, programme_officer.id, because, now})
          .after();
  EXPECT_FALSE(story.programme.revalidation_overdue);
  EXPECT_EQ(next_deadline(story.programme), add_years(now, 4) - days{90});
}

}  // namespace
}  // namespace ttp::domain::tests

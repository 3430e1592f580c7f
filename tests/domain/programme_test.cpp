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
const ProfileRef site_profile{ProfileKind::security, example<SiteKey>().text()};

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
CompanyData enrolled_data() {
  return company_data_of(given(enrolled).account);
}
const SubmissionId first_submission = id<SubmissionId>(501);
ProgrammeEvents applied() {
  return history(all_profiles_complete(), ApplicationSubmitted{company, first_submission,
                                                               SubmissionKind::application, owner.id, noon});
}
ProgrammeEvents under_review() {
  return history(applied(), ReviewBegun{company, first_submission, programme_officer.id, noon});
}
ProgrammeEvents member() {
  return history(under_review(), SubmissionAccepted{company, first_submission, programme_officer.id, noon});
}
ProgrammeEvents refusal_announced() {
  return history(under_review(), SubmissionRefused{company, first_submission, programme_officer.id, because,
                                                   noon + days{30}, noon});
}
ProgrammeEvents refused() {
  return history(refusal_announced(), RefusalTookEffect{company, noon + days{30}});
}
ProgrammeEvents review_requested() {
  return history(refusal_announced(), InformalReviewRequested{company, owner.id, because, noon});
}
ProgrammeEvents suspended() {
  return history(member(), MembershipSuspended{company, programme_officer.id, because, noon});
}
ProgrammeEvents cancelled() {
  return history(member(), MembershipCancelled{company, programme_officer.id, because, noon});
}
ProgrammeEvents appealed() {
  return history(cancelled(), CancellationAppealed{company, owner.id, because, noon});
}
/// A member of nearly four years: the revalidation falls due a day after `later`.
ProgrammeEvents revalidation_announced() {
  const Time joined = add_years(noon + days{1}, -4);
  return history(under_review(), SubmissionAccepted{company, first_submission, programme_officer.id, joined});
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

const SecurityProfileAdded site_added{company, owner.id, example<SiteKey>(), example<SiteName>()};

TEST(SaveProfile, keeps_a_draft_unchanged) {
  for (const ProfileRef& ref : {company_profile, importer_profile, carrier_profile})
    given(with_members).when(SaveProfile{company, ref, {}}, at(noon)).then(saved(ref, {}));
  given(with_members, site_added)
      .when(SaveProfile{company, site_profile, {{"seals", "Numbered."}}}, at(noon))
      .then(saved(site_profile, {{"seals", "Numbered."}}));
  given(with_members)
      .when(SaveProfile{company, importer_profile, complete(importer_profile)}, at(noon))
      .then(saved_completely(importer_profile));
}

TEST(SaveProfile, replaces_the_draft_and_says_nothing_where_it_is_the_same) {
  const Story story = given(with_members, all_profiles_complete());
  story.when(SaveProfile{company, site_profile, complete(site_profile)}).then();
  const Story after = story.when(SaveProfile{company, site_profile, {}}, at(noon).whatever_the_version())
                          .then(saved(site_profile, {}))
                          .after();
  EXPECT_EQ(after.programme.profile(site_profile)->answers, Answers{});
  EXPECT_EQ(after.programme.profiles.size(), 4u);
}

TEST(SaveProfile, overwrites_only_what_the_caller_has_seen) {
  const Story story = given(with_members, all_profiles_complete());
  const auto version = story.programme.profile(site_profile)->version;
  const SaveProfile overwrite{company, site_profile, {}};
  story.when(overwrite).refused(Reason::precondition_required);
  story.when(overwrite, at(noon).having_seen(version - 1)).refused(Reason::version_differs);
  story.when(overwrite, at(noon).having_seen(version)).then(saved(site_profile, {}));
  // Where nothing was saved there is nothing to see.
  given(with_members)
      .when(SaveProfile{company, company_profile, {}}, at(noon).having_seen(0))
      .then(saved(company_profile, {}));
  given(with_members)
      .when(SaveProfile{company, company_profile, {}}, at(noon).having_seen(1))
      .refused(Reason::version_differs);
}

TEST(Profile, has_a_version_that_only_its_own_changes_move) {
  const Story story = given(with_members, all_profiles_complete());
  const auto version = story.programme.profile(company_profile)->version;
  const Story after = given(with_members, changed(all_profiles_complete()));
  EXPECT_EQ(after.programme.profile(company_profile)->version, version);
  EXPECT_GT(after.programme.profile(site_profile)->version, story.programme.profile(site_profile)->version);
}

TEST(SaveProfile, is_open_while_the_application_is_under_review) {
  given(with_members, under_review())
      .when(SaveProfile{company, site_profile, {}}, at(noon).whatever_the_version())
      .then(saved(site_profile, {}));
}

TEST(SaveProfile, is_refused_for_a_line_of_business_that_was_not_enrolled) {
  for (const std::string key : {"exporter", "no_such_line", ""})
    given(with_members)
        .when(SaveProfile{company, {ProfileKind::application, key}, {}})
        .refused(Reason::line_of_business_not_enrolled);
}

TEST(SaveProfile, is_refused_for_a_site_that_was_not_added) {
  for (const std::string key : {"gatineau", ""}) {
    const ProfileRef unknown{ProfileKind::security, key};
    given(with_members).when(SaveProfile{company, unknown, {}}).refused(Reason::profile_not_found);
    given(with_members).when(ChangeProfile{company, unknown}).refused(Reason::profile_not_found);
  }
}

TEST(AddSecurityProfile, adds_a_site_under_a_free_name) {
  const AddSecurityProfile command{company, example<SiteKey>(), example<SiteName>()};
  const Story story = given(with_members).when(command).then(site_added).after();
  EXPECT_EQ(story.programme.profile(site_profile)->name, example<SiteName>());
  EXPECT_EQ(story.programme.profile(site_profile)->version, 0u);
  story.when(SaveProfile{company, site_profile, complete(site_profile)}).then(saved_completely(site_profile));
}

TEST(SecurityProfile, has_a_name_that_letters_can_show) {
  const SiteName maple = text<SiteName>("🍁");
  given(with_members)
      .when(AddSecurityProfile{company, example<SiteKey>(), maple})
      .refused(Reason::not_shown_in_letters)
      .pointing_at("/name", {"U+1F341"});
  const Story story = given(with_members, site_added);
  story.when(SaveProfile{company, site_profile, {}, {}, maple})
      .refused(Reason::not_shown_in_letters)
      .pointing_at("/name", {"U+1F341"});
  story.when(ChangeProfile{company, site_profile, {}, {}, maple})
      .refused(Reason::not_shown_in_letters)
      .pointing_at("/name", {"U+1F341"});
  const SiteName warehouse = text<SiteName>("倉庫 ᐃᓄᒃ Nguyễn");
  ProfileChanged renamed{company, owner.id, site_profile, questions_version, {}};
  renamed.name = warehouse;
  story.when(ChangeProfile{company, site_profile, {}, {}, warehouse}).then(renamed);
}

TEST(AddSecurityProfile, is_refused_for_the_two_hundred_and_first_site) {
  ProgrammeEvents sites;
  for (int site = 1; site <= 200; ++site)
    sites.emplace_back(SecurityProfileAdded{company, owner.id, text<SiteKey>("site-" + std::to_string(site)),
                                            example<SiteName>()});
  given(with_members, sites)
      .when(AddSecurityProfile{company, example<SiteKey>(), example<SiteName>()})
      .refused(Reason::out_of_range);
}

TEST(SecurityProfile, that_was_stored_without_a_site_can_be_saved_and_removed) {
  const ProfileRef nameless{ProfileKind::security, std::string{nameless_site}};
  const Story story = given(with_members, saved({ProfileKind::security, ""}, complete(site_profile)));
  EXPECT_EQ(story.programme.profile(nameless)->answers, Answers{complete(site_profile)});
  story.when(SaveProfile{company, nameless, {}}, at(noon).whatever_the_version()).then(saved(nameless, {}));
  story.when(RemoveSecurityProfile{company, text<SiteKey>(nameless_site)})
      .then(SecurityProfileRemoved{company, owner.id, text<SiteKey>(nameless_site)});
}

TEST(ChangeProfile, changes_clears_and_keeps_answer_by_answer) {
  const Story story =
      given(with_members,
            saved(company_profile,
                  {{"year_founded", "1998"}, {"web_site", "example.com"}, {"company_activities", "Syrup"}}));
  const Answers changes{{"year_founded", "1999"}, {"web_site", ""}, {"company_activities", "Syrup"}};
  const Story after = story.when(ChangeProfile{company, company_profile, AnswerChanges{changes}})
                          .then(ProfileChanged{company,
                                               owner.id,
                                               company_profile,
                                               questions_version,
                                               {{"year_founded", "1999"}, {"web_site", ""}}})
                          .after();
  EXPECT_EQ(after.programme.profile(company_profile)->answers,
            (Answers{{"year_founded", "1999"}, {"company_activities", "Syrup"}}));
  after.when(ChangeProfile{company, company_profile, AnswerChanges{changes}}).then();
}

TEST(ChangeProfile, refuses_a_version_that_is_not_the_present_one) {
  const Story story = given(with_members, saved(company_profile, {}));
  const ChangeProfile change{company, company_profile, AnswerChanges{{{"year_founded", "1999"}}}};
  story.when(change, at(noon).having_seen(7)).refused(Reason::version_differs);
  EXPECT_FALSE(story.decided(change, at(noon).having_seen(1)).refusal);
}

TEST(ChangeProfile, renames_a_site) {
  ChangeProfile rename{company, site_profile};
  rename.name = text<SiteName>("Quai nord");
  ProfileChanged renamed{company, owner.id, site_profile, questions_version, {}};
  renamed.name = text<SiteName>("Quai nord");
  const Story story = given(with_members, site_added).when(rename).then(renamed).after();
  EXPECT_EQ(story.programme.profile(site_profile)->name, text<SiteName>("Quai nord"));
  rename.name = Change<SiteName>::clear();
  story.when(rename).refused(Reason::missing).pointing_at("/name");
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
  given(with_members, site_added)
      .when(SaveProfile{company, site_profile, {{std::string{yes_no->id}, "perhaps"}}})
      .refused(Reason::not_a_choice)
      .pointing_at("/answers/" + std::string{yes_no->id}, {"yes", "no"});
}

TEST(RemoveSecurityProfile, takes_back_the_draft_of_a_site) {
  const Story story = given(with_members, all_profiles_complete())
                          .when(RemoveSecurityProfile{company, example<SiteKey>()}, at(noon).by(full))
                          .then(SecurityProfileRemoved{company, full.id, example<SiteKey>()})
                          .after();
  EXPECT_EQ(story.programme.profile(site_profile), nullptr);
  EXPECT_NE(story.programme.profile(company_profile), nullptr);
  story.when(RemoveSecurityProfile{company, example<SiteKey>()}).refused(Reason::profile_not_found);
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
      complete.when(RemoveSecurityProfile{company, example<SiteKey>()}, at(noon).by(full))
          .then(SecurityProfileRemoved{company, full.id, example<SiteKey>()})
          .after();
  EXPECT_EQ(in_all(without_site), 75u);

  Story begun = given(with_members);
  begun.programme.profiles = {
      {company_profile, 1, {}, {{"year_founded", "1998"}, {"no_such_question", "x"}}, {}},
      {site_profile, 2, {}, {{"no_such_question", "x"}}, {}}};
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
  const auto company_alone = in_all({{company_profile, 1, {}, shared, {}}});
  ASSERT_GT(company_alone, 0u);
  EXPECT_EQ(in_all({{importer_profile, 1, {}, shared, {}}}), 0u);
  for (const ProfileRef& other : {importer_profile, site_profile})
    EXPECT_EQ(in_all({{company_profile, 1, {}, shared, {}}, {other, 2, {}, shared, {}}}), company_alone);
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

// ---- company data in the company's profile ----------------------------------------------------------------

CompanyData moved_data() {
  CompanyData data = enrolled_data();
  data.legal_name = text<CompanyName>("Sirop du Nord inc.");
  data.lines_of_business.push_back(LineOfBusiness::exporter);
  data.mailing_address.line1 = text<AddressLine>("9 RUE DU QUAI");
  return data;
}
const ProfileRef exporter_profile{ProfileKind::application, "exporter"};

TEST(CompanyData, change_in_the_draft_like_any_answer) {
  CompanyDataChanges changes;
  changes.legal_name = moved_data().legal_name;
  changes.lines_of_business = moved_data().lines_of_business;
  changes.mailing_address = moved_data().mailing_address;
  ProfileChanged recorded{company, owner.id, company_profile, questions_version, {}};
  recorded.company = moved_data();
  const ChangeProfile command{company, company_profile, {}, changes};
  const Story story = given(with_members).when(command, at(noon)).then(recorded).after();
  story.when(command).then();
  EXPECT_EQ(drafted_company(story.account, story.programme), moved_data());
  EXPECT_EQ(company_data_of(story.account), enrolled_data()) << "nothing is in effect before it is accepted";
  // The new line of business has a profile to be filled in.
  story.when(SaveProfile{company, exporter_profile, {}}).then(saved(exporter_profile, {}));
}

TEST(CompanyData, are_refused_without_a_line_of_business_that_applies_through_the_portal) {
  const auto refuses = [](std::vector<LineOfBusiness> lines, Reason reason, const std::string& pointer) {
    CompanyData data = enrolled_data();
    data.lines_of_business = std::move(lines);
    given(with_members)
        .when(SaveProfile{company, company_profile, {}, data})
        .refused(reason)
        .pointing_at("/company/lines_of_business" + pointer);
  };
  refuses({}, Reason::missing, "");
  refuses({LineOfBusiness::importer, LineOfBusiness::customs_broker}, Reason::not_a_choice, "/1");
  refuses({LineOfBusiness::importer, LineOfBusiness::importer}, Reason::duplicate_member, "/1");
}

TEST(CompanyData, have_no_member_that_null_clears_but_the_operating_names) {
  CompanyDataChanges changes;
  changes.legal_name = Change<CompanyName>::clear();
  given(with_members)
      .when(ChangeProfile{company, company_profile, {}, changes})
      .refused(Reason::missing)
      .pointing_at("/company/legal_name");
  CompanyData named = enrolled_data();
  named.operating_names = {example<CompanyName>()};
  CompanyDataChanges clears;
  clears.operating_names = Change<std::vector<CompanyName>>::clear();
  EXPECT_EQ(changed(named, clears, "/company"), enrolled_data());
}

TEST(CompanyData, are_refused_with_a_name_or_address_that_letters_cannot_show) {
  CompanyData data = enrolled_data();
  data.legal_name = text<CompanyName>("🍁 Maple");
  data.operating_names = {example<CompanyName>(), text<CompanyName>("🍁")};
  data.mailing_address.city = text<City>("🍁");
  given(with_members)
      .when(SaveProfile{company, company_profile, {}, data})
      .refused(Reason::not_shown_in_letters)
      .pointing_at("/company/legal_name", {"U+1F341"})
      .pointing_at("/company/operating_names/1", {"U+1F341"})
      .pointing_at("/company/mailing_address/city", {"U+1F341"});
  CompanyDataChanges changes;
  changes.legal_name = data.legal_name;
  given(with_members)
      .when(ChangeProfile{company, company_profile, {}, changes})
      .refused(Reason::not_shown_in_letters)
      .pointing_at("/company/legal_name", {"U+1F341"});
}

/// A member whose changed company data are under review.
ProgrammeEvents move_under_review() {
  ProfileSaved draft = saved_completely(company_profile);
  draft.company = moved_data();
  return history(
      member(), draft, saved_completely(exporter_profile),
      ApplicationSubmitted{company, new_submission, SubmissionKind::changes, owner.id, later, moved_data()},
      ReviewBegun{company, new_submission, programme_officer.id, later});
}

TEST(CompanyData, take_effect_when_they_are_accepted) {
  const Story story =
      given(with_members, move_under_review())
          .when(AcceptSubmission{company, new_submission}, officer)
          .then(SubmissionAccepted{company, new_submission, programme_officer.id, later},
                CompanyDataAccepted{company, new_submission, programme_officer.id, moved_data()})
          .after();
  EXPECT_EQ(story.account.legal_name, moved_data().legal_name);
  EXPECT_EQ(story.account.lines_of_business, moved_data().lines_of_business);
  EXPECT_EQ(story.account.mailing_address, enrolled_data().mailing_address) << "it is not confirmed yet";
  EXPECT_EQ(story.account.new_mailing_address, moved_data().mailing_address);
}

TEST(CompanyData, that_are_refused_do_not_take_effect) {
  const Story story = given(with_members, move_under_review())
                          .when(RefuseSubmission{company, new_submission, because}, officer)
                          .then(SubmissionRefused{company, new_submission, programme_officer.id, because,
                                                  later + days{30}, later})
                          .after();
  EXPECT_EQ(company_data_of(story.account), enrolled_data());
  EXPECT_EQ(story.account.new_mailing_address, std::nullopt);
}

TEST(QuestionsOf, are_none_for_a_line_of_business_that_does_not_exist) {
  EXPECT_TRUE(questions_of({ProfileKind::application, "no_such_line"}).empty());
}

// ---- submitting -------------------------------------------------------------------------------------------

TEST(Submit, sends_a_complete_application) {
  const Story story = given(with_members, all_profiles_complete())
                          .when(Submit{company}, at(later))
                          .then(ApplicationSubmitted{company, new_submission, SubmissionKind::application,
                                                     owner.id, later, enrolled_data()})
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
                             SecurityProfileRemoved{company, owner.id, example<SiteKey>()})
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
        .then(
            ApplicationSubmitted{company, new_submission, kind, owner.id, noon + days{31}, enrolled_data()});
  };
  submits(changed(member()), SubmissionKind::changes);
  submits(changed(suspended()), SubmissionKind::changes);
  submits(cancelled(), SubmissionKind::application);
  submits(refused(), SubmissionKind::application);
  submits(history(under_review(),
                  SubmissionReturned{company, first_submission, programme_officer.id, because, later}),
          SubmissionKind::application);
}

TEST(BeforeTheProgrammesTerms, no_profile_is_saved_and_nothing_submitted) {
  const auto refused_everywhere = [](const AccountEvents& events, Reason reason, unsigned terms = 1) {
    const auto facts = at(noon).under_programme_terms(terms);
    given(events).when(SaveProfile{company, company_profile, {}}, facts).refused(reason);
    given(events).when(RemoveSecurityProfile{company, example<SiteKey>()}, facts).refused(reason);
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

// ---- a submission is frozen -------------------------------------------------------------------------------

const Answers& held(const Programme& programme, SubmissionId id, const ProfileRef& ref) {
  for (const Profile* each : profiles_in(programme, *programme.submission(id)))
    if (each->ref == ref) return each->answers;
  static const Answers none;
  return none;
}

TEST(Submission, keeps_what_was_submitted_while_drafts_go_on) {
  const Programme submitted = given(applied()).programme;
  const Programme edited = given(changed(applied())).programme;
  for (const ProfileRef& ref : {company_profile, importer_profile, carrier_profile, site_profile})
    EXPECT_EQ(held(edited, first_submission, ref), Answers{complete(ref)});
  EXPECT_EQ(profiles_in(edited, *edited.submission(first_submission)).size(), 4u);
  EXPECT_NE(edited.profile(site_profile)->answers, submitted.profile(site_profile)->answers);
}

TEST(Submission, is_what_is_accepted_not_the_draft) {
  ProgrammeEvents events = changed(under_review());
  events.emplace_back(SubmissionAccepted{company, first_submission, programme_officer.id, noon});
  const Programme programme = given(events).programme;
  for (const Profile* each : accepted_profiles(programme))
    EXPECT_EQ(each->answers, Answers{complete(each->ref)});
  EXPECT_TRUE(programme.changed_since_submission);
}

TEST(Submission, that_is_refused_or_returned_does_not_become_the_profile) {
  const ProgrammeEvents reviewed =
      history(changed(member()),
              ApplicationSubmitted{company, new_submission, SubmissionKind::changes, owner.id, later},
              ReviewBegun{company, new_submission, programme_officer.id, later});
  for (const ProgrammeEvents& events :
       {reviewed,
        history(reviewed, SubmissionReturned{company, new_submission, programme_officer.id, because, later}),
        history(reviewed,
                SubmissionRefused{company, new_submission, programme_officer.id, because, later, later})}) {
    const Programme programme = given(events).programme;
    EXPECT_EQ(programme.accepted, first_submission);
    for (const Profile* each : accepted_profiles(programme))
      EXPECT_EQ(each->answers, Answers{complete(each->ref)});
    EXPECT_EQ(programme.submission(new_submission)->compared_with, first_submission);
  }
  const Programme accepted =
      given(reviewed, SubmissionAccepted{company, new_submission, programme_officer.id, later}).programme;
  EXPECT_EQ(held(accepted, *accepted.accepted, site_profile), accepted.profile(site_profile)->answers);
}

TEST(Submission, holds_each_version_of_a_profile_once) {
  const Programme programme =
      given(changed(member()),
            ApplicationSubmitted{company, new_submission, SubmissionKind::changes, owner.id, later})
          .programme;
  EXPECT_EQ(programme.held.size(), 5u) << "three unchanged, and the site's profile twice";
}

TEST(Submission, leaves_out_the_lines_of_business_that_the_company_has_left) {
  CompanyData importer_only = enrolled_data();
  importer_only.lines_of_business = {LineOfBusiness::importer};
  const Programme programme =
      given(all_profiles_complete(),
            ApplicationSubmitted{company, first_submission, SubmissionKind::application, owner.id, noon,
                                 importer_only})
          .programme;
  EXPECT_EQ(profiles_in(programme, programme.submissions.back()).size(), 3u);
  EXPECT_NE(programme.profile(carrier_profile), nullptr) << "the draft is kept";
}

TEST(Submission, differs_from_what_was_accepted_last_answer_by_answer) {
  const Programme programme =
      given(changed(member()),
            ApplicationSubmitted{company, new_submission, SubmissionKind::changes, owner.id, later})
          .programme;
  const auto differences = differing_answers(accepted_profiles(programme),
                                             profiles_in(programme, *programme.submission(new_submission)));
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences.front().ref, site_profile);
  EXPECT_EQ(differences.front().member, complete(site_profile).begin()->first);
  EXPECT_EQ(differences.front().before, complete(site_profile).begin()->second);
  EXPECT_EQ(differences.front().after, "no");
}

TEST(Submission, shows_a_new_and_a_closed_site_as_differences_of_each_answer) {
  const Profile old_site{site_profile, 1, {}, {{"seals", "Yes."}}, {}};
  const Profile new_site{{ProfileKind::security, "quay"}, 2, {}, {{"seals", "No."}}, {}};
  const auto differences = differing_answers({&old_site}, {&new_site});
  ASSERT_EQ(differences.size(), 2u);
  EXPECT_EQ(differences[0].ref, new_site.ref);
  EXPECT_EQ(differences[0].before, std::nullopt);
  EXPECT_EQ(differences[0].after, "No.");
  EXPECT_EQ(differences[1].ref, site_profile);
  EXPECT_EQ(differences[1].after, std::nullopt);
}

// ---- the officer's answers --------------------------------------------------------------------------------

TEST(Review, is_begun_and_then_decided) {
  given(with_members, applied())
      .when(BeginReview{company, first_submission}, officer)
      .then(ReviewBegun{company, first_submission, programme_officer.id, later})
      .when(AcceptSubmission{company, first_submission}, officer)
      .then(SubmissionAccepted{company, first_submission, programme_officer.id, later});
  EXPECT_EQ(status_after(under_review()), MembershipStatus::under_review);
  EXPECT_EQ(status_after(member()), MembershipStatus::member);
}

TEST(Review, returns_a_submission_with_remarks_and_allows_it_again_unchanged) {
  const Story story =
      given(with_members, under_review())
          .when(ReturnSubmission{company, first_submission, because}, officer)
          .then(SubmissionReturned{company, first_submission, programme_officer.id, because, later})
          .after();
  EXPECT_EQ(story.programme.status, MembershipStatus::none);
  EXPECT_EQ(story.programme.submissions.back().remarks, because);
  story.when(Submit{company}, at(later))
      .then(ApplicationSubmitted{company, new_submission, SubmissionKind::application, owner.id, later,
                                 enrolled_data()});
}

TEST(Review, refuses_with_a_reason_and_thirty_days_notice) {
  const Story story = given(with_members, under_review())
                          .when(RefuseSubmission{company, first_submission, because}, officer)
                          .then(SubmissionRefused{company, first_submission, programme_officer.id, because,
                                                  later + days{30}, later})
                          .after();
  EXPECT_EQ(story.programme.status, MembershipStatus::under_review);
  EXPECT_EQ(next_deadline(story.programme), later + days{30});
}

TEST(Review, leaves_the_membership_unchanged_for_changes) {
  const ProgrammeEvents submitted =
      history(changed(member()),
              ApplicationSubmitted{company, new_submission, SubmissionKind::changes, owner.id, later});
  const ProgrammeEvents begun =
      history(submitted, ReviewBegun{company, new_submission, programme_officer.id, later});
  const Programme before = given(member()).programme;
  for (const ProgrammeEvents& events :
       {submitted, begun,
        history(begun, SubmissionAccepted{company, new_submission, programme_officer.id, later}),
        history(begun, SubmissionReturned{company, new_submission, programme_officer.id, because, later}),
        history(begun,
                SubmissionRefused{company, new_submission, programme_officer.id, because, later, later})}) {
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
  is_the_officers_alone(revalidation_announced(), RecordRevalidation{company, because});
}

TEST(TheOfficersCommands, are_refused_to_who_belongs_or_belonged_to_the_company) {
  Person insider = programme_officer;
  insider.id = full.id;
  const auto by_insider = at(later).by(insider);
  for (const AccountEvents& events :
       {with_members, history(with_members, MemberRemoved{company, full.id, owner.id})}) {
    const auto refuses = [&](const ProgrammeEvents& earlier, const auto& command) {
      given(events, earlier).when(command, by_insider).refused(Reason::own_company);
    };
    refuses(applied(), BeginReview{company, first_submission});
    refuses(under_review(), AcceptSubmission{company, first_submission});
    refuses(under_review(), ReturnSubmission{company, first_submission, because});
    refuses(under_review(), RefuseSubmission{company, first_submission, because});
    refuses(review_requested(), AnswerInformalReview{company, true, because});
    refuses(member(), SuspendMembership{company, because});
    refuses(suspended(), ReinstateMembership{company, because});
    refuses(member(), CancelMembership{company, because});
    refuses(appealed(), AnswerAppeal{company, false, because});
    refuses(member(), RecordRevalidation{company, because});
  }
  Person former_owner = programme_officer;
  former_owner.id = owner.id;
  given(with_members,
        OwnershipTransferred{company, owner.id, proxy.id, TransferCause::accepted_offer,
                             PreviousOwner::leaves, 1, 1, false},
        applied())
      .when(BeginReview{company, first_submission}, at(later).by(former_owner))
      .refused(Reason::own_company);
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
        InformalReviewAnswered{company, programme_officer.id, true, because, later})
      .when(request_review)
      .refused(Reason::informal_review_closed);
}

TEST(AnswerInformalReview, that_upholds_lets_the_refusal_take_effect) {
  const Story story = given(with_members, review_requested())
                          .when(AnswerInformalReview{company, true, because}, officer)
                          .then(InformalReviewAnswered{company, programme_officer.id, true, because, later})
                          .after();
  EXPECT_EQ(next_deadline(story.programme), noon + days{30});
  story.when(LetTimePassForProgramme{company}, at(noon + days{30}).by(scheduler))
      .then(RefusalTookEffect{company, noon + days{30}});
}

TEST(AnswerInformalReview, that_does_not_puts_the_application_back_under_review) {
  const Story story = given(with_members, review_requested())
                          .when(AnswerInformalReview{company, false, because}, officer)
                          .then(InformalReviewAnswered{company, programme_officer.id, false, because, later})
                          .after();
  EXPECT_EQ(story.programme.status, MembershipStatus::under_review);
  EXPECT_EQ(next_deadline(story.programme), std::nullopt);
  story.when(AcceptSubmission{company, first_submission}, officer)
      .then(SubmissionAccepted{company, first_submission, programme_officer.id, later});
  // A second refusal can be reviewed again.
  story.when(RefuseSubmission{company, first_submission, because}, at(noon).by(programme_officer))
      .then(
          SubmissionRefused{company, first_submission, programme_officer.id, because, noon + days{30}, noon})
      .when(request_review, at(noon))
      .then(InformalReviewRequested{company, owner.id, because, noon});
}

TEST(AnswerInformalReview, is_refused_where_none_was_asked_for) {
  given(with_members, refusal_announced())
      .when(AnswerInformalReview{company, true, because}, officer)
      .refused(Reason::no_request_open);
}

TEST(InformalReview, keeps_its_grounds_and_its_answer) {
  const Remark grounds = text<Remark>("We disagree."), answer = text<Remark>("We have looked again.");
  const Programme programme =
      given(refusal_announced(), InformalReviewRequested{company, owner.id, grounds, later},
            InformalReviewAnswered{company, programme_officer.id, true, answer, later + hours{1}})
          .programme;
  const InformalReview told{first_submission, owner.id, later, grounds, true, answer, later + hours{1}};
  EXPECT_THAT(programme.informal_reviews, ElementsAre(told));
}

// ---- suspending, cancelling, appealing --------------------------------------------------------------------

TEST(Membership, is_suspended_and_reinstated) {
  given(with_members, member())
      .when(SuspendMembership{company, because}, officer)
      .then(MembershipSuspended{company, programme_officer.id, because, later})
      .when(ReinstateMembership{company, because}, officer)
      .then(MembershipReinstated{company, programme_officer.id, because, later});
  EXPECT_EQ(status_after(suspended()), MembershipStatus::suspended);
  EXPECT_EQ(
      status_after(history(suspended(), MembershipReinstated{company, programme_officer.id, because, later})),
      MembershipStatus::member);
}

TEST(Membership, keeps_each_status_with_its_date_and_its_reason) {
  const Remark late = text<Remark>("Papers are late."), came = text<Remark>("Papers came."),
               sold = text<Remark>("The company was sold.");
  const Programme programme =
      given(member(), MembershipSuspended{company, programme_officer.id, late, noon + days{1}},
            MembershipReinstated{company, programme_officer.id, came, noon + days{2}},
            MembershipCancelled{company, programme_officer.id, sold, noon + days{3}})
          .programme;
  using Status = MembershipStatus;
  EXPECT_THAT(programme.statuses, ElementsAre(StatusChange{Status::applied, noon, {}},
                                              StatusChange{Status::under_review, noon, {}},
                                              StatusChange{Status::member, noon, {}},
                                              StatusChange{Status::suspended, noon + days{1}, late},
                                              StatusChange{Status::member, noon + days{2}, came},
                                              StatusChange{Status::cancelled, noon + days{3}, sold}));
}

TEST(Appeal, keeps_its_grounds_and_its_answer) {
  const Remark grounds = text<Remark>("We disagree."), answer = text<Remark>("We have looked again.");
  const Programme programme =
      given(cancelled(), CancellationAppealed{company, owner.id, grounds, later},
            AppealAnswered{company, programme_officer.id, false, answer, later + hours{1}})
          .programme;
  const Appeal told{owner.id, later, grounds, false, answer, later + hours{1}};
  EXPECT_THAT(programme.appeals, ElementsAre(told));
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
    expect(RecordRevalidation{company, because}, at(four_years_later).by(programme_officer), row.revalidate);
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
  given(with_members, appealed(), AppealAnswered{company, programme_officer.id, false, because, later})
      .when(appeal)
      .refused(Reason::appeal_denied);
}

TEST(AnswerAppeal, grants_or_keeps_the_cancellation) {
  for (const bool granted : {true, false}) {
    const Story story = given(with_members, appealed())
                            .when(AnswerAppeal{company, granted, because}, officer)
                            .then(AppealAnswered{company, programme_officer.id, granted, because, later})
                            .after();
    EXPECT_EQ(story.programme.status, granted ? MembershipStatus::member : MembershipStatus::cancelled);
    EXPECT_FALSE(story.programme.appeal_open_since);
  }
}

ProgrammeEvents applied_again() {
  return history(cancelled(),
                 ApplicationSubmitted{company, new_submission, SubmissionKind::application, owner.id, noon});
}

TEST(AppealCancellation, is_not_forfeited_by_applying_again) {
  const ProgrammeEvents reviewed =
      history(applied_again(), ReviewBegun{company, new_submission, programme_officer.id, noon});
  for (const ProgrammeEvents& events :
       {applied_again(), reviewed,
        history(reviewed, SubmissionReturned{company, new_submission, programme_officer.id, because, noon}),
        history(reviewed, SubmissionRefused{company, new_submission, programme_officer.id, because,
                                            noon + days{30}, noon})})
    given(with_members, events)
        .when(appeal, at(later))
        .then(CancellationAppealed{company, owner.id, because, later});
}

TEST(AppealCancellation, is_over_once_the_company_is_a_member_again) {
  const Story story =
      given(with_members, applied_again(), CancellationAppealed{company, owner.id, because, noon},
            ReviewBegun{company, new_submission, programme_officer.id, noon},
            SubmissionAccepted{company, new_submission, programme_officer.id, later});
  story.when(AnswerAppeal{company, true, because}, officer).refused(Reason::no_request_open);
  story.when(appeal, at(later)).refused(Reason::membership_status_differs);
}

TEST(AnswerAppeal, that_grants_makes_an_application_meanwhile_a_members_changes) {
  const ProgrammeEvents appealing =
      history(applied_again(), CancellationAppealed{company, owner.id, because, noon});
  const Story granted = given(with_members, appealing)
                            .when(AnswerAppeal{company, true, because}, officer)
                            .then(AppealAnswered{company, programme_officer.id, true, because, later})
                            .after();
  EXPECT_EQ(granted.programme.status, MembershipStatus::member);
  EXPECT_EQ(granted.programme.open_submission()->kind, SubmissionKind::changes);
  EXPECT_EQ(granted.programme.member_since, noon);
  const Story denied =
      given(with_members, appealing, AppealAnswered{company, programme_officer.id, false, because, later});
  EXPECT_EQ(denied.programme.status, MembershipStatus::applied);
}

TEST(AnswerAppeal, is_refused_where_there_is_none) {
  given(with_members, cancelled())
      .when(AnswerAppeal{company, true, because}, officer)
      .refused(Reason::no_request_open);
}

TEST(AppealCancellation, is_possible_again_after_another_cancellation) {
  given(with_members, appealed(), AppealAnswered{company, programme_officer.id, true, because, later},
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

MembershipRevalidated revalidated_at(Time at) {
  return {company, programme_officer.id, because, at};
}

TEST(RecordRevalidation, moves_no_anniversary_whether_early_or_late) {
  const Time eight_years_later = add_years(noon, 8);
  const Time announced = four_years_later - days{90};
  for (const Time now : {announced, four_years_later, four_years_later + days{100}}) {
    const Story story = given(with_members, member(), RevalidationAnnounced{company, four_years_later},
                              RevalidationDue{company, four_years_later})
                            .when(RecordRevalidation{company, because}, at(now).by(programme_officer))
                            .then(revalidated_at(now))
                            .after();
    EXPECT_EQ(story.programme.revalidation_due_at, eight_years_later);
    EXPECT_FALSE(story.programme.revalidation_overdue);
    EXPECT_FALSE(story.programme.revalidation_announced);
  }
}

TEST(RecordRevalidation, is_open_from_the_announcement_on_and_once) {
  const Time announced = four_years_later - days{90};
  const RecordRevalidation record{company, because};
  given(with_members, member())
      .when(record, at(announced - millisecond).by(programme_officer))
      .refused(Reason::revalidation_not_announced)
      .until(announced);
  given(with_members, member(), revalidated_at(announced))
      .when(record, at(announced).by(programme_officer))
      .refused(Reason::revalidation_not_announced)
      .until(add_years(noon, 8) - days{90});
}

TEST(Revalidation, recorded_before_its_announcement_by_an_older_program_satisfies_no_anniversary) {
  const Programme programme = given(member(), revalidated_at(noon + days{100})).programme;
  EXPECT_EQ(programme.revalidation_due_at, four_years_later);
}

TEST(Revalidation, recorded_years_late_falls_due_at_the_next_fourth_anniversary) {
  const Programme programme = given(member(), revalidated_at(add_years(noon, 9))).programme;
  EXPECT_EQ(programme.revalidation_due_at, add_years(noon, 12));
}

}  // namespace
}  // namespace ttp::domain::tests

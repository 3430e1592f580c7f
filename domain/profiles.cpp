// The drafts of profiles: decisions, completeness and differences.
#include "domain/profiles.hpp"

#include <algorithm>

#include "domain/letter_text.hpp"
#include "domain/programme_rules.hpp"

namespace ttp::domain {

using namespace programme_rules;

namespace {

// ---- what a company fills in ------------------------------------------------------------------------------

std::size_t security_profiles(const Programme& programme) {
  return static_cast<std::size_t>(std::ranges::count(programme.profiles, ProfileKind::security,
                                                     [](const Profile& each) { return each.ref.kind; }));
}

const Answers& answers_in(const Profile* profile) {
  static const Answers none;
  return profile ? profile->answers : none;
}

/// Each profile that the company has to fill in.
std::vector<ProfileRef> wanted_profiles(const Account& account, const Programme& programme) {
  std::vector<ProfileRef> wanted{{ProfileKind::company, ""}};
  for (const LineOfBusiness line : drafted_lines(account, programme))
    wanted.push_back({ProfileKind::application, std::string{to_text(line)}});
  for (const Profile& profile : programme.profiles)
    if (profile.ref.kind == ProfileKind::security) wanted.push_back(profile.ref);
  if (security_profiles(programme) == 0) wanted.push_back({ProfileKind::security, ""});
  return wanted;
}

/// A number that differs between profiles with different questions.
unsigned number_of_questions_of(const ProfileRef& ref) {
  constexpr auto kinds = static_cast<unsigned>(enum_names<ProfileKind>.size());
  const auto line = ref.kind == ProfileKind::application ? parse_enum<LineOfBusiness>(ref.key) : std::nullopt;
  return static_cast<unsigned>(ref.kind) + kinds * (line ? 1 + static_cast<unsigned>(*line) : 0);
}

unsigned percent(const Programme& programme, const ProfileRef& ref) {
  const auto count = [&](const Answers::Table& answers) {
    return completeness_percent(questions_of(ref), answers);
  };
  return answers_in(programme.profile(ref)).counted(number_of_questions_of(ref), count);
}

// ---- refusals ---------------------------------------------------------------------------------------------

/// Whether a profile of this reference is there to be saved: sites are added, lines of business are chosen.
std::optional<Reason> reference_refusal(const Programme& programme, const Account& account,
                                        const ProfileRef& ref) {
  if (ref.kind == ProfileKind::security && !programme.profile(ref)) return Reason::profile_not_found;
  if (ref.kind != ProfileKind::application) return std::nullopt;
  const auto line = parse_enum<LineOfBusiness>(ref.key);
  const auto& lines = drafted_lines(account, programme);
  if (!line || std::ranges::find(lines, *line) == lines.end()) return Reason::line_of_business_not_enrolled;
  return std::nullopt;
}

/// The caller's If-Match names another version than the profile's.
bool is_stale(const Profile* present, const Facts& facts) {
  return facts.if_match && facts.if_match->version &&
         *facts.if_match->version != (present ? present->version : 0);
}

std::optional<Refusal> answers_refusal(const ProfileRef& ref, const Answers& answers) {
  const auto questions = questions_of(ref);
  std::vector<FieldFault> faults;
  for (const auto& [id, answer] : answers.table()) {
    const auto question = std::ranges::find(questions, id, [](const Question* each) { return each->id; });
    if (question == questions.end()) {
      faults.push_back({"/answers/" + id, Reason::unknown_question, {}});
    } else if (const auto fault = check_answer(**question, Answer::stored(answer))) {
      faults.push_back({"/answers/" + id, fault->reason, fault->details});
    }
  }
  return why_fields(std::move(faults));
}

// ---- changes ----------------------------------------------------------------------------------------------

/// Valid answers in the form in which they are kept; the same table if they are in it.
Answers in_kept_form(const ProfileRef& ref, const Answers& answers) {
  Answers::Table differ;
  for (const Question* question : questions_of(ref)) {
    const auto said = answers.table().find(question->id);
    if (said == answers.table().end()) continue;
    std::string form = kept_form(*question, said->second);
    if (form != said->second) differ.emplace(question->id, std::move(form));
  }
  if (differ.empty()) return answers;
  for (const auto& [id, answer] : answers.table()) differ.emplace(id, answer);
  return differ;
}

/// The given answers that differ from the present ones.
Answers::Table differing(const Answers::Table& present, const Answers::Table& given) {
  Answers::Table differ;
  for (const auto& [id, answer] : given) {
    const auto found = present.find(id);
    const bool same = found == present.end() ? answer.empty() : found->second == answer;
    if (!same) differ.emplace(id, answer);
  }
  return differ;
}

Answers changed(const Answers& present, const Answers& changes) {
  Answers::Table answers = present.table();
  for (const auto& [id, answer] : changes.table()) {
    if (answer.empty()) {
      answers.erase(id);
    } else {
      answers[id] = answer;
    }
  }
  return answers;
}

template <class T>
std::optional<T> unless_same(const std::optional<T>& given, const std::optional<T>& present) {
  return given == present ? std::nullopt : given;
}

/// The draft that an event changes, with its next version; a new one if there is none.
Profile& draft_at_next_version(Programme& programme, ProfileRef ref) {
  if (ref.kind == ProfileKind::security && ref.key.empty()) ref.key = nameless_site;
  programme.changed_since_submission = true;
  auto found = std::ranges::find(programme.profiles, ref, &Profile::ref);
  if (found == programme.profiles.end())
    found = programme.profiles.insert(programme.profiles.end(), Profile{std::move(ref), 0, {}, {}, {}});
  found->version = ++programme.versions;
  return *found;
}

}  // namespace

// ---- what a company fills in ------------------------------------------------------------------------------

std::vector<const Question*> questions_of(const ProfileRef& ref) {
  switch (ref.kind) {
    case ProfileKind::company:
      return pointers_to(company_questions());
    case ProfileKind::application:
      if (const auto line = parse_enum<LineOfBusiness>(ref.key)) return application_questions(*line);
      return {};
    case ProfileKind::security:
      return pointers_to(security_questions());
  }
  return {};
}

Action update_action(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::company:
      return Action::update_company_profile;
    case ProfileKind::application:
      return Action::update_application_profile;
    case ProfileKind::security:
      return Action::update_security_profile;
  }
  return Action::update_company_profile;
}

CompanyData drafted_company(const Account& account, const Programme& programme) {
  const Profile* company = programme.profile({ProfileKind::company, ""});
  return company && company->company ? *company->company : company_data_of(account);
}

const std::vector<LineOfBusiness>& drafted_lines(const Account& account, const Programme& programme) {
  const Profile* company = programme.profile({ProfileKind::company, ""});
  return company && company->company ? company->company->lines_of_business : account.lines_of_business;
}

std::vector<ProfileProgress> progress(const Account& account, const Programme& programme) {
  std::vector<ProfileProgress> rows;
  for (const ProfileRef& ref : wanted_profiles(account, programme)) {
    auto [percent, lacking] = completeness(questions_of(ref), answers_in(programme.profile(ref)).table());
    rows.push_back({ref, percent, std::move(lacking)});
  }
  return rows;
}

unsigned total_percent(const Account& account, const Programme& programme) {
  const auto wanted = wanted_profiles(account, programme);
  unsigned sum = 0;
  for (const ProfileRef& ref : wanted) sum += percent(programme, ref);
  return sum / static_cast<unsigned>(wanted.size());
}

// ---- differences ------------------------------------------------------------------------------------------

std::vector<ProfileDifference> differing_answers(const std::vector<const Profile*>& before,
                                                 const std::vector<const Profile*>& after) {
  std::vector<ProfileDifference> differences;
  const auto among = [](const std::vector<const Profile*>& profiles,
                        const ProfileRef& ref) -> const Profile* {
    const auto found = std::ranges::find(profiles, ref, [](const Profile* each) { return each->ref; });
    return found == profiles.end() ? nullptr : *found;
  };
  const auto answer_of = [](const Profile* profile, const std::string& id) -> std::optional<std::string> {
    const auto& table = answers_in(profile).table();
    const auto found = table.find(id);
    return found == table.end() ? std::nullopt : std::optional{found->second};
  };
  const auto compare = [&](const ProfileRef& ref, const Profile* was, const Profile* is) {
    Answers::Table all = answers_in(is).table();
    for (const auto& [id, answer] : answers_in(was).table()) all.emplace(id, answer);
    for (const auto& [id, answer] : all)
      if (answer_of(was, id) != answer_of(is, id))
        differences.push_back({ref, id, answer_of(was, id), answer_of(is, id)});
  };
  for (const Profile* is : after) compare(is->ref, among(before, is->ref), is);
  for (const Profile* was : before)
    if (!among(after, was->ref)) compare(was->ref, was, nullptr);
  return differences;
}

// ---- decide -----------------------------------------------------------------------------------------------

ProgrammeDecision decide(const Programme& programme, const Account& account, const SaveProfile& command,
                         const Facts& facts) {
  if (const auto reason = change_refusal_for(account, update_action(command.profile.kind), facts))
    return refuse(*reason);
  if (const auto reason = reference_refusal(programme, account, command.profile)) return refuse(*reason);
  const Profile* present = programme.profile(command.profile);
  if (is_stale(present, facts)) return refuse(Reason::version_differs);
  if (auto refusal = answers_refusal(command.profile, command.answers)) return refuse(*refusal);
  const Answers answers = in_kept_form(command.profile, command.answers);
  if (command.company)
    if (auto refusal = refusal_of(*command.company, "/company")) return refuse(*refusal);
  if (auto refusal = LetterTexts{}.add("/name", command.name).refusal()) return refuse(*refusal);

  const auto company = command.company && *command.company != drafted_company(account, programme)
                           ? command.company
                           : std::nullopt;
  const auto name = unless_same(command.name, present ? present->name : std::nullopt);
  if (present && present->answers == answers && !company && !name) return {};
  const bool overwrites_unseen = !facts.if_match && present && present->version > 0;
  if (overwrites_unseen) return refuse(Reason::precondition_required);
  return record(
      ProfileSaved{account.id, facts.caller.id, command.profile, questions_version, answers, company, name});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const ChangeProfile& command,
                         const Facts& facts) {
  if (const auto reason = change_refusal_for(account, update_action(command.profile.kind), facts))
    return refuse(*reason);
  if (const auto reason = reference_refusal(programme, account, command.profile)) return refuse(*reason);
  const Profile* present = programme.profile(command.profile);
  if (is_stale(present, facts)) return refuse(Reason::version_differs);
  if (command.answers.clears()) return refuse(why_field(Reason::missing, "/answers"));
  if (command.company.clears()) return refuse(why_field(Reason::missing, "/company"));
  if (command.name.clears()) return refuse(why_field(Reason::missing, "/name"));
  if (auto refusal = LetterTexts{}.add("/name", command.name.value).refusal()) return refuse(*refusal);
  const Answers typed = command.answers.given ? command.answers.value->answers : Answers{};
  if (auto refusal = answers_refusal(command.profile, typed)) return refuse(*refusal);
  const Answers given = in_kept_form(command.profile, typed);

  std::optional<CompanyData> company;
  if (command.company.given) {
    const CompanyData drafted = drafted_company(account, programme);
    const auto data = changed(drafted, *command.company.value, "/company");
    if (!data) return refuse(data.error());
    if (auto refusal = refusal_of(*data, "/company")) return refuse(*refusal);
    if (*data != drafted) company = *data;
  }
  Answers::Table answers = differing(answers_in(present).table(), given.table());
  const auto name = unless_same(command.name.value, present ? present->name : std::nullopt);
  if (answers.empty() && !company && !name) return {};
  return record(ProfileChanged{account.id, facts.caller.id, command.profile, questions_version,
                               std::move(answers), company, name});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const AddSecurityProfile& command, const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::update_security_profile, facts))
    return refuse(*reason);
  if (programme.profile({ProfileKind::security, command.site.text()}))
    return refuse(Reason::changed_meanwhile);
  if (security_profiles(programme) >= security_profiles_max) return refuse(Reason::out_of_range);
  if (auto refusal = LetterTexts{}.add("/name", command.name).refusal()) return refuse(*refusal);
  return record(SecurityProfileAdded{account.id, facts.caller.id, command.site, command.name});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const RemoveSecurityProfile& command, const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::update_security_profile, facts))
    return refuse(*reason);
  const Profile* present = programme.profile({ProfileKind::security, command.site.text()});
  if (!present) return refuse(Reason::profile_not_found);
  if (is_stale(present, facts)) return refuse(Reason::version_differs);
  return record(SecurityProfileRemoved{account.id, facts.caller.id, command.site});
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(Programme& programme, const ProfileSaved& event) {
  programme.id = event.account;
  Profile& draft = draft_at_next_version(programme, event.profile);
  draft.answers = event.answers;
  if (event.company) draft.company = event.company;
  if (event.name) draft.name = event.name;
}

void evolve(Programme& programme, const ProfileChanged& event) {
  programme.id = event.account;
  Profile& draft = draft_at_next_version(programme, event.profile);
  draft.answers = changed(draft.answers, event.answers);
  if (event.company) draft.company = event.company;
  if (event.name) draft.name = event.name;
}

void evolve(Programme& programme, const SecurityProfileAdded& event) {
  programme.id = event.account;
  programme.changed_since_submission = true;
  programme.profiles.push_back({{ProfileKind::security, event.site.text()}, 0, event.name, {}, {}});
}

void evolve(Programme& programme, const SecurityProfileRemoved& event) {
  programme.changed_since_submission = true;
  const ProfileRef ref{ProfileKind::security, event.site.text()};
  std::erase_if(programme.profiles, [&](const Profile& profile) { return profile.ref == ref; });
}

}  // namespace ttp::domain

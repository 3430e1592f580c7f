#include "bench/lives.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "domain/terms.hpp"

namespace ttp::bench {

using namespace domain;
using service::fresh_uuid;

namespace {

constexpr std::array family_names{"Tremblay", "Nguyen", "Okafor",   "Côté",     "Singh",
                                  "MacLeod",  "Roy",    "Kowalski", "Bélanger", "Chartrand"};
constexpr std::array given_names{"Marie-Ève", "Linh", "Adaeze", "Luc", "Harpreet", "Fiona", "Jean", "Zofia"};
constexpr std::array trades{"Sawmills", "Foods", "Freight", "Érablière", "Steel", "Orchards", "Logistique"};
constexpr std::array streets{"12 RUE PRINCIPALE", "340 KING STREET WEST", "77 CHEMIN DU LAC",
                             "1501 HARBOUR ROAD"};
constexpr std::array remarks{"Asked for by telephone, identity checked.", "See the file of the same day.",
                             "Décidé après examen du dossier.", "As agreed with the company."};
constexpr std::array lines{LineOfBusiness::importer,           LineOfBusiness::exporter,
                           LineOfBusiness::highway_carrier,    LineOfBusiness::rail_carrier,
                           LineOfBusiness::marine_carrier,     LineOfBusiness::air_carrier,
                           LineOfBusiness::warehouse_operator, LineOfBusiness::freight_forwarder};
constexpr std::array member_roles{Role::proxy_owner, Role::full_access, Role::administrative};

std::string letters(std::uint64_t number) {
  std::string text;
  for (int i = 0; i < 6; ++i, number /= 26) text.insert(text.begin(), static_cast<char>('a' + number % 26));
  return text;
}

unsigned version_in_force(const History& history, Terms terms) {
  return in_force(terms, local_date(history.now())).version;
}

std::string answer_to(Dice& dice, const Question& question) {
  switch (question.type) {
    case AnswerType::text: {
      const std::string page = std::to_string(dice.below(100'000));
      return question.max < 160 ? "Page " + page
                                : "As described in our procedures, page " + page + ", reviewed each January.";
    }
    case AnswerType::yes_no:
      return dice.chance(90) ? "yes" : "no";
    case AnswerType::choice:
      return std::string{dice.one_of(question.choices).code};
    case AnswerType::date:
      return "2024-05-0" + std::to_string(dice.between(1, 9));
    case AnswerType::number:
      return std::to_string(dice.between(question.min, std::min(question.min + 100, question.max)));
    case AnswerType::email:
      return "info" + std::to_string(dice.below(1000)) + "@example.com";
    case AnswerType::telephone:
      return "+1819555" + std::to_string(dice.between(1000, 9999));
  }
  return {};
}

Telephone telephone(Dice& dice) {
  return Telephone::stored("+1613555" + std::to_string(dice.between(1000, 9999)));
}

template <class Registration>
Registration registration(Dice& dice, const Person& who) {
  Registration command;
  command.user = who.id;
  command.family_name = who.family_name;
  command.given_names = who.given_names;
  command.email = who.email;
  command.telephone = telephone(dice);
  command.language = dice.chance(30) ? Language::fr : Language::en;
  return command;
}

service::Command registration(Dice& dice, const Person& who) {
  if (who.credential_version == 0) {
    auto partner = registration<RegisterPartnerCredential>(dice, who);
    partner.issuer = Issuer::stored("https://bank.example/oidc");
    partner.subject = Subject::stored(who.user_name.text());
    return partner;
  }
  auto own = registration<RegisterCredential>(dice, who);
  own.user_name = who.user_name;
  own.password = Password::parse("a long pass phrase").value();
  return own;
}

constexpr std::string_view head_office = "head-office";

std::vector<ProfileRef> profiles_of(const Company& company) {
  std::vector<ProfileRef> all{{ProfileKind::company, ""}, {ProfileKind::security, std::string{head_office}}};
  for (const LineOfBusiness line : company.lines_of_business)
    all.push_back({ProfileKind::application, std::string{to_text(line)}});
  return all;
}

}  // namespace

std::uint64_t person_number(std::uint64_t company, std::uint64_t of_its_people) {
  return company * 8 + of_its_people;
}

Person person(Dice& dice, std::uint64_t number) {
  Person who;
  who.user_name = UserName::stored("trader" + letters(number));
  who.family_name = FamilyName::stored(dice.one_of(family_names));
  who.given_names = GivenNames::stored(dice.one_of(given_names));
  who.email = EmailAddress::stored(who.user_name.text() + "@example.com");
  who.credential_version = dice.chance(20) ? 0 : 1;
  return who;
}

Company company(Dice& dice, std::uint64_t number) {
  Company made;
  made.number = number;
  made.owner = person(dice, person_number(number, 0));
  made.lines_of_business = {dice.one_of(lines)};
  return made;
}

Remark remark(Dice& dice) {
  return Remark::stored(dice.one_of(remarks));
}

MailingAddress mailing_address(Dice& dice) {
  return {AddressLine::stored(dice.one_of(streets)),
          AddressLine::stored("UNIT " + std::to_string(dice.between(1, 9999))),
          City::stored("GATINEAU"),
          "QC",
          "J8X 3X7",
          Country::CA};
}

EnrolCompany enrolment(Dice& dice, const Company& company) {
  EnrolCompany command;
  command.account = company.account;
  const std::string digits = std::to_string(10'000'000 + company.number);
  command.business_number = BusinessNumber::stored(digits + luhn_digit(digits));
  command.legal_name =
      CompanyName::stored(std::string{dice.one_of(trades)} + " " + std::to_string(company.number) + " inc.");
  command.mailing_address = mailing_address(dice);
  command.eligibility = {
      Base::canada, company.lines_of_business, std::nullopt, std::nullopt, true, true, true, true, true, true,
      true};
  command.signing_authority_attested = true;
  return command;
}

Answers::Table all_answers(Dice& dice, const ProfileRef& profile) {
  Answers::Table answers;
  for (const Question* question : questions_of(profile))
    if (question->required) answers[std::string{question->id}] = answer_to(dice, *question);
  return answers;
}

SaveProfile filled_profile(Dice& dice, AccountId account, ProfileRef profile) {
  Answers answers = all_answers(dice, profile);
  return {account, std::move(profile), std::move(answers)};
}

SaveProfile draft(Dice& dice, AccountId account, ProfileRef profile) {
  auto answers = all_answers(dice, profile);
  const std::size_t kept = dice.between(3, 8);
  while (answers.size() > kept) {
    const auto dropped = dice.below(answers.size());
    answers.erase(std::next(answers.begin(), static_cast<std::ptrdiff_t>(dropped)));
  }
  return {account, std::move(profile), std::move(answers)};
}

AddMember invitation(AccountId account, const Person& invited, Role role) {
  return {account, invited.family_name, invited.urn, invited.email, role};
}

// ---- steps ------------------------------------------------------------------------------------------------

Life staff_begins(History& history, Staff& staff) {
  struct Post {
    UserId& holder;
    StaffRole role;
  };
  const std::array posts{Post{staff.desk, StaffRole::service_desk},
                         Post{staff.second_desk, StaffRole::service_desk},
                         Post{staff.mail_room, StaffRole::mail_room},
                         Post{staff.officer, StaffRole::programme_officer},
                         Post{staff.first_operator, StaffRole::operator_},
                         Post{staff.second_operator, StaffRole::operator_},
                         Post{staff.auditor, StaffRole::auditor},
                         Post{staff.privacy_auditor, StaffRole::privacy_auditor}};
  Dice dice(0, 0);
  for (std::size_t i = 0; i < posts.size(); ++i) {
    Person who = person(dice, 0);
    who.user_name = UserName::stored("official" + letters(i));
    who.email = EmailAddress::stored(who.user_name.text() + "@example.com");
    auto registering = registers(history, dice, who);
    co_await registering;
    auto step = history.does({}, GrantStaffRole{who.id, posts[i].role, remark(dice)});
    co_await step;
    posts[i].holder = who.id;
  }
}

Life registers(History& history, Dice& dice, Person& who) {
  who.id.uuid = fresh_uuid(history.now());
  auto step = history.does({}, registration(dice, who));
  co_await step;
  who.urn = step.told<UrnIssued>().urn;
}

Life signs_in(History& history, const Person& who, SessionId& session) {
  const UserId user = who.id;
  auto step = history.does(user, StartSignIn{user, {}, {}}, {true, who.credential_version});
  co_await step;
  const auto sign_in = step.made<SignInId>();
  if (!step.find<OneTimeCodeIssued>()) {
    step = history.does(user, EnrolMailFactor{user, sign_in, version_in_force(history, Terms::mail_factor)});
    co_await step;
  }
  const auto code = history.secrets().one_time_code(step.told<OneTimeCodeIssued>().code);
  step = history.does(user, EnterOneTimeCode{user, sign_in, code});
  co_await step;
  step = history.does(user, AcceptPortalTerms{user, sign_in, version_in_force(history, Terms::portal)});
  co_await step;
  session = step.told<SessionOpened>().session;
}

Life changes_password(History& history, Person& who) {
  if (who.credential_version == 0) co_return;  // the sign-in partner keeps this password
  SessionId session;
  auto signing = signs_in(history, who, session);
  co_await signing;
  const auto password = Password::parse("another long pass phrase").value();
  auto step =
      history.does(who.id, ChangePassword{who.id, session, {}, password}, {true, who.credential_version});
  co_await step;
  ++who.credential_version;
}

Life enrols(History& history, Dice& dice, Company& company) {
  auto registering = registers(history, dice, company.owner);
  co_await registering;
  company.account.uuid = fresh_uuid(history.now());
  auto step = history.does(company.owner.id, enrolment(dice, company));
  co_await step;
}

Life confirms_address(History& history, Company& company) {
  auto step = history.does(company.owner.id, ConfirmMailingAddress{company.account});
  co_await step;
  company.client_number = step.told<ClientNumberAssigned>().client_number;
  company.code = step.told<ActivationCodeIssued>().code;
  company.letter = step.told<LetterOrdered>().letter;
}

Life asks_for_new_code(History& history, Company& company) {
  auto step = history.does(company.owner.id, RequestActivationCode{company.account});
  co_await step;
  company.code = step.told<ActivationCodeIssued>().code;
  company.letter = step.told<LetterOrdered>().letter;
}

Life letter_goes_out(History& history, const Staff& staff, const Company& company) {
  auto step = history.does(staff.mail_room, RecordLetterPrinted{company.account, company.letter});
  co_await step;
  const auto number =
      RegisteredMailNumber::stored("RN" + std::to_string(100'000'000 + company.number) + "CA");
  step = history.does(staff.mail_room, RecordLetterPosted{company.account, company.letter, number});
  co_await step;
}

Life adds_site(History& history, const Company& company, std::string_view key, std::string_view name) {
  auto step =
      history.does(company.owner.id, AddSecurityProfile{company.account, SiteKey::stored(std::string{key}),
                                                        SiteName::stored(std::string{name})});
  co_await step;
}

Life activates(History& history, Company& company) {
  const auto code = history.secrets().activation_code(company.code);
  auto step = history.does(company.owner.id, ActivateAccount{company.account, company.client_number, code});
  co_await step;
  step = history.does(company.owner.id,
                      AcceptProgrammeTerms{company.account, version_in_force(history, Terms::programme)});
  co_await step;
  auto adding = adds_site(history, company, head_office, "Siège social");
  co_await adding;
}

Life becomes_authorised(History& history, Dice& dice, const Staff& staff, Company& company) {
  auto step = enrols(history, dice, company);
  co_await step;
  auto confirming = confirms_address(history, company);
  co_await confirming;
  auto sleep = history.sleeps(hours{20});
  co_await sleep;
  auto posting = letter_goes_out(history, staff, company);
  co_await posting;
  sleep = history.sleeps(days{dice.between(2, 6)});
  co_await sleep;
  auto activating = activates(history, company);
  co_await activating;
}

Life applies(History& history, Dice& dice, const Staff& staff, Company& company) {
  const auto profiles = profiles_of(company);
  for (const ProfileRef& profile : profiles) {
    auto saving = history.does(company.owner.id, filled_profile(dice, company.account, profile));
    co_await saving;
  }
  auto step = history.does(company.owner.id, Submit{company.account});
  co_await step;
  company.submission = step.told<ApplicationSubmitted>().submission;
  auto sleep = history.sleeps(days{dice.between(1, 20)});
  co_await sleep;
  step = history.does(staff.officer, BeginReview{company.account, company.submission});
  co_await step;
}

// ---- a common life ----------------------------------------------------------------------------------------

namespace {

/// A refused enrolment: the company is an importer and not solvent.
Life enrols_in_vain(History& history, Dice& dice, const Company& company) {
  Company other = company;
  other.account.uuid = fresh_uuid(history.now());
  auto command = enrolment(dice, other);
  command.eligibility.solvent = false;
  auto step = history.tries(company.owner.id, std::move(command));
  co_await step;
}

/// The letter is late, is returned, or is missed; at the end the company has a code.
Life letter_has_trouble(History& history, Dice& dice, const Staff& staff, Company& company) {
  const UserId owner = company.owner.id;
  const AccountId account = company.account;
  auto sleep = history.sleeps(days{8});
  co_await sleep;  // overdue, holidays included
  if (dice.chance(40)) {
    auto posting = letter_goes_out(history, staff, company);
    co_await posting;
    co_return;
  }
  if (dice.chance(50)) {
    auto reporting = history.does(owner, ReportLetterMissing{account, company.letter});
    co_await reporting;
    const auto case_id = reporting.made<CaseId>();
    const auto resolution = dice.chance(50) ? CaseResolution::letter_sent_again : CaseResolution::new_code;
    sleep = history.sleeps(hours{dice.between(3, 40)});
    co_await sleep;
    reporting = history.does(staff.desk, ResolveLetterCase{account, case_id, resolution, remark(dice)});
    co_await reporting;
    if (const auto* issued = reporting.find<ActivationCodeIssued>()) company.code = issued->code;
    company.letter = reporting.told<LetterOrdered>().letter;
  } else {
    auto posting = letter_goes_out(history, staff, company);
    co_await posting;
    sleep = history.sleeps(days{dice.between(5, 12)});
    co_await sleep;
    auto returning =
        history.does(staff.mail_room, RecordLetterReturned{account, company.letter, remark(dice)});
    co_await returning;
    auto address = mailing_address(dice);
    address.line2 = AddressLine::stored("PO BOX " + std::to_string(dice.between(1, 9999)));
    auto moving = history.does(owner, ChangeMailingAddress{account, std::move(address)});
    co_await moving;
    auto confirming = history.does(owner, ConfirmMailingAddress{account});
    co_await confirming;
    company.code = confirming.told<ActivationCodeIssued>().code;
    company.letter = confirming.told<LetterOrdered>().letter;
  }
  sleep = history.sleeps(hours{20});
  co_await sleep;
  auto posting = letter_goes_out(history, staff, company);
  co_await posting;
}

Life enters_wrong_code(History& history, const Company& company) {
  auto step = history.tries(company.owner.id, ActivateAccount{company.account, company.client_number,
                                                              ActivationCode::stored("0000000000")});
  co_await step;
}

/// Signs in, sometimes not at once; sometimes signs out.
Life visits(History& history, Dice& dice, const Person& who) {
  const UserId user = who.id;
  if (dice.chance(8)) {
    auto failing = history.tries(user, StartSignIn{user, {}, {}}, {false, who.credential_version});
    co_await failing;
  }
  if (dice.chance(4)) {
    auto failing = history.does(user, StartSignIn{user, {}, {}}, {true, who.credential_version});
    co_await failing;
    const auto sign_in = failing.made<SignInId>();
    failing = history.tries(user, EnterOneTimeCode{user, sign_in, OneTimeCode::stored("000000")});
    co_await failing;
  }
  SessionId session;
  auto signing = signs_in(history, who, session);
  co_await signing;
  if (dice.chance(4)) {
    ChangeContactDetails command{user, {}, {}, telephone(dice), {}};
    auto changing = history.does(user, std::move(command));
    co_await changing;
  }
  if (dice.chance(30)) {
    auto leaving = history.does(user, CloseSession{user, session});
    co_await leaving;
  }
}

/// Invites a few colleagues, some of whom change roles or leave.
Life takes_members(History& history, Dice& dice, const Company& company) {
  const UserId owner = company.owner.id;
  const AccountId account = company.account;
  const std::uint64_t count = std::min<std::uint64_t>(dice.skewed(6), 6);
  for (std::uint64_t i = 1; i <= count; ++i) {
    Person colleague = person(dice, person_number(company.number, i));
    auto registering = registers(history, dice, colleague);
    co_await registering;
    const Role role = dice.one_of(member_roles);
    auto step = history.does(owner, invitation(account, colleague, role));
    co_await step;
    if (dice.chance(10)) {
      auto changing = changes_password(history, colleague);
      co_await changing;
    }
    auto sleep = history.sleeps(hours{dice.between(2, 200)});
    co_await sleep;
    if (dice.chance(20)) {
      const auto title = Title::stored("Customs coordinator");
      step = history.does(owner, ChangeMemberDetails{account, colleague.id, title, telephone(dice), {}});
      co_await step;
    }
    if (dice.chance(10)) {
      const Role other = role == Role::full_access ? Role::administrative : Role::full_access;
      step = history.does(owner, ChangeMemberRole{account, colleague.id, other});
      co_await step;
    }
    if (dice.chance(5)) {
      step = history.does(owner, SuspendMember{account, colleague.id});
      co_await step;
    }
    if (dice.chance(10)) {
      step = history.does(owner, RemoveMember{account, colleague.id});
      co_await step;
    }
  }
}

Life works_on_profiles(History& history, Dice& dice, Company& company, std::uint64_t saves) {
  const auto profiles = profiles_of(company);
  // A busy company saves more often, so that all its saves take about a quarter of a year.
  const std::uint64_t gap_hours = 2 + 24 * 180 / saves;
  for (std::uint64_t i = 0; i < saves; ++i) {
    auto sleep = history.sleeps(minutes{10 + dice.below(60 * gap_hours)});
    co_await sleep;
    if (i % 16 == 1) {
      auto visiting = visits(history, dice, company.owner);
      co_await visiting;
    }
    const ProfileRef& profile = dice.chance(70) ? profiles.front() : dice.one_of(profiles);
    auto saving = history.does(company.owner.id, draft(dice, company.account, profile));
    co_await saving;
  }
}

/// Sets `member` if the company becomes a member.
Life seeks_membership(History& history, Dice& dice, const Staff& staff, Company& company, bool& member) {
  auto applying = applies(history, dice, staff, company);
  co_await applying;
  const AccountId account = company.account;
  auto sleep = history.sleeps(days{dice.between(5, 60)});
  co_await sleep;
  if (dice.chance(5)) {
    auto refusing = history.does(staff.officer, RefuseSubmission{account, company.submission, remark(dice)});
    co_await refusing;
    co_return;
  }
  if (dice.chance(20)) {
    auto returning = history.does(staff.officer, ReturnSubmission{account, company.submission, remark(dice)});
    co_await returning;
    sleep = history.sleeps(days{dice.between(2, 20)});
    co_await sleep;
    auto again = applies(history, dice, staff, company);
    co_await again;
  }
  auto accepting = history.does(staff.officer, AcceptSubmission{account, company.submission});
  co_await accepting;
  member = true;
}

/// Signs in and confirms once a year, until it forgets to.
Life stays_member(History& history, Dice& dice, Company& company) {
  while (!dice.chance(10)) {
    auto sleep = history.sleeps(days{dice.between(320, 380)});
    co_await sleep;
    auto visiting = visits(history, dice, company.owner);
    co_await visiting;
    auto confirming = history.does(company.owner.id, ConfirmDetails{company.account});
    co_await confirming;
  }
}

}  // namespace

Life company_life(History& history, Cast& cast, std::uint64_t number) {
  const Staff& staff = cast.staff;
  Dice dice(cast.seed, number);
  Company made = company(dice, number);
  auto enrolling = enrols(history, dice, made);
  co_await enrolling;
  if (dice.chance(2)) {
    auto failing = enrols_in_vain(history, dice, made);
    co_await failing;
  }
  if (dice.chance(40)) co_return;  // does not enrol

  auto sleep = history.sleeps(minutes{dice.between(10, 3000)});
  co_await sleep;
  auto confirming = confirms_address(history, made);
  co_await confirming;
  if (dice.chance(5)) {
    auto trouble = letter_has_trouble(history, dice, staff, made);
    co_await trouble;
  } else {
    sleep = history.sleeps(hours{dice.between(2, 20)});
    co_await sleep;
    auto posting = letter_goes_out(history, staff, made);
    co_await posting;
  }
  if (dice.chance(35)) co_return;  // the letter stays where it is, and its code expires

  sleep = history.sleeps(days{dice.between(2, 9)});
  co_await sleep;
  if (dice.chance(6)) {
    auto failing = enters_wrong_code(history, made);
    co_await failing;
  }
  auto activating = activates(history, made);
  co_await activating;
  cast.owners.push_back({made.owner.id, made.owner.credential_version, made.account, history.now()});
  if (dice.chance(12)) {
    auto inviting = takes_members(history, dice, made);
    co_await inviting;
  }
  const std::uint64_t saves = dice.skewed(5000);
  auto working = works_on_profiles(history, dice, made, saves);
  co_await working;
  if (saves < 3 || dice.chance(50)) co_return;
  bool member = false;
  auto seeking = seeks_membership(history, dice, staff, made, member);
  co_await seeking;
  if (!member) co_return;
  auto staying = stays_member(history, dice, made);
  co_await staying;
}

namespace {

Life owner_signs_in(History& history, Owner owner, std::vector<std::pair<SessionId, AccountId>>& signed_in) {
  Person who;
  who.id = owner.user;
  who.credential_version = owner.credential_version;
  SessionId session;
  auto signing = signs_in(history, who, session);
  co_await signing;
  signed_in.emplace_back(session, owner.account);
}

}  // namespace

void owners_sign_in(History& history, const Cast& cast, std::size_t count,
                    std::vector<std::pair<SessionId, AccountId>>& signed_in) {
  std::vector<Owner> able;
  for (const Owner& owner : cast.owners)
    if (history.now() < add_months(owner.authorised_at, 20)) able.push_back(owner);
  count = std::min(count, able.size());
  for (std::size_t i = 0; i < count; ++i)
    history.begin(owner_signs_in(history, able[i * able.size() / count], signed_in));
}

}  // namespace ttp::bench

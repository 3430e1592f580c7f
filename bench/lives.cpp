#include "bench/lives.hpp"

#include "domain/questions.hpp"
#include "events/bytes.hpp"

namespace ttp::bench {
namespace {

using namespace domain;
using service::fresh_uuid;

[[noreturn]] void refused(const char* doing, const service::Outcome& outcome) {
  throw std::runtime_error(std::string{doing} +
                           " was refused: " + std::string{to_text(outcome.refusal->reason)});
}

void need(const char* doing, const service::Outcome& outcome) {
  if (outcome.refusal) refused(doing, outcome);
}

template <class Texts>
const auto& one_of(History& history, const Texts& texts) {
  return texts[history.dice(std::size(texts))];
}

constexpr std::array family_names{"Tremblay", "Nguyen", "Okafor",   "Côté",     "Singh",
                                  "MacLeod",  "Roy",    "Kowalski", "Bélanger", "Chartrand"};
constexpr std::array given_names{"Marie-Ève", "Linh", "Adaeze", "Luc", "Harpreet", "Fiona", "Jean", "Zofia"};
constexpr std::array trades{"Sawmills", "Foods", "Freight", "Érablière", "Steel", "Orchards", "Logistique"};
constexpr std::array streets{"12 RUE PRINCIPALE", "340 KING STREET WEST", "77 CHEMIN DU LAC",
                             "1501 HARBOUR ROAD"};

RegisterCredential registration(History& history, std::uint64_t number) {
  RegisterCredential command;
  command.user.uuid = fresh_uuid(history.now());
  command.user_name = UserName::stored("person" + std::to_string(number));
  command.password = Password::parse("a long pass phrase").value();
  command.family_name = FamilyName::stored(one_of(history, family_names));
  command.given_names = GivenNames::stored(one_of(history, given_names));
  command.email = EmailAddress::stored("person" + std::to_string(number) + "@example.com");
  command.telephone = Telephone::stored("+1613555" + std::to_string(1000 + history.dice(9000)));
  command.language = history.chance(30) ? Language::fr : Language::en;
  return command;
}

EnrolCompany enrolment(History& history, std::uint64_t number) {
  EnrolCompany command;
  command.account.uuid = fresh_uuid(history.now());
  std::string digits = std::to_string(100'000'000 + number).substr(1);
  digits = digits.substr(0, 8);
  command.business_number = BusinessNumber::stored(digits + luhn_digit(digits));
  command.legal_name =
      CompanyName::stored(std::string{one_of(history, trades)} + " " + std::to_string(number) + " inc.");
  command.mailing_address = {AddressLine::stored(one_of(history, streets)),
                             std::nullopt,
                             City::stored("GATINEAU"),
                             "QC",
                             "J8X 3X7",
                             Country::CA};
  command.eligibility = {Base::canada, {LineOfBusiness::importer},
                         std::nullopt, std::nullopt,
                         true,         true,
                         true,         true,
                         true,         true,
                         true};
  command.signing_authority_attested = true;
  return command;
}

std::string answer_to(History& history, const Question& question) {
  switch (question.type) {
    case AnswerType::text:
      return "As described in our procedures, page " + std::to_string(history.dice(100'000)) +
             ", reviewed each January.";
    case AnswerType::yes_no:
      return "yes";
    case AnswerType::choice:
      return std::string{question.choices.front().code};
    case AnswerType::date:
      return "2024-05-01";
    case AnswerType::number:
      return std::to_string(question.min);
    case AnswerType::email:
      return "info@example.com";
    case AnswerType::telephone:
      return "+18195550142";
  }
  return {};
}

/// Some of a profile's answers; one is always new, for a draft that changes nothing is no event.
SaveProfile draft(History& history, AccountId account, ProfileRef profile, std::size_t answers_max) {
  SaveProfile command{account, std::move(profile), {}};
  for (const Question* question : questions_of(command.profile)) {
    if (command.answers.size() == answers_max) break;
    command.answers[std::string{question->id}] = answer_to(history, *question);
  }
  return command;
}

}  // namespace

Life signs_in(History& history, UserId user, SessionId& session) {
  const auto state = [&] { return history.stores().queries.user(user).value().state; };
  auto step = history.does(user, StartSignIn{user, {}, {}});
  need("a sign-in", co_await step);
  const SignInId id = state().sign_in.value().id;
  if (state().sign_in->stage == SignInStage::mail_factor_terms) {
    step = history.does(user, EnrolMailFactor{user, id, 1});
    need("the mail factor", co_await step);
  }
  const auto code = history.stores().secrets.one_time_code(state().sign_in->code->code);
  step = history.does(user, EnterOneTimeCode{user, id, code});
  need("a one-time code", co_await step);
  step = history.does(user, AcceptPortalTerms{user, id, 1});
  const auto opened = co_await step;
  need("the portal's terms", opened);
  session.uuid = parse_uuid(opened.created).value();
}

Life company_life(History& history, std::uint64_t number, std::uint64_t saves, Owner& owner) {
  auto registered = registration(history, number);
  const UserId user = registered.user;
  auto step = history.does({}, std::move(registered));
  need("a registration", co_await step);
  auto sleep = history.sleeps(minutes{history.dice(120)});
  co_await sleep;

  auto enrols = enrolment(history, number);
  const AccountId account = enrols.account;
  step = history.does(user, std::move(enrols));
  need("an enrolment", co_await step);
  step = history.does(user, ConfirmMailingAddress{account});
  need("an address", co_await step);
  sleep = history.sleeps(days{2 + history.dice(5)});
  co_await sleep;

  const auto enrolled = history.stores().queries.account(account).value().state;
  const auto code = history.stores().secrets.activation_code(enrolled.code->code);
  step = history.does(user, ActivateAccount{account, enrolled.client_number, code});
  need("an activation", co_await step);
  step = history.does(user, AcceptProgrammeTerms{account, 1});
  need("the terms", co_await step);
  owner = {user, account};
  for (std::uint64_t i = 0; i < saves; ++i) {
    sleep = history.sleeps(minutes{history.dice(60 * 24 * 3)});
    co_await sleep;
    step = history.does(user, draft(history, account, {ProfileKind::company, ""}, 6));
    need("a draft", co_await step);
  }
}

}  // namespace ttp::bench

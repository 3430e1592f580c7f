// Helpers of the tests of delivery and scheduler: a service without its network, with a log in memory, a
// vault, views and folders on disk, a clock that the test moves, and functions for what people do.
#pragma once

#include <cctype>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <stdlib.h>

#include "delivery/folder.hpp"
#include "events/codec.hpp"
#include "hooked_log.hpp"
#include "projections/runner.hpp"
#include "service/clock.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"
#include "service/writer/executor.hpp"
#include "storage/tables/view_store.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service::tests {

using domain::AccountId;
using domain::UserId;

inline bool eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (std::chrono::steady_clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return holds();
}

/// Holds an executor's writer while it appends one command, until `let_go`. Commands submitted meanwhile form
/// one batch.
class HeldWriter {
 public:
  HeldWriter(HookedLog& log, Executor& executor, Command command) {
    log.before_next_append([latches = latches_] {
      latches->held.count_down();
      latches->let_go.wait();
    });
    executor.submit(std::move(command), {}, [](const CommandResult&) {});
    latches_->held.wait();
  }
  ~HeldWriter() { let_go(); }
  HeldWriter(const HeldWriter&) = delete;
  HeldWriter& operator=(const HeldWriter&) = delete;
  void let_go() {
    if (!latches_->let_go.try_wait()) latches_->let_go.count_down();
  }

 private:
  struct Latches {
    std::latch held{1}, let_go{1};
  };
  const std::shared_ptr<Latches> latches_ = std::make_shared<Latches>();
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ttp-service-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct World {
  explicit World(storage::Writers writers = storage::Writers::one)
      : World(storage::open_memory_log(writers)) {}
  explicit World(std::unique_ptr<storage::Log> its_log)
      : log(std::make_unique<HookedLog>(std::move(its_log))) {}

  TemporaryFolder folder;
  const std::unique_ptr<HookedLog> log;
  std::unique_ptr<storage::Vault> vault = storage::Vault::open(folder / "vault", storage::MasterKey{});
  std::unique_ptr<storage::ViewStore> views = storage::ViewStore::open(folder / "views");
  Keys keys{*vault};
  Secrets secrets{keys, vault->named_key("sandbox")};
  std::set<std::string, std::less<>> unreadable;  ///< subjects whose keys readers find damaged
  events::FindSubjectKey find_key = [this](std::string_view subject) {
    if (unreadable.contains(subject)) throw events::Damaged{"the key of " + std::string{subject}};
    return vault->find_data_key(subject);
  };
  snapshots::Snapshots snapshots{*log, find_key, views->shared_changes(), folder / "snapshots"};
  projections::Runner runner{*log, *views, snapshots, find_key};
  Queries queries{*log, *views, snapshots, runner, secrets, find_key};
  Clock clock;
  Erasures erasures{*vault, folder / "erasures"};
  Executor executor{*log, *vault, runner, queries, erasures, secrets, clock, {}};
  delivery::MailFolder mails{folder / "mails", {"ttp.example"}};
  delivery::LetterFolder letters{folder / "letters"};

  storage::Position last() const { return log->head().next - 1; }

  /// Executes the command and fails the test if it is refused.
  template <class C>
  CommandResult does(UserId by, C command) {
    Asked asked;
    asked.by = by;
    asked.kind = events::ActorKind::user;
    asked.secret_matches = true;
    if (const auto user = queries.user(by)) asked.credential_version = user->state.credential_version;
    CommandResult outcome = executor.execute(Command{std::move(command)}, asked);
    if (outcome.refusal)
      throw std::runtime_error{"refused: " + std::string{to_text(outcome.refusal->reason)}};
    return outcome;
  }

  UserId registers(const std::string& family_name, domain::Language language = domain::Language::en) {
    const UserId user{fresh_uuid(executor.now())};
    domain::RegisterCredential command;
    command.user = user;
    command.user_name = domain::UserName::stored(family_name + "user");
    command.password = domain::Password::parse("a long pass phrase").value();
    command.family_name = domain::FamilyName::stored(family_name);
    command.given_names = domain::GivenNames::stored("Marie-Ève");
    command.email = domain::EmailAddress::stored(family_name + "@example.com");
    command.telephone = domain::Telephone::stored("+16135550123");
    command.language = language;
    does({}, std::move(command));
    return user;
  }

  UserId registers_staff(const std::string& family_name, domain::StaffRole role) {
    const UserId user = registers(family_name);
    does({}, domain::GrantStaffRole{user, role, domain::Remark::stored("for the test")});
    return user;
  }

  /// Signs in up to the mailed code; at the first sign-in it also accepts the mail factor's terms.
  domain::SignInId starts_sign_in(UserId user) {
    does(user, domain::StartSignIn{user, {}, {}});
    const auto sign_in = state(user).sign_in.value();
    if (sign_in.stage == domain::SignInStage::mail_factor_terms)
      does(user, domain::EnrolMailFactor{user, sign_in.id, 1});
    return sign_in.id;
  }
  void signs_in(UserId user) {
    const auto sign_in = starts_sign_in(user);
    const auto code = secrets.one_time_code(state(user).sign_in->code->code);
    does(user, domain::EnterOneTimeCode{user, sign_in, code});
    does(user, domain::AcceptPortalTerms{user, sign_in, 1});
  }

  void changes_email(UserId user, const std::string& email) {
    does(user, domain::RequestEmailChange{user, {}, domain::EmailAddress::stored(email), domain::Password{}});
  }
  /// The confirmation with the codes from both mailboxes.
  domain::ConfirmEmailChange email_confirmation(const domain::User& user) const {
    const auto code = user.email_change->code.code;
    return {user.id, {}, secrets.one_time_code(code), secrets.present_address_code(code)};
  }

  AccountId enrols(UserId owner, const std::string& legal_name = "Érablière du Nord inc.") {
    const AccountId account{fresh_uuid(executor.now())};
    domain::EnrolCompany command;
    command.account = account;
    command.business_number = domain::BusinessNumber::stored(fresh_number('1', 9));
    command.legal_name = domain::CompanyName::stored(legal_name);
    command.mailing_address = {domain::AddressLine::stored("123 RUE PRINCIPALE"),
                               std::nullopt,
                               domain::City::stored("GATINEAU"),
                               "QC",
                               "J8X 3X7",
                               domain::Country::CA};
    command.eligibility = {domain::Base::canada,
                           {domain::LineOfBusiness::importer},
                           std::nullopt,
                           std::nullopt,
                           true,
                           true,
                           true,
                           true,
                           true,
                           true,
                           true};
    command.signing_authority_attested = true;
    does(owner, std::move(command));
    return account;
  }
  /// Enrols an account, which orders the letter with its code.
  AccountId enrols_and_confirms(UserId owner) {
    const AccountId account = enrols(owner);
    does(owner, domain::ConfirmMailingAddress{account});
    return account;
  }
  AccountId has_authorised_account(UserId owner) {
    const AccountId account = enrols_and_confirms(owner);
    const auto code = secrets.activation_code(state(account).code->code);
    does(owner, domain::ActivateAccount{account, state(account).client_number, code});
    does(owner, domain::AcceptProgrammeTerms{account, 1});
    return account;
  }
  void adds_member(UserId owner, AccountId account, UserId user) {
    const domain::User who = state(user);
    does(owner,
         domain::AddMember{account, who.family_name, who.urn, who.email, domain::Role::administrative});
  }
  void offers_ownership(UserId owner, AccountId account, UserId user) {
    const domain::User who = state(user);
    does(owner, domain::OfferOwnership{account, who.family_name, who.urn, who.email,
                                       domain::PreviousOwner::becomes_proxy_owner});
  }

  /// Answers every question of every profile that the company must fill in, in the form that the question
  /// needs.
  void fills_in_profiles(UserId owner, AccountId account) {
    const auto answer = [](const domain::Question& question) -> std::string {
      switch (question.type) {
        case domain::AnswerType::text:
          return "Yes.";
        case domain::AnswerType::yes_no:
          return "yes";
        case domain::AnswerType::choice:
          return std::string{question.choices.front().code};
        case domain::AnswerType::date:
          return "2020-01-02";
        case domain::AnswerType::number:
          return std::to_string(question.min);
        case domain::AnswerType::email:
          return "plant@example.com";
        case domain::AnswerType::telephone:
          return "+16135550123";
      }
      return {};
    };
    const auto site = domain::SiteKey::stored("gatineau");
    does(owner, domain::AddSecurityProfile{account, site, domain::SiteName::stored("Gatineau")});
    for (const domain::ProfileRef& profile :
         {domain::ProfileRef{domain::ProfileKind::company, ""},
          domain::ProfileRef{domain::ProfileKind::application, "importer"},
          domain::ProfileRef{domain::ProfileKind::security, "gatineau"}}) {
      domain::Answers::Table answers;
      for (const domain::Question* question : domain::questions_of(profile))
        answers[std::string{question->id}] = answer(*question);
      does(owner, domain::SaveProfile{account, profile, std::move(answers)});
    }
  }

  domain::User state(UserId user) const { return queries.user(user).value().state; }
  domain::Account state(AccountId account) const { return queries.account(account).value().state; }

  /// The stored names of all events from `from` on.
  std::vector<std::string> history_from(storage::Position from) const {
    std::vector<std::string> names;
    for (const auto& recorded : queries.history(from, 10'000)) names.push_back(recorded.envelope.type);
    return names;
  }
};

}  // namespace ttp::service::tests

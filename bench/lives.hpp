// The lives of people and companies in a generated history, and the steps that make up lives and stories
// (stories.hpp). A step takes its arguments by reference; they belong to the awaiting life.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/dice.hpp"
#include "bench/history.hpp"

namespace ttp::bench {

struct Person {
  domain::UserId id;
  domain::UserName user_name;
  domain::FamilyName family_name;
  domain::GivenNames given_names;
  domain::EmailAddress email;
  domain::Urn urn;  ///< once registered
  std::uint32_t credential_version = 1;
};

/// A company and its present state.
struct Company {
  std::uint64_t number = 0;
  Person owner;
  domain::AccountId account;
  std::vector<domain::LineOfBusiness> lines_of_business;
  domain::ClientNumber client_number;
  domain::CodeId code;
  domain::LetterId letter;
  domain::SubmissionId submission;
};

struct Staff {
  domain::UserId desk, second_desk, mail_room, officer, first_operator, second_operator, auditor,
      privacy_auditor;
};

/// An owner of an authorised account, for continuing where the history ends.
struct Owner {
  domain::UserId user;
  std::uint32_t credential_version = 1;
  domain::AccountId account;
  domain::Time authorised_at;
};

/// State shared by all lives.
struct Cast {
  std::uint64_t seed = 1;
  Staff staff{};
  std::vector<Owner> owners{};
};

/// Makes the person or company of a unique number; nothing about it is recorded yet.
Person person(Dice& dice, std::uint64_t number);
Company company(Dice& dice, std::uint64_t number);
/// The unique number of one of a company's people.
std::uint64_t person_number(std::uint64_t company, std::uint64_t of_its_people);

domain::Remark remark(Dice& dice);
domain::EnrolCompany enrolment(Dice& dice, const Company& company);
domain::MailingAddress mailing_address(Dice& dice);
/// Answers every question of a profile; `draft` answers some.
domain::SaveProfile filled_profile(Dice& dice, domain::AccountId account, domain::ProfileRef profile);
domain::SaveProfile draft(Dice& dice, domain::AccountId account, domain::ProfileRef profile);
domain::AddMember invitation(domain::AccountId account, const Person& invited, domain::Role role);

// ---- steps ------------------------------------------------------------------------------------------------

Life staff_begins(History& history, Staff& staff);
Life registers(History& history, Dice& dice, Person& who);
/// Signs in as in SPEC 3.2; ends with an open session.
Life signs_in(History& history, const Person& who, domain::SessionId& session);
/// Signs in first; does nothing if a sign-in partner keeps the password.
Life changes_password(History& history, Person& who);
/// Registers the owner and enrols.
Life enrols(History& history, Dice& dice, Company& company);
/// Adds a site whose security profile has this key.
Life adds_site(History& history, const Company& company, std::string_view key, std::string_view name);
/// Confirms the address, which issues a code and orders a letter.
Life confirms_address(History& history, Company& company);
/// The owner asks for a new code and its letter.
Life asks_for_new_code(History& history, Company& company);
/// Prints and posts the company's letter.
Life letter_goes_out(History& history, const Staff& staff, const Company& company);
/// Activates, accepts the programme's terms, and adds the site of the head office.
Life activates(History& history, Company& company);
/// All steps up to the authorisation, some days apart.
Life becomes_authorised(History& history, Dice& dice, const Staff& staff, Company& company);
/// Fills in every profile and submits; an officer begins the review.
Life applies(History& history, Dice& dice, const Staff& staff, Company& company);

// ---- lives ------------------------------------------------------------------------------------------------

Life company_life(History& history, Cast& cast, std::uint64_t number);
/// Signs in at most `count` of the cast's owners who can still save drafts, chosen evenly.
void owners_sign_in(History& history, const Cast& cast, std::size_t count,
                    std::vector<std::pair<domain::SessionId, domain::AccountId>>& signed_in);

}  // namespace ttp::bench

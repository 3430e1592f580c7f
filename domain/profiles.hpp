// A company's profiles (SPEC 3.8): its own with the data that identify it, one per line of business, and one
// per site. People save drafts; a submission freezes the drafts (programme.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/account.hpp"
#include "domain/answers.hpp"
#include "domain/change.hpp"
#include "domain/company_data.hpp"
#include "domain/decision.hpp"
#include "domain/questions.hpp"

namespace ttp::domain {

inline constexpr std::size_t security_profiles_max = 200;  // ours

// ---- words ------------------------------------------------------------------------------------------------

enum class ProfileKind : std::uint8_t { company, application, security };
template <>
inline constexpr std::array<Names, 3> enum_names<ProfileKind>{"company", "application", "security"};

/// One profile: the company's, that of a line of business, or that of a site.
struct ProfileRef {
  ProfileKind kind{};
  std::string key;  ///< empty, the line of business, or the site's identifier
  friend auto operator<=>(const ProfileRef&, const ProfileRef&) = default;
};

/// Answers to be changed in a draft. An empty answer clears the present one.
struct AnswerChanges {
  Answers answers;
};

// ---- commands ---------------------------------------------------------------------------------------------

/// Saves a draft: the given answers replace the profile's answers.
struct SaveProfile {
  AccountId account;
  ProfileRef profile;
  Answers answers;
  std::optional<CompanyData> company{};  ///< of the company's profile; nothing: unchanged
  std::optional<SiteName> name{};        ///< of a security profile; nothing: unchanged
};
/// Changes a draft answer by answer.
struct ChangeProfile {
  AccountId account;
  ProfileRef profile;
  Change<AnswerChanges> answers{};
  Change<CompanyDataChanges> company{};
  Change<SiteName> name{};
};
/// Adds a site or division. Its identifier is drawn for the command.
struct AddSecurityProfile {
  AccountId account;
  SiteKey site;
  SiteName name;
};
/// Removes the draft of a site that has closed.
struct RemoveSecurityProfile {
  AccountId account;
  SiteKey site;
};

// ---- events -----------------------------------------------------------------------------------------------

struct ProfileSaved {
  AccountId account;
  UserId by;
  ProfileRef profile;
  std::uint32_t questions_version = 0;
  Answers answers;
  std::optional<CompanyData> company{};
  std::optional<SiteName> name{};
};
/// Only what changed; an empty answer was cleared.
struct ProfileChanged {
  AccountId account;
  UserId by;
  ProfileRef profile;
  std::uint32_t questions_version = 0;
  Answers answers;
  std::optional<CompanyData> company{};
  std::optional<SiteName> name{};
};
struct SecurityProfileAdded {
  AccountId account;
  UserId by;
  SiteKey site;
  SiteName name;
};
struct SecurityProfileRemoved {
  AccountId account;
  UserId by;
  SiteKey site;
};

// ---- state ------------------------------------------------------------------------------------------------

/// A profile at one of its versions. The versions of all profiles of a company come from one count, so a
/// profile and its version name one content for good.
struct Profile {
  ProfileRef ref;
  std::uint32_t version = 0;  ///< 0: nothing was saved in it yet
  std::optional<SiteName> name;
  Answers answers;
  std::optional<CompanyData> company;  ///< nothing: unchanged since it was last accepted
  friend bool operator==(const Profile&, const Profile&) = default;
};

/// The company's progress on one of the profiles it must fill in: its own, each line of business, each site.
struct ProfileProgress {
  ProfileRef ref;
  unsigned percent = 0;
  std::vector<std::string> missing;  ///< ids of required questions without an answer
};

/// The questions of a profile; empty for a line of business that does not exist.
std::vector<const Question*> questions_of(const ProfileRef& ref);
/// The action of SPEC 4 that a change to a profile of this kind requires.
Action update_action(ProfileKind kind);

// ---- differences ------------------------------------------------------------------------------------------

/// An answer, or one of the company's data, that differs between two sets of profiles. Where a whole profile
/// is new or gone, each of its answers differs.
struct ProfileDifference {
  ProfileRef ref;
  std::string member;                        ///< the question's id, or the member of the company's data
  std::optional<std::string> before, after;  ///< answers as they stand; nothing: there was or is none
};
/// The answers that differ, profile by profile and question by question, in the order of `after`; those that
/// only `before` has come last.
std::vector<ProfileDifference> differing_answers(const std::vector<const Profile*>& before,
                                                 const std::vector<const Profile*>& after);

}  // namespace ttp::domain

// Permissions: the seed's nine actions by role, as one table (SPEC section 4). The decisions, the API, its
// documentation and the tests read it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "domain/enums.hpp"

namespace ttp::domain {

enum class Role : std::uint8_t { owner, proxy_owner, full_access, administrative };
template <>
inline constexpr std::array<Names, 4> enum_names<Role>{"owner", "proxy_owner", "full_access",
                                                       "administrative"};

/// A privacy auditor is an auditor who may view personal data; each view is recorded.
enum class StaffRole : std::uint8_t {
  service_desk,
  mail_room,
  programme_officer,
  auditor,
  operator_,
  privacy_auditor,
};
template <>
inline constexpr std::array<Names, 6> enum_names<StaffRole>{"service_desk", "mail_room", "programme_officer",
                                                            "auditor",      "operator",  "privacy_auditor"};

enum class Action : std::uint8_t {
  view_users,
  edit_users,
  add_users,
  update_company_profile,
  update_application_profile,
  update_security_profile,
  view_membership,
  submit_changes,
  transfer_ownership,
  // Beyond the nine, the seed keeps these for the owner ("Seul le propriétaire du compte peut ...").
  activate_account,
  accept_programme_terms,
  request_activation_code,
  reactivate_users,
};
template <>
inline constexpr std::array<Names, 13> enum_names<Action>{"view_users",
                                                          "edit_users",
                                                          "add_users",
                                                          "update_company_profile",
                                                          "update_application_profile",
                                                          "update_security_profile",
                                                          "view_membership",
                                                          "submit_changes",
                                                          "transfer_ownership",
                                                          "activate_account",
                                                          "accept_programme_terms",
                                                          "request_activation_code",
                                                          "reactivate_users"};

struct Permission {
  Action action;
  std::array<bool, 4> allowed;  ///< by Role: owner, proxy owner, full access, administrative
};

// clang-format off
inline constexpr std::array<Permission, 13> permissions{{
    //                                      owner  proxy  full   admin
    {Action::view_users,                   {true,  true,  true,  true }},
    {Action::edit_users,                   {true,  true,  true,  true }},
    {Action::add_users,                    {true,  true,  true,  false}},
    {Action::update_company_profile,       {true,  true,  true,  true }},
    {Action::update_application_profile,   {true,  true,  true,  false}},
    {Action::update_security_profile,      {true,  true,  true,  false}},
    {Action::view_membership,              {true,  true,  true,  true }},
    {Action::submit_changes,               {true,  false, false, false}},
    {Action::transfer_ownership,           {true,  false, false, false}},
    {Action::activate_account,             {true,  false, false, false}},
    {Action::accept_programme_terms,       {true,  false, false, false}},
    {Action::request_activation_code,      {true,  false, false, false}},
    {Action::reactivate_users,             {true,  false, false, false}},
}};
// clang-format on

constexpr bool may(Role role, Action action) {
  return permissions[static_cast<std::size_t>(action)].allowed[static_cast<std::size_t>(role)];
}

/// The two roles that every member with edit_users may give and take; only the owner gives the others.
constexpr bool is_lower_role(Role role) {
  return role == Role::full_access || role == Role::administrative;
}
/// Owner above proxy owner above full access above administrative.
constexpr bool is_below(Role role, Role other) {
  return static_cast<int>(role) > static_cast<int>(other);
}

}  // namespace ttp::domain

// How an enrolment that is not activated ends (SPEC 3.4): its owner withdraws it, it lapses, or two officers
// of the service desk release it. Each end gives the business number back. The rules are in enrolments.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

// ---- limits (ours) ----------------------------------------------------------------------------------------

/// Enrolments of one user that are not activated.
inline constexpr std::size_t open_enrolments_max = 3;
inline constexpr Duration enrolment_confirmation_time = days{30};
/// From the end of the last activation code on.
inline constexpr Duration enrolment_activation_time = days{90};

// ---- commands ---------------------------------------------------------------------------------------------

struct WithdrawEnrolment {
  AccountId account;
};
/// Service desk: the first of two officers proposes to release a business number that somebody holds without
/// right.
struct ProposeEnrolmentRelease {
  AccountId account;
  Remark reason;
};
struct ApproveEnrolmentRelease {
  AccountId account;
  ProposalId proposal;
};
struct WithdrawEnrolmentRelease {
  AccountId account;
  ProposalId proposal;
  Remark reason;
};

// ---- events -----------------------------------------------------------------------------------------------

enum class EnrolmentLapse : std::uint8_t { never_confirmed, never_activated };
template <>
inline constexpr std::array<Names, 2> enum_names<EnrolmentLapse>{"never_confirmed", "never_activated"};

struct EnrolmentWithdrawn {
  AccountId account;
  UserId owner;
  Time withdrawn_at;
};
struct EnrolmentLapsed {
  AccountId account;
  UserId owner;
  EnrolmentLapse cause{};
  Time lapsed_at;
};
struct EnrolmentReleaseProposed {
  AccountId account;
  ProposalId proposal;
  UserId officer;
  Remark reason;
  Time proposed_at;
};
struct EnrolmentReleaseWithdrawn {
  AccountId account;
  ProposalId proposal;
  UserId officer;
  Remark reason;
};
struct EnrolmentReleaseLapsed {
  AccountId account;
  ProposalId proposal;
  Time lapsed_at;
};
struct EnrolmentReleased {
  AccountId account;
  UserId owner;
  ProposalId proposal;
  UserId proposed_by;
  UserId approved_by;
  Time released_at;
};

}  // namespace ttp::domain

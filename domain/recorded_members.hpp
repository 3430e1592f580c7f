// Members from before the portal (SPEC 3.7): a programme officer records such a company, which orders the
// letter with its client number and a code. The signed-in person who enters both and attests becomes the
// owner; until then the account has none. The rules are in recorded_members.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/eligibility.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

// ---- commands of the programme officer --------------------------------------------------------------------

/// Records a member company. The officer confirms the mailing address as the service shows it back.
struct RecordMember {
  AccountId account;
  ClientNumber client_number;
  BusinessNumber business_number;
  CompanyName legal_name;
  std::vector<CompanyName> operating_names;
  std::vector<LineOfBusiness> lines_of_business;
  MailingAddress mailing_address;
  Day member_since;
  bool address_confirmed = false;
};
/// Sends the letter again, with a fresh code, while nobody has activated the account; to another address if
/// one is given, which the officer confirms, too.
struct SendMemberLetterAgain {
  AccountId account;
  std::optional<MailingAddress> mailing_address;
  std::optional<bool> address_confirmed;
  Remark reason;
};
/// Takes back a record made by mistake: both numbers are free again.
struct WithdrawMemberRecord {
  AccountId account;
  Remark reason;
};

// ---- events -----------------------------------------------------------------------------------------------

struct CompanyRecorded {
  AccountId account;
  UserId officer;
  Time recorded_at;
  BusinessNumber business_number;
  ClientNumber client_number;
  CompanyName legal_name;
  std::vector<CompanyName> operating_names;
  std::vector<LineOfBusiness> lines_of_business;
  MailingAddress mailing_address;
};
/// The first owner of a recorded company attested to be an employee with signing authority.
struct OwnerAttested {
  AccountId account;
  UserId owner;
  std::uint32_t owner_generation = 0;
  unsigned attested_words = 0;
  Time attested_at;
};
/// In the programme's stream: the membership, as it is since before the portal.
struct MembershipRecorded {
  AccountId account;
  UserId officer;
  Time member_since;
  Time recorded_at;
};

}  // namespace ttp::domain

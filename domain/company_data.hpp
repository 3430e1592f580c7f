// The data that identify a company: names, lines of business and mailing address. They are given at
// enrolment; after authorisation they change through the company's profile (SPEC 3.8).
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "domain/change.hpp"
#include "domain/eligibility.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

inline constexpr std::size_t operating_names_max = 20;  // ours

struct CompanyData {
  CompanyName legal_name;
  std::vector<CompanyName> operating_names;
  std::vector<LineOfBusiness> lines_of_business;
  MailingAddress mailing_address;
  friend bool operator==(const CompanyData&, const CompanyData&) = default;
};

/// Only operating names can be cleared. The mailing address is replaced as a whole.
struct CompanyDataChanges {
  Change<CompanyName> legal_name{};
  Change<std::vector<CompanyName>> operating_names{};
  Change<std::vector<LineOfBusiness>> lines_of_business{};
  Change<MailingAddress> mailing_address{};
};

/// The data after the changes; or the faults, with pointers below `at`, if a change clears what a company
/// must have.
std::expected<CompanyData, Refusal> changed(CompanyData data, const CompanyDataChanges& changes,
                                            const std::string& at);
/// The refusal of data that no company of the programme can have: no line of business, one named twice or one
/// that does not apply through the portal, too many operating names, or a name or address that letters cannot
/// show in full.
std::optional<Refusal> refusal_of(const CompanyData& data, const std::string& at);

}  // namespace ttp::domain

#include "domain/company_data.hpp"

#include <algorithm>

#include "domain/decision.hpp"
#include "domain/letter_text.hpp"

namespace ttp::domain {
namespace {

/// Adds a fault if the change clears what cannot be cleared; otherwise makes the change.
template <class T>
void change(T& value, const Change<T>& to, const std::string& pointer, std::vector<FieldFault>& faults) {
  if (to.clears()) faults.push_back({pointer, Reason::missing, {}});
  if (to.value) value = *to.value;
}

}  // namespace

std::expected<CompanyData, Refusal> changed(CompanyData data, const CompanyDataChanges& changes,
                                            const std::string& at) {
  std::vector<FieldFault> faults;
  change(data.legal_name, changes.legal_name, at + "/legal_name", faults);
  change(data.lines_of_business, changes.lines_of_business, at + "/lines_of_business", faults);
  change(data.mailing_address, changes.mailing_address, at + "/mailing_address", faults);
  if (changes.operating_names.given)
    data.operating_names = changes.operating_names.value.value_or(std::vector<CompanyName>{});
  if (auto refused = why_fields(std::move(faults))) return std::unexpected{*std::move(refused)};
  return data;
}

std::optional<Refusal> refusal_of(const CompanyData& data, const std::string& at) {
  std::vector<FieldFault> faults;
  const auto& lines = data.lines_of_business;
  if (lines.empty()) faults.push_back({at + "/lines_of_business", Reason::missing, {}});
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string pointer = at + "/lines_of_business/" + std::to_string(i);
    if (!applies_through_portal(lines[i])) faults.push_back({pointer, Reason::not_a_choice, {}});
    if (std::find(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(i), lines[i]) !=
        lines.begin() + static_cast<std::ptrdiff_t>(i))
      faults.push_back({pointer, Reason::duplicate_member, {}});
  }
  if (data.operating_names.size() > operating_names_max)
    faults.push_back({at + "/operating_names", Reason::too_long, {}});
  LetterTexts texts;
  texts.add_company(at, data.legal_name, data.operating_names, data.mailing_address);
  faults.insert(faults.end(), texts.faults().begin(), texts.faults().end());
  return why_fields(std::move(faults));
}

}  // namespace ttp::domain

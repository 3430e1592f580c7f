// Telephone numbers as people write them, in international form (E.164) with an extension. This is the only
// source that uses libphonenumber.
#include <algorithm>
#include <array>

#include <phonenumbers/phonenumberutil.h>

#include "domain/text.hpp"
#include "domain/typed.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

using namespace typed;

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/// Numbers without a country code are read as in Canada, whose plan is that of the United States too.
constexpr const char* home_region = "CA";
constexpr int north_american_code = 1;
constexpr std::size_t extension_max = 6;

/// Words for an extension that libphonenumber does not know, the longest first.
constexpr std::array<std::string_view, 3> words_for_extension{"poste", "local", "loc."};

/// One kind of space and of dash, small letters, no invisible characters, and "ext" before an extension.
std::string plainly_written(std::u32string_view points) {
  std::u32string plain = without(points, is_ignorable);
  std::ranges::replace_if(plain, is_space, U' ');
  std::ranges::replace_if(plain, is_dash, U'-');
  std::ranges::transform(plain, plain.begin(), ascii_lower);
  std::string text = encode(plain);
  for (const std::string_view word : words_for_extension)
    if (const auto at = text.find(word); at != text.npos) return text.replace(at, word.size(), "ext");
  return text;
}

/// libphonenumber skips what stands before a number; only a number is a telephone number.
bool begins_as_number(std::string_view text) {
  constexpr std::string_view scheme = "tel:";
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  if (text.empty()) return false;
  std::size_t at = 0;
  const auto first = take_code_point(text, at);
  return first && (is_number(*first) || std::u32string_view{U"+＋(["}.contains(*first));
}

Checked wrong_number(PhoneNumberUtil::ErrorType error) {
  switch (error) {
    case PhoneNumberUtil::TOO_SHORT_NSN:
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
      return fault(Reason::too_short);
    case PhoneNumberUtil::TOO_LONG_NSN:
      return fault(Reason::too_long);
    default:
      return fault(Reason::malformed);
  }
}

/// Numbers are judged by their length, not by the ranges in use: those that libphonenumber knows were in use
/// when it was made, and area codes are added each year.
std::optional<Reason> impossible(const PhoneNumberUtil& numbers, const PhoneNumber& number) {
  switch (numbers.IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE:
      break;
    case PhoneNumberUtil::TOO_SHORT:
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
      return Reason::too_short;
    case PhoneNumberUtil::TOO_LONG:
      return Reason::too_long;
    default:
      return Reason::malformed;
  }
  if (number.country_code() != north_american_code) return std::nullopt;
  // The North American Numbering Plan: area and exchange codes begin with 2 to 9.
  std::string national;
  numbers.GetNationalSignificantNumber(number, &national);
  const auto begins_code = [](char c) { return c >= '2' && c <= '9'; };
  const bool is_in_plan = national.size() == 10 && begins_code(national[0]) && begins_code(national[3]);
  return is_in_plan ? std::nullopt : std::optional{Reason::malformed};
}

}  // namespace

Checked TelephoneKind::check(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const std::u32string_view typed_number = trimmed(*points);
  if (typed_number.empty()) return fault(Reason::missing);
  if (typed_number.size() > max) return fault(Reason::too_long);
  const std::string written = plainly_written(typed_number);
  if (!begins_as_number(written)) return fault(Reason::malformed);

  const PhoneNumberUtil& numbers = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (const auto error = numbers.Parse(written, home_region, &number);
      error != PhoneNumberUtil::NO_PARSING_ERROR)
    return wrong_number(error);
  if (const auto reason = impossible(numbers, number)) return fault(*reason);
  std::string form;
  numbers.Format(number, PhoneNumberUtil::E164, &form);
  if (!number.has_extension() || number.extension().empty()) return form;
  if (number.extension().size() > extension_max) return fault(Reason::too_long);
  return form + "x" + number.extension();
}

}  // namespace ttp::domain

// Mailing addresses in printed form, with the province, territory or state that their postal code belongs to.
#include <algorithm>
#include <charconv>
#include <span>

#include "domain/text.hpp"
#include "domain/typed.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

using namespace typed;

namespace {

// ---- regions ----------------------------------------------------------------------------------------------

/// A province or territory, and the first letters of its postal codes (Canada Post).
struct Province {
  std::string_view code;
  std::string_view letters;
};
constexpr Province provinces[] = {
    {"AB", "T"}, {"BC", "V"},     {"MB", "R"}, {"NB", "E"},   {"NL", "A"}, {"NS", "B"}, {"NT", "X"},
    {"NU", "X"}, {"ON", "KLMNP"}, {"PE", "C"}, {"QC", "GHJ"}, {"SK", "S"}, {"YT", "Y"},
};
/// Federal offices on both sides of the Ottawa River share these codes.
constexpr std::string_view federal_offices = "K1A", river_side = "QC";

/// A state, the District of Columbia or a territory, and a stretch of the first three digits of its ZIP codes
/// (USPS, L002). A prefix that two states share is in the rows of both.
struct ZipStretch {
  std::string_view state;
  unsigned first;
  unsigned last;
};
// clang-format off
constexpr ZipStretch zip_stretches[] = {
    {"AK", 995, 999}, {"AL", 350, 369}, {"AR", 716, 729}, {"AS", 967, 967}, {"AZ", 850, 865}, {"CA", 900, 961},
    {"CO", 800, 816}, {"CT",  60,  69}, {"DC", 200, 205}, {"DC", 569, 569}, {"DE", 197, 199}, {"FL", 320, 349},
    {"GA", 300, 319}, {"GA", 398, 399}, {"GU", 969, 969}, {"HI", 967, 968}, {"IA", 500, 528}, {"ID", 832, 838},
    {"IL", 600, 629}, {"IN", 460, 479}, {"KS", 660, 679}, {"KY", 400, 427}, {"LA", 700, 714}, {"MA",  10,  27},
    {"MA",  55,  55}, {"MD", 206, 219}, {"ME",  39,  49}, {"MI", 480, 499}, {"MN", 550, 567}, {"MO", 630, 658},
    {"MP", 969, 969}, {"MS", 386, 397}, {"MT", 590, 599}, {"NC", 270, 289}, {"ND", 580, 588}, {"NE", 680, 693},
    {"NH",  30,  38}, {"NJ",  70,  89}, {"NM", 870, 884}, {"NV", 889, 898}, {"NY",   5,   5}, {"NY",  63,  63},
    {"NY", 100, 149}, {"OH", 430, 459}, {"OK", 730, 749}, {"OR", 970, 979}, {"PA", 150, 196}, {"PR",   6,   7},
    {"PR",   9,   9}, {"RI",  28,  29}, {"SC", 290, 299}, {"SD", 570, 577}, {"TN", 370, 385}, {"TN", 422, 422},
    {"TX", 733, 733}, {"TX", 750, 799}, {"TX", 885, 885}, {"UT", 840, 847}, {"VA", 201, 201}, {"VA", 220, 246},
    {"VI",   8,   8}, {"VT",  50,  59}, {"WA", 980, 994}, {"WI", 530, 549}, {"WV", 247, 268}, {"WY", 820, 831},
    {"WY", 834, 834},
};
// clang-format on

using Regions = std::vector<std::string>;

Regions regions_of(Country country) {
  Regions all;
  if (country == Country::CA)
    for (const Province& each : provinces) all.emplace_back(each.code);
  else
    for (const ZipStretch& each : zip_stretches)
      if (all.empty() || all.back() != each.state) all.emplace_back(each.state);
  return all;
}

/// The regions in which a postal code in its form can lie.
Regions regions_with(const std::string& postal_code, Country country) {
  Regions found;
  if (country == Country::CA) {
    for (const Province& each : provinces)
      if (each.letters.contains(postal_code.front())) found.emplace_back(each.code);
    if (postal_code.starts_with(federal_offices)) found.emplace_back(river_side);
    return found;
  }
  unsigned prefix = 0;
  std::from_chars(postal_code.data(), postal_code.data() + 3, prefix);
  for (const ZipStretch& each : zip_stretches)
    if (each.first <= prefix && prefix <= each.last) found.emplace_back(each.state);
  return found;
}

// ---- postal codes -----------------------------------------------------------------------------------------

/// The digit that a letter stands for where only a digit can be: people read 0 as O, and 1 as I or L.
char32_t digit_for(char32_t point) {
  if (point == 'O') return '0';
  return point == 'I' || point == 'L' ? '1' : point;
}

/// "K1A 0L8": letters and digits alternate; Canada Post does not use some letters.
std::optional<std::string> canadian_postal_code(std::u32string code) {
  constexpr std::u32string_view unused_letters = U"DFIOQU";
  if (code.size() != 6) return std::nullopt;
  for (std::size_t i = 1; i < code.size(); i += 2) code[i] = digit_for(code[i]);
  for (std::size_t i = 0; i < code.size(); ++i) {
    const bool is_letter_of_code = is_upper(code[i]) && !unused_letters.contains(code[i]);
    if (i % 2 == 0 ? !is_letter_of_code : !is_digit(code[i])) return std::nullopt;
  }
  if (code[0] == 'W' || code[0] == 'Z') return std::nullopt;
  return encode(code.substr(0, 3)) + ' ' + encode(code.substr(3));
}

/// "12345" or "12345-6789".
std::optional<std::string> zip_code(std::u32string code) {
  std::ranges::transform(code, code.begin(), digit_for);
  if ((code.size() != 5 && code.size() != 9) || !std::ranges::all_of(code, is_digit)) return std::nullopt;
  const std::string five = encode(code.substr(0, 5));
  return code.size() == 5 ? five : five + '-' + encode(code.substr(5));
}

// ---- the form ---------------------------------------------------------------------------------------------

std::unexpected<FieldFault> member_fault(std::string_view member, Reason reason,
                                         std::vector<std::string> details = {}) {
  return std::unexpected{FieldFault{"/" + std::string{member}, reason, std::move(details)}};
}

/// One line of an address in printed form.
template <class Line>
std::expected<Line, FieldFault> printed(const Line& line, std::string_view member) {
  auto checked = Line::parse(line.text());
  if (!checked) return member_fault(member, checked.error().reason, checked.error().details);
  auto points = *decode(checked->text());
  std::ranges::transform(points, points.begin(), upper);
  return Line::stored(encode(points));
}

std::expected<std::string, FieldFault> region_of(const MailingAddress& address) {
  std::string region = encode(compact(address.region));
  if (region.empty()) return member_fault("region", Reason::missing);
  Regions choices = regions_of(address.country);
  if (std::ranges::find(choices, region) == choices.end())
    return member_fault("region", Reason::not_a_choice, std::move(choices));
  return region;
}

std::expected<std::string, FieldFault> postal_code_of(const MailingAddress& address,
                                                      const std::string& region) {
  const bool is_canadian = address.country == Country::CA;
  const std::u32string code = compact(address.postal_code);
  if (code.empty()) return member_fault("postal_code", Reason::missing);
  const auto form = is_canadian ? canadian_postal_code(code) : zip_code(code);
  if (!form) return member_fault("postal_code", Reason::malformed, {is_canadian ? "K1A 0L8" : "12345-6789"});
  Regions regions = regions_with(*form, address.country);
  if (std::ranges::find(regions, region) == regions.end())
    return member_fault("postal_code", Reason::postal_code_elsewhere, std::move(regions));
  return *form;
}

}  // namespace

std::expected<MailingAddress, std::vector<FieldFault>> normalise(const MailingAddress& address) {
  MailingAddress form;
  form.country = address.country;
  std::vector<FieldFault> faults;
  const auto take = [&](auto& member, auto checked) {
    if (checked)
      member = *std::move(checked);
    else
      faults.push_back(std::move(checked.error()));
  };
  take(form.line1, printed(address.line1, "line1"));
  if (address.line2) take(form.line2.emplace(), printed(*address.line2, "line2"));
  take(form.city, printed(address.city, "city"));
  take(form.region, region_of(address));
  // Without its region, only the form of a postal code can be judged.
  auto postal_code = postal_code_of(address, form.region);
  const bool lacks_region =
      !postal_code && form.region.empty() && postal_code.error().reason == Reason::postal_code_elsewhere;
  if (!lacks_region) take(form.postal_code, std::move(postal_code));
  if (!faults.empty()) return std::unexpected{std::move(faults)};
  return form;
}

}  // namespace ttp::domain

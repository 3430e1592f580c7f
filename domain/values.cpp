// Checks every incoming text, code point by code point, before it becomes a value.
#include "domain/values.hpp"

#include <algorithm>
#include <span>

#include "domain/guessable.hpp"
#include "domain/typed.hpp"

namespace ttp::domain {

using namespace typed;

namespace {

// ---- code points ------------------------------------------------------------------------------------------

struct Range {
  char32_t first;
  char32_t last;
};
bool is_in(std::span<const Range> ranges, char32_t point) {
  return std::ranges::any_of(ranges,
                             [&](const Range& range) { return point >= range.first && point <= range.last; });
}

// Controls, and invisible characters that break a line, reverse the text around them or carry a text of their
// own: they can forge what a reader sees.
constexpr Range controls[] = {{0, 0x1F},        {0x7F, 0x9F},      {0x61C, 0x61C},   {0x200B, 0x200B},
                              {0x200E, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x2069}, {0xFEFF, 0xFEFF},
                              {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};

bool is_control(char32_t point) {
  return is_in(controls, point);
}

// ---- shapes that several kinds share ----------------------------------------------------------------------

std::u32string with_single_spaces(std::u32string_view points) {
  std::u32string folded;
  for (const char32_t point : trimmed(points)) {
    if (!is_space(point))
      folded += point;
    else if (folded.back() != ' ')
      folded += ' ';
  }
  return folded;
}

/// Names and other texts of one line. A text says something if a character of it does.
template <class Kind>
Checked check_line(std::string_view raw, bool (*says_something)(char32_t)) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const std::u32string line = with_single_spaces(is_plain(raw) ? *points : composed(*points));
  if (auto found = forbidden(line, [](char32_t point) { return !is_hidden(point); }))
    return std::unexpected{*found};
  if (auto found = wrong_length(line.size(), Kind::min, Kind::max)) return std::unexpected{*found};
  if (std::ranges::none_of(line, says_something)) return fault(Reason::letter_missing);
  return encode(line);
}
template <class Kind>
Checked check_name_of_person(std::string_view raw) {
  return check_line<Kind>(raw, is_letter);
}
template <class Kind>
Checked check_name_of_thing(std::string_view raw) {
  return check_line<Kind>(raw, [](char32_t point) { return is_letter(point) || is_number(point); });
}

/// A text without the invisible characters that pasting puts around it.
std::u32string_view without_pasted_ends(std::u32string_view points) {
  const auto is_pasted = [](char32_t point) { return is_control(point) && is_ignorable(point); };
  while (!points.empty() && is_pasted(points.front())) points.remove_prefix(1);
  while (!points.empty() && is_pasted(points.back())) points.remove_suffix(1);
  return points;
}

/// Free texts of several lines, kept as written.
template <class Kind>
Checked check_lines(std::string_view raw) {
  if (is_plain(raw)) {
    if (auto found = wrong_length(raw.size(), Kind::min, Kind::max)) return std::unexpected{*found};
    return std::string{raw};
  }
  const auto decoded = decode(raw);
  if (!decoded) return fault(Reason::malformed);
  const std::u32string_view points = without_pasted_ends(*decoded);
  const auto is_allowed = [](char32_t point) { return is_line_end_or_tab(point) || !is_control(point); };
  if (auto found = forbidden(points, is_allowed)) return std::unexpected{*found};
  if (auto found = wrong_length(points.size(), Kind::min, Kind::max)) return std::unexpected{*found};
  return encode(points);
}

/// Numbers of a fixed length whose last digit checks the others.
template <class Kind, std::size_t digits_max = Kind::min>
Checked check_number(std::string_view raw) {
  const std::u32string digits = compact(raw);
  if (!std::ranges::all_of(digits, is_digit)) return fault(Reason::malformed);
  if (auto found = wrong_length(digits.size(), Kind::min, digits_max)) return std::unexpected{*found};
  // All zeros have a correct check digit but are not a valid number.
  if (std::ranges::all_of(digits, [](char32_t point) { return point == '0'; }))
    return fault(Reason::malformed);
  std::string number = encode(digits);
  if (!luhn_valid(number)) return fault(Reason::check_digit_wrong);
  return number;
}

template <class Kind>
Checked check_printable_ascii(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const auto is_allowed = [](char32_t point) { return point >= 0x20 && point <= 0x7E; };
  if (auto found = forbidden(*points, is_allowed)) return std::unexpected{*found};
  if (auto found = wrong_length(points->size(), Kind::min, Kind::max)) return std::unexpected{*found};
  return std::string{raw};
}

// ---- passwords --------------------------------------------------------------------------------------------

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return ascii_lower(static_cast<unsigned char>(a)) == ascii_lower(static_cast<unsigned char>(b));
  };
  return !std::ranges::search(text, part, same).empty();
}

constexpr std::size_t different_characters_min = 5;

// The seed's list, in its order (SPEC 3.1).
constexpr std::u32string_view forbidden_in_passwords = U"\"<>¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶•¸¹º»¼½¾Ð×ØÞßðøþ";

}  // namespace

// ---- persons and companies --------------------------------------------------------------------------------

Checked UserNameKind::check(std::string_view raw) {
  const auto decoded = decode(raw);
  if (!decoded) return fault(Reason::malformed);
  const std::u32string_view points = trimmed(*decoded);
  if (auto found = forbidden(points, is_letter_or_digit)) return std::unexpected{*found};
  if (auto found = wrong_length(points.size(), min, max)) return std::unexpected{*found};
  if (std::ranges::count_if(points, is_digit) > 7) return fault(Reason::user_name_too_many_digits);
  return encode(points);
}

Checked FamilyNameKind::check(std::string_view raw) {
  return check_name_of_person<FamilyNameKind>(raw);
}
Checked GivenNamesKind::check(std::string_view raw) {
  return check_name_of_person<GivenNamesKind>(raw);
}
Checked CompanyNameKind::check(std::string_view raw) {
  return check_name_of_thing<CompanyNameKind>(raw);
}
Checked AddressLineKind::check(std::string_view raw) {
  return check_name_of_thing<AddressLineKind>(raw);
}
Checked CityKind::check(std::string_view raw) {
  return check_name_of_thing<CityKind>(raw);
}
Checked TitleKind::check(std::string_view raw) {
  return check_name_of_thing<TitleKind>(raw);
}

// ---- numbers and codes ------------------------------------------------------------------------------------

Checked UrnKind::check(std::string_view raw) {
  return check_number<UrnKind>(raw);
}
Checked ClientNumberKind::check(std::string_view raw) {
  // The accepted minimum is eight digits; newly drawn numbers have ten.
  return check_number<ClientNumberKind, 10>(raw);
}
Checked BusinessNumberKind::check(std::string_view raw) {
  constexpr std::size_t digits = 9, letters = 2, with_identifier = 15;
  const std::u32string code = compact(raw);
  const std::u32string_view identifier = std::u32string_view{code}.substr(std::min(code.size(), digits));
  const bool has_identifier = code.size() == with_identifier &&
                              std::ranges::all_of(identifier.substr(0, letters), is_upper) &&
                              std::ranges::all_of(identifier.substr(letters), is_digit);
  return check_number<BusinessNumberKind>(has_identifier ? encode(code.substr(0, digits)) : std::string{raw});
}

namespace {

Checked check_code_of_letters(std::string_view raw) {
  constexpr std::u32string_view alphabet = U"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::u32string code = compact(raw);
  std::ranges::replace(code, U'O', U'0');
  std::ranges::replace_if(code, [](char32_t point) { return point == 'I' || point == 'L'; }, U'1');
  if (std::ranges::any_of(code, [&](char32_t point) { return alphabet.find(point) == alphabet.npos; }))
    return fault(Reason::malformed);
  if (auto found = wrong_length(code.size(), 10, 10)) return std::unexpected{*found};
  return encode(code);
}

}  // namespace

Checked ActivationCodeKind::check(std::string_view raw) {
  return check_code_of_letters(raw);
}
Checked RegistrationCodeKind::check(std::string_view raw) {
  return check_code_of_letters(raw);
}

Checked RecoveryPermitKind::check(std::string_view raw) {
  return check_code_of_letters(raw);
}

Checked DayKind::check(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  std::string day = encode(trimmed(*points));
  if (day.size() != min || !parse_time(day + "T00:00:00Z")) return fault(Reason::malformed);
  return day;
}

namespace {

Checked check_token(std::string_view raw, std::size_t min, std::size_t max) {
  if (auto found = wrong_length(raw.size(), min, max)) return std::unexpected{*found};
  const auto is_allowed = [](char c) {
    return c == '-' || c == '_' || is_letter_or_digit(static_cast<unsigned char>(c));
  };
  if (!std::ranges::all_of(raw, is_allowed)) return fault(Reason::malformed);
  return std::string{raw};
}

}  // namespace

Checked RegistrationTokenKind::check(std::string_view raw) {
  return check_token(raw, min, max);
}
Checked DeviceTokenKind::check(std::string_view raw) {
  return check_token(raw, min, max);
}

Checked OneTimeCodeKind::check(std::string_view raw) {
  const std::u32string digits = compact(raw);
  if (!std::ranges::all_of(digits, is_digit)) return fault(Reason::malformed);
  if (auto found = wrong_length(digits.size(), 6, 6)) return std::unexpected{*found};
  return encode(digits);
}

Checked RegisteredMailNumberKind::check(std::string_view raw) {
  constexpr std::size_t length = 13, letters = 2, digits = 8;
  if (!decode(raw)) return fault(Reason::malformed);
  const std::u32string code = compact(raw);
  if (auto found = wrong_length(code.size(), length, length)) return std::unexpected{*found};
  for (std::size_t at = 0; at < length; ++at) {
    const bool is_place_of_letter = at < letters || at >= length - letters;
    if (is_place_of_letter ? !is_upper(code[at]) : !is_digit(code[at])) return fault(Reason::malformed);
  }
  std::string number = encode(code);
  if (s10_digit(std::string_view{number}.substr(letters, digits)) != number[letters + digits])
    return fault(Reason::check_digit_wrong);
  return number;
}

Checked SiteNameKind::check(std::string_view raw) {
  return check_name_of_thing<SiteNameKind>(raw);
}

Checked SiteKeyKind::check(std::string_view raw) {
  if (raw == nameless_site) return std::string{raw};
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const auto is_allowed = [](char32_t point) { return is_lower(point) || is_digit(point) || point == '-'; };
  if (auto found = forbidden(*points, is_allowed)) return std::unexpected{*found};
  if (auto found = wrong_length(points->size(), min, max)) return std::unexpected{*found};
  if (raw.starts_with('-') || raw.ends_with('-')) return fault(Reason::malformed);
  return std::string{raw};
}

Checked IssuerKind::check(std::string_view raw) {
  return check_printable_ascii<IssuerKind>(raw);
}
Checked SubjectKind::check(std::string_view raw) {
  return check_printable_ascii<SubjectKind>(raw);
}

Checked RemarkKind::check(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  return check_lines<RemarkKind>(encode(trimmed(*points)));
}
Checked AnswerKind::check(std::string_view raw) {
  return check_lines<AnswerKind>(raw);
}

// ---- passwords --------------------------------------------------------------------------------------------

std::expected<Password, ValueFault> Password::parse(std::string_view raw) {
  if (raw.empty()) return fault(Reason::missing);
  if (raw.size() > 1024) return fault(Reason::too_long);
  auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  Password password;
  password.typed_ = raw;
  password.secret_ = raw;
  if (!is_plain(raw)) {
    std::ranges::replace_if(*points, is_space, U' ');
    std::u32string normal = composed(*points);
    wipe(password.secret_);
    password.secret_ = encode(normal);
    wipe(normal);
  }
  wipe(*points);
  return password;
}

Password::~Password() {
  wipe(secret_);
  wipe(typed_);
}

std::optional<ValueFault> check_password(const Password& password, const PasswordOwner& owner) {
  const std::string& secret = password.secret();
  const auto length = code_points(secret);
  if (!length) return ValueFault{Reason::malformed};
  if (auto found = wrong_length(*length, 12, 128)) return found;
  std::u32string found, different;
  for (std::size_t at = 0; at < secret.size();) {
    const char32_t point = *take_code_point(secret, at);
    if (different.size() < different_characters_min && different.find(point) == different.npos)
      different += point;
    const bool is_forbidden =
        is_control(point) || forbidden_in_passwords.find(point) != std::u32string_view::npos;
    if (is_forbidden && found.find(point) == found.npos) found += point;
  }
  if (auto named = forbidden(found, [](char32_t) { return false; })) return named;
  const bool is_varied = different.size() == different_characters_min;
  wipe(different);
  if (!is_varied) return ValueFault{Reason::password_too_uniform};
  if (!owner.user_name.empty() && contains_ignoring_case(secret, owner.user_name.text()))
    return ValueFault{Reason::password_is_user_name};
  if (is_guessable(secret, owner)) return ValueFault{Reason::password_is_guessable};
  return std::nullopt;
}

// ---- check digits -----------------------------------------------------------------------------------------

char luhn_digit(std::string_view digits_without_check) {
  int sum = 0;
  bool is_doubled = true;
  for (auto digit = digits_without_check.rbegin(); digit != digits_without_check.rend(); ++digit) {
    const int value = (*digit - '0') * (is_doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    is_doubled = !is_doubled;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

char s10_digit(std::string_view eight_digits) {
  constexpr std::array weights{8, 6, 4, 2, 3, 5, 9, 7};
  int sum = 0;
  for (std::size_t at = 0; at < weights.size(); ++at) sum += (eight_digits[at] - '0') * weights[at];
  const int check = 11 - sum % 11;
  if (check == 10) return '0';
  return check == 11 ? '5' : static_cast<char>('0' + check);
}

bool luhn_valid(std::string_view digits) {
  return digits.size() >= 2 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) &&
         luhn_digit(digits.substr(0, digits.size() - 1)) == digits.back();
}

// ---- user names, compared ---------------------------------------------------------------------------------

std::string same_user_name(const UserName& name) {
  std::string text = name.text();
  for (char& c : text) c = static_cast<char>(ascii_lower(static_cast<unsigned char>(c)));
  return text;
}

std::string same_mailbox(const EmailAddress& address) {
  std::string text = same_email(address);
  const auto at = text.rfind('@');
  const auto plus = text.find('+');
  // A local part may begin with "+"; then it is no sub-address.
  if (plus != text.npos && plus > 0 && plus < at) text.erase(plus, at - plus);
  return text;
}

}  // namespace ttp::domain

// Checks every incoming text, code point by code point, before it becomes a value.
#include "domain/values.hpp"

#include <algorithm>
#include <cstdio>
#include <span>

#include "domain/guessable.hpp"

namespace ttp::domain {
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

// Controls, and invisible characters that break a line or reverse the text around them: they can forge what a
// reader sees.
constexpr Range controls[] = {{0, 0x1F},        {0x7F, 0x9F},     {0x200B, 0x200B}, {0x200E, 0x200F},
                              {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};

bool is_control(char32_t point) {
  return is_in(controls, point);
}
bool is_digit(char32_t point) {
  return point >= '0' && point <= '9';
}
bool is_lower(char32_t point) {
  return point >= 'a' && point <= 'z';
}
bool is_upper(char32_t point) {
  return point >= 'A' && point <= 'Z';
}
bool is_letter(char32_t point) {
  return is_lower(point) || is_upper(point);
}
bool is_letter_or_digit(char32_t point) {
  return is_letter(point) || is_digit(point);
}
// Every letter beyond ASCII has a higher code point than the punctuation of Latin-1.
bool is_wordlike(char32_t point) {
  return is_letter_or_digit(point) || point >= 0xC0;
}
char32_t ascii_upper(char32_t point) {
  return is_lower(point) ? point - 'a' + 'A' : point;
}
char32_t ascii_lower(char32_t point) {
  return is_upper(point) ? point - 'A' + 'a' : point;
}

// ---- faults -----------------------------------------------------------------------------------------------

std::unexpected<ValueFault> fault(Reason reason) {
  return std::unexpected{ValueFault{reason}};
}

/// A visible form of a character: itself, or "U+0007" for one without a shape.
std::string visible(char32_t point) {
  if (!is_control(point) && !is_space(point)) return encode({&point, 1});
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(point));
  return text;
}

/// Reports each forbidden character once, in the order of appearance.
template <class Allowed>
std::optional<ValueFault> forbidden(std::u32string_view points, Allowed is_allowed) {
  std::u32string found;
  for (const char32_t point : points)
    if (!is_allowed(point) && found.find(point) == found.npos) found += point;
  if (found.empty()) return std::nullopt;
  ValueFault fault{Reason::forbidden_characters};
  for (const char32_t point : found) fault.details.push_back(visible(point));
  return fault;
}

std::optional<ValueFault> wrong_length(std::size_t length, std::size_t min, std::size_t max) {
  if (length == 0 && min > 0) return ValueFault{Reason::missing};
  if (length < min) return ValueFault{Reason::too_short};
  if (length > max) return ValueFault{Reason::too_long};
  return std::nullopt;
}

// ---- shapes that several kinds share ----------------------------------------------------------------------

std::u32string_view trimmed(std::u32string_view points) {
  const auto is_outer = [](char32_t point) { return is_space(point) || is_line_end_or_tab(point); };
  while (!points.empty() && is_outer(points.front())) points.remove_prefix(1);
  while (!points.empty() && is_outer(points.back())) points.remove_suffix(1);
  return points;
}

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

template <class Dropped>
std::u32string without(std::u32string_view points, Dropped is_dropped) {
  std::u32string kept;
  std::ranges::copy_if(points, std::back_inserter(kept), [&](char32_t point) { return !is_dropped(point); });
  return kept;
}

/// Names and other texts of one line, which must not be blank.
template <class Kind>
Checked check_line(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const std::u32string line = with_single_spaces(is_plain(raw) ? *points : composed(*points));
  if (auto found = forbidden(line, [](char32_t point) { return !is_control(point); }))
    return std::unexpected{*found};
  if (auto found = wrong_length(line.size(), Kind::min, Kind::max)) return std::unexpected{*found};
  if (std::ranges::none_of(line, is_wordlike)) return fault(Reason::malformed);
  return encode(line);
}

/// Free texts of several lines, kept as written.
template <class Kind>
Checked check_lines(std::string_view raw) {
  if (is_plain(raw)) {
    if (auto found = wrong_length(raw.size(), Kind::min, Kind::max)) return std::unexpected{*found};
    return std::string{raw};
  }
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const auto is_allowed = [](char32_t point) { return is_line_end_or_tab(point) || !is_control(point); };
  if (auto found = forbidden(*points, is_allowed)) return std::unexpected{*found};
  if (auto found = wrong_length(points->size(), Kind::min, Kind::max)) return std::unexpected{*found};
  return std::string{raw};
}

/// Numbers of a fixed length whose last digit checks the others.
template <class Kind, std::size_t digits_max = Kind::min>
Checked check_number(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const auto digits =
      without(trimmed(*points), [](char32_t point) { return is_space(point) || is_dash(point); });
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

// ---- e-mail -----------------------------------------------------------------------------------------------

/// Calls `is_part` with each part between separators; returns false at the first part that fails.
template <class IsPart>
bool all_parts(std::string_view text, char separator, IsPart is_part) {
  for (;;) {
    const auto end = text.find(separator);
    if (!is_part(text.substr(0, end))) return false;
    if (end == text.npos) return true;
    text.remove_prefix(end + 1);
  }
}

/// RFC 5321's Dot-string: atoms with single dots between them.
bool is_local_part(std::string_view text) {
  const auto is_atom_character = [](char c) {
    return is_letter_or_digit(static_cast<unsigned char>(c)) ||
           std::string_view{"!#$%&'*+/=?^_`{|}~-"}.find(c) != std::string_view::npos;
  };
  return text.size() <= 64 && all_parts(text, '.', [&](std::string_view atom) {
           return !atom.empty() && std::ranges::all_of(atom, is_atom_character);
         });
}

bool is_host_name(std::string_view text) {
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(
               label, [](char c) { return c == '-' || is_letter_or_digit(static_cast<unsigned char>(c)); });
  };
  const auto last_dot = text.rfind('.');
  if (last_dot == text.npos) return false;
  const std::string_view top = text.substr(last_dot + 1);
  return all_parts(text, '.', is_label) && top.size() >= 2 &&
         is_letter(static_cast<unsigned char>(top.front()));
}

// ---- addresses --------------------------------------------------------------------------------------------

constexpr std::string_view provinces_and_territories[] = {"AB", "BC", "MB", "NB", "NL", "NS", "NT",
                                                          "NU", "ON", "PE", "QC", "SK", "YT"};
// The fifty states, the District of Columbia and the five inhabited territories.
constexpr std::string_view states[] = {"AK", "AL", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA",
                                       "GU", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME",
                                       "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM",
                                       "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX",
                                       "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY"};

std::span<const std::string_view> regions_of(Country country) {
  if (country == Country::US) return states;
  return provinces_and_territories;
}

std::unexpected<ValueFault> member_fault(std::string_view member, ValueFault fault) {
  fault.details.emplace(fault.details.begin(), member);
  return std::unexpected{std::move(fault)};
}

/// One line of an address in printed form.
template <class Line>
std::expected<Line, ValueFault> printed(const Line& line, std::string_view member) {
  auto checked = Line::parse(line.text());
  if (!checked) return member_fault(member, checked.error());
  auto points = *decode(checked->text());
  std::ranges::transform(points, points.begin(), upper);
  return Line::stored(encode(points));
}

// Characters that copying from a mail or a web page can add without being seen: soft hyphens, zero-width
// characters and marks of direction.
constexpr Range pasted[] = {{0xAD, 0xAD},     {0x200B, 0x200F}, {0x202A, 0x202E},
                            {0x2060, 0x2069}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};

/// Letters and digits of a code that people write with spaces and dashes, or paste, in upper case.
std::u32string compact(std::string_view raw) {
  auto points = decode(raw).value_or(U"?");
  points = without(points, [](char32_t point) {
    return is_space(point) || is_dash(point) || is_line_end_or_tab(point) || is_in(pasted, point);
  });
  std::ranges::transform(points, points.begin(), ascii_upper);
  return points;
}

/// "K1A 0L8": letters and digits alternate; Canada Post does not use some letters.
std::optional<std::string> canadian_postal_code(std::u32string_view code) {
  constexpr std::u32string_view unused_letters = U"DFIOQU";
  if (code.size() != 6) return std::nullopt;
  for (std::size_t i = 0; i < 6; ++i) {
    const bool is_letter_of_code = is_upper(code[i]) && unused_letters.find(code[i]) == unused_letters.npos;
    if (i % 2 == 0 ? !is_letter_of_code : !is_digit(code[i])) return std::nullopt;
  }
  if (code[0] == 'W' || code[0] == 'Z') return std::nullopt;
  return encode(code.substr(0, 3)) + ' ' + encode(code.substr(3));
}

/// "12345" or "12345-6789".
std::optional<std::string> zip_code(std::u32string_view code) {
  if ((code.size() != 5 && code.size() != 9) || !std::ranges::all_of(code, is_digit)) return std::nullopt;
  const std::string five = encode(code.substr(0, 5));
  return code.size() == 5 ? five : five + '-' + encode(code.substr(5));
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
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  if (auto found = forbidden(*points, is_letter_or_digit)) return std::unexpected{*found};
  if (auto found = wrong_length(points->size(), min, max)) return std::unexpected{*found};
  if (std::ranges::count_if(*points, is_digit) > 7) return fault(Reason::user_name_too_many_digits);
  return std::string{raw};
}

Checked FamilyNameKind::check(std::string_view raw) {
  return check_line<FamilyNameKind>(raw);
}
Checked GivenNamesKind::check(std::string_view raw) {
  return check_line<GivenNamesKind>(raw);
}
Checked CompanyNameKind::check(std::string_view raw) {
  return check_line<CompanyNameKind>(raw);
}
Checked AddressLineKind::check(std::string_view raw) {
  return check_line<AddressLineKind>(raw);
}
Checked CityKind::check(std::string_view raw) {
  return check_line<CityKind>(raw);
}
Checked TitleKind::check(std::string_view raw) {
  return check_line<TitleKind>(raw);
}

Checked EmailAddressKind::check(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  std::string address = encode(trimmed(*points));
  if (auto found = wrong_length(address.size(), min, max)) return std::unexpected{*found};
  const auto at = address.rfind('@');
  if (at == address.npos) return fault(Reason::malformed);
  const std::string_view whole = address;
  if (!is_local_part(whole.substr(0, at)) || !is_host_name(whole.substr(at + 1)))
    return fault(Reason::malformed);
  for (char& c : std::span{address}.subspan(at))
    c = static_cast<char>(ascii_lower(static_cast<unsigned char>(c)));
  return address;
}

Checked TelephoneKind::check(std::string_view raw) {
  const auto decoded = decode(raw);
  if (!decoded) return fault(Reason::malformed);
  std::u32string points = without(trimmed(*decoded), [](char32_t point) {
    return is_space(point) || is_dash(point) ||
           std::u32string_view{U".()[]"}.find(point) != std::u32string_view::npos;
  });
  if (points.empty()) return fault(Reason::missing);
  std::ranges::transform(points, points.begin(), ascii_lower);
  const std::u32string_view whole = points;
  const auto x = whole.find(U'x');
  const auto number = whole.substr(0, x);
  const auto digits = number.substr(number.starts_with(U'+') ? 1 : 0);
  const auto extension = x == whole.npos ? std::u32string_view{} : whole.substr(x + 1);
  const bool has_empty_extension = x != whole.npos && extension.empty();
  if (!std::ranges::all_of(digits, is_digit) || !std::ranges::all_of(extension, is_digit) ||
      has_empty_extension || extension.size() > 6)
    return fault(Reason::malformed);
  if (digits.size() < 7) return fault(Reason::too_short);
  if (digits.size() > 15) return fault(Reason::too_long);
  return encode(points);
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

Checked RegistrationTokenKind::check(std::string_view raw) {
  if (auto found = wrong_length(raw.size(), min, max)) return std::unexpected{*found};
  const auto is_allowed = [](char c) {
    return c == '-' || c == '_' || is_letter_or_digit(static_cast<unsigned char>(c));
  };
  if (!std::ranges::all_of(raw, is_allowed)) return fault(Reason::malformed);
  return std::string{raw};
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
  return check_line<SiteNameKind>(raw);
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

// ---- addresses --------------------------------------------------------------------------------------------

std::expected<MailingAddress, ValueFault> normalise(const MailingAddress& address) {
  MailingAddress form;
  form.country = address.country;
  const auto line1 = printed(address.line1, "line1");
  if (!line1) return std::unexpected{line1.error()};
  form.line1 = *line1;
  if (address.line2) {
    const auto line2 = printed(*address.line2, "line2");
    if (!line2) return std::unexpected{line2.error()};
    form.line2 = *line2;
  }
  const auto city = printed(address.city, "city");
  if (!city) return std::unexpected{city.error()};
  form.city = *city;

  const std::u32string region = compact(address.region);
  if (region.empty()) return member_fault("region", {Reason::missing});
  form.region = encode(region);
  const auto regions = regions_of(address.country);
  if (std::ranges::find(regions, form.region) == regions.end())
    return member_fault("region", {Reason::not_a_choice});

  const std::u32string code = compact(address.postal_code);
  if (code.empty()) return member_fault("postal_code", {Reason::missing});
  const auto postal_code = address.country == Country::US ? zip_code(code) : canadian_postal_code(code);
  if (!postal_code) return member_fault("postal_code", {Reason::malformed});
  form.postal_code = *postal_code;
  return form;
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

// ---- e-mail, compared -------------------------------------------------------------------------------------

std::string same_email(const EmailAddress& address) {
  std::string text = address.text();
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
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

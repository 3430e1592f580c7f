// Values: accepted texts of each kind, their normal forms, and one row per refusal.
#include "domain/values.hpp"

#include <algorithm>
#include <new>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ttp::domain::tests {
namespace {

struct Taken {
  std::string_view raw, text;
};
struct Refused {
  std::string raw;
  Reason reason;
  std::vector<std::string> details{};
};

template <class Value>
void expect_taken(const std::vector<Taken>& rows) {
  for (const Taken& row : rows) {
    const auto value = Value::parse(row.raw);
    if (value)
      EXPECT_EQ(value->text(), row.text) << row.raw;
    else
      ADD_FAILURE() << row.raw << " is refused: " << to_text(value.error().reason);
  }
}

template <class Value>
void expect_refused(const std::vector<Refused>& rows) {
  for (const Refused& row : rows) {
    const auto value = Value::parse(row.raw);
    if (value)
      ADD_FAILURE() << row.raw << " is taken as " << value->text();
    else
      EXPECT_EQ(value.error(), (ValueFault{row.reason, row.details})) << row.raw;
  }
}

std::string times(std::size_t count, std::string_view piece) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

/// Texts with accented letters, white space, dashes and other characters of names.
rc::Gen<std::string> a_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a", "Z",      "é",      "É", "Œ", "ß", "İ", "ŉ", "ĳ",  "ẹ", "Ự",  "e\u0301", "\u0301", "\u00AD",
          " ", "\u00A0", "\u3000", "-", "–", "'", "’", "0", "漢", "Я", "😀", ".",       "\t",     "\n"})),
      [](const std::vector<std::string>& pieces) {
        std::string text;
        for (const std::string& piece : pieces) text += piece;
        return text;
      });
}

// ---- every kind -------------------------------------------------------------------------------------------

template <class Value>
class EveryKind : public testing::Test {};
using Kinds = testing::Types<UserName, FamilyName, GivenNames, EmailAddress, Telephone, Urn, ClientNumber,
                             BusinessNumber, CompanyName, AddressLine, City, ActivationCode, OneTimeCode,
                             RegisteredMailNumber, Remark, Title, SiteName, SiteKey, Issuer, Subject, Answer>;
TYPED_TEST_SUITE(EveryKind, Kinds);

TYPED_TEST(EveryKind, takes_its_own_example) {
  EXPECT_TRUE(TypeParam::parse(TypeParam::kind::example));
}

TYPED_TEST(EveryKind, accepts_its_own_result_again_unchanged) {
  const auto once = TypeParam::parse(TypeParam::kind::example);
  ASSERT_TRUE(once);
  EXPECT_EQ(TypeParam::parse(once->text()), once);
}

TYPED_TEST(EveryKind, refuses_text_that_is_not_utf8) {
  for (const std::string_view raw : {"\x80", "caf\xE9 du nord", "\xC0\xAF", "\xED\xA0\x80", "abcdefgh\xC3"})
    EXPECT_EQ(TypeParam::parse(raw).error(), ValueFault{Reason::malformed});
}

TYPED_TEST(EveryKind, refuses_a_nul) {
  const std::string raw = std::string{TypeParam::kind::example} + std::string(1, '\0') + "x";
  EXPECT_FALSE(TypeParam::parse(raw));
}

TYPED_TEST(EveryKind, refuses_an_empty_text_unless_it_may_be_empty) {
  const auto value = TypeParam::parse("");
  if (TypeParam::kind::min == 0)
    EXPECT_TRUE(value);
  else
    EXPECT_EQ(value.error(), ValueFault{Reason::missing});
}

/// Whether a text is refused, or its accepted form is accepted again unchanged.
template <class Value>
bool is_stable(std::string_view raw) {
  const auto once = Value::parse(raw);
  if (!once) return true;
  const auto twice = Value::parse(once->text());
  return twice && *twice == *once;
}

TYPED_TEST(EveryKind, never_breaks_on_any_bytes) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) { RC_ASSERT(is_stable<TypeParam>(bytes)); }));
  EXPECT_TRUE(rc::check([] { RC_ASSERT(is_stable<TypeParam>(*a_text())); }));
}

// ---- persons ----------------------------------------------------------------------------------------------

TEST(UserNames, are_letters_and_digits) {
  expect_taken<UserName>({{"mtremblay", "mtremblay"},
                          {"MTremblay1234567", "MTremblay1234567"},
                          {"a1234567", "a1234567"},
                          {" mtremblay\n", "mtremblay"},
                          {"\uFEFFmtremblay\u200B", "mtremblay"}});
  expect_refused<UserName>({{"abcdefg", Reason::too_short},
                            {"abcdefghijklmnopq", Reason::too_long},
                            {"a12345678", Reason::user_name_too_many_digits},
                            {"12345678", Reason::user_name_too_many_digits},
                            {"mtrémblay.é", Reason::forbidden_characters, {"é", "."}},
                            {"m tremblay", Reason::forbidden_characters, {"U+0020"}},
                            {"mtrem\u200Bblay", Reason::forbidden_characters, {"U+200B"}},
                            {"m-t", Reason::forbidden_characters, {"-"}}});
}

/// Claims are keyed hashes of this form; those in existing logs have been made with it.
TEST(UserNames, are_claimed_in_small_letters) {
  EXPECT_EQ(same_user_name(UserName::stored("ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123456789")),
            "abcdefghijklmnopqrstuvwxyzabcxyz0123456789");
}

TEST(Names, fold_white_space_compose_accents_and_keep_everything_else) {
  expect_taken<FamilyName>({{"Tremblay", "Tremblay"},
                            {"  de   la\u00A0Tour \n", "de la Tour"},
                            {"O'Neil", "O'Neil"},
                            {"Nguyễn", "Nguyễn"},
                            {"李", "李"},
                            {"E\u0301ve", "Éve"}});
  expect_taken<FamilyName>({{"\u200B\uFEFF Roy\u2060\u00AD", "Roy"}, {"O\u02BCBrien", "OʼBrien"}});
  expect_taken<GivenNames>({{"Marie-Ève", "Marie-Ève"}});
  expect_taken<CompanyName>({{"9123-4567 Québec inc.", "9123-4567 Québec inc."}, {"1800", "1800"}});
}

TEST(Names, are_refused_when_they_say_nothing_or_hide_something) {
  expect_refused<FamilyName>({{"   ", Reason::missing},
                              {"--", Reason::letter_missing},
                              {"«»", Reason::letter_missing},
                              {"123", Reason::letter_missing},
                              {"😀", Reason::letter_missing},
                              {"\u2800", Reason::letter_missing},
                              {"\u0301", Reason::letter_missing},
                              {"\u2060", Reason::missing},
                              {"\u3164", Reason::missing},
                              {"Trem\u2060blay", Reason::forbidden_characters, {"U+2060"}},
                              {"Trem\u200Dblay", Reason::forbidden_characters, {"U+200D"}},
                              {"Trem\u00ADblay", Reason::forbidden_characters, {"U+00AD"}},
                              {"Trem\u061Cblay", Reason::forbidden_characters, {"U+061C"}},
                              {"Trem\u034Fblay", Reason::forbidden_characters, {"U+034F"}},
                              {"Trem\u115Fblay", Reason::forbidden_characters, {"U+115F"}},
                              {"Trem\uFFF9blay", Reason::forbidden_characters, {"U+FFF9"}},
                              {"Trem\uE000blay", Reason::forbidden_characters, {"U+E000"}},
                              {"Trem\u0378blay", Reason::forbidden_characters, {"U+0378"}},
                              {"Trem\uFFFFblay", Reason::forbidden_characters, {"U+FFFF"}},
                              {"Trem\U000E0041blay", Reason::forbidden_characters, {"U+E0041"}},
                              {"Trem\nblay", Reason::forbidden_characters, {"U+000A"}},
                              {"Trem\tb\tlay\x7F", Reason::forbidden_characters, {"U+0009", "U+007F"}},
                              {"Trem\u202Eyalb", Reason::forbidden_characters, {"U+202E"}},
                              {"Trem\u0085blay", Reason::forbidden_characters, {"U+0085"}}});
  expect_refused<CompanyName>({{"&", Reason::letter_missing}, {"😀", Reason::letter_missing}});
}

TEST(Names, full_of_forbidden_characters_are_answered_with_some_of_them) {
  std::string name;
  for (char32_t point = 0xE000; point < 0xF000; ++point) append(name, point);
  EXPECT_EQ(FamilyName::parse(name).error().details.size(), 64u);
}

TEST(Names, that_an_older_program_took_are_still_read) {
  for (const std::string_view text : {"\u3164", "--", "Trem\u2060blay"})
    EXPECT_EQ(FamilyName::stored(std::string{text}).text(), text);
}

TEST(Names, are_measured_in_characters_not_bytes) {
  EXPECT_TRUE(FamilyName::parse(times(80, "é")));
  expect_refused<FamilyName>({{times(81, "é"), Reason::too_long}});
  expect_refused<GivenNames>({{times(81, "a"), Reason::too_long}});
  expect_refused<CompanyName>({{times(176, "a"), Reason::too_long}});
  expect_refused<AddressLine>({{times(61, "a"), Reason::too_long}});
  expect_refused<City>({{times(61, "a"), Reason::too_long}});
  expect_refused<Title>({{times(81, "a"), Reason::too_long}});
}

TEST(EmailAddresses, keep_the_local_part_and_lower_the_domain) {
  expect_taken<EmailAddress>({{"Marie.Tremblay@Example.COM", "Marie.Tremblay@example.com"},
                              {" marie@example.com\n", "marie@example.com"},
                              {"a+b_c'd@sub.example-1.ca", "a+b_c'd@sub.example-1.ca"},
                              {"a@b.ca", "a@b.ca"}});
  EXPECT_TRUE(EmailAddress::parse(times(64, "a") + "@example.com"));
}

TEST(EmailAddresses, have_domains_in_any_script) {
  expect_taken<EmailAddress>({{"info@québec.ca", "info@xn--qubec-csa.ca"},
                              {"INFO@QUE\u0301BEC.CA", "INFO@xn--qubec-csa.ca"},
                              {"info@XN--QUBEC-CSA.ca", "info@xn--qubec-csa.ca"},
                              {"info@faß.example", "info@xn--fa-hia.example"},
                              {"info@пример.рф", "info@xn--e1afmkfd.xn--p1ai"},
                              {"\uFEFFinfo@québec.ca\u200B", "info@xn--qubec-csa.ca"}});
  expect_refused<EmailAddress>({{"info@québec", Reason::malformed},
                                {"info@qué bec.ca", Reason::malformed},
                                {std::string{"info@québec.ca\0.ca", 19}, Reason::malformed},
                                {"info@-québec.ca", Reason::malformed},
                                {"info@" + times(60, "é") + ".ca", Reason::malformed}});
}

TEST(EmailAddresses, are_shown_as_people_write_them) {
  for (const auto& [stored, shown] :
       {Taken{"Info@xn--qubec-csa.ca", "Info@québec.ca"}, Taken{"marie@example.com", "marie@example.com"},
        Taken{"xn--a@example.com", "xn--a@example.com"}, Taken{"info@xn--\x7f.ca", "info@xn--\x7f.ca"}})
    EXPECT_EQ(as_people_write(EmailAddress::stored(std::string{stored})).text(), shown);
}

TEST(EmailAddresses, are_refused_in_any_other_form) {
  expect_refused<EmailAddress>({{"a@b.c", Reason::too_short},
                                {"marie.example.com", Reason::malformed},
                                {"@example.com", Reason::malformed},
                                {"marie@example", Reason::malformed},
                                {"marie@@example.com", Reason::malformed},
                                {"a@b@example.com", Reason::malformed},
                                {".marie@example.com", Reason::malformed},
                                {"marie.@example.com", Reason::malformed},
                                {"ma..rie@example.com", Reason::malformed},
                                {"ma rie@example.com", Reason::malformed},
                                {"\"marie\"@example.com", Reason::malformed},
                                {"marie(x)@example.com", Reason::malformed},
                                {"<marie@example.com>", Reason::malformed},
                                {"marie@example.com\r\nBcc: x@example.com", Reason::malformed},
                                {"marie@-example.com", Reason::malformed},
                                {"marie@example-.com", Reason::malformed},
                                {"marie@example..com", Reason::malformed},
                                {"marie@example.com.", Reason::malformed},
                                {"marie@192.168.0.1", Reason::malformed},
                                {"marie@exa_mple.com", Reason::malformed},
                                {"marie@example.c", Reason::malformed},
                                {"ève@example.com", Reason::malformed},
                                {times(65, "a") + "@example.com", Reason::malformed},
                                {"a@" + times(64, "b") + ".com", Reason::malformed},
                                {"a@" + times(50, "bbbb.") + "comm", Reason::too_long}});
}

TEST(Telephones, are_read_as_people_write_them) {
  expect_taken<Telephone>({{"(613) 555-0123", "+16135550123"},
                           {"+1 613.555.0123", "+16135550123"},
                           {"1-613-555-0123", "+16135550123"},
                           {"613\u2011555\u20110123", "+16135550123"},
                           {"\u202A613 555 0123\u202C", "+16135550123"},
                           {"tel:+1-613-555-0123", "+16135550123"},
                           {"1-800-FLOWERS", "+18003569377"},
                           {"+44 (0)7723 123456", "+447723123456"},
                           {"011 44 20 7946 0123", "+442079460123"},
                           {"+33 1 23 45 67 89", "+33123456789"},
                           {"+1 428 555 0123", "+14285550123"}});  // an area code of 2023
}

TEST(Telephones, may_have_an_extension) {
  for (const std::string_view written :
       {"613 555 0123 X 42", "613 555 0123 ext. 42", "613 555 0123, poste 42", "613 555 0123 Poste: 42",
        "613 555 0123 #42", "tel:+1-613-555-0123;ext=42", "613 555 0123 extension 42",
        "613-555-0123 local 42"})
    EXPECT_EQ(Telephone::parse(written).value_or(Telephone{}).text(), "+16135550123x42") << written;
}

TEST(Telephones, are_refused_in_any_other_form) {
  expect_refused<Telephone>({{"555012", Reason::too_short},
                             {"555 0123", Reason::too_short},
                             {"0000000", Reason::too_short},
                             {"()", Reason::malformed},
                             {"\u200B ", Reason::missing},
                             {"1234567890123456", Reason::too_long},
                             {times(65, "1"), Reason::too_long},
                             {"0000000000", Reason::malformed},
                             {"613 155 0123", Reason::malformed},
                             {"+0018195550142", Reason::malformed},
                             {"+999 123456789", Reason::malformed},
                             {"call 613 555 0123", Reason::malformed},
                             {"6135550123x1234567", Reason::too_long}});
}

// ---- numbers and codes ------------------------------------------------------------------------------------

TEST(Numbers, forgive_spaces_and_dashes) {
  expect_taken<Urn>({{"4000 123-457", "4000123457"}});
  expect_taken<ClientNumber>({{" 7000-1235 ", "70001235"}});
  expect_taken<BusinessNumber>({{"123456782RM0001", "123456782"},
                                {"123 456 782 rm 0001", "123456782"},
                                {"12345 6782-RM-0001", "123456782"},
                                {"\u2060123456782\u00A0RM\u202F0001\uFEFF", "123456782"},
                                {"123 456 782", "123456782"},
                                {"123\u00A0456\u2013782", "123456782"}});
}

TEST(Numbers, are_refused_with_a_wrong_digit_length_or_sign) {
  expect_refused<Urn>({{"4000123456", Reason::check_digit_wrong},
                       {"400012345", Reason::too_short},
                       {"40001234577", Reason::too_long},
                       {"400012345X", Reason::malformed},
                       {"0000000000", Reason::malformed},
                       {" - ", Reason::missing}});
  expect_refused<ClientNumber>({{"70001236", Reason::check_digit_wrong}, {"7000123", Reason::too_short}});
  expect_refused<BusinessNumber>({{"123456789", Reason::check_digit_wrong},
                                  {"123456789RM0001", Reason::check_digit_wrong},
                                  {"123456782RM001", Reason::malformed},
                                  {"123456782RMX001", Reason::malformed},
                                  {"000000000", Reason::malformed},
                                  {"１２３４５６７８２", Reason::malformed},
                                  {"12345678", Reason::too_short}});
}

TEST(Luhn, digit_always_validates_and_every_other_does_not) {
  EXPECT_TRUE(rc::check([] {
    const auto digit = rc::gen::inRange('0', static_cast<char>('9' + 1));
    const std::string digits = *rc::gen::nonEmpty(rc::gen::container<std::string>(digit));
    const char check = luhn_digit(digits);
    for (char c = '0'; c <= '9'; ++c) RC_ASSERT(luhn_valid(digits + c) == (c == check));
  }));
}

TEST(Luhn, finds_a_mistyped_digit) {
  EXPECT_TRUE(rc::check([] {
    const auto digit = rc::gen::inRange('0', static_cast<char>('9' + 1));
    std::string digits = *rc::gen::nonEmpty(rc::gen::container<std::string>(digit));
    digits += luhn_digit(digits);
    const auto at = *rc::gen::inRange<std::size_t>(0, digits.size());
    digits[at] = *rc::gen::distinctFrom(digit, digits[at]);
    RC_ASSERT(!luhn_valid(digits));
  }));
}

TEST(Luhn, agrees_with_numbers_known_to_be_right) {
  EXPECT_TRUE(luhn_valid("79927398713"));
  EXPECT_TRUE(luhn_valid("4539578763621486"));
  EXPECT_FALSE(luhn_valid("79927398710"));
  EXPECT_FALSE(luhn_valid(""));
  EXPECT_FALSE(luhn_valid("0"));
  EXPECT_FALSE(luhn_valid("7992739871x"));
}

TEST(ActivationCodes, are_read_as_people_type_them) {
  expect_taken<ActivationCode>({{"7K4QX-9M2TB", "7K4QX9M2TB"},
                                {"7k4qx 9m2tb", "7K4QX9M2TB"},
                                {"oOiIlL-2345", "0011112345"},
                                {" 7K4 QX9 M2T B ", "7K4QX9M2TB"}});
  expect_taken<RegistrationCode>({{"7k4qx-9m2tb", "7K4QX9M2TB"}, {"oOiIlL-2345", "0011112345"}});
  expect_refused<ActivationCode>({{"7K4QX9M2T", Reason::too_short},
                                  {"7K4QX9M2TBB", Reason::too_long},
                                  {"7K4QX9M2TU", Reason::malformed},
                                  {"7K4QX9M2T*", Reason::malformed},
                                  {"7K4QX9M2TÉ", Reason::malformed},
                                  {"-----", Reason::missing}});
}

TEST(OneTimeCodes, are_six_digits) {
  expect_taken<OneTimeCode>({{"012345", "012345"},
                             {" 123 456 ", "123456"},
                             {"123-456", "123456"},
                             {"\u200B123456\uFEFF", "123456"}});
  expect_refused<OneTimeCode>({{"12345", Reason::too_short},
                               {"1234567", Reason::too_long},
                               {"12345a", Reason::malformed},
                               {"123.456", Reason::malformed}});
}

TEST(Codes, are_read_as_people_paste_them) {
  const std::string around = "\u200B\uFEFF\u00AD\u2060\u200E\u00A0\t\r\n\u2013";
  expect_taken<OneTimeCode>({{around + "123" + around + "456" + around, "123456"}});
  expect_taken<ActivationCode>({{around + "7K4QX" + around + "9M2TB" + around, "7K4QX9M2TB"}});
  expect_taken<RegistrationCode>({{around + "7K4QX" + around + "9M2TB" + around, "7K4QX9M2TB"}});
}

TEST(EmailAddresses, with_a_sub_address_lead_to_one_mailbox) {
  const auto mailbox = [](std::string_view address) {
    return same_mailbox(EmailAddress::parse(address).value());
  };
  EXPECT_EQ(mailbox("Marie+pip@Example.com"), "marie@example.com");
  EXPECT_EQ(mailbox("marie+a+b@example.com"), "marie@example.com");
  EXPECT_EQ(mailbox("marie@example.com"), "marie@example.com");
  EXPECT_EQ(mailbox("+marie@example.com"), "+marie@example.com");
}

TEST(RegisteredMailNumbers, have_the_form_and_the_check_digit_of_s10) {
  expect_taken<RegisteredMailNumber>({{"rn 123 456 785 ca", "RN123456785CA"},
                                      {"RN-123-456-785-CA", "RN123456785CA"},
                                      {"RA473124829US", "RA473124829US"},
                                      {"RR000000005CA", "RR000000005CA"},    // eleven is written 5
                                      {"RR000000080CA", "RR000000080CA"}});  // ten is written 0
  expect_refused<RegisteredMailNumber>({{"RN12345", Reason::too_short},
                                        {"", Reason::missing},
                                        {times(14, "1"), Reason::too_long},
                                        {"AAAAAAAAAAAAA", Reason::malformed},
                                        {"1N123456785CA", Reason::malformed},
                                        {"RN12345678X5C", Reason::malformed},
                                        {"RN123456785C1", Reason::malformed},
                                        {"RN123456784CA", Reason::check_digit_wrong},
                                        {"RN123456875CA", Reason::check_digit_wrong}});
}

TEST(SiteNames, are_what_people_call_a_site) {
  expect_taken<SiteName>({{" Entrepôt  nº 2 ", "Entrepôt nº 2"}, {"W̱SÁNEĆ / ᐃᖃᓗᐃᑦ", "W̱SÁNEĆ / ᐃᖃᓗᐃᑦ"}});
  expect_refused<SiteName>({{"", Reason::missing}, {times(81, "a"), Reason::too_long}});
}

TEST(SiteKeys, are_uuids_or_what_older_programs_took_as_names) {
  expect_taken<SiteKey>({{"a", "a"},
                         {"entrepot-2", "entrepot-2"},
                         {"-", "-"},
                         {"01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f", "01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f"}});
  expect_refused<SiteKey>({{"Entrepot", Reason::forbidden_characters, {"E"}},
                           {"entrepôt nord", Reason::forbidden_characters, {"ô", "U+0020"}},
                           {"../x", Reason::forbidden_characters, {".", "/"}},
                           {"-a", Reason::malformed},
                           {"a-", Reason::malformed},
                           {times(41, "a"), Reason::too_long}});
}

TEST(PartnerIdentities, are_printable_ascii_kept_as_they_are) {
  expect_taken<Issuer>({{"https://bank.example/OIDC", "https://bank.example/OIDC"}});
  expect_taken<Subject>({{"aB|9 ", "aB|9 "}});
  expect_refused<Subject>({{"é", Reason::forbidden_characters, {"é"}},
                           {"a\nb", Reason::forbidden_characters, {"U+000A"}},
                           {times(256, "a"), Reason::too_long}});
  expect_refused<Issuer>({{times(256, "a"), Reason::too_long}});
}

// ---- free texts -------------------------------------------------------------------------------------------

TEST(Remarks, lose_the_white_space_around_them_and_keep_their_lines) {
  expect_taken<Remark>({{" \r\n Asked by telephone.\r\n\tIdentity  checked. \n\t\u00A0",
                         "Asked by telephone.\r\n\tIdentity  checked."}});
  EXPECT_TRUE(Remark::parse(" " + times(2000, "é") + "\n")) << "what is dropped is not measured";
}

TEST(Answers, are_kept_as_they_were_written) {
  expect_taken<Answer>(
      {{"  two  spaces\n", "  two  spaces\n"}, {"", ""}, {" ", " "}, {"❤\uFE0F", "❤\uFE0F"}});
  expect_taken<Answer>({{"\uFEFF two lines\n\u200B", " two lines\n"}});
}

TEST(FreeTexts, are_refused_when_too_long_blank_or_with_controls) {
  expect_refused<Remark>({{" \n ", Reason::missing},
                          {times(2001, "é"), Reason::too_long},
                          {"a\x1B[31m", Reason::forbidden_characters, {"U+001B"}},
                          {"a\u061Cb", Reason::forbidden_characters, {"U+061C"}}});
  expect_refused<Answer>(
      {{times(4001, "é"), Reason::too_long}, {"a\x08", Reason::forbidden_characters, {"U+0008"}}});
  EXPECT_TRUE(Remark::parse(times(2000, "é")));
  EXPECT_TRUE(Answer::parse(times(4000, "é")));
}

// ---- passwords --------------------------------------------------------------------------------------------

std::optional<ValueFault> password_fault(std::string_view text, std::string_view user_name = "mtremblay12") {
  return check_password(Password::parse(text).value(), {.user_name = UserName::parse(user_name).value()});
}

TEST(Passwords, of_12_to_128_characters_are_taken) {
  EXPECT_EQ(password_fault("une phrase!!"), std::nullopt);
  EXPECT_EQ(password_fault("été à Gaspé!" + times(116, "é")), std::nullopt);
  EXPECT_EQ(password_fault(times(11, "é")), ValueFault{Reason::too_short});
  EXPECT_EQ(password_fault(times(129, "é")), ValueFault{Reason::too_long});
}

TEST(Passwords, name_each_character_that_the_seed_forbids) {
  const std::vector<std::string> forbidden{"\"", "<", ">", "¢", "£", "¤", "¥", "¦", "§", "¨", "©", "ª", "«",
                                           "¬",  "®", "¯", "°", "±", "²", "³", "´", "µ", "¶", "•", "¸", "¹",
                                           "º",  "»", "¼", "½", "¾", "Ð", "×", "Ø", "Þ", "ß", "ð", "ø", "þ"};
  std::string all;
  for (const std::string& each : forbidden) {
    EXPECT_EQ(password_fault("une phrase longue" + each), (ValueFault{Reason::forbidden_characters, {each}}));
    all += each;
  }
  EXPECT_EQ(password_fault(all + all), (ValueFault{Reason::forbidden_characters, forbidden}));
}

TEST(Passwords, may_hold_every_other_character) {
  for (const std::string_view each :
       {"é", "À", "ç", "Œ", "¡", "¿", "·", "÷", ".", "'", "&", "\\", " ", "漢", "😀"})
    EXPECT_EQ(password_fault("une phrase longue" + std::string{each}), std::nullopt) << each;
}

TEST(Passwords, hold_no_control_characters) {
  EXPECT_EQ(password_fault("une phrase\tlongue"), (ValueFault{Reason::forbidden_characters, {"U+0009"}}));
}

TEST(Passwords, do_not_hold_the_user_name) {
  EXPECT_EQ(password_fault("longusername1", "longusername1"), ValueFault{Reason::password_is_user_name});
  EXPECT_EQ(password_fault("xxMTREMBLAY12xx"), ValueFault{Reason::password_is_user_name});
  EXPECT_EQ(password_fault("xxMTREMBLAY1xx2"), std::nullopt);
  EXPECT_EQ(check_password(Password::parse("une phrase longue").value(), {}), std::nullopt)
      << "who signs in with a partner has no user name";
}

TEST(Passwords, are_read_from_any_text_of_1024_bytes) {
  EXPECT_EQ(Password::parse("old").value().secret(), "old");
  EXPECT_EQ(Password::parse(" \"x\" ").value().secret(), " \"x\" ");
  EXPECT_TRUE(Password::parse(times(1024, "a")));
  EXPECT_EQ(Password::parse(times(1025, "a")).error(), ValueFault{Reason::too_long});
  EXPECT_EQ(Password::parse("").error(), ValueFault{Reason::missing});
  EXPECT_EQ(Password::parse("a\xFF").error(), ValueFault{Reason::malformed});
}

TEST(Passwords, are_the_same_however_a_keyboard_composes_them) {
  const Password typed = Password::parse("les cre\u0302pes\u00A0bru\u0302le\u0301es").value();
  EXPECT_EQ(typed.secret(), "les crêpes brûlées");
  EXPECT_EQ(typed.as_typed(), "les cre\u0302pes\u00A0bru\u0302le\u0301es");
  const Password composed = Password::parse("les crêpes brûlées").value();
  EXPECT_EQ(composed.secret(), typed.secret());
  EXPECT_EQ(composed.as_typed(), composed.secret());
  // Case and width are part of the password.
  EXPECT_EQ(Password::parse("Ａé ß").value().secret(), "Ａé ß");
}

TEST(Passwords, are_counted_as_they_are_kept) {
  EXPECT_EQ(check_password(Password::parse(times(6, "e\u0301") + "tape!").value(), {}),
            ValueFault{Reason::too_short});
  EXPECT_EQ(check_password(Password::parse(times(7, "e\u0301") + "tape!").value(), {}), std::nullopt);
}

TEST(Passwords, have_at_least_five_different_characters) {
  for (const std::string& text : {times(12, " "), times(12, "é"), times(4, "abcd"), times(12, "e\u0301")})
    EXPECT_EQ(password_fault(text), ValueFault{Reason::password_too_uniform}) << text;
  EXPECT_EQ(password_fault(times(4, "abcde")), std::nullopt);
}

TEST(Passwords, do_not_consist_of_their_owners_names_or_of_words_of_the_programme) {
  const PasswordOwner owner{UserName::parse("mtremblay12").value(),
                            EmailAddress::parse("marie.okafor@erabliere.example").value(),
                            FamilyName::parse("Tremblay-Côté").value(), GivenNames::parse("Ève Li").value()};
  const auto fault_of = [&](std::string_view text) {
    return check_password(Password::parse(text).value(), owner);
  };
  for (const std::string_view text :
       {"Tremblay-1990!", "EVE TREMBLAY COTE", "marie.okafor@erabliere.example", "m4r1e-0k4f0r-2026",
        "TrustedTrader2026!", "Tru5ted-Tr4der", "Partenaires en protection", "cbsa-asfc-2026",
        "Bienvenue123!", "administrator", "Administrator1", "unknownunknown", "Mot de passe 2026",
        "Tremblay CBSA 26!"})
    EXPECT_EQ(fault_of(text), ValueFault{Reason::password_is_guessable}) << text;
  for (const std::string_view text :
       {"Ève mange des pommes", "tremblay harbour freight", "password managers are fine", "x7#Kq!mZ2vLp",
        "82749-13955-217", "漢字とかなの長いことばで", "my company sells syrup", "secret otters row north"})
    EXPECT_EQ(fault_of(text), std::nullopt) << text;
}

/// Whether the characters remain anywhere in the memory of a destroyed password.
bool is_left_behind(std::string_view secret, bool moved_away_first) {
  alignas(Password) unsigned char memory[sizeof(Password)];
  auto* password = new (memory) Password{Password::parse(secret).value()};
  if (moved_away_first) Password{std::move(*password)};
  password->~Password();
  const std::string_view bytes{reinterpret_cast<const char*>(memory), sizeof memory};
  return bytes.find(secret.substr(1)) != bytes.npos;
}

TEST(Passwords, leave_nothing_behind_in_memory) {
  EXPECT_FALSE(is_left_behind("short secret", false));
  EXPECT_FALSE(is_left_behind("short secret", true));
}

// ---- addresses --------------------------------------------------------------------------------------------

MailingAddress address(std::string_view region, std::string_view postal_code, Country country = Country::CA) {
  return {AddressLine::parse("123,  rue de l'église").value(),
          std::nullopt,
          City::parse("Trois-Rivières").value(),
          std::string{region},
          std::string{postal_code},
          country};
}

TEST(MailingAddresses, are_printed_in_upper_case_with_the_postal_code_in_its_form) {
  auto given = address(" qc ", "g9a5h7");
  given.line2 = AddressLine::parse("œuvre ķ ĺ ň ŋ ŷ ÿ ź ž ı ÷ 2e étage").value();
  const auto form = normalise(given);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->line1.text(), "123, RUE DE L'ÉGLISE");
  EXPECT_EQ(form->line2->text(), "ŒUVRE Ķ Ĺ Ň Ŋ Ŷ Ÿ Ź Ž I ÷ 2E ÉTAGE");
  EXPECT_EQ(form->city.text(), "TROIS-RIVIÈRES");
  EXPECT_EQ(form->region, "QC");
  EXPECT_EQ(form->postal_code, "G9A 5H7");
  EXPECT_EQ(normalise(*form), form) << "a second time changes nothing";
}

TEST(MailingAddresses, may_be_in_the_united_states) {
  for (const auto& [given, form] :
       {Taken{"12345", "12345"}, Taken{"123456789", "12345-6789"}, Taken{"12345 - 6789", "12345-6789"}}) {
    const auto result = normalise(address("ny", given, Country::US));
    ASSERT_TRUE(result) << given;
    EXPECT_EQ(result->postal_code, form);
    EXPECT_EQ(result->region, "NY");
  }
}

TEST(MailingAddresses, are_in_the_region_of_their_postal_code) {
  using Row = std::pair<std::string_view, std::vector<std::string_view>>;
  const std::vector<Row> canadian{{"AB", {"T2P 1J9", "T9V 3R7"}},
                                  {"BC", {"V6B 1A1"}},
                                  {"MB", {"R3C 4T3"}},
                                  {"NB", {"E3B 5H1"}},
                                  {"NL", {"A1B 4J6", "A2V 2K7"}},
                                  {"NS", {"B3J 3N8"}},
                                  {"NT", {"X1A 1N3"}},
                                  {"NU", {"X0A 0H0"}},
                                  {"ON", {"K1A 0L8", "L5B 3C2", "M5V 3L9", "N2L 3G1", "P3E 5J1"}},
                                  {"PE", {"C1A 7N8"}},
                                  {"QC", {"G9A 5H7", "H2Y 1C6", "J8X 1A1", "K1A 0H3"}},
                                  {"SK", {"S4P 3Y2"}},
                                  {"YT", {"Y1A 2C6"}}};
  for (const auto& [region, codes] : canadian)
    for (const auto code : codes) EXPECT_TRUE(normalise(address(region, code))) << region << code;
  const std::vector<Row> american{{"NY", {"00501", "06390", "10001", "14925"}},
                                  {"MA", {"01001", "02790", "05501"}},
                                  {"VT", {"05001"}},
                                  {"WY", {"82001", "83001", "83414"}},
                                  {"ID", {"83440"}},
                                  {"HI", {"96701"}},
                                  {"AS", {"96799"}},
                                  {"GU", {"96910"}},
                                  {"MP", {"96950"}},
                                  {"DC", {"20001", "56901"}},
                                  {"TX", {"73301", "79901", "88510"}},
                                  {"CA", {"90001", "96161"}}};
  for (const auto& [region, codes] : american)
    for (const auto code : codes)
      EXPECT_TRUE(normalise(address(region, code, Country::US))) << region << code;
}

TEST(MailingAddresses, know_every_province_territory_and_state) {
  const std::string first_letters = "ABCEGHJKLMNPRSTVXY";
  std::set<std::string> provinces, states;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      const std::string region{a, b};
      for (const char c : first_letters)
        if (normalise(address(region, c + std::string{"1A 0L8"}))) provinces.insert(region);
      for (int prefix = 0; prefix < 1000; ++prefix)
        if (normalise(address(region, std::to_string(1000 + prefix).substr(1) + "01", Country::US)))
          states.insert(region);
    }
  }
  EXPECT_EQ(provinces.size(), 13u);
  EXPECT_EQ(states.size(), 50u + 1u + 5u) << "states, the District of Columbia, territories";
}

TEST(MailingAddresses, take_only_the_letters_that_canada_post_uses) {
  const auto taken = [](std::string_view before, std::string_view after) {
    std::string letters;
    for (char c = 'A'; c <= 'Z'; ++c) {
      const auto form = normalise(address("ON", std::string{before} + c + std::string{after}));
      if (form || form.error().front().reason == Reason::postal_code_elsewhere) letters += c;
    }
    return letters;
  };
  EXPECT_EQ(taken("", "1A 0L8"), "ABCEGHJKLMNPRSTVXY");
  EXPECT_EQ(taken("K1", " 0L8"), "ABCEGHJKLMNPRSTVWXYZ");
  EXPECT_EQ(taken("K1A 0", "8"), "ABCEGHJKLMNPRSTVWXYZ");
}

TEST(MailingAddresses, forgive_letters_typed_for_digits_and_what_pasting_adds) {
  EXPECT_EQ(normalise(address("ON", "\u200Bkla-ol8 ")).value().postal_code, "K1A 0L8");
  EXPECT_EQ(normalise(address("NY", "l2345-67O9", Country::US)).value().postal_code, "12345-6709");
}

TEST(MailingAddresses, name_the_regions_that_have_a_postal_code) {
  const auto fault_of = [](const MailingAddress& given) { return normalise(given).error().front(); };
  const auto elsewhere = [](std::vector<std::string> regions) {
    return FieldFault{"/postal_code", Reason::postal_code_elsewhere, std::move(regions)};
  };
  EXPECT_EQ(fault_of(address("QC", "V6B 1A1")), elsewhere({"BC"}));
  EXPECT_EQ(fault_of(address("BC", "K1A 0L8")), elsewhere({"ON", "QC"}));
  EXPECT_EQ(fault_of(address("YT", "X0A 0H0")), elsewhere({"NT", "NU"}));
  EXPECT_EQ(fault_of(address("NY", "90210", Country::US)), elsewhere({"CA"}));
  EXPECT_EQ(fault_of(address("CA", "96910", Country::US)), elsewhere({"GU", "MP"}));
}

TEST(MailingAddresses, are_refused_with_every_member_at_fault) {
  auto given = address("XX", "nonsense");
  given.line1 = {};
  given.city = {};
  std::vector<std::string> pointers;
  const auto form = normalise(given);
  ASSERT_FALSE(form);
  for (const FieldFault& fault : form.error()) pointers.push_back(fault.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/line1", "/city", "/region", "/postal_code"}));
}

TEST(MailingAddresses, are_refused_with_the_member_at_fault) {
  struct Row {
    MailingAddress given;
    Reason reason;
    std::string member;
  };
  const auto without_line1 = [] {
    auto given = address("ON", "K1A 0L8");
    given.line1 = {};
    return given;
  };
  const auto without_city = [] {
    auto given = address("ON", "K1A 0L8");
    given.city = {};
    return given;
  };
  const auto with_blank_line2 = [] {
    auto given = address("ON", "K1A 0L8");
    given.line2 = AddressLine::stored(" ");
    return given;
  };
  for (const Row& row :
       {Row{without_line1(), Reason::missing, "line1"}, Row{with_blank_line2(), Reason::missing, "line2"},
        Row{without_city(), Reason::missing, "city"}, Row{address("", "K1A 0L8"), Reason::missing, "region"},
        Row{address("XX", "K1A 0L8"), Reason::not_a_choice, "region"},
        Row{address("NY", "K1A 0L8"), Reason::not_a_choice, "region"},
        Row{address("Ontario", "K1A 0L8"), Reason::not_a_choice, "region"},
        Row{address("ON", "12345", Country::US), Reason::not_a_choice, "region"},
        Row{address("O\xC3", "K1A 0L8"), Reason::not_a_choice, "region"},
        Row{address("ON", " "), Reason::missing, "postal_code"},
        Row{address("ON", "K1A 0L"), Reason::malformed, "postal_code"},
        Row{address("ON", "K1A 0L88"), Reason::malformed, "postal_code"},
        Row{address("ON", "KIA OO8"), Reason::malformed, "postal_code"},
        Row{address("ON", "D1A 0L8"), Reason::malformed, "postal_code"},
        Row{address("ON", "W1A 0L8"), Reason::malformed, "postal_code"},
        Row{address("ON", "12345"), Reason::malformed, "postal_code"},
        Row{address("NY", "K1A 0L8", Country::US), Reason::malformed, "postal_code"},
        Row{address("NY", "1234", Country::US), Reason::malformed, "postal_code"},
        Row{address("NY", "12345-678", Country::US), Reason::malformed, "postal_code"}}) {
    const auto form = normalise(row.given);
    ASSERT_FALSE(form) << row.member << " " << row.given.region << " " << row.given.postal_code;
    EXPECT_EQ(form.error().front().pointer, "/" + row.member) << row.given.postal_code;
    EXPECT_EQ(form.error().front().reason, row.reason) << row.given.postal_code;
  }
  EXPECT_EQ(normalise(address("NT", "K1A")).error().front().details, std::vector<std::string>{"K1A 0L8"});
  EXPECT_EQ(normalise(address("XX", "K1A 0L8")).error().front().details.size(), 13u) << "the choices";
}

}  // namespace
}  // namespace ttp::domain::tests

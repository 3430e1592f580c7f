// The values that commands and events carry. Each text has its own type. Only `parse` creates one, and it
// refuses text that the type does not allow; so every field of a command is well formed.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/reason.hpp"
#include "domain/text.hpp"

namespace ttp::domain {

/// The reason why a value was refused; the caller adds the field's location.
struct ValueFault {
  Reason reason{};
  std::vector<std::string> details{};
  friend bool operator==(const ValueFault&, const ValueFault&) = default;
};

/// A text of one kind. `Kind` names the limits (in Unicode code points), an example for the documentation,
/// and `check`, which returns the normalised text or a fault.
template <class Kind>
class Text {
 public:
  using kind = Kind;
  Text() = default;

  static std::expected<Text, ValueFault> parse(std::string_view raw) {
    auto checked = Kind::check(raw);
    if (!checked) return std::unexpected{std::move(checked).error()};
    return Text{*std::move(checked)};
  }
  /// For stored events only: the text was parsed when the event was written, and the rules may have changed
  /// since.
  static Text stored(std::string text) { return Text{std::move(text)}; }

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend auto operator<=>(const Text&, const Text&) = default;

 private:
  explicit Text(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

using Checked = std::expected<std::string, ValueFault>;

/// The key of a security profile that was stored without a name of its site.
inline constexpr std::string_view nameless_site = "-";

// clang-format off
/// 8 to 16 ASCII letters and digits, at most seven digits (SPEC 3.1). Case is kept; uniqueness forgives it. Characters that pasting adds around it are dropped.
struct UserNameKind      { static constexpr std::size_t min = 8,  max = 16;  static constexpr std::string_view example = "mtremblay12",  pattern = "^[A-Za-z0-9]{8,16}$"; static Checked check(std::string_view); };
/// Names of persons: 1 to 80 code points, at least one letter of any script, no character that nobody sees; white space folded. Given names are optional, for people with one name; none are an empty text in events and states.
struct FamilyNameKind    { static constexpr std::size_t min = 1,  max = 80;  static constexpr std::string_view example = "Tremblay",     pattern = ""; static Checked check(std::string_view); };
struct GivenNamesKind    { static constexpr std::size_t min = 1,  max = 80;  static constexpr std::string_view example = "Marie-Ève",    pattern = ""; static Checked check(std::string_view); };
/// One address, local part and domain, at most 254 characters, no comments and no quoted parts; the domain in lower case and, where it has letters beyond ASCII, as mail servers know it ("xn--...").
struct EmailAddressKind  { static constexpr std::size_t min = 6,  max = 254; static constexpr std::string_view example = "marie@example.com", pattern = ""; static Checked check(std::string_view); };
/// A number as people write it, with an extension of up to six digits ("x 12", "ext. 12", "poste 12"); without a country code, one of Canada or the United States. Normalised to "+" and all digits (E.164), and "x" before an extension.
struct TelephoneKind     { static constexpr std::size_t min = 7,  max = 64;  static constexpr std::string_view example = "+16135550123", pattern = ""; static Checked check(std::string_view); };
/// User reference number: ten digits, the last a Luhn check digit; spaces and dashes forgiven. (Form ours.)
struct UrnKind           { static constexpr std::size_t min = 10, max = 16;  static constexpr std::string_view example = "4000123457",   pattern = ""; static Checked check(std::string_view); };
/// Client number: eight digits, the last a Luhn check digit; spaces and dashes forgiven. (Form ours.)
struct ClientNumberKind  { static constexpr std::size_t min = 8,  max = 16;  static constexpr std::string_view example = "70001235",     pattern = ""; static Checked check(std::string_view); };
/// Business number: nine digits with a Luhn check digit (Canada Revenue Agency); spaces and dashes forgiven. A programme identifier behind them ("RM0001") is cut off.
struct BusinessNumberKind{ static constexpr std::size_t min = 9,  max = 32;  static constexpr std::string_view example = "123456782",    pattern = ""; static Checked check(std::string_view); };
/// Names of companies: 1 to 175 code points, at least one letter or digit.
struct CompanyNameKind   { static constexpr std::size_t min = 1,  max = 175; static constexpr std::string_view example = "Érablière du Nord inc.", pattern = ""; static Checked check(std::string_view); };
/// One line of an address: 1 to 60 code points.
struct AddressLineKind   { static constexpr std::size_t min = 1,  max = 60;  static constexpr std::string_view example = "123 rue Principale", pattern = ""; static Checked check(std::string_view); };
struct CityKind          { static constexpr std::size_t min = 1,  max = 60;  static constexpr std::string_view example = "Gatineau",     pattern = ""; static Checked check(std::string_view); };
/// An activation code as typed: case, spaces, dashes and invisible characters of pasting forgiven, O read as 0 and I and L as 1; ten characters of Crockford's alphabet.
struct ActivationCodeKind{ static constexpr std::size_t min = 10, max = 64;  static constexpr std::string_view example = "7K4QX-9M2TB",  pattern = ""; static Checked check(std::string_view); };
/// The code that is mailed to a mailbox before a credential is registered: typed like an activation code.
struct RegistrationCodeKind { static constexpr std::size_t min = 10, max = 64; static constexpr std::string_view example = "7K4QX-9M2TB", pattern = ""; static Checked check(std::string_view); };
/// The service desk's permit to recover a credential, typed like an activation code.
struct RecoveryPermitKind { static constexpr std::size_t min = 10, max = 64; static constexpr std::string_view example = "7K4QX-9M2TB", pattern = ""; static Checked check(std::string_view); };
/// Stands for a registration until its code is entered; the service alone can read it.
struct DeviceTokenKind { static constexpr std::size_t min = 1, max = 512; static constexpr std::string_view example = "AZOMLnsafD2OT1prfI2eD8N4vGm1Xw0aQz5kRt7uYbLhEoCpWsJdVfIgMxTn2a3B", pattern = "^[A-Za-z0-9_-]{1,512}$"; static Checked check(std::string_view); };
struct RegistrationTokenKind { static constexpr std::size_t min = 64, max = 512; static constexpr std::string_view example = "AZOMLnsafD2OT1prfI2eD8N4vGm1Xw0aQz5kRt7uYbLhEoCpWsJdVfIgMxTn2a3B", pattern = "^[A-Za-z0-9_-]{64,512}$"; static Checked check(std::string_view); };
/// A one-time code as typed: six digits; spaces, dashes and invisible characters of pasting forgiven.
struct OneTimeCodeKind   { static constexpr std::size_t min = 6,  max = 32;  static constexpr std::string_view example = "123456",       pattern = ""; static Checked check(std::string_view); };
/// Canada Post's registered-mail number in the form of UPU S10: two letters, eight digits and their check digit, the country's two letters; upper case, spaces and dashes dropped.
struct RegisteredMailNumberKind { static constexpr std::size_t min = 13, max = 32; static constexpr std::string_view example = "RN123456785CA", pattern = ""; static Checked check(std::string_view); };
/// A day of the calendar, in Ottawa: "2019-04-01".
struct DayKind           { static constexpr std::size_t min = 10, max = 10;  static constexpr std::string_view example = "2019-04-01",   pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"; static Checked check(std::string_view); };
/// A recorded reason or remark: 1 to 2,000 code points; line ends kept.
struct RemarkKind        { static constexpr std::size_t min = 1,  max = 2000; static constexpr std::string_view example = "Asked for by telephone, identity checked.", pattern = ""; static Checked check(std::string_view); };
/// A short free text such as a job title: 1 to 80 code points.
struct TitleKind         { static constexpr std::size_t min = 1,  max = 80;  static constexpr std::string_view example = "Customs coordinator", pattern = ""; static Checked check(std::string_view); };
/// The name that people give a site or division: 1 to 80 code points, at least one letter or digit, no character that nobody sees; white space folded.
struct SiteNameKind      { static constexpr std::size_t min = 1,  max = 80;  static constexpr std::string_view example = "Entrepôt nº 2, Gatineau", pattern = ""; static Checked check(std::string_view); };
/// The identifier of a site: a UUID drawn by the service. Sites from before they had names are identified by what people called them:
/// lower-case letters, digits and dashes, or a lone dash for a site that was stored without an identifier.
struct SiteKeyKind       { static constexpr std::size_t min = 1,  max = 40;  static constexpr std::string_view example = "01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f", pattern = "^(?:-|[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)$"; static Checked check(std::string_view); };
/// An identity from a sign-in partner (OpenID Connect): 1 to 255 printable ASCII characters each.
struct IssuerKind        { static constexpr std::size_t min = 1,  max = 255; static constexpr std::string_view example = "https://bank.example/oidc", pattern = ""; static Checked check(std::string_view); };
struct SubjectKind       { static constexpr std::size_t min = 1,  max = 255; static constexpr std::string_view example = "5f1c2a", pattern = ""; static Checked check(std::string_view); };
/// An answer to a profile question: 0 to 4,000 code points; an empty one removes the answer.
struct AnswerKind        { static constexpr std::size_t min = 0,  max = 4000; static constexpr std::string_view example = "Yes, reviewed each January.", pattern = ""; static Checked check(std::string_view); };
// clang-format on

using UserName = Text<UserNameKind>;
using FamilyName = Text<FamilyNameKind>;
using GivenNames = Text<GivenNamesKind>;
using EmailAddress = Text<EmailAddressKind>;
using Telephone = Text<TelephoneKind>;
using Urn = Text<UrnKind>;
using ClientNumber = Text<ClientNumberKind>;
using BusinessNumber = Text<BusinessNumberKind>;
using CompanyName = Text<CompanyNameKind>;
using AddressLine = Text<AddressLineKind>;
using City = Text<CityKind>;
using ActivationCode = Text<ActivationCodeKind>;
using OneTimeCode = Text<OneTimeCodeKind>;
using RegistrationCode = Text<RegistrationCodeKind>;
using RecoveryPermit = Text<RecoveryPermitKind>;
using RegistrationToken = Text<RegistrationTokenKind>;
using DeviceToken = Text<DeviceTokenKind>;
using RegisteredMailNumber = Text<RegisteredMailNumberKind>;
using Day = Text<DayKind>;
using Remark = Text<RemarkKind>;
using Title = Text<TitleKind>;
using SiteName = Text<SiteNameKind>;
using SiteKey = Text<SiteKeyKind>;
using Issuer = Text<IssuerKind>;
using Subject = Text<SubjectKind>;
using Answer = Text<AnswerKind>;

/// A password on its way to the hash. It has no text form, so it cannot be logged, stored or encoded.
class Password {
 public:
  Password() = default;
  /// Accepts any UTF-8 text of at most 1,024 bytes. The rules are in `check_password`, because the correct
  /// password of an old credential must be accepted even if the rules have changed.
  static std::expected<Password, ValueFault> parse(std::string_view raw);
  /// Normalised by RFC 8265's OpaqueString profile: every space is U+0020, the rest is in Normalisation Form
  /// C. A password is therefore the same on every keyboard.
  const std::string& secret() const { return secret_; }
  /// The password as it was typed: verifiers from before passwords were normalised may belong to this form.
  const std::string& as_typed() const { return typed_; }
  ~Password();
  Password(const Password&) = default;
  Password(Password&&) = default;
  Password& operator=(const Password&) = default;
  Password& operator=(Password&&) = default;

 private:
  std::string secret_;
  std::string typed_;
};

/// The names of a password's owner.
struct PasswordOwner {
  UserName user_name{};
  EmailAddress email{};
  FamilyName family_name{};
  GivenNames given_names{};
};

/// The rules for a new password (SPEC 3.1): 12 to 128 code points, at least five different ones; none of the
/// characters the seed forbids (the fault's details name each one found); it neither equals nor contains the
/// user name (case forgiven), and it does not consist of names (domain/guessable.hpp). The list of common
/// passwords is checked elsewhere and is a fact of the command, because the list is data.
std::optional<ValueFault> check_password(const Password& password, const PasswordOwner& owner);

enum class Language : std::uint8_t { en, fr };
enum class CredentialKind : std::uint8_t { gckey, sign_in_partner };
enum class Country : std::uint8_t { CA, US };

/// A mailing address in Canada or the United States, as Canada Post prints it.
struct MailingAddress {
  AddressLine line1;
  std::optional<AddressLine> line2;
  City city;
  std::string region;       ///< two letters: a province or territory, or a state
  std::string postal_code;  ///< "K1A 0L8" or "12345" or "12345-6789"
  Country country = Country::CA;
  friend auto operator<=>(const MailingAddress&, const MailingAddress&) = default;
};

/// Returns the address in upper case with single spaces and its postal code in standard form. Refuses an
/// unknown region, a postal code that does not fit the country, and one of another region. The answer has
/// every fault; their pointers start at the address ("/postal_code"). For addresses that are entered, not for
/// stored ones.
std::expected<MailingAddress, std::vector<FieldFault>> normalise(const MailingAddress& address);

/// The Luhn check: whether the last digit of a text of digits is the correct check digit, and the correct
/// check digit for a text without one.
bool luhn_valid(std::string_view digits);
char luhn_digit(std::string_view digits_without_check);
/// The check digit of the eight digits in a number of the form UPU S10.
char s10_digit(std::string_view eight_digits);

/// The form under which user names are compared and claimed: ASCII letters in lower case. Claims are keyed
/// hashes of this form: it must never change.
std::string same_user_name(const UserName& name);

/// The form under which e-mail addresses are compared and claimed: ASCII letters in lower case, no other
/// folding, because a domain has one form already. Claims are keyed hashes of this form: it must never
/// change.
std::string same_email(const EmailAddress& address);
/// The form under which mails to strangers are counted: the same without a sub-address ("marie+pip@..."),
/// because all sub-addresses lead to one mailbox.
std::string same_mailbox(const EmailAddress& address);
/// The address with its domain in the letters that its owner uses, for documents that people read. It is
/// parsed to the same address again.
EmailAddress as_people_write(const EmailAddress& address);

}  // namespace ttp::domain

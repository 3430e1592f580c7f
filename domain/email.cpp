// E-mail addresses: their form, the form under which they are compared, and the form that people read. A
// domain in letters beyond ASCII is kept in the form that mail servers use (RFC 5891: "xn--..."); this is the
// only source that uses libidn2.
#include <algorithm>
#include <memory>

#include <idn2.h>

#include "domain/text.hpp"
#include "domain/typed.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

using namespace typed;

namespace {

struct Freed {
  void operator()(char* text) const { idn2_free(text); }
};
using Idn2Text = std::unique_ptr<char, Freed>;

/// The domain as mail servers know it, in lower case; empty if no domain can be written so.
std::string domain_for_servers(const std::string& domain) {
  std::string form;
  if (is_plain(domain)) {
    form = domain;
    std::ranges::transform(form, form.begin(), [](char c) {
      return static_cast<char>(ascii_lower(static_cast<unsigned char>(c)));
    });
    return form;
  }
  const auto is_of_another_form = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && !is_letter_or_digit(byte) && c != '-' && c != '.';
  };
  if (std::ranges::any_of(domain, is_of_another_form)) return form;
  // UTS 46 as browsers apply it: case and compatible forms are mapped, "ß" stays a letter of its own.
  constexpr int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  char* encoded = nullptr;
  const int result = idn2_to_ascii_8z(domain.c_str(), &encoded, flags);
  const Idn2Text owned{encoded};
  if (result == IDN2_OK) form = owned.get();
  return form;
}

/// The domain as people write it.
std::string domain_for_people(const std::string& domain) {
  char* decoded = nullptr;
  const int result = idn2_to_unicode_8z8z(domain.c_str(), &decoded, 0);
  const Idn2Text owned{decoded};
  return result == IDN2_OK ? owned.get() : domain;
}

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
  const std::string_view top = text.substr(text.rfind('.') + 1);
  return text.find('.') != text.npos && all_parts(text, '.', is_label) && top.size() >= 2 &&
         is_lower(static_cast<unsigned char>(top.front()));
}

}  // namespace

Checked EmailAddressKind::check(std::string_view raw) {
  const auto points = decode(raw);
  if (!points) return fault(Reason::malformed);
  const std::u32string_view typed_address = trimmed(*points);
  if (auto found = wrong_length(typed_address.size(), min, max)) return std::unexpected{*found};
  const std::string whole = encode(typed_address);
  const auto at = whole.rfind('@');
  if (at == whole.npos) return fault(Reason::malformed);
  const std::string address = whole.substr(0, at + 1) + domain_for_servers(whole.substr(at + 1));
  if (!is_local_part(address.substr(0, at)) || !is_host_name(std::string_view{address}.substr(at + 1)))
    return fault(Reason::malformed);
  if (address.size() > max) return fault(Reason::too_long);
  return address;
}

std::string same_email(const EmailAddress& address) {
  std::string text = address.text();
  for (char& c : text) c = static_cast<char>(ascii_lower(static_cast<unsigned char>(c)));
  return text;
}

EmailAddress as_people_write(const EmailAddress& address) {
  const std::string& text = address.text();
  const auto domain = text.rfind('@') + 1;
  if (text.find("xn--", domain) == text.npos) return address;
  return EmailAddress::stored(text.substr(0, domain) + domain_for_people(text.substr(domain)));
}

}  // namespace ttp::domain

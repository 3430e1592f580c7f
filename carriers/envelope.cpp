#include "carriers/envelope.hpp"

#include "domain/values.hpp"

namespace ttp::carriers {

std::optional<EnvelopeAddress> EnvelopeAddress::of(std::string_view address) {
  // Parsed again, although it was parsed when it was typed: an address of an earlier release may be stored in
  // another form. Spaces at the ends are forgiven only to people.
  const auto parsed = domain::EmailAddress::parse(address);
  const bool was_trimmed = parsed && address.find_first_of(" \t\r\n\v\f") != address.npos;
  if (!parsed || was_trimmed) return std::nullopt;
  return EnvelopeAddress{parsed->text()};
}

}  // namespace ttp::carriers

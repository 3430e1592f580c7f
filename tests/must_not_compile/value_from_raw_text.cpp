// A value of the domain is made by its parser, which can refuse; never from bare text.
// sees: domain
// says: conversion from .* to non-scalar type
#include <string>

#include "domain/values.hpp"

int main() {
#ifdef WRONG
  const ttp::domain::EmailAddress address = std::string{"not an address"};
  return address.text().empty() ? 1 : 0;
#else
  return ttp::domain::EmailAddress::parse("someone@example.com").has_value() ? 0 : 1;
#endif
}

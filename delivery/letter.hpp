// The letters of the programme as PDF: one sheet of Letter paper, English and French side by side, for a
// number 10 window envelope. Equal letters give equal bytes. Any thread may render; each letter has objects
// of its own.
#pragma once

#include <string>

#include "delivery/sheet.hpp"
#include "delivery/texts.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::delivery {

/// Carries client number and activation code to the company, by registered mail. `code` is a secret.
struct ActivationLetter {
  domain::LetterId letter;
  domain::Time ordered_at;
  domain::CompanyName legal_name;
  domain::MailingAddress address;
  PersonName attention;
  domain::ClientNumber client_number;
  domain::ActivationCode code;
  domain::Time code_expires_at;
  domain::Language first_language = domain::Language::en;
};

/// Repeats the client number; contains no code.
struct ClientNumberLetter {
  domain::LetterId letter;
  domain::Time ordered_at;
  domain::CompanyName legal_name;
  domain::MailingAddress address;
  PersonName attention;
  domain::ClientNumber client_number;
  domain::Language first_language = domain::Language::en;
};

/// Carries the service desk's permit to one of the company's users, by registered mail. `permit` is a secret.
struct RecoveryLetter {
  domain::LetterId letter;
  domain::Time ordered_at;
  domain::CompanyName legal_name;
  domain::MailingAddress address;
  PersonName attention;
  domain::RecoveryPermit permit;
  domain::Time permit_expires_at;
  domain::Language first_language = domain::Language::en;
};

/// Returns the bytes of the PDF. Throws LetterFault.
std::string render_pdf(const ActivationLetter& letter, const Fonts& fonts = installed_fonts());
std::string render_pdf(const ClientNumberLetter& letter, const Fonts& fonts = installed_fonts());
std::string render_pdf(const RecoveryLetter& letter, const Fonts& fonts = installed_fonts());

}  // namespace ttp::delivery

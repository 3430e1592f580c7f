// The letters of the programme as PDF: one sheet of Letter paper, English and French side by side, for a
// number 10 window envelope. Equal letters give equal bytes.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

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

/// Thrown if a letter cannot be made: fonts are missing, or the PDF library failed. The message never
/// contains the letter's text.
struct LetterFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The folder of DejaVuSans.ttf, DejaVuSans-Bold.ttf and DejaVuSansMono-Bold.ttf (Debian's
/// fonts-dejavu-core).
inline const std::filesystem::path default_fonts{"/usr/share/fonts/truetype/dejavu"};

/// Returns the bytes of the PDF. Throws LetterFault.
std::string render_pdf(const ActivationLetter& letter, const std::filesystem::path& fonts = default_fonts);
std::string render_pdf(const ClientNumberLetter& letter, const std::filesystem::path& fonts = default_fonts);

}  // namespace ttp::delivery

// What goes out because of an event (SPEC 3.9 and 6): which mails to whom, which letter, and until when it is
// of use. The rules read views and derive codes; they send nothing (service/workers/delivery_worker.hpp
// does).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "delivery/letter.hpp"
#include "delivery/mail.hpp"
#include "domain/ids.hpp"
#include "domain/reason.hpp"
#include "domain/time.hpp"
#include "events/recorded.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"

namespace ttp::service {

using LetterToPrint = std::variant<delivery::ActivationLetter, delivery::ClientNumberLetter>;

/// One thing to send. What is a secret in it (a code) stands in the mail or letter only.
struct Outgoing {
  /// Names the file: for a mail its message key, for a letter its identifier. The same event gives the same
  /// keys again, whoever has joined or left the account meanwhile.
  std::string key;
  domain::UserId reader;  ///< whose address it goes to
  std::variant<delivery::Mail, LetterToPrint> content;
  std::optional<domain::Time> useless_from;  ///< from then on it must not go out any more
  bool carries_code = false;                 ///< a mailed code: goes before everything else
};

/// Whether events of this stored name send anything at all, so that the others need not even be opened.
bool sends(std::string_view event);

/// What is to be sent because of an event, as of `now`: empty for an event that sends nothing, for a code
/// that is not the open one any more, for a reminder whose deadline has passed, and for people whose personal
/// data is erased.
std::vector<Outgoing> outgoing(const events::Recorded& recorded, const Queries& queries,
                               const Secrets& secrets, domain::Time now);

/// A letter that waits for the mail room, as it is to be printed. Refused with `letter_not_found`,
/// `letter_not_pending` (posted, returned or cancelled), `activation_code_expired` or `activation_code_void`.
std::expected<LetterToPrint, domain::Reason> letter_to_print(const Queries& queries, const Secrets& secrets,
                                                             domain::AccountId id, domain::LetterId letter_id,
                                                             domain::Time now);

/// The bytes of the letter's PDF. Throws delivery::LetterFault.
std::string render_pdf(const LetterToPrint& letter);

/// A short word that can be spoken in both languages, shown on the screen that asked for a code and in the
/// mail that brings it, so that a person sees which request a code belongs to. Not a secret.
std::string request_word(domain::SignInId sign_in);
/// The same for a change of e-mail address, by the identifier of its code.
std::string request_word(domain::CodeId email_change);

}  // namespace ttp::service

// The mails and letters that an event causes (SPEC 3.9 and 6): the recipients, the content, and the time
// after which an item is useless. The rules read views and derive codes; service/workers/delivery_worker.hpp
// sends.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
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

/// A letter that a provider must not print any more.
struct LetterToCancel {
  domain::LetterId letter;
};
using LetterToPrint =
    std::variant<delivery::ActivationLetter, delivery::ClientNumberLetter, delivery::RecoveryLetter>;

/// One mail or letter to send. A secret in it (a code) is in the content only.
struct Outgoing {
  /// The name of the file: for a mail its message key, for a letter (or its cancelling) its identifier. The
  /// same event always gives the same keys, even if users have joined or left the account meanwhile.
  std::string key;
  domain::UserId
      reader;  ///< to whose address it goes; nil for a cancelling and for a company without an owner
  std::variant<delivery::Mail, LetterToPrint, LetterToCancel> content;
  std::optional<domain::Time> useless_from;  ///< it must not be sent from then on
  bool carries_code = false;                 ///< a mailed code: sent before everything else
  std::string occasion{};                    ///< the stored name of the event, for the journal
};

/// Whether events of this stored name can send anything; other events need not be opened.
bool sends(std::string_view event);

/// The items that an event causes, as of `now`. None for an event that sends nothing, for a code that is no
/// longer the open one, for a reminder whose deadline has passed, and for people whose personal data is
/// erased.
std::vector<Outgoing> outgoing(const events::Recorded& recorded, const Queries& queries,
                               const Secrets& secrets, domain::Time now);

/// The content of a letter that waits for the mail room, to the name and address for which it was ordered.
/// Refused with `letter_not_found` and the reasons of domain::letter_refusal.
std::expected<LetterToPrint, domain::Reason> letter_to_print(const Queries& queries, const Secrets& secrets,
                                                             domain::AccountId id, domain::LetterId letter_id,
                                                             domain::Time now);

/// The bytes of the letter's PDF. Throws delivery::LetterFault.
std::string render_pdf(const LetterToPrint& letter);

/// A short word that can be pronounced in both languages. It is shown on the screen that asks for a code and
/// in the mail with the code, so that a person sees which request a code belongs to. Not a secret.
std::string request_word(domain::SignInId sign_in);
/// The same for a change of e-mail address, by the identifier of its code.
std::string request_word(domain::CodeId email_change);
/// The same for a registration, by the identifier that its user will have.
std::string request_word(domain::UserId registration);

}  // namespace ttp::service

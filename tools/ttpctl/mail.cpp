// ttpctl mail test: sends one mail through the configured carrier and shows what came of it. ttpctl bounce:
// the relay starts it for each bounce.
#include "delivery/mail.hpp"

#include <array>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "carriers/delivery_report.hpp"
#include "delivery/folder.hpp"
#include "domain/values.hpp"
#include "events/json.hpp"
#include "service/carriers_of.hpp"
#include "service/clock.hpp"
#include "service/secrets/secrets.hpp"
#include "service/workers/bounces.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

using delivery::Delivery;

/// Both languages, as the service's own mails; no code and nothing of anybody.
delivery::Mail test_mail(const domain::EmailAddress& to, domain::Language language) {
  const domain::Time now = service::Clock{}.now();
  const std::string here =
      "Hello,\n\nThis is a test of the portal's mail: accents é è ç, a dash - and a dot.\n"
      ".\nNothing needs to be done.\n";
  const std::string there =
      "Bonjour,\n\nCeci est un essai du courriel du portail : accents é è ç, un tiret - et un "
      "point.\n.\nAucune action n'est requise.\n";
  const bool is_french = language == domain::Language::fr;
  delivery::Mail mail;
  mail.message_key = "test-" + to_text(service::fresh_uuid(now));
  mail.date = now;
  mail.to = to;
  mail.language = language;
  mail.subject = is_french ? "Essai du courriel / Mail test" : "Mail test / Essai du courriel";
  mail.text = is_french ? "(English follows.)\n\n" + there + std::string{delivery::language_divider} + here
                        : "(Le français suit.)\n\n" + here + std::string{delivery::language_divider} + there;
  mail.bilingual = true;
  return mail;
}

std::string_view name_of(Delivery verdict) {
  switch (verdict) {
    case Delivery::delivered:
      return "delivered";
    case Delivery::try_later:
      return "try_later";
    case Delivery::refused:
      return "refused";
    case Delivery::misconfigured:
      return "misconfigured";
    case Delivery::unknown:
      return "unknown";
  }
  std::unreachable();
}

std::string_view meaning_of(Delivery verdict) {
  switch (verdict) {
    case Delivery::delivered:
      return "The relay took the mail and is responsible for it now.";
    case Delivery::try_later:
      return "The relay cannot take the mail now. The service tries again by itself.";
    case Delivery::refused:
      return "The relay refuses this mail or this address for good. Other mails are not affected.";
    case Delivery::misconfigured:
      return "The relay refuses this service, whatever the mail: see smtp_url, smtp_user, smtp_ca_file and "
             "the "
             "relay's log. Mails wait until it works.";
    case Delivery::unknown:
      return "The relay got the mail but did not say that it took it. The service would send it again.";
  }
  std::unreachable();
}

void show(const delivery::HandOver& told, const std::string& carrier, const Options& options) {
  if (!options.json) {
    std::cout << carrier << ": " << name_of(told.verdict);
    if (!told.words.empty()) std::cout << " (" << told.words << ")";
    std::cout << "\n" << meaning_of(told.verdict) << "\n";
    return;
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("carrier", carrier).member("verdict", name_of(told.verdict)).member("reply", told.reply);
  object.member("status", told.status).member("words", told.words);
  object.end();
  std::cout << json << "\n";
}

Exit test(const std::string& to, const std::string& language, const Options& options) {
  const service::Config config = options.load().config;
  const auto address = domain::EmailAddress::parse(to);
  if (!address) throw Failure{exit_usage, "--to takes an e-mail address"};
  const auto mail = test_mail(*address, language == "fr" ? domain::Language::fr : domain::Language::en);
  if (const auto relay = service::relay_of(config)) {
    const auto told = relay->deliver(mail);
    show(told, "relay", options);
    return told == Delivery::delivered ? exit_ok : exit_failure;
  }
  delivery::MailFolder folder{config.mails(), config.mail_from()};
  const auto told = folder.deliver(mail);
  show(told, "mail folder " + config.mails().string(), options);
  return told == Delivery::delivered ? exit_ok : exit_failure;
}

std::string standard_input(std::size_t bytes_max) {
  std::string text;
  std::array<char, 65'536> piece{};
  while (std::cin && text.size() <= bytes_max) {
    std::cin.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(std::cin.gcount()));
  }
  // The rest is read, too, because a relay counts a closed pipe as a failure.
  while (std::cin.read(piece.data(), piece.size()) || std::cin.gcount() > 0) {
  }
  return text;
}

/// A message that is not a bounce is dropped, because a relay would bounce the bounce if this failed.
Exit bounce(std::string recipient, const Options& options) {
  const service::Config config = options.load().config;
  if (recipient.empty())
    if (const char* given = std::getenv("RECIPIENT")) recipient = given;
  if (recipient.empty() || recipient.find_first_of("\r\n") != std::string::npos || recipient.size() > 320)
    throw Failure{exit_usage, "name the address that the bounce was sent to: --recipient or RECIPIENT"};
  const auto report = carriers::read_delivery_report(standard_input(carriers::delivery_report_bytes_max));
  if (!report) return exit_ok;
  try {
    service::leave_bounce(config.bounces(), recipient, *report);
  } catch (const std::exception& cannot) {
    throw Failure{exit_try_again, cannot.what()};
  }
  return exit_ok;
}

}  // namespace

void add_mail(Commands& commands) {
  Commands mail = commands.group("mail", "Tries the mail carrier");
  const auto to = std::make_shared<std::string>(), language = std::make_shared<std::string>("en");
  mail.add("test", "Sends one mail through the relay, or into the mail folder, and shows what came of it",
           "ttpctl mail test --to someone@example.org --config ttpd.toml",
           [to, language](const Options& options) { return test(*to, *language, options); })
      .required("--to", to.get(), "The address that the mail goes to")
      .one_of("--language", language.get(), {"en", "fr"}, "The language that comes first");
  const auto recipient = std::make_shared<std::string>();
  commands
      .add("bounce",
           "Reads a bounce from standard input and leaves it for the service; a relay starts this. Exit code "
           "75: "
           "try again later",
           "ttpctl bounce --config /etc/ttp/ttpd.toml --recipient \"$RECIPIENT\" <bounce.eml",
           [recipient](const Options& options) { return bounce(*recipient, options); })
      .optional("--recipient", recipient.get(), "The address that the bounce was sent to; else RECIPIENT");
}

}  // namespace ttp::tools

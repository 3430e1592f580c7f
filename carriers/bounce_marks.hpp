// The address to which a mail's bounces go: it names the mail and carries a mark of this service, so that
// nobody else can make up a bounce. "b+42-0.<mark>@bounces.example.org" is of the mail with the key
// 00000000000000000042-0.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "delivery/mail.hpp"
#include "events/bytes.hpp"

namespace ttp::carriers {

class BounceMarks {
 public:
  BounceMarks(const events::Hash& key, std::string domain) : key_(key), domain_(std::move(domain)) {}

  /// Empty if there is no domain for bounces, or if the mail's key is of another form; then the mail is sent
  /// from an address that takes no bounces.
  std::string address_for(const delivery::Mail& mail) const;
  /// The key of the mail that a bounce to this address is about. Nothing if the mark is not ours. A mail to a
  /// mailbox that somebody named has the key of its Message-ID, which names no event.
  std::optional<std::string> mail_of(std::string_view address) const;

 private:
  std::string mark(std::string_view name) const;

  const events::Hash key_;
  const std::string domain_;
};

}  // namespace ttp::carriers

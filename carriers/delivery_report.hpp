// Reads a bounce: a delivery status notification (RFC 3464) as relays send it. Only whether delivery failed
// for good is believed, because details differ between relays for the same fault; an address, a key or a text
// of the message is never used.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ttp::carriers {

inline constexpr std::size_t delivery_report_bytes_max = 256 * 1024;

struct DeliveryReport {
  bool is_lasting =
      false;           ///< the mailbox cannot be reached; else the mail was only delayed or given up for now
  std::string status;  ///< RFC 3463, such as "5.1.1"
};

/// Nothing for a message that reports no failure: another kind of message, a vacation notice, a success, a
/// report about several recipients, and what is too large or malformed.
std::optional<DeliveryReport> read_delivery_report(std::string_view message);

}  // namespace ttp::carriers

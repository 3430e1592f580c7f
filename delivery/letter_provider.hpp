// A company that prints and posts letters, and the contract of every such carrier. The letter folder is the
// default: the agency's own mail room prints from it and records what it does.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::delivery {

/// The lines of an address as they stand in the envelope's window.
struct PostalAddress {
  std::string name;
  std::optional<std::string> attention{};
  domain::MailingAddress address{};
};

struct LetterOrder {
  domain::LetterId letter;  ///< the idempotency key
  std::string pdf;
  PostalAddress to;
  bool is_registered = true;
  domain::Time post_by;
};

enum class Handed : std::uint8_t {
  accepted,
  try_later,
  refused,  ///< final: the provider cannot print or post it
};

enum class LetterStatus : std::uint8_t { printing, posted, delivered, returned, cancelled, failed };
struct LetterReport {
  domain::LetterId letter;
  LetterStatus status{};
  std::optional<domain::RegisteredMailNumber> registered_mail_number{};
  domain::Time at;
  std::string reason{};  ///< the provider's word for it; empty: none
};

class LetterProvider {
 public:
  LetterProvider() = default;
  LetterProvider(const LetterProvider&) = delete;
  LetterProvider& operator=(const LetterProvider&) = delete;
  virtual ~LetterProvider() = default;

  /// Safe to repeat. Throws if the carrier fails.
  virtual Handed order(const LetterOrder& order) = 0;
  /// Before it is printed; safe to repeat. A letter that is printed already stays ordered (refused).
  virtual Handed cancel(domain::LetterId letter) = 0;
  /// The reports since `cursor`, which is moved; at most a hundred reports. A report may come again,
  /// late or out of order.
  virtual std::vector<LetterReport> reports(std::string& cursor) = 0;
};

}  // namespace ttp::delivery

namespace ttp::domain {
template <>
inline constexpr std::array<Names, 6> enum_names<delivery::LetterStatus>{"printing", "posted",    "delivered",
                                                                         "returned", "cancelled", "failed"};
}  // namespace ttp::domain

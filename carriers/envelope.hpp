// An address that the commands of SMTP can carry. Relays and libcurl believe what stands between the angle
// brackets, so a line break there would be a command of its own (curl 7.88 sends it as it is), and a domain
// or a name beyond ASCII would be sent to relays that cannot read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ttp::carriers {

class EnvelopeAddress {
 public:
  /// Nothing if no envelope can carry the address. A domain beyond ASCII becomes A-labels ("xn--..."); a name
  /// beyond ASCII is refused, because not every relay on the way takes one.
  static std::optional<EnvelopeAddress> of(std::string_view address);

  const std::string& text() const { return text_; }

 private:
  explicit EnvelopeAddress(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace ttp::carriers

#include "events/origin.hpp"

#include "events/bytes.hpp"

namespace ttp::events {
namespace {

// ---- stored: never change ---------------------------------------------------------------------------------
// A sealed address: this word, then base64 of the sealed text. No address begins with it.
constexpr std::string_view sealed_word = "sealed:";

std::string associated_data(domain::CommandId command) {
  return "origin " + domain::to_text(command);
}
// ---- end of what is fixed --------------------------------------------------------------------------------

}  // namespace

std::string seal_origin(std::string_view address, const DataKey& key, domain::CommandId command) {
  return std::string{sealed_word} + to_base64(seal(key, associated_data(command), address));
}

bool is_sealed_origin(std::string_view stored) {
  return stored.starts_with(sealed_word);
}

bool is_clear_address(std::string_view stored) {
  const bool is_network = stored.find('/') != std::string_view::npos;
  return !stored.empty() && !is_sealed_origin(stored) && !is_network;
}

std::optional<std::string> open_origin(const Envelope& envelope, const FindSubjectKey& find_key) {
  const std::string_view stored = envelope.origin_address;
  if (stored.empty()) return std::nullopt;
  if (!is_sealed_origin(stored)) return std::string{stored};
  const auto key = find_key(subject_name(domain::UserId{envelope.actor.id}));
  if (!key) return std::nullopt;
  const auto sealed = from_base64(stored.substr(sealed_word.size()));
  if (!sealed) throw Damaged("an envelope's sealed address is not base64");
  return unseal(*key, associated_data(envelope.command), *sealed);
}

}  // namespace ttp::events

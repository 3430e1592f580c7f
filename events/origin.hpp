// Where an act came from, as the envelope keeps it: the client's address sealed with the key of the person
// who acted, so that it is gone when the person is erased; of an anonymous act only the network. Envelopes of
// earlier releases have the address itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events/codec.hpp"
#include "events/envelope.hpp"
#include "events/seal.hpp"

namespace ttp::events {

/// The stored form of the address of a person's act. The sealed text is bound to the command.
std::string seal_origin(std::string_view address, const DataKey& key, domain::CommandId command);

/// Whether the stored form is a sealed address.
bool is_sealed_origin(std::string_view stored);
/// Whether the stored form is an address that anyone who reads the envelope sees, as earlier releases wrote
/// it.
bool is_clear_address(std::string_view stored);
/// The address that the envelope gives for its event; nothing if it has none or the key is gone.
/// Throws Damaged if the sealed text does not open.
std::optional<std::string> open_origin(const Envelope& envelope, const FindSubjectKey& find_key);

}  // namespace ttp::events

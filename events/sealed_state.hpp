// What a stored snapshot needs of the three states: their bytes, sealed; a fingerprint of their form; and how
// much memory they take. All three follow from the shapes, so a new member of a state is covered at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/codec.hpp"

namespace ttp::events {

/// Whose key seals a state: the user, or the account for an account and its programme. It is the key that
/// seals the personal fields of the stream's events (events/registry.hpp).
std::string subject_of_state(const domain::User* of, const domain::Uuid& id);
std::string subject_of_state(const domain::Account* of, const domain::Uuid& id);
std::string subject_of_state(const domain::Programme* of, const domain::Uuid& id);

/// The whole state as canonical JSON, sealed with the key of its subject and bound to `aad`. What tells of
/// another person (marked personal in the shape of domain::Member) is sealed apart with that person's key.
/// Nothing where one of the keys is gone.
std::optional<std::string> seal_state(const domain::User& state, std::string_view aad,
                                      const FindSubjectKey& find_key);
std::optional<std::string> seal_state(const domain::Account& state, std::string_view aad,
                                      const FindSubjectKey& find_key);
std::optional<std::string> seal_state(const domain::Programme& state, std::string_view aad,
                                      const FindSubjectKey& find_key);

/// The way back; false where one of the keys is gone. Throws Damaged where a bit of `sealed` or of `aad` is
/// another. `subject` is that of the state.
bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::User& state);
bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::Account& state);
bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::Programme& state);

/// The names and types of a state's members, those of the structs inside it included, as text; two states of
/// one shape have the same JSON.
std::string describe_shape(const domain::User*);
std::string describe_shape(const domain::Account*);
std::string describe_shape(const domain::Programme*);

/// Eight bytes of the hash of that text.
template <class State>
std::uint64_t shape_fingerprint() {
  static const std::uint64_t fingerprint =
      get_be64(as_text(sha256(describe_shape(static_cast<const State*>(nullptr)))));
  return fingerprint;
}

/// About how many bytes of memory the state takes, its own size included. Answers are counted in full,
/// though copies share them.
std::size_t memory_of(const domain::User& state);
std::size_t memory_of(const domain::Account& state);
std::size_t memory_of(const domain::Programme& state);

// The details of one member, for `seal_state` alone.
void append_state_json(std::string& out, const domain::Member& member);
void state_from_json(std::string_view json, domain::Member& member);

}  // namespace ttp::events

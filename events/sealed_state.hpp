// The parts of a stored snapshot that depend on the state: its sealed bytes, a fingerprint of its shape, and
// its memory size. All three follow from the shapes, so a new member of a state is covered at once.
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

/// The subject whose key seals a state: the user, or the account for an account and its programme. The same
/// key seals the personal fields of the stream's events (events/registry.hpp).
std::string subject_of_state(const domain::User* of, const domain::Uuid& id);
std::string subject_of_state(const domain::Account* of, const domain::Uuid& id);
std::string subject_of_state(const domain::Programme* of, const domain::Uuid& id);

/// The whole state as canonical JSON, sealed with the key of its subject and bound to `aad`. Data about
/// another person (marked personal in the shape of domain::Member) is sealed separately with that person's
/// key. Returns nothing if one of the keys has been destroyed.
std::optional<std::string> seal_state(const domain::User& state, std::string_view aad,
                                      const FindSubjectKey& find_key);
std::optional<std::string> seal_state(const domain::Account& state, std::string_view aad,
                                      const FindSubjectKey& find_key);
std::optional<std::string> seal_state(const domain::Programme& state, std::string_view aad,
                                      const FindSubjectKey& find_key);

/// Opens a sealed state. Returns false if one of the keys has been destroyed. Throws Damaged if a bit of
/// `sealed` or of `aad` differs. `subject` is the subject of the state.
bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::User& state);
bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::Account& state);
bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::Programme& state);

/// The names and types of a state's members as text, nested structs included. States with equal text have the
/// same JSON.
std::string describe_shape(const domain::User*);
std::string describe_shape(const domain::Account*);
std::string describe_shape(const domain::Programme*);

/// Eight bytes of the hash of describe_shape's text.
template <class State>
std::uint64_t shape_fingerprint() {
  static const std::uint64_t fingerprint =
      get_be64(as_text(sha256(describe_shape(static_cast<const State*>(nullptr)))));
  return fingerprint;
}

/// The approximate memory of the state in bytes, its own size included. Answers are counted in full, although
/// copies share them.
std::size_t memory_of(const domain::User& state);
std::size_t memory_of(const domain::Account& state);
std::size_t memory_of(const domain::Programme& state);

// The details of one member, for `seal_state` alone.
void append_state_json(std::string& out, const domain::Member& member);
void state_from_json(std::string_view json, domain::Member& member);

}  // namespace ttp::events

#include "events/sealed_state.hpp"

#include <type_traits>

#include "events/json.hpp"
#include "events/shapes.hpp"

namespace ttp::events {
namespace {

constexpr std::size_t usual_state_bytes = 1536;

std::string_view take(std::string_view& rest, std::size_t bytes) {
  if (rest.size() < bytes) throw Damaged{"a sealed state is cut short"};
  const auto taken = rest.substr(0, bytes);
  rest.remove_prefix(bytes);
  return taken;
}

template <class State>
std::optional<std::string> seal_whole(const State& state, std::string_view aad,
                                      const FindSubjectKey& find_key) {
  const auto key = find_key(subject_of_state(&state, state.id.uuid));
  if (!key) return std::nullopt;
  std::string json;
  json.reserve(usual_state_bytes);
  append_state_json(json, state);
  return seal(*key, aad, json);
}

template <class State>
bool open_whole(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, State& state) {
  const auto key = find_key(subject);
  if (!key) return false;
  state_from_json(unseal(*key, aad, sealed), state);
  return true;
}

/// Visits each personal field of a member.
template <class Visit>
void each_personal(Visit visit) {
  for_each(shape<domain::Member>, [&](const auto& each) {
    if (each.is_personal) visit(each.member);
  });
}

bool has_details(const domain::Member& member) {
  const domain::Member none;
  bool any = false;
  each_personal([&](const auto field) { any |= member.*field != none.*field; });
  return any;
}

/// A member's details have an aad of their own, so that they and the account cannot be exchanged.
std::string aad_of(std::string_view aad, const domain::UserId& user) {
  return std::string{aad} + " member " + domain::to_text(user);
}

// ---- shapes -----------------------------------------------------------------------------------------------

template <class T>
struct Type {
  static void describe(std::string& out) {
    if constexpr (domain::NamedEnum<T>) {
      out += "enum";
      for (const auto& name : domain::enum_names<T>) out += ' ' + std::string{name};
    } else if constexpr (Shaped<T>) {
      out += '{';
      for_each(shape<T>, [&](const auto& each) {
        out += std::string{each.name} + ':';
        Type<typename std::remove_cvref_t<decltype(each)>::member_type>::describe(out);
        out += each.is_personal ? "!," : ",";
      });
      out += '}';
    } else if constexpr (std::is_integral_v<T>) {
      out += std::is_same_v<T, bool> ? "bool" : "number";
    } else if constexpr (std::is_same_v<T, domain::Time>) {
      out += "time";
    } else if constexpr (std::is_same_v<T, domain::Answers>) {
      out += "answers";
    } else {
      static_assert(std::is_same_v<T, std::string>, "say how this type is stored");
      out += "text";
    }
  }
  static std::size_t heap(const T& value) {
    std::size_t bytes = 0;
    if constexpr (Shaped<T>) {
      for_each(shape<T>, [&](const auto& each) {
        bytes += Type<typename std::remove_cvref_t<decltype(each)>::member_type>::heap(value.*each.member);
      });
    } else if constexpr (std::is_same_v<T, std::string>) {
      constexpr std::size_t allocator_bytes = 16;
      const bool is_inside = value.capacity() <= std::string{}.capacity();
      if (!is_inside) bytes += value.capacity() + allocator_bytes;
    } else if constexpr (std::is_same_v<T, domain::Answers>) {
      constexpr std::size_t node_bytes = 48;
      for (const auto& [question, answer] : value.table())
        bytes += node_bytes + sizeof question + sizeof answer + Type<std::string>::heap(question) +
                 Type<std::string>::heap(answer);
    }
    return bytes;
  }
};
template <class Tag>
struct Type<domain::Id<Tag>> {
  static void describe(std::string& out) { out += "id"; }
  static std::size_t heap(const domain::Id<Tag>&) { return 0; }
};
template <class Kind>
struct Type<domain::Text<Kind>> {
  static void describe(std::string& out) { out += "text"; }
  static std::size_t heap(const domain::Text<Kind>& value) { return Type<std::string>::heap(value.text()); }
};
template <class T>
struct Type<std::optional<T>> {
  static void describe(std::string& out) {
    out += '?';
    Type<T>::describe(out);
  }
  static std::size_t heap(const std::optional<T>& value) { return value ? Type<T>::heap(*value) : 0; }
};
template <class T>
struct Type<std::vector<T>> {
  static void describe(std::string& out) {
    out += "[]";
    Type<T>::describe(out);
  }
  static std::size_t heap(const std::vector<T>& values) {
    std::size_t bytes = values.capacity() * sizeof(T);
    for (const T& each : values) bytes += Type<T>::heap(each);
    return bytes;
  }
};
template <class T>
struct Type<std::set<T>> {
  static void describe(std::string& out) {
    out += "<>";
    Type<T>::describe(out);
  }
  static std::size_t heap(const std::set<T>& values) {
    constexpr std::size_t node_bytes = 48;
    std::size_t bytes = 0;
    for (const T& each : values) bytes += node_bytes + sizeof each + Type<T>::heap(each);
    return bytes;
  }
};

template <class State>
std::string described() {
  std::string out;
  Type<State>::describe(out);
  return out;
}

template <class State>
std::size_t memory_of_any(const State& state) {
  return sizeof state + Type<State>::heap(state);
}

}  // namespace

std::string subject_of_state(const domain::User*, const domain::Uuid& id) {
  return subject_name(domain::UserId{id});
}
std::string subject_of_state(const domain::Account*, const domain::Uuid& id) {
  return subject_name(domain::AccountId{id});
}
std::string subject_of_state(const domain::Programme*, const domain::Uuid& id) {
  return subject_name(domain::AccountId{id});
}

std::optional<std::string> seal_state(const domain::User& state, std::string_view aad,
                                      const FindSubjectKey& find_key) {
  return seal_whole(state, aad, find_key);
}
std::optional<std::string> seal_state(const domain::Programme& state, std::string_view aad,
                                      const FindSubjectKey& find_key) {
  return seal_whole(state, aad, find_key);
}

bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::User& state) {
  return open_whole(sealed, aad, subject, find_key, state);
}
bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::Programme& state) {
  return open_whole(sealed, aad, subject, find_key, state);
}

// stored: be32(length) and the sealed account without its members' details; then for each member who has
// details: be32(index), be32(length) and the sealed member.
std::optional<std::string> seal_state(const domain::Account& state, std::string_view aad,
                                      const FindSubjectKey& find_key) {
  domain::Account account = state;
  std::string details;
  for (std::size_t i = 0; i < account.members.size(); ++i) {
    domain::Member& member = account.members[i];
    if (!has_details(member)) continue;
    const auto key = find_key(subject_name(member.user));
    if (!key) return std::nullopt;
    std::string json;
    append_state_json(json, member);
    const std::string sealed = seal(*key, aad_of(aad, member.user), json);
    put_be32(details, static_cast<std::uint32_t>(i));
    put_be32(details, static_cast<std::uint32_t>(sealed.size()));
    details += sealed;
    each_personal([&](const auto field) { member.*field = {}; });
  }
  const auto whole = seal_whole(account, aad, find_key);
  if (!whole) return std::nullopt;
  std::string out;
  put_be32(out, static_cast<std::uint32_t>(whole->size()));
  return out + *whole + details;
}

bool open_state(std::string_view sealed, std::string_view aad, const std::string& subject,
                const FindSubjectKey& find_key, domain::Account& state) {
  const auto whole = take(sealed, get_be32(take(sealed, sizeof(std::uint32_t))));
  if (!open_whole(whole, aad, subject, find_key, state)) return false;
  while (!sealed.empty()) {
    const std::size_t index = get_be32(take(sealed, sizeof(std::uint32_t)));
    const auto part = take(sealed, get_be32(take(sealed, sizeof(std::uint32_t))));
    if (index >= state.members.size()) throw Damaged{"a sealed state tells of a member whom it lacks"};
    domain::Member& member = state.members[index];
    domain::Member details;
    const auto key = find_key(subject_name(member.user));
    if (!key) return false;
    state_from_json(unseal(*key, aad_of(aad, member.user), part), details);
    each_personal([&](const auto field) { member.*field = details.*field; });
  }
  return true;
}

std::string describe_shape(const domain::User*) {
  return described<domain::User>();
}
std::string describe_shape(const domain::Account*) {
  return described<domain::Account>();
}
std::string describe_shape(const domain::Programme*) {
  return described<domain::Programme>();
}

std::size_t memory_of(const domain::User& state) {
  return memory_of_any(state);
}
std::size_t memory_of(const domain::Account& state) {
  return memory_of_any(state);
}
std::size_t memory_of(const domain::Programme& state) {
  return memory_of_any(state);
}

}  // namespace ttp::events

// Strict parsing of a request's JSON: each fault has a pointer to its location, and each parsed value is one
// that its type allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <simdjson.h>

#include "domain/enums.hpp"
#include "domain/reason.hpp"
#include "domain/typed.hpp"
#include "domain/values.hpp"
#include "events/shapes.hpp"
#include "http/api/schema.hpp"

namespace ttp::http {

using Faults = std::vector<domain::FieldFault>;
using Json = simdjson::dom::element;

inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t list_items_max = 100;
/// The most faults that a problem lists. Parsing stops there, which bounds the work on a body full of faults.
inline constexpr std::size_t faults_max = 20;

/// Parses the body, or returns a refusal. `parser` owns the memory that the element refers to.
std::optional<domain::Refusal> parse_json(simdjson::dom::parser& parser, const std::string& body, Json& root);

/// A text that is the same for the same JSON value, whatever the order of its members and its white space. It
/// is made to be hashed.
std::string canonical(const Json& value);

/// Escapes a name for a JSON pointer (RFC 6901).
std::string pointer_to(std::string_view parent, std::string_view name);

/// The refusal for a parameter of the path, the query or the headers.
inline domain::Refusal parameter_refusal(domain::Reason reason, std::string name) {
  return {reason, {{"", reason, {}, std::move(name)}}, {}, {}};
}

inline bool is_full(const Faults& faults) {
  return faults.size() >= faults_max;
}
void add_fault(Faults& faults, const std::string& pointer, domain::Reason reason,
               std::vector<std::string> details = {});
/// Adds the fault of a value that is not of this JSON type.
void add_wrong_type(Faults& faults, const std::string& pointer, const char* wanted);

/// Reports members outside `known` and repeated members as faults. Each examined member is either a known one
/// seen for the first time or a fault, so at most `known.size() + faults_max` members are examined.
void check_members(const simdjson::dom::object& object, const std::string& pointer,
                   const std::vector<std::string_view>& known, Faults& faults);

// ---- reading: whatever does not depend on the type is in the source, compiled once ------------------------

void read_uuid(const Json& json, const std::string& pointer, domain::Uuid& value, Faults& faults);
void read_bool(const Json& json, const std::string& pointer, bool& value, Faults& faults);
void read_string(const Json& json, const std::string& pointer, std::string& value, Faults& faults);
/// Each returns nothing after adding a fault.
std::optional<std::string_view> read_characters(const Json& json, const std::string& pointer, Faults& faults);
std::optional<std::uint64_t> read_number(const Json& json, const std::string& pointer, std::uint64_t max,
                                         Faults& faults);
/// The index of the name among the choices.
std::optional<std::size_t> read_choice(const Json& json, const std::string& pointer,
                                       std::span<const domain::Names> choices, Faults& faults);
std::optional<simdjson::dom::array> read_array(const Json& json, const std::string& pointer, Faults& faults);
/// An object without members outside `known`.
std::optional<simdjson::dom::object> read_members(const Json& json, const std::string& pointer,
                                                  const std::vector<std::string_view>& known, Faults& faults);
/// The member, if it is present. Adds a fault if it is absent and must not be.
std::optional<Json> member_of(const simdjson::dom::object& object, std::string_view name,
                              const std::string& pointer, bool may_be_absent, Faults& faults);

template <class T>
void read_value(const Json& json, const std::string& pointer, T& value, Faults& faults);

template <class T>
void read_text(const Json& json, const std::string& pointer, T& value, Faults& faults) {
  const auto text = read_characters(json, pointer, faults);
  if (!text) return;
  auto parsed = T::parse(*text);
  if (parsed) {
    value = *std::move(parsed);
    return;
  }
  domain::ValueFault& fault = parsed.error();
  if constexpr (is_text<T>)
    if (fault.reason == domain::Reason::malformed) fault.details.emplace_back(T::kind::example);
  add_fault(faults, pointer, fault.reason, std::move(fault.details));
}

/// Whether a text is not there: null, or blank, as a form sends a field that was left empty.
template <class T>
bool is_absent(const Json& json) {
  if (json.is_null()) return true;
  std::string_view text;
  return is_text<T> && !json.get(text) && domain::typed::is_blank(text);
}

template <events::Shaped T>
void read_object(const Json& json, const std::string& pointer, T& value, Faults& faults) {
  std::vector<std::string_view> known;
  events::for_each(events::shape<T>, [&](const auto& each) { known.push_back(each.name); });
  const auto object = read_members(json, pointer, known, faults);
  if (!object) return;
  events::for_each(events::shape<T>, [&]<class Member>(const events::Field<T, Member>& each) {
    const std::string at = pointer_to(pointer, each.name);
    if (const auto member = member_of(*object, each.name, at, may_be_absent<Member>, faults))
      read_value(*member, at, value.*each.member, faults);
  });
}

/// An address is parsed as given and returned in the post's printed form.
void normalise_address(domain::MailingAddress& address, const std::string& pointer, Faults& faults);

/// `null_clears` takes null as the empty answer, which clears the present one.
void read_answers(const Json& json, const std::string& pointer, bool null_clears, domain::Answers& value,
                  Faults& faults);

template <class T>
void read_value(const Json& json, const std::string& pointer, T& value, Faults& faults) {
  if constexpr (is_optional<T>) {
    if (is_absent<unwrapped<T>>(json)) {
      value.reset();
    } else {
      read_value(json, pointer, value.emplace(), faults);
    }
  } else if constexpr (is_change<T>) {
    value.given = true;
    if (!is_absent<unwrapped<T>>(json)) read_value(json, pointer, value.value.emplace(), faults);
  } else if constexpr (is_replacement<T>) {
    if (json.is_null()) return add_fault(faults, pointer, domain::Reason::missing);
    read_value(json, pointer, value.emplace(), faults);
  } else if constexpr (is_text<T> || std::is_same_v<T, domain::Password>) {
    read_text(json, pointer, value, faults);
  } else if constexpr (is_id<T>) {
    read_uuid(json, pointer, value.uuid, faults);
  } else if constexpr (std::is_same_v<T, bool>) {
    read_bool(json, pointer, value, faults);
  } else if constexpr (std::is_integral_v<T>) {
    const auto number = read_number(json, pointer, std::numeric_limits<T>::max(), faults);
    if (number) value = static_cast<T>(*number);
  } else if constexpr (domain::NamedEnum<T>) {
    const auto choice = read_choice(json, pointer, domain::enum_names<T>, faults);
    if (choice) value = static_cast<T>(*choice);
  } else if constexpr (is_list<T>) {
    const auto array = read_array(json, pointer, faults);
    if (!array) return;
    std::size_t index = 0;
    for (const Json each : *array)
      read_value(each, pointer_to(pointer, std::to_string(index++)), value.emplace_back(), faults);
  } else if constexpr (std::is_same_v<T, domain::Answers>) {
    read_answers(json, pointer, false, value, faults);
  } else if constexpr (std::is_same_v<T, domain::AnswerChanges>) {
    read_answers(json, pointer, true, value.answers, faults);
  } else if constexpr (events::Shaped<T>) {
    const std::size_t before = faults.size();
    read_object(json, pointer, value, faults);
    if constexpr (std::is_same_v<T, domain::MailingAddress>)
      if (faults.size() == before) normalise_address(value, pointer, faults);
  } else {
    static_assert(std::is_same_v<T, std::string>, "a type that cannot be read from a request");
    read_string(json, pointer, value, faults);
  }
}

}  // namespace ttp::http

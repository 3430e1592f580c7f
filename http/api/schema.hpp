// JSON Schema (2020-12, as OpenAPI 3.1 uses it) and examples of the types in requests and answers, generated
// from the descriptions that also read and write them. A type with a name of its own is described once, as a
// component, and referred to from everywhere else.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "domain/eligibility.hpp"
#include "domain/questions.hpp"
#include "events/json.hpp"
#include "events/shapes.hpp"

namespace ttp::http {

using events::ObjectWriter;

/// A member that is already JSON, an object.
struct RawJson {
  std::string json;
};
inline void write_json(std::string& out, const RawJson& value) {
  out += value.json;
}
/// A member that is already JSON, of any kind.
struct AnyJson {
  std::string json;
};
inline void write_json(std::string& out, const AnyJson& value) {
  out += value.json;
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
struct Unwrapped {
  using type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  using type = T;
};
template <class T>
using unwrapped = typename Unwrapped<T>::type;

template <class T>
inline constexpr bool is_text = false;
template <class Kind>
inline constexpr bool is_text<domain::Text<Kind>> = true;
template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<domain::Id<Tag>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_list<std::set<T>> = true;

/// A member of a merge patch.
template <class T>
inline constexpr bool is_change = false;
template <class T>
inline constexpr bool is_change<domain::Change<T>> = true;
template <class T>
struct Unwrapped<domain::Change<T>> {
  using type = T;
};
/// A member of a merge patch that null does not clear.
template <class T>
inline constexpr bool is_replacement = false;
template <class T>
inline constexpr bool is_replacement<domain::Replacement<T>> = true;
template <class T>
struct Unwrapped<domain::Replacement<T>> {
  using type = T;
};
/// Whether an object need not have the member.
template <class T>
inline constexpr bool may_be_absent = is_optional<T> || is_list<T> || is_change<T> || is_replacement<T>;

// ---- components -------------------------------------------------------------------------------------------

/// The type's name as the compiler writes it, with its namespaces.
template <class T>
consteval std::string_view type_name() {
  const std::string_view function = __PRETTY_FUNCTION__;
  const auto begin = function.find("T = ") + 4;
  return function.substr(begin, function.find_first_of(";]", begin) - begin);
}
/// "ttp::http::ListPage<ttp::http::MemberDocument>" -> "MemberList".
std::string component_name(std::string_view type);
/// The last part of a type's name: "ttp::domain::EnrolCompany" -> "EnrolCompany".
constexpr std::string_view short_name(std::string_view type) {
  const auto colon = type.rfind(':');
  return colon == type.npos ? type : type.substr(colon + 1);
}

/// The schemas by the name of their component.
using Components = std::map<std::string, std::string, std::less<>>;
const Components& schema_components();
/// Adds a component, unless it is there, and returns the reference to it. Two types of one name cannot both
/// be described.
std::string component(std::string name, std::string schema);
std::string reference_to(std::string_view component);

template <class T>
std::string schema_of();
template <class T>
std::string example_of();

/// The schema of an object, one member after the other.
class ObjectSchema {
 public:
  void member(std::string_view name, std::string_view schema, bool required);
  std::string text(std::string_view example) &&;

 private:
  std::string properties_;
  ObjectWriter writer_{properties_};
  std::vector<std::string> required_;
};
std::string schema_of_text(std::size_t min, std::size_t max, std::string_view pattern,
                           std::string_view example);
std::string schema_of_choice(std::span<const domain::Names> names);

/// The choices of an enumeration, and what the domain calls each where it has labels for them.
struct Choices {
  std::span<const domain::Names> names;
  domain::Wording (*label)(std::size_t);
};
/// The enumerations by the name of their component.
const std::map<std::string, Choices, std::less<>>& choice_components();
std::string choice_component(std::string name, const Choices& choices);

template <events::Shaped T>
std::string object_schema() {
  ObjectSchema schema;
  events::for_each(events::shape<T>, [&]<class Member>(const events::Field<T, Member>& each) {
    schema.member(each.name, schema_of<Member>(), !is_optional<Member> && !is_change<Member>);
  });
  return std::move(schema).text(example_of<T>());
}

template <class T>
std::string schema_of() {
  std::string out;
  if constexpr (is_optional<T> || is_replacement<T>) {
    out = schema_of<unwrapped<T>>();
  } else if constexpr (is_change<T>) {
    out = R"({"anyOf":[)" + schema_of<unwrapped<T>>() + R"(,{"type":"null"}]})";
  } else if constexpr (is_text<T>) {
    using Kind = typename T::kind;
    constexpr std::string_view name = short_name(type_name<Kind>());
    out = component(std::string{name.substr(0, name.size() - std::string_view{"Kind"}.size())},
                    schema_of_text(Kind::min, Kind::max, Kind::pattern, Kind::example));
  } else if constexpr (std::is_same_v<T, domain::Password>) {
    out = component("Password", R"({"type":"string","format":"password","minLength":12,"maxLength":128})");
  } else if constexpr (is_id<T> || std::is_same_v<T, domain::Uuid>) {
    out = R"({"type":"string","format":"uuid","examples":["01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f"]})";
  } else if constexpr (std::is_same_v<T, domain::Time>) {
    out = R"({"type":"string","format":"date-time","examples":["2026-03-09T14:00:00.000Z"]})";
  } else if constexpr (std::is_same_v<T, bool>) {
    out = R"({"type":"boolean"})";
  } else if constexpr (std::is_integral_v<T>) {
    out = R"({"type":"integer","minimum":0})";
  } else if constexpr (domain::NamedEnum<T>) {
    Choices choices{domain::enum_names<T>, nullptr};
    if constexpr (requires { label(T{}); })
      choices.label = [](std::size_t index) -> domain::Wording { return label(static_cast<T>(index)); };
    out = choice_component(component_name(type_name<T>()), choices);
  } else if constexpr (is_list<T>) {
    out = R"({"type":"array","items":)" + schema_of<typename T::value_type>() + "}";
  } else if constexpr (std::is_same_v<T, domain::Answers>) {
    out = R"({"type":"object","additionalProperties":{"type":"string"}})";
  } else if constexpr (std::is_same_v<T, domain::AnswerChanges>) {
    out = R"({"type":"object","additionalProperties":{"type":["string","null"]}})";
  } else if constexpr (std::is_same_v<T, AnyJson>) {
    out = "{}";
  } else if constexpr (std::is_same_v<T, RawJson>) {
    out = R"({"type":"object"})";
  } else if constexpr (events::Shaped<T>) {
    static const std::string reference = component(component_name(type_name<T>()), object_schema<T>());
    out = reference;
  } else {
    static_assert(std::is_same_v<T, std::string>, "a type without a schema");
    out = R"({"type":"string"})";
  }
  return out;
}

/// The example of a text that has no type of its own, by the name of its member.
std::string example_of_text(std::string_view member);

/// Example JSON of a value; `member` is the name of the member that holds it.
template <class T>
std::string example_in(std::string_view member) {
  if constexpr (std::is_same_v<T, std::string>) {
    return example_of_text(member);
  } else if constexpr (is_list<T>) {
    return "[" + example_in<typename T::value_type>(member) + "]";
  } else if constexpr (!std::is_same_v<unwrapped<T>, T>) {
    return example_in<unwrapped<T>>(member);
  } else {
    return example_of<T>();
  }
}

/// Example JSON of a value: the examples of bodies and answers.
template <class T>
std::string example_of() {
  if constexpr (is_text<T>) {
    return events::to_json(T::kind::example);
  } else if constexpr (std::is_same_v<T, domain::Password>) {
    return R"("quatre chevaux sur la colline")";
  } else if constexpr (is_id<T> || std::is_same_v<T, domain::Uuid>) {
    return R"("01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f")";
  } else if constexpr (std::is_same_v<T, domain::Time>) {
    return R"("2026-03-09T14:00:00.000Z")";
  } else if constexpr (std::is_same_v<T, bool>) {
    return "true";
  } else if constexpr (std::is_integral_v<T>) {
    return "1";
  } else if constexpr (domain::NamedEnum<T>) {
    return events::to_json(std::string{domain::enum_names<T>.front()});
  } else if constexpr (is_list<T> || std::is_same_v<T, std::string> || !std::is_same_v<unwrapped<T>, T>) {
    return example_in<T>("");
  } else if constexpr (std::is_same_v<T, domain::Answers> || std::is_same_v<T, domain::AnswerChanges> ||
                       std::is_same_v<T, RawJson>) {
    return "{}";
  } else if constexpr (std::is_same_v<T, AnyJson>) {
    return R"("Exporting Inc.")";
  } else if constexpr (std::is_same_v<T, domain::MailingAddress>) {
    // A region and a postal code are valid only together.
    return R"({"line1":"123 rue Principale","city":"Gatineau","region":"QC","postal_code":"J8X 1A1","country":"CA"})";
  } else {
    static_assert(events::Shaped<T>, "a type without an example");
    std::string out;
    ObjectWriter object(out);
    events::for_each(events::shape<T>, [&](const auto& each) {
      using Member = typename std::remove_cvref_t<decltype(each)>::member_type;
      object.raw(each.name, example_in<Member>(each.name));
    });
    object.end();
    return out;
  }
}

}  // namespace ttp::http

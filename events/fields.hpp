// Describes the JSON of a struct by a row of named member pointers. The writer, the reader, the API schema
// and the audit printer walk the same row, so no field is listed twice. This header holds the template
// machinery of the tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/tuple_size.hpp>

namespace ttp::events {

template <class Struct, class Member>
struct Field {
  using struct_type = Struct;
  using member_type = Member;
  std::string_view name;
  Member Struct::* member;
  bool is_personal = false;
};

template <class Struct, class Member>
constexpr Field<Struct, Member> field(std::string_view name, Member Struct::* member) {
  return {name, member, false};
}
/// A field that describes a person or a company; it is sealed with the key of the row's subject before it is
/// stored.
template <class Struct, class Member>
constexpr Field<Struct, Member> personal(std::string_view name, Member Struct::* member) {
  return {name, member, true};
}

/// The JSON members of a plain struct that is part of other structs. Specialised in shapes.hpp; `false` means
/// that the struct has no shape.
template <class Struct>
inline constexpr auto shape = false;

template <class Struct>
concept Shaped = !std::is_same_v<std::remove_cv_t<decltype(shape<Struct>)>, bool>;

namespace detail {
template <std::size_t, class Each>
struct Leaf {
  Each each;
};
template <class Indices, class... Fields>
struct Leaves;
template <std::size_t... I, class... Fields>
struct Leaves<std::index_sequence<I...>, Fields...> : Leaf<I, Fields>... {};
}  // namespace detail

/// Fields in order. A std::tuple would work but compiles much more slowly.
template <class... Fields>
struct FieldList : detail::Leaves<std::index_sequence_for<Fields...>, Fields...> {};

/// Calls `visit` with each field in order.
template <class... Fields, class Visit>
constexpr void for_each(const FieldList<Fields...>& list, Visit&& visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(static_cast<const detail::Leaf<I, Fields>&>(list).each), ...);
  }(std::index_sequence_for<Fields...>{});
}

template <class Struct, class... Fields>
constexpr auto fields(Fields... each) {
  static_assert(sizeof...(Fields) == boost::pfr::tuple_size_v<Struct>,
                "every member of the struct needs its field in the row, in order");
  return FieldList<Fields...>{{{each}...}};
}

/// A stored event: its name and schema version, the subject whose key seals its personal fields, and its
/// fields.
template <class Event, class Subject, class... Fields>
struct Row {
  using event_type = Event;
  std::string_view name;
  std::uint16_t version;
  Subject Event::* subject;
  FieldList<Fields...> fields;
};

template <class Event, class Subject, class... Fields>
constexpr auto row(std::string_view name, std::uint16_t version, Subject Event::* subject, Fields... each) {
  return Row<Event, Subject, Fields...>{name, version, subject, fields<Event>(each...)};
}

}  // namespace ttp::events

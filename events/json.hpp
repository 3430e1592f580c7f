// Writes JSON: one function per kind of value, the same for events, states, views and answers. The output is
// canonical: no white space, members in the order of their row, absent optionals left out. Equal values
// therefore give equal bytes.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "domain/answers.hpp"
#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"
#include "events/fields.hpp"

namespace ttp::events {

/// Appends a JSON string: quotes, and the escapes that RFC 8259 requires; UTF-8 is copied unchanged.
void write_string(std::string& out, std::string_view text);

void write_json(std::string& out, bool value);
void write_number(std::string& out, std::int64_t value);
void write_number(std::string& out, std::uint64_t value);
template <std::integral Integer>
  requires(!std::same_as<Integer, bool>)
void write_json(std::string& out, Integer value) {
  write_number(out, std::conditional_t<std::is_signed_v<Integer>, std::int64_t, std::uint64_t>{value});
}
inline void write_json(std::string& out, std::string_view value) {
  write_string(out, value);
}
inline void write_json(std::string& out, const std::string& value) {
  write_string(out, value);
}
inline void write_json(std::string& out, const char* value) {
  write_string(out, value);
}
void write_json(std::string& out, domain::Time value);
void write_json(std::string& out, const domain::Uuid& value);
template <class Tag>
void write_json(std::string& out, const domain::Id<Tag>& value) {
  write_json(out, value.uuid);
}
template <class Kind>
void write_json(std::string& out, const domain::Text<Kind>& value) {
  write_string(out, value.text());
}
template <domain::NamedEnum Enum>
void write_json(std::string& out, Enum value) {
  write_string(out, domain::to_text(value));
}

template <class T>
void write_json(std::string& out, const std::optional<T>& value);
template <class T>
void write_json(std::string& out, const std::vector<T>& values);
template <class T>
void write_json(std::string& out, const std::set<T>& values);
void write_json(std::string& out, const domain::Answers& answers);
template <Shaped Struct>
void write_json(std::string& out, const Struct& value);

/// Writes the members of one object and the commas between them.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  template <class T>
  ObjectWriter& member(std::string_view name, const T& value) {
    key(name);
    write_json(out_, value);
    return *this;
  }
  template <class T>
  ObjectWriter& member(std::string_view name, const std::optional<T>& value) {
    return value ? member(name, *value) : *this;
  }
  /// Writes `json` unchanged as the member's value.
  ObjectWriter& raw(std::string_view name, std::string_view json);
  /// Writes the key; the caller appends the value to the text itself.
  ObjectWriter& key(std::string_view name);
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

template <class T>
void write_json(std::string& out, const std::optional<T>& value) {
  if (value) {
    write_json(out, *value);
  } else {
    out += "null";
  }
}

namespace detail {
template <class Range>
void write_array(std::string& out, const Range& values) {
  out += '[';
  bool first = true;
  for (const auto& value : values) {
    if (!first) out += ',';
    first = false;
    write_json(out, value);
  }
  out += ']';
}
}  // namespace detail

template <class T>
void write_json(std::string& out, const std::vector<T>& values) {
  detail::write_array(out, values);
}
template <class T>
void write_json(std::string& out, const std::set<T>& values) {
  detail::write_array(out, values);
}

template <Shaped Struct>
void write_json(std::string& out, const Struct& value) {
  ObjectWriter object(out);
  for_each(shape<Struct>, [&](const auto& each) { object.member(each.name, value.*each.member); });
  object.end();
}

template <class T>
std::string to_json(const T& value) {
  std::string out;
  write_json(out, value);
  return out;
}

}  // namespace ttp::events

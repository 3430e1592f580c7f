// Events with something in every field, for tests that must see every field: made from the registry's rows,
// so that a new event or field is in them by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "events/registry.hpp"
#include "events/shapes.hpp"

namespace ttp::samples {

/// Draws different values one after the other; the same seed gives the same ones.
class Source {
 public:
  explicit Source(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

inline void fill(bool& value, Source& source) {
  value = source.next() % 2 == 0;
}
inline void fill(std::uint64_t& value, Source& source) {
  value = source.next() % 1000 + 1;
}
inline void fill(std::uint32_t& value, Source& source) {
  value = static_cast<std::uint32_t>(source.next() % 1000 + 1);
}
inline void fill(std::string& value, Source& source) {
  value = "text " + std::to_string(source.next() % 1000);
}
inline void fill(domain::Time& value, Source& source) {
  value = domain::Time{std::chrono::milliseconds{1'700'000'000'000 +
                                                 static_cast<std::int64_t>(source.next() % 100'000'000'000)}};
}
template <class Tag>
void fill(domain::Id<Tag>& value, Source& source) {
  for (auto& byte : value.uuid.bytes) byte = static_cast<std::uint8_t>(source.next());
}
template <class Kind>
void fill(domain::Text<Kind>& value, Source& source) {
  value = domain::Text<Kind>::stored(std::string{Kind::example} + " \"é\"\n" +
                                     std::to_string(source.next() % 1000));
}
template <domain::NamedEnum Enum>
void fill(Enum& value, Source& source) {
  value = static_cast<Enum>(source.next() % domain::enum_names<Enum>.size());
}
template <events::Shaped Struct>
void fill(Struct& value, Source& source);
inline void fill(domain::Answers& value, Source& source) {
  value = domain::Answers{{"a", std::to_string(source.next() % 100)}, {"b", "ligne 1\nligne 2"}};
}
template <class T>
void fill(std::optional<T>& value, Source& source) {
  fill(value.emplace(), source);
}
template <class T>
void fill(std::vector<T>& value, Source& source) {
  value.clear();
  fill(value.emplace_back(), source);
  fill(value.emplace_back(), source);
}
template <events::Shaped Struct>
void fill(Struct& value, Source& source) {
  events::for_each(events::shape<Struct>, [&](const auto& each) { fill(value.*each.member, source); });
}

/// One event of each row, in the registry's order.
inline std::vector<events::Event> every_event(std::uint64_t seed) {
  Source source(seed);
  std::vector<events::Event> all;
  events::for_each_row([&]<class R>(const R& row) {
    typename R::event_type event{};
    events::for_each(row.fields, [&](const auto& each) { fill(event.*each.member, source); });
    all.emplace_back(std::move(event));
  });
  return all;
}

}  // namespace ttp::samples

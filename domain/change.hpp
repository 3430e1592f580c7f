// A member of a merge patch (RFC 7396): absent, which changes nothing; null, which clears; or a value.
#pragma once

#include <optional>
#include <utility>

namespace ttp::domain {

template <class T>
struct Change {
  bool given = false;
  std::optional<T> value{};  ///< nothing, although given: clear it

  Change() = default;
  Change(T to) : given(true), value(std::move(to)) {}
  static Change clear() {
    Change change;
    change.given = true;
    return change;
  }
  bool clears() const { return given && !value; }
};

}  // namespace ttp::domain

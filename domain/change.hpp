// The members of a merge patch (RFC 7396): absent, which changes nothing; null, which clears; or a value.
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

/// A detail as its event tells it: absent if unchanged, empty if cleared.
template <class T>
std::optional<T> cleared_as_empty(const Change<T>& change) {
  return change.clears() ? std::optional{T{}} : change.value;
}

/// A member that cannot be cleared, because it is required: absent, or a value.
template <class T>
struct Replacement : std::optional<T> {
  using std::optional<T>::optional;
};

}  // namespace ttp::domain

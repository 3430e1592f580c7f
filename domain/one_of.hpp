// A variant of many alternatives whose copying, moving and destruction are compiled in one source each. A
// plain variant of a hundred alternatives is expanded again in every source that passes it on, which
// dominates build time.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "domain/lists.hpp"

namespace ttp::domain {

/// `List` is a std::variant, and OneOf is visited like one. The source that owns a list includes
/// domain/one_of_members.hpp and instantiates this class for it; the header declares that instantiation
/// `extern template`.
template <class List>
class OneOf : public List {
 public:
  OneOf();
  OneOf(const OneOf& other);
  OneOf(OneOf&& other) noexcept;
  OneOf& operator=(const OneOf& other);
  OneOf& operator=(OneOf&& other) noexcept;
  ~OneOf();

  template <class Kind>
    requires OnList<std::remove_cvref_t<Kind>, List>
  OneOf(Kind&& kind) : List(std::in_place_type<std::remove_cvref_t<Kind>>, std::forward<Kind>(kind)) {}
};

}  // namespace ttp::domain

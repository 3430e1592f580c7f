// Lists of types, as variants: joining lists, and testing whether a type is on one.
#pragma once

#include <type_traits>
#include <variant>

namespace ttp::domain {

namespace detail {
template <class... Variants>
struct Joined;
template <class... A, class... B>
struct Joined<std::variant<A...>, std::variant<B...>> {
  using type = std::variant<A..., B...>;
};
template <class... A, class... B, class... C>
struct Joined<std::variant<A...>, std::variant<B...>, std::variant<C...>> {
  using type = std::variant<A..., B..., C...>;
};
template <class Variant, class... More>
struct Extended;
template <class... A, class... More>
struct Extended<std::variant<A...>, More...> {
  using type = std::variant<A..., More...>;
};
template <class T, class Variant>
inline constexpr bool is_on_list = false;
template <class T, class... All>
inline constexpr bool is_on_list<T, std::variant<All...>> = (std::is_same_v<T, All> || ...);
}  // namespace detail

/// The lists, two or three, one after the other.
template <class... Lists>
using Joined = detail::Joined<Lists...>::type;

/// The list with more alternatives after its own.
template <class List, class... More>
using Extended = detail::Extended<List, More...>::type;

template <class T, class List>
concept OnList = detail::is_on_list<T, List>;

}  // namespace ttp::domain

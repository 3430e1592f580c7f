// Names of enumerators, one array per enum in the order of its enumerators. The names are stored in every log
// and used in the API: never rename one, only append.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace ttp::domain {

template <class Enum>
inline constexpr int enum_names = 0;  // specialised as an array beside each enum

template <class Enum>
concept NamedEnum = requires { enum_names<Enum>.size(); };

template <NamedEnum Enum>
constexpr std::string_view to_text(Enum value) {
  return enum_names<Enum>[static_cast<std::size_t>(value)];
}

template <NamedEnum Enum>
constexpr std::optional<Enum> parse_enum(std::string_view text) {
  for (std::size_t i = 0; i < enum_names<Enum>.size(); ++i)
    if (enum_names<Enum>[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

using Names = std::string_view;

}  // namespace ttp::domain

// The list of projections: one line each. A projection whose rows change their form or meaning gets a new
// version in its name here; the old view is dropped with its rows when the new one serves.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "projections/index/index_view.hpp"
#include "projections/index/involvements.hpp"
#include "projections/index/notifications.hpp"

namespace ttp::projections {

struct Listed {
  std::string_view name;
  std::unique_ptr<Projection> (*make)(std::string family);
};

template <class P>
std::unique_ptr<Projection> make_projection(std::string family) {
  return std::make_unique<P>(std::move(family));
}

inline constexpr std::string_view user_view = "user_view@5";
inline constexpr std::string_view account_view = "account_view@6";
inline constexpr std::string_view programme_view = "programme_view@5";
inline constexpr std::string_view notification_view = "notification_view@1";
inline constexpr std::string_view involvement_view = "involvement_view@1";

inline constexpr std::array<Listed, 5> all{{
    {user_view, &make_projection<IndexView<domain::User>>},
    {account_view, &make_projection<IndexView<domain::Account>>},
    {programme_view, &make_projection<IndexView<domain::Programme>>},
    {notification_view, &make_projection<Notifications>},
    {involvement_view, &make_projection<Involvements>},
}};

}  // namespace ttp::projections

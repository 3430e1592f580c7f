// Every event of the service: the lists of the three aggregates, joined.
#pragma once

#include <cstddef>
#include <string_view>
#include <variant>

#include "domain/account.hpp"
#include "domain/lists.hpp"
#include "domain/one_of.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"

namespace ttp::events {

using EventList = domain::Joined<domain::UserEvent, domain::AccountEvent, domain::ProgrammeEvent>;
using Event = domain::OneOf<EventList>;

inline constexpr std::size_t event_count = std::variant_size_v<EventList>;

/// The stored name, for example "user.urn_issued".
std::string_view name_of(const Event& event);

}  // namespace ttp::events

extern template class ttp::domain::OneOf<ttp::events::EventList>;

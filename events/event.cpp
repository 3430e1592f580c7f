#include "events/event.hpp"

#include "domain/one_of_members.hpp"

template class ttp::domain::OneOf<ttp::events::EventList>;

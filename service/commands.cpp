#include "service/commands.hpp"

#include "domain/one_of_members.hpp"

template class ttp::domain::OneOf<ttp::service::CommandList>;

// Which events of the history a request asks for.
#pragma once

#include <optional>

#include "http/api/route.hpp"
#include "service/reading/history.hpp"

namespace ttp::http {

/// What a history is of: everything, one account or one user.
struct Subject {
  std::optional<domain::AccountId> account{};
  std::optional<domain::UserId> user{};
};

service::ReadEvents reader_of(const service::Service& service, const Subject& subject);

Answered<service::EventFilter> filter_in(const Call& call);
/// Where to begin: behind the last page, at the position asked for, or where the time asked for stands.
Answered<storage::Position> first_position(const Call& call, const service::EventFilter& filter);

}  // namespace ttp::http

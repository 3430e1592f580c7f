// Selects the events of the history that a request asks for.
#pragma once

#include <optional>

#include "http/api/route.hpp"
#include "service/reading/history.hpp"

namespace ttp::http {

/// The subject of a history: everything, one account or one user.
struct Subject {
  std::optional<domain::AccountId> account{};
  std::optional<domain::UserId> user{};
};

service::ReadEvents reader_of(const service::Service& service, const Subject& subject);

Answered<service::EventFilter> filter_in(const Call& call);
/// The first position to return: after the last page, at the given position, or at the given time.
Answered<storage::Position> first_position(const Call& call, const service::EventFilter& filter);

}  // namespace ttp::http

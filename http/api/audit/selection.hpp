// Selects the events of the history that a request asks for.
#pragma once

#include <optional>

#include "http/api/pages.hpp"
#include "service/reading/history.hpp"

namespace ttp::http {

/// The subject of a history: everything, one account or one user.
struct Subject {
  std::optional<domain::AccountId> account{};
  std::optional<domain::UserId> user{};
};

service::ReadEvents reader_of(const service::Service& service, const Subject& subject);
/// Reads backwards: the events before a position.
service::ReadEvents back_reader_of(const service::Service& service, const Subject& subject);

Answered<service::EventFilter> filter_in(const Call& call);
/// The first position to return: the one that the query gives, or that of the time that it gives.
Answered<storage::Position> first_position(const Call& call, const service::EventFilter& filter);

/// The positions that are left of those that the query names: from `first` to before `end`.
struct Span {
  storage::Position first = 0, end = 0;
};
Answered<Span> positions_in(const Call& call, const service::EventFilter& filter, const PageAsked& asked);

}  // namespace ttp::http

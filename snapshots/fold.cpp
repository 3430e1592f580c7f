#include "snapshots/fold.hpp"

#include <algorithm>
#include <variant>

namespace ttp::snapshots {
namespace {

constexpr std::size_t page_events = 500;

}  // namespace

std::string stream_of(Kind kind, const domain::Uuid& id) {
  switch (kind) {
    case Kind::user:
      return events::stream_name(domain::UserId{id});
    case Kind::account:
      return events::stream_name(domain::AccountId{id});
    case Kind::programme:
      break;
  }
  return events::programme_stream_name(domain::AccountId{id});
}

template <class State>
void evolve_by(State& state, const events::Event& event) {
  std::visit(
      [&]<class E>(const E& each) {
        if constexpr (requires { evolve(state, each); }) evolve(state, each);
      },
      event);
}

template <class State>
void move_on(Snapshot<State>& snapshot, const events::Recorded& recorded) {
  evolve_by(snapshot.state, recorded.event);
  snapshot.version = recorded.version;
  snapshot.position = recorded.position;
  snapshot.changed_at = recorded.envelope.recorded_at;
}

template <class State>
void fold_on(Snapshot<State>& snapshot, const storage::Log& log, const events::FindSubjectKey& find_key,
             const domain::Uuid& id, const Until& until) {
  const std::string stream = stream_of(kind_of<State>, id);
  while (snapshot.version < until.version) {
    const auto wanted = std::min<storage::StreamVersion>(page_events, until.version - snapshot.version);
    const auto page = log.read_stream(stream, snapshot.version, wanted);
    for (const auto& stored : page) {
      if (stored.position >= until.end) return;
      move_on(snapshot,
              events::open_event(stored.position, stored.version, stored.envelope, stored.body, find_key));
    }
    if (page.size() < wanted) return;
  }
}

template void evolve_by(domain::User&, const events::Event&);
template void evolve_by(domain::Account&, const events::Event&);
template void evolve_by(domain::Programme&, const events::Event&);
template void move_on(Snapshot<domain::User>&, const events::Recorded&);
template void move_on(Snapshot<domain::Account>&, const events::Recorded&);
template void move_on(Snapshot<domain::Programme>&, const events::Recorded&);
template void fold_on(Snapshot<domain::User>&, const storage::Log&, const events::FindSubjectKey&,
                      const domain::Uuid&, const Until&);
template void fold_on(Snapshot<domain::Account>&, const storage::Log&, const events::FindSubjectKey&,
                      const domain::Uuid&, const Until&);
template void fold_on(Snapshot<domain::Programme>&, const storage::Log&, const events::FindSubjectKey&,
                      const domain::Uuid&, const Until&);

}  // namespace ttp::snapshots

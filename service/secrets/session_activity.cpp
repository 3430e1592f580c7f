#include "service/secrets/session_activity.hpp"

#include <algorithm>
#include <vector>

namespace ttp::service {
namespace {

constexpr domain::Duration note_interval = domain::minutes{1};

std::string note_key(domain::SessionId session) {
  return "activity/" + domain::to_text(session);
}

}  // namespace

SessionActivity::Used& SessionActivity::entry(const domain::Session& session) const {
  const auto [found, is_new] = used_.try_emplace(session.id);
  Used& used = found->second;
  if (is_new) {
    const auto note = vault_.find_note(note_key(session.id));
    const auto noted = note ? domain::parse_time(*note) : std::nullopt;
    used = {std::max(session.opened_at, noted.value_or(session.opened_at)), noted.value_or(session.opened_at),
            session.expires_at};
  }
  return used;
}

bool SessionActivity::use(const domain::Session& session, domain::Time now) {
  const std::scoped_lock lock(mutex_);
  Used& used = entry(session);
  if (now >= used.at + domain::session_idle_lifetime) return false;
  used.at = std::max(used.at, now);
  if (now >= used.noted + note_interval) {
    used.noted = now;
    vault_.put_note(note_key(session.id), domain::to_text(now), false);
  }
  return true;
}

domain::Time SessionActivity::last_used(const domain::Session& session) const {
  const std::scoped_lock lock(mutex_);
  return entry(session).at;
}

bool SessionActivity::is_open(const domain::Session& session, domain::Time now) const {
  return now < session.expires_at && now < last_used(session) + domain::session_idle_lifetime;
}

void SessionActivity::sweep(domain::Time now) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(used_, [&](const auto& entry) {
    if (now < entry.second.expires_at) return false;
    vault_.erase_note(note_key(entry.first));
    return true;
  });
}

}  // namespace ttp::service

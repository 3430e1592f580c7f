#include "service/secrets/session_activity.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ttp::service {
namespace {

constexpr domain::Duration note_interval = domain::minutes{1};
constexpr std::string_view notes = "activity/";

std::string note_key(domain::SessionId session) {
  return std::string{notes} + domain::to_text(session);
}

}  // namespace

void SessionActivity::load(const domain::Session& session) const {
  {
    const os::MutexLock lock(mutex_);
    if (used_.contains(session.id)) return;
  }
  const auto note = vault_.find_note(note_key(session.id));
  const auto noted = note ? domain::parse_time(*note) : std::nullopt;
  const domain::Time at = std::max(session.opened_at, noted.value_or(session.opened_at));
  std::optional<std::pair<domain::SessionId, Used>> leaves;
  {
    const os::MutexLock lock(mutex_);
    // Any session can be dropped from memory: its note is read again at its next use.
    if (used_.size() >= sessions_max_ && !used_.contains(session.id)) {
      leaves = *used_.begin();
      used_.erase(used_.begin());
    }
    used_.try_emplace(session.id, Used{at, noted.value_or(session.opened_at), session.expires_at});
  }
  if (leaves && leaves->second.at > leaves->second.noted)
    vault_.put_note(note_key(leaves->first), domain::to_text(leaves->second.at), false);
}

bool SessionActivity::use(const domain::Session& session, domain::Time now) {
  load(session);
  {
    const os::MutexLock lock(mutex_);
    const auto found = used_.find(session.id);
    if (found == used_.end()) return now < session.opened_at + domain::session_idle_lifetime;
    Used& used = found->second;
    if (now >= used.at + domain::session_idle_lifetime) return false;
    used.at = std::max(used.at, now);
    if (now < used.noted + note_interval) return true;
    used.noted = now;
  }
  vault_.put_note(note_key(session.id), domain::to_text(now), false);
  return true;
}

bool SessionActivity::is_at_hand(const domain::Session& session, domain::Time now) const {
  const os::MutexLock lock(mutex_);
  const auto found = used_.find(session.id);
  return found != used_.end() && now < found->second.noted + note_interval;
}

domain::Time SessionActivity::last_used(const domain::Session& session) const {
  load(session);
  const os::MutexLock lock(mutex_);
  const auto found = used_.find(session.id);
  return found == used_.end() ? session.opened_at : found->second.at;
}

bool SessionActivity::is_open(const domain::Session& session, domain::Time now) const {
  return now < session.expires_at && now < last_used(session) + domain::session_idle_lifetime;
}

std::size_t SessionActivity::size() const {
  const os::MutexLock lock(mutex_);
  return used_.size();
}

std::size_t SessionActivity::sweep(domain::Time now, std::size_t notes_max) {
  const auto is_over = [now](domain::Time used_at) { return now >= used_at + domain::session_idle_lifetime; };
  {
    const os::MutexLock lock(mutex_);
    std::erase_if(
        used_, [&](const auto& entry) { return now >= entry.second.expires_at || is_over(entry.second.at); });
  }
  // A note may be older than the last use by the interval; a session without a note counts from its opening.
  const auto found = vault_.scan_notes(notes, swept_until_, notes_max);
  for (const auto& [key, text] : found) {
    const auto noted = domain::parse_time(text);
    if (!noted || is_over(*noted + note_interval)) vault_.erase_note(key);
  }
  swept_until_ = found.size() < notes_max ? std::string{} : found.back().first;
  return found.size();
}

}  // namespace ttp::service

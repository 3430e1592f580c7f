#include "service/secrets/session_activity.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace ttp::service {
namespace {

constexpr domain::Duration note_interval = domain::minutes{1};
constexpr std::string_view notes = "activity/";

std::string note_key(domain::SessionId session) {
  return std::string{notes} + domain::to_text(session);
}

}  // namespace

SessionActivity::Used& SessionActivity::entry(const domain::Session& session) const {
  if (used_.size() >= sessions_max_ && !used_.contains(session.id)) make_room();
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

/// Any session goes: it is as it was when its note is read again.
void SessionActivity::make_room() const {
  const auto leaves = used_.begin();
  if (leaves->second.at > leaves->second.noted)
    vault_.put_note(note_key(leaves->first), domain::to_text(leaves->second.at), false);
  used_.erase(leaves);
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

std::size_t SessionActivity::size() const {
  const std::scoped_lock lock(mutex_);
  return used_.size();
}

std::size_t SessionActivity::sweep(domain::Time now, std::size_t notes_max) {
  const auto is_over = [now](domain::Time used_at) { return now >= used_at + domain::session_idle_lifetime; };
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(
        used_, [&](const auto& entry) { return now >= entry.second.expires_at || is_over(entry.second.at); });
  }
  // A note may be older than the last use by the interval, and what has no note counts from its opening.
  const auto found = vault_.scan_notes(notes, swept_until_, notes_max);
  for (const auto& [key, text] : found) {
    const auto noted = domain::parse_time(text);
    if (!noted || is_over(*noted + note_interval)) vault_.erase_note(key);
  }
  swept_until_ = found.size() < notes_max ? std::string{} : found.back().first;
  return found.size();
}

}  // namespace ttp::service

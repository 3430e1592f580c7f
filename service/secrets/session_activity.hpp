// The last use of each session, for the limit of fifteen idle minutes. It is kept in memory and, at most once
// a minute per session, as a note in the vault: a crash can end a session earlier, never later. Ended
// sessions are removed from memory and from the notes.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/user.hpp"
#include "os/mutex.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

class SessionActivity {
 public:
  /// At most `sessions_max` sessions are kept in memory; the others are read from their notes.
  explicit SessionActivity(storage::Vault& vault, std::size_t sessions_max = 100'000)
      : vault_(vault), sessions_max_(sessions_max) {}

  /// Whether the session was used within its idle time (its opening counts); if so, notes this use.
  bool use(const domain::Session& session, domain::Time now);
  /// Whether `use` would not access the disk now. It never blocks on the disk itself.
  bool is_at_hand(const domain::Session& session, domain::Time now) const;
  domain::Time last_used(const domain::Session& session) const;
  /// Whether neither its total time nor its idle time is over.
  bool is_open(const domain::Session& session, domain::Time now) const;
  /// Forgets ended sessions and erases their notes; checks at most `notes_max` notes per call and continues
  /// there at the next call. Call it often with a small bound. Returns the number of notes checked.
  std::size_t sweep(domain::Time now, std::size_t notes_max = 1'000);
  /// The number of sessions in memory.
  std::size_t size() const;

 private:
  struct Used {
    domain::Time at;
    domain::Time noted;
    domain::Time expires_at;
  };
  /// Reads the session's note if the session is not in memory.
  void load(const domain::Session& session) const;

  storage::Vault& vault_;
  const std::size_t sessions_max_;
  std::string swept_until_;  ///< the note at which the last sweep ended; used by sweep() alone
  mutable os::Mutex mutex_;  // never held during disk access
  mutable std::unordered_map<domain::SessionId, Used> used_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service

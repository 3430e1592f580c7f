// When each session was last used, for the fifteen idle minutes. Kept in memory and, at most once a minute
// per session, as a note beside the log: a crash can end a session earlier, never later. Sessions that are
// over are swept, from memory and from the notes.
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
  /// At most `sessions_max` are kept in memory; the others have their notes.
  explicit SessionActivity(storage::Vault& vault, std::size_t sessions_max = 100'000)
      : vault_(vault), sessions_max_(sessions_max) {}

  /// Whether the session was used within its idle time (its opening counts); if so it is used now.
  bool use(const domain::Session& session, domain::Time now);
  /// Whether `use` needs no disk now. Never waits for one itself.
  bool is_at_hand(const domain::Session& session, domain::Time now) const;
  domain::Time last_used(const domain::Session& session) const;
  /// Whether its time is not over, in all and since it was used.
  bool is_open(const domain::Session& session, domain::Time now) const;
  /// Forgets sessions that are over, and erases the notes of at most `notes_max` of them. To be called often
  /// with a small bound: it goes through the notes in turn. Returns how many notes it has looked at.
  std::size_t sweep(domain::Time now, std::size_t notes_max = 1'000);
  /// How many sessions are in memory.
  std::size_t size() const;

 private:
  struct Used {
    domain::Time at;
    domain::Time noted;
    domain::Time expires_at;
  };
  /// Reads the session's note where it is not in memory.
  void load(const domain::Session& session) const;

  storage::Vault& vault_;
  const std::size_t sessions_max_;
  std::string swept_until_;  ///< the note that the last sweep ended at; of sweep() alone
  mutable os::Mutex mutex_;  // never held while the disk is asked
  mutable std::unordered_map<domain::SessionId, Used> used_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service

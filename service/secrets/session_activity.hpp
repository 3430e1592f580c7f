// When each session was last used, for the fifteen idle minutes. Kept in memory and, at most once a minute
// per session, as a note beside the log: a crash can end a session earlier, never later.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/user.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

class SessionActivity {
 public:
  explicit SessionActivity(storage::Vault& vault) : vault_(vault) {}

  /// Whether the session was used within its idle time (its opening counts); if so it is used now.
  bool use(const domain::Session& session, domain::Time now);
  domain::Time last_used(const domain::Session& session) const;
  /// Whether its time is not over, in all and since it was used.
  bool is_open(const domain::Session& session, domain::Time now) const;
  /// Forgets sessions that are over.
  void sweep(domain::Time now);

 private:
  struct Used {
    domain::Time at;
    domain::Time noted;
    domain::Time expires_at;
  };
  Used& entry(const domain::Session& session) const;

  storage::Vault& vault_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<domain::SessionId, Used> used_;
};

}  // namespace ttp::service

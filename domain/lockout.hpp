// Failed attempts on the secrets of a credential: the waits that follow them, and the lock (SPEC 3.2). Each
// device that has completed a sign-in is counted by itself, and all others together are strangers, so that
// the failures of strangers never keep the owner out.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace ttp::domain {

inline constexpr unsigned consecutive_failures_max = 100;
inline constexpr unsigned failures_warned_of = 10;  ///< the person is mailed at this many in a row
inline constexpr std::size_t devices_max = 20;  ///< ours: a further one replaces the one unused for longest
inline constexpr Duration device_token_lifetime = days{400};  ///< what browsers keep a cookie for

/// The wait after a number of failures in a row before the next attempt counts: none for the first two, then
/// half a minute, one minute, and doubling up to an hour.
Duration wait_after(unsigned consecutive_failures);

/// Failures in a row of one kind of device.
struct Failures {
  std::uint32_t in_a_row = 0;
  Time last;
  bool locked = false;

  /// Why an attempt does not count now; nothing if it does.
  std::optional<Refusal> refusal_at(Time now) const;
  void add(std::uint32_t consecutive, Time at);
  friend bool operator==(const Failures&, const Failures&) = default;
};

/// The refusal of the wrong attempt that was the last of these in a row: says until when to wait.
Refusal wrong_attempt(Refusal why, unsigned in_a_row, Time now);

/// A device that has completed a sign-in and holds a token that says so.
struct Device {
  DeviceId id;
  Time known_since;
  Time last_used_at;  ///< at its last sign-in
  Failures failures{};
  friend bool operator==(const Device&, const Device&) = default;
};

}  // namespace ttp::domain

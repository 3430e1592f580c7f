// The source of the states for documents: the current states, or those at an earlier point of the log.
// Documents are built from both in the same way, so that the past is shown as it was shown then.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "service/reading/queries.hpp"

namespace ttp::service {

class StateSource {
 public:
  virtual ~StateSource() = default;
  StateSource(const StateSource&) = delete;
  StateSource& operator=(const StateSource&) = delete;

  virtual domain::Time now() const = 0;
  virtual Found<domain::User> user(domain::UserId user) const = 0;
  /// Nothing for an account that was only refused as not eligible.
  virtual Found<domain::Account> account(domain::AccountId account) const = 0;
  virtual Found<domain::Programme> programme(domain::AccountId account) const = 0;
  virtual std::vector<Membership> memberships(domain::UserId user) const = 0;
  virtual std::vector<PendingOffer> offers_to(domain::UserId user) const = 0;

 protected:
  StateSource() = default;
};

class LiveStates final : public StateSource {
 public:
  LiveStates(const Queries& queries, std::function<domain::Time()> now)
      : queries_(queries), now_(std::move(now)) {}
  domain::Time now() const override { return now_(); }
  Found<domain::User> user(domain::UserId user) const override { return queries_.user(user); }
  Found<domain::Account> account(domain::AccountId account) const override {
    return queries_.account(account);
  }
  Found<domain::Programme> programme(domain::AccountId account) const override {
    return queries_.programme(account);
  }
  std::vector<Membership> memberships(domain::UserId user) const override {
    return queries_.memberships(user);
  }
  std::vector<PendingOffer> offers_to(domain::UserId user) const override { return queries_.offers_to(user); }

 private:
  const Queries& queries_;
  const std::function<domain::Time()> now_;
};

/// A point in the past: the state of the log after its first `size` events, seen at a time.
struct PastPoint {
  storage::Position size = 0;
  domain::Time time;
};

/// The states at a point in the past. For one thread and one answer: it caches what it has looked up.
class PastStates final : public StateSource {
 public:
  PastStates(const Queries& queries, PastPoint point) : queries_(queries), point_(point) {}
  domain::Time now() const override { return point_.time; }
  Found<domain::User> user(domain::UserId user) const override;
  Found<domain::Account> account(domain::AccountId account) const override;
  Found<domain::Programme> programme(domain::AccountId account) const override;
  std::vector<Membership> memberships(domain::UserId user) const override;
  std::vector<PendingOffer> offers_to(domain::UserId user) const override;

 private:
  template <class State>
  using Known = std::map<domain::Uuid, Found<State>>;
  template <class State>
  const Found<State>& state(Known<State>& known, const domain::Uuid& id) const;

  const Queries& queries_;
  const PastPoint point_;
  mutable Known<domain::User> users_;
  mutable Known<domain::Account> accounts_;
  mutable Known<domain::Programme> programmes_;
};

}  // namespace ttp::service

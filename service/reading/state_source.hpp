// Where documents get their states from: the live views, or the log folded up to a moment. What is made of
// them is made the same way, so that the past is shown as it was shown then.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "service/reading/queries.hpp"
#include "service/writer/states.hpp"

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

/// A moment of the log: what its first `size` events say, seen at a time.
struct Moment {
  storage::Position size = 0;
  domain::Time time;
};

/// The states at a moment. For one thread and one answer: what was folded once is kept.
class PastStates final : public StateSource {
 public:
  PastStates(const storage::Log& log, const Queries& queries, events::FindSubjectKey find_key, Moment moment)
      : log_(log), queries_(queries), find_key_(std::move(find_key)), moment_(moment) {}
  domain::Time now() const override { return moment_.time; }
  Found<domain::User> user(domain::UserId user) const override;
  Found<domain::Account> account(domain::AccountId account) const override;
  Found<domain::Programme> programme(domain::AccountId account) const override;
  std::vector<Membership> memberships(domain::UserId user) const override;
  std::vector<PendingOffer> offers_to(domain::UserId user) const override;

 private:
  template <class State>
  using Folded = std::map<domain::Uuid, Versioned<State>>;
  template <class State>
  const Versioned<State>& folded(Folded<State>& known, const domain::Uuid& id) const;

  const storage::Log& log_;
  const Queries& queries_;
  const events::FindSubjectKey find_key_;
  const Moment moment_;
  mutable Folded<domain::User> users_;
  mutable Folded<domain::Account> accounts_;
  mutable Folded<domain::Programme> programmes_;
};

}  // namespace ttp::service

// Where documents get their states from: those of now, or those of an earlier moment of the log. What is made
// of them is made the same way, so that the past is shown as it was shown then.
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

/// A moment of the log: what its first `size` events say, seen at a time.
struct Moment {
  storage::Position size = 0;
  domain::Time time;
};

/// The states at a moment. For one thread and one answer: what was looked up once is kept.
class PastStates final : public StateSource {
 public:
  PastStates(const Queries& queries, Moment moment) : queries_(queries), moment_(moment) {}
  domain::Time now() const override { return moment_.time; }
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
  const Moment moment_;
  mutable Known<domain::User> users_;
  mutable Known<domain::Account> accounts_;
  mutable Known<domain::Programme> programmes_;
};

}  // namespace ttp::service

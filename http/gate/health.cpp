#include "http/gate/health.hpp"

#include <algorithm>

namespace ttp::http {

std::vector<std::string> not_ready(const service::Service& service, bool draining) {
  std::vector<std::string> reasons;
  const auto add = [&](std::string sentence) {
    if (std::ranges::find(reasons, sentence) == reasons.end()) reasons.push_back(std::move(sentence));
  };
  if (draining) add("the server is shutting down");
  for (const os::FaultStatus& each : os::faults())
    if (each.reason && !each.not_ready.empty()) add(each.not_ready);
  if (service.executor().fault()) add("no command is taken any more until the service is started again");
  for (const auto& status : service.runner().status())
    if (status.fault) add("the view " + status.name + " has stopped");
  if (service.checkpoints().fault()) add("the signed checkpoint could not be written");
  return reasons;
}

AuthorisationWatch::AuthorisationWatch(std::function<Basis()> basis)
    : basis_(std::move(basis)),
      since_(Clock::now()),
      fault_({.name = "authorisation",
              .what_fails = "sessions and roles cannot be checked",
              .what_to_do =
                  "Requests that need a session are refused with 503 until the view of users follows "
                  "the log again. See the projections' faults at /v1/operations/projections or with "
                  "ttpctl verify, and rebuild the view with ttpctl rebuild.",
              .not_ready = "sessions and roles cannot be checked"}),
      worker_({.fault = {.name = "authorisation_watch",
                         .what_fails = "watching the view of users",
                         .what_to_do = "The watch is tried again; until then its last result holds."},
               .thread_name = "watch"},
              [this](os::Worker&) {
                look(Clock::now());
                looked_at_ = Clock::now();
                return os::Worker::Next::within(look_interval);
              }) {}

void AuthorisationWatch::look(Clock::time_point now) {
  const Basis basis = basis_();
  const os::MutexLock lock(mutex_);
  if (basis.next >= awaited_) {
    awaited_ = basis.head;
    since_ = now;
  }
  const bool lags = now - since_ > lag_max;
  if (basis.stopped)
    fault_.happened("the view of users has stopped at position " + std::to_string(basis.next));
  else if (lags)
    fault_.happened("the view of users shows the log up to position " + std::to_string(basis.next) + " of " +
                    std::to_string(basis.head));
  else
    fault_.ended();
  stands_ = !basis.stopped && !lags;
}

}  // namespace ttp::http

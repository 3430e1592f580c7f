#include "http/gate/counts.hpp"

#include "http/api/route.hpp"

namespace ttp::http {

void RequestCounts::add(int status) {
  const os::MutexLock lock(mutex_);
  ++figures_.answers[{nullptr, status}];
}

void RequestCounts::add(const Route& route, int status, std::chrono::nanoseconds time) {
  const os::MutexLock lock(mutex_);
  ++figures_.answers[{&route, status}];
  (route.is_command ? figures_.command_seconds : figures_.query_seconds).add(time);
}

void RequestCounts::add(domain::Reason refusal) {
  const os::MutexLock lock(mutex_);
  ++figures_.refusals[std::string{domain::to_text(refusal)}];
}

RequestFigures RequestCounts::figures() const {
  const os::MutexLock lock(mutex_);
  return figures_;
}

}  // namespace ttp::http

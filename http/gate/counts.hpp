// Counts of requests for /metrics: answers by route and status, refusals, and times.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "domain/reason.hpp"
#include "os/mutex.hpp"
#include "service/writer/executor.hpp"

namespace ttp::http {

struct Route;

struct RequestFigures {
  std::map<std::pair<const Route*, int>, std::uint64_t> answers;  ///< by route (null: none) and status
  std::map<std::string, std::uint64_t> refusals;                  ///< by code
  service::Histogram command_seconds{service::time_bounds};
  service::Histogram query_seconds{service::time_bounds};
};

/// Any thread may call this.
class RequestCounts {
 public:
  /// Counts an answer without a route; its time is not recorded.
  void add(int status);
  void add(const Route& route, int status, std::chrono::nanoseconds time);
  void add(domain::Reason refusal);
  RequestFigures figures() const;

 private:
  mutable os::Mutex mutex_;
  RequestFigures figures_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::http

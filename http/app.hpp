// The application behind the HTTP engine: matches a route, finds out who asks, fills the command or asks the
// query, and puts outcomes and refusals into words. Thin: what branches on business is in the domain.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/api/route.hpp"
#include "http/api/router.hpp"
#include "http/gate/rate_limiter.hpp"
#include "http/wire/message.hpp"
#include "http/wire/server.hpp"
#include "service/service.hpp"

namespace ttp::http {

class App : public Handler {
 public:
  App(service::Service& service, const service::Config& config);
  ~App() override;

  std::shared_ptr<const Reading> read(const Head& head, const Reading* previous) override;
  std::optional<Response> answer_at_once(const Request& request) override;
  void handle(std::shared_ptr<const Request> request, Answer answer) override;
  Response refuse(const domain::Refusal& refusal, int status, const Request& request) override;

  /// The server whose counters /metrics shows; set once it exists.
  void watch(const Server& server) { server_ = &server; }
  /// From now on /health/ready says no, so that a load balancer sends no more.
  void begin_drain() { draining_ = true; }
  /// Why requests should go elsewhere, or nothing.
  std::vector<std::string> not_ready() const;
  std::string metrics_text() const;

 private:
  struct Waiting {
    storage::Position position;
    std::chrono::steady_clock::time_point deadline;
    std::function<void(bool reached)> go_on;
  };

  struct HeadReading;
  /// Whose requests are limited, and how answers tell of it.
  struct Limited {
    Limited(std::string_view who, RateLimit limit);
    void add_lines(std::string& lines, const RateVerdict& verdict) const;

    RateLimiter limiter;
    const std::string policy;       ///< its name, as a string of structured fields (RFC 9651)
    const std::string policy_line;  ///< the whole header
  };
  static const HeadReading& reading_of(const Request& request);

  static std::optional<domain::Refusal> read_query(HeadReading& reading, const Head& head);
  std::optional<domain::Refusal> read_credential(HeadReading& reading, const Head& head,
                                                 const HeadReading* previous) const;
  std::optional<domain::Refusal> cross_site_refusal(const Head& head) const;

  Response answer_without_route(const Request& request);
  Call call_of(const Request& request);
  /// Finds out who asks, and takes the request from the limits. The answer, where it is refused.
  std::optional<Response> admit(Call& call);
  std::optional<domain::Refusal> authenticate(Call& call, const HeadReading& reading) const;
  /// The user of the session, whatever state they are in.
  service::Found<domain::User> caller_of(const HeadReading& reading) const;
  /// Takes the request from the caller's limit. The refusal, where nothing is left.
  std::optional<Response> limit(Call& call, const Route& route, std::optional<domain::UserId> user);
  Response refusal(Call& call, const Route& route, const domain::Refusal& why);
  void serve(const std::shared_ptr<Call>& call, const Route& route, const Answer& answer,
             const std::shared_ptr<const Request>& held);
  /// Hands the request's body to `work`, parsed, where there is one.
  template <class Work>
  static std::optional<domain::Refusal> with_body(const Call& call, const Route& route, const Work& work);
  Response answer_to_query(Call& call, const Route& route);
  /// A kept answer, or one made now.
  Answered<Response> answer_query(Call& call, const Route& route, const Json* body);
  void keep_answer(Call& call, const Inquiry& inquiry, Response answer, const std::string& tag,
                   std::optional<domain::Time> deadline);
  /// Nothing where the answer comes by itself.
  std::optional<domain::Refusal> run_command(const std::shared_ptr<Call>& call, const Route& route,
                                             const Json* body, const Answer& answer,
                                             const std::shared_ptr<const Request>& held);
  Response answer_to(Call& call, const Route& route, const service::Outcome& outcome);
  /// Counts the answer and how long it took, and adds what every answer says.
  Response finish(const Call& call, const Route& route, Response response);
  Response problem_for(const domain::Refusal& refusal, const Request& request,
                       std::optional<int> status = {});
  void count(const Route* route, int status);
  void wait_for_positions();

  service::Service& service_;
  const service::Config& config_;
  const Router router_;
  const Server* server_ = nullptr;
  std::atomic<bool> draining_{false};
  Limited per_address_;
  Limited per_user_;
  KeptAnswers kept_;

  mutable std::mutex counts_mutex_;
  std::map<std::pair<const Route*, int>, std::uint64_t> answers_;  ///< by route (null: none) and status
  std::map<std::string, std::uint64_t> refusals_;                  ///< by code
  service::Histogram command_seconds_{service::time_bounds};
  service::Histogram query_seconds_{service::time_bounds};

  std::mutex waiting_mutex_;
  std::condition_variable waiting_wake_;
  std::vector<Waiting> waiting_;
  bool stopping_ = false;
  std::thread waiter_;
};

}  // namespace ttp::http

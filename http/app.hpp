// The application behind the HTTP engine: matches a route, finds out who asks, fills the command or asks the
// query, and puts outcomes and refusals into words. Thin: what branches on business is in the domain.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "http/api/route.hpp"
#include "http/api/router.hpp"
#include "http/gate/counts.hpp"
#include "http/gate/kept_answers.hpp"
#include "http/gate/limits.hpp"
#include "http/gate/position_waiter.hpp"
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
  bool is_draining() const { return draining_; }
  std::string metrics_text() const;

 private:
  struct ReadHead;
  static const ReadHead& head_of(const Request& request);
  static std::optional<domain::Refusal> read_query(ReadHead& read, const Head& head);

  Response answer_without_route(const Request& request);
  Call call_of(const Request& request);
  /// Finds out who asks, and takes the request from the limits. The answer, where it is refused.
  std::optional<Response> admit(Call& call);
  std::optional<domain::Refusal> authenticate(Call& call, const ReadHead& head) const;
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

  service::Service& service_;
  const service::Config& config_;
  const Router router_;
  const Server* server_ = nullptr;
  std::atomic<bool> draining_{false};
  CallerLimits limits_;
  KeptAnswers kept_;
  RequestCounts counts_;
  PositionWaiter positions_;  // last: what waits uses the others
};

}  // namespace ttp::http

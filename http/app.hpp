// The application behind the HTTP engine: matches a route, lets the caller in, fills the command or asks the
// query, and puts outcomes and refusals into words. Thin: what branches on business is in the domain, and
// what stands before a route is in gate/. An I/O thread serves what is proven to look at memory alone; all
// else goes to workers.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/api/route.hpp"
#include "http/api/router.hpp"
#include "http/gate/counts.hpp"
#include "http/gate/health.hpp"
#include "http/gate/kept_answers.hpp"
#include "http/gate/limits.hpp"
#include "http/gate/position_waiter.hpp"
#include "http/wire/message.hpp"
#include "http/wire/server.hpp"
#include "os/worker.hpp"
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
  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;

  static const ReadHead& head_of(const Request& request);
  static std::optional<domain::Refusal> read_query(ReadHead& read, const Head& head);

  Response answer_without_route(const Request& request);
  Call call_of(const Request& request);

  // Letting in.

  /// Whether `admit` looks at memory alone; then the call has its caller. For the I/O thread.
  bool is_let_in_at_once(const ReadHead& head, Call& call) const;
  /// Whether whoever asks is refused, whatever the state of users says.
  bool is_refused_anyway(const ReadHead& head) const;
  /// Finds out who asks, and takes the request from the limits. The answer, where it is refused.
  std::optional<Response> admit(Call& call);
  std::optional<domain::Refusal> authenticate(Call& call, const ReadHead& head) const;
  void look_up_caller(Call& call, domain::SessionId session) const;
  static std::optional<domain::Refusal> over(Call& call, const Route& route, domain::Reason reason);
  /// Takes the request from the caller's limit. The refusal, where nothing is left.
  std::optional<Response> limit(Call& call, const Route& route, std::optional<domain::UserId> user);
  Response refusal(Call& call, const Route& route, const domain::Refusal& why);

  // Serving: each calls the next, and the last one answers.

  /// Has a worker of the route go on, or refuses where they have no room.
  void go_on_with_worker(const ExchangePtr& exchange, std::function<void()> work);
  void begin(const ExchangePtr& exchange);
  /// Waits for the position that the client asks for. False where that is refused or has to be waited for.
  bool has_position(const ExchangePtr& exchange);
  void serve(const ExchangePtr& exchange);
  void serve_query(const ExchangePtr& exchange);
  /// Keeps what the next request with the same head can use. For the I/O thread.
  void remember(const Exchange& exchange) const;

  /// Hands the request's body to `work`, parsed, where there is one.
  template <class Work>
  static std::optional<domain::Refusal> with_body(const Call& call, const Route& route, const Work& work);
  Response answer_to_query(Call& call, const Route& route);
  /// A kept answer, or one made now.
  Answered<Response> answer_query(Call& call, const Route& route, const Json* body);
  void keep_answer(Call& call, const Inquiry& inquiry, Response answer, const std::string& tag,
                   std::optional<domain::Time> deadline);
  /// Nothing where the answer comes by itself.
  std::optional<domain::Refusal> run_command(const ExchangePtr& exchange, const Json* body);
  void answer_command(const ExchangePtr& exchange, service::CommandResult outcome);
  Response answer_to(Call& call, const Route& route, const service::CommandResult& outcome);
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
  AuthorisationWatch authorisation_;
  // Threads come last, because what they run uses the rest.
  os::WorkerPool workers_;          ///< for usual requests
  os::WorkerPool patient_workers_;  ///< for those that may take long
  os::WorkerPool finishers_;        ///< for answers to commands that need a look-up or a receipt
  PositionWaiter positions_;
};

}  // namespace ttp::http

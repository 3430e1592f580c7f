// The application behind the HTTP engine: matches a route, authenticates the caller, fills the command or
// runs the query, and renders results and refusals. It holds no business rules, which are in the domain;
// checks before a route are in gate/. An I/O thread serves only requests that need nothing but memory;
// workers serve all others.
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

  std::shared_ptr<const DecodedHead> decode(const RequestHead& head, const DecodedHead* previous) override;
  std::optional<Response> answer_at_once(const Request& request) override;
  void handle(std::shared_ptr<const Request> request, Answer answer) override;
  Response refuse(const domain::Refusal& refusal, int status, const Request& request) override;

  /// The server whose counters /metrics shows; set once the server exists.
  void watch(const Server& server) { server_ = &server; }
  /// From now on /health/ready reports not ready, so that a load balancer stops sending requests.
  void begin_drain() { draining_ = true; }
  bool is_draining() const { return draining_; }
  /// Without `for_monitors` only the figures that anybody may see.
  std::string metrics_text(bool for_monitors) const;

 private:
  struct RoutedHead;
  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;

  static const RoutedHead& head_of(const Request& request);
  static std::optional<domain::Refusal> read_query(RoutedHead& decoded, const RequestHead& head);

  Response answer_without_route(const Request& request);
  Call call_of(const Request& request);

  // Admission.

  /// Whether `admit` needs only memory; if so, `call` gets its caller. For the I/O thread.
  bool is_let_in_at_once(const RoutedHead& head, Call& call) const;
  /// Whether the request is refused regardless of the state of its user.
  bool is_refused_anyway(const RoutedHead& head) const;
  /// Authenticates the caller and charges the request to the caller's limits. Returns the answer if the
  /// request is refused.
  std::optional<Response> admit(Call& call);
  std::optional<domain::Refusal> authenticate(Call& call, const RoutedHead& head) const;
  void look_up_caller(Call& call, domain::SessionId session) const;
  static std::optional<domain::Refusal> over(Call& call, const Route& route, domain::Reason reason);
  /// Charges the request to the caller's limit. Returns the refusal if the limit is used up.
  std::optional<Response> limit(Call& call, const Route& route, std::optional<domain::UserId> user);
  Response refusal(Call& call, const Route& route, const domain::Refusal& why);

  // Serving: each function calls the next one, and the last one answers.

  /// Continues on a worker of the route's pool; refuses the request if the pool's queue is full.
  void go_on_with_worker(const ExchangePtr& exchange, std::function<void()> work);
  void begin(const ExchangePtr& exchange);
  /// Begins a query; false if a store would have to read the disk. Nothing was answered then.
  bool begin_from_memory(const ExchangePtr& exchange);
  /// Whether the views include the position that the client asks for. If false, the request was refused or
  /// waits and continues later.
  bool has_position(const ExchangePtr& exchange);
  void serve(const ExchangePtr& exchange);
  void serve_query(const ExchangePtr& exchange);
  /// Stores results for the next request with the same head. For the I/O thread.
  void remember(const Exchange& exchange) const;

  /// Parses the request's body, if there is one, and passes it to `work`.
  template <class Work>
  static std::optional<domain::Refusal> with_body(const Call& call, const Route& route, const Work& work);
  Response answer_to_query(Call& call, const Route& route);
  /// A cached answer, or a new one.
  Answered<Response> answer_query(Call& call, const Route& route, const Json* body);
  void keep_answer(Call& call, const Inquiry& inquiry, Response answer, const std::string& tag,
                   std::optional<domain::Time> deadline);
  /// Returns a refusal, or nothing if the answer will arrive later.
  std::optional<domain::Refusal> run_command(const ExchangePtr& exchange, const Json* body);
  /// The identities of a request with an Idempotency-Key; none without one.
  Answered<std::vector<service::KnownRequest>> known_requests(const Call& call, const Route& route,
                                                              const Json* body) const;
  void answer_command(const ExchangePtr& exchange, service::CommandResult outcome);
  Response answer_to(Call& call, const Route& route, const service::CommandResult& outcome);
  /// Counts the answer and its time, and adds the headers of every answer.
  Response finish(const Call& call, const Route& route, Response response);
  Response problem_for(const domain::Refusal& refusal, const Request& request, domain::Language language,
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
  // Threads come last, because their work uses the other members.
  os::WorkerPool workers_;          ///< for ordinary requests
  os::WorkerPool patient_workers_;  ///< for requests that may take long
  os::WorkerPool finishers_;        ///< for command answers that need a look-up or a receipt
  PositionWaiter positions_;
};

}  // namespace ttp::http

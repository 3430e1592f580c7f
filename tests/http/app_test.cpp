// The application without a network: admission of callers, and answers while a view that authorisation needs
// has stopped.
#include "http/app.hpp"

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "service/service.hpp"

namespace ttp::http {
namespace {

using namespace domain;

class AppTest : public testing::Test {
 protected:
  AppTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ttp-app-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    config_.data_dir = folder_ / "data";
    config_.sandbox = true;
    service_ = std::make_unique<service::Service>(config_);
    app_ = std::make_unique<App>(*service_, config_);
  }
  ~AppTest() override {
    app_.reset();
    service_.reset();
    std::filesystem::remove_all(folder_);
  }

  service::CommandResult does(UserId by, service::Command command, bool secret = true) {
    service::Asked asked;
    asked.by = by;
    asked.kind = events::ActorKind::user;
    asked.secret_matches = secret;
    return service_->execute(std::move(command), asked);
  }
  User state(UserId user) { return service_->queries().user(user).value().state; }

  /// Signs a seeded person in and returns the session's token.
  std::string token() {
    const auto staff = service_->sandbox_staff().front();
    const UserId user = staff.user;
    does(user, StartSignIn{user, staff.user_name, Password::parse(staff.password).value()});
    const SignInId sign_in = state(user).sign_in.value().id;
    if (state(user).sign_in->stage == SignInStage::mail_factor_terms)
      does(user, EnrolMailFactor{user, sign_in, 1});
    does(user,
         EnterOneTimeCode{user, sign_in, service_->secrets().one_time_code(state(user).sign_in->code->code)});
    does(user, AcceptPortalTerms{user, sign_in, 1});
    return service_->secrets().session_token(state(user).sessions.back().id);
  }

  Response ask(const std::string& method, const std::string& path, const std::string& with_token = "") {
    auto head = std::make_shared<RequestHead>();
    head->method = method;
    head->target = head->path = path;
    head->peer_address = "192.0.2.1";
    head->headers.emplace_back("host", "localhost");
    if (!with_token.empty()) head->headers.emplace_back("authorization", "Bearer " + with_token);
    auto request = std::make_shared<Request>();
    request->decoded = app_->decode(*head, nullptr);
    request->head = std::move(head);
    request->request_id = "test";
    request->received = std::chrono::steady_clock::now();
    if (auto response = app_->answer_at_once(*request)) return *std::move(response);
    std::promise<Response> promise;
    app_->handle(request, Answer([&](std::optional<Making> making) {
                   promise.set_value(making ? (*making)() : Response{.status = 599});
                 }));
    return promise.get_future().get();
  }
  static bool says(const Response& response, std::string_view code) {
    return response.body.find("\"code\":\"" + std::string{code} + "\"") != std::string::npos;
  }

  /// Stops every view by passing it an event with a wrong position.
  void stop_the_views() {
    auto recorded = service_->queries().history(0, 1);
    recorded.push_back(recorded.front());
    recorded.front().position = service_->runner().next();
    service_->runner().apply(recorded);
  }

  std::filesystem::path folder_;
  service::Config config_;
  std::unique_ptr<service::Service> service_;
  std::unique_ptr<App> app_;
};

TEST_F(AppTest, admits_only_callers_with_a_session) {
  const std::string session = token();
  EXPECT_EQ(ask("GET", "/v1/user", session).status, 200);
  EXPECT_EQ(ask("GET", "/v1/user").status, 401);
  EXPECT_EQ(ask("GET", "/v1/user", session + "x").status, 401);
}

TEST_F(AppTest, admits_no_caller_while_the_view_of_users_has_stopped) {
  const std::string session = token();
  ASSERT_EQ(ask("GET", "/v1/user", session).status, 200);
  ASSERT_EQ(ask("GET", "/health/ready").status, 200);
  stop_the_views();
  while (ask("GET", "/v1/user", session).status == 200) std::this_thread::yield();

  const Response refused = ask("GET", "/v1/user", session);
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(says(refused, "authorisation_unavailable")) << refused.body;
  EXPECT_TRUE(std::ranges::count(refused.headers, std::string{"Retry-After"}, &Headers::value_type::first));
  EXPECT_EQ(ask("DELETE", "/v1/session", session).status, 503) << "commands too";
  EXPECT_EQ(ask("GET", "/v1/terms/portal").status, 200) << "public requests go on";
  EXPECT_EQ(ask("GET", "/health/live").status, 200) << "a restart would not help";

  const Response not_ready = ask("GET", "/health/ready");
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_TRUE(says(not_ready, "not_ready")) << not_ready.body;
  EXPECT_NE(not_ready.body.find("sessions and roles cannot be checked"), std::string::npos) << not_ready.body;
  EXPECT_EQ(not_ready.body.find(folder_.native()), std::string::npos) << "no paths";
  EXPECT_EQ(not_ready.body.find("the log has a gap"), std::string::npos) << "no texts of faults";
}

TEST_F(AppTest, says_why_it_is_not_ready_while_it_stops) {
  app_->begin_drain();
  const Response response = ask("GET", "/health/ready");
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(says(response, "not_ready"));
  EXPECT_EQ(response.headers.front().second, "application/problem+json; charset=utf-8");
}

TEST_F(AppTest, lists_no_more_faults_however_long_a_body_is) {
  std::size_t sizes[2];
  for (int i = 0; i < 2; ++i) {
    std::string body = "{";
    for (int member = 0; member < (i == 0 ? 1'000 : 4'000); ++member)
      body += (member ? ",\"m" : "\"m") + std::to_string(10'000 + member) + "\":1";
    auto head = std::make_shared<RequestHead>();
    head->method = "POST";
    head->target = head->path = "/v1/sign-ins";
    head->headers = {{"host", "localhost"}, {"content-type", "application/json"}};
    auto request = std::make_shared<Request>();
    request->decoded = app_->decode(*head, nullptr);
    request->head = std::move(head);
    request->request_id = "test";
    request->body = body + "}";
    std::promise<Response> promise;
    app_->handle(request, Answer([&](std::optional<Making> making) { promise.set_value((*making)()); }));
    const Response response = promise.get_future().get();
    EXPECT_EQ(response.status, 422);
    sizes[i] = response.body.size();
  }
  EXPECT_EQ(sizes[0], sizes[1]);
}

TEST(Routes, serve_at_once_only_requests_that_need_nothing_but_memory) {
  for (const Route& route : routes()) {
    if (route.runs != Runs::at_once || route.is_command) continue;
    EXPECT_EQ(route.access.who, Who::anyone) << route_name(route) << " would look its caller up";
    EXPECT_FALSE(route.keeping) << route_name(route);
  }
}

TEST(Routes, have_a_worker_where_a_member_is_looked_up) {
  std::size_t looked_up = 0;
  for (const Route& route : routes()) {
    const bool looks_up = route.path.starts_with("/v1/sign-in/") || route.path == "/v1/sessions" ||
                          route.path.starts_with("/v1/staff/letters/");
    if (!route.is_command || !looks_up || route.method == "DELETE") continue;
    ++looked_up;
    EXPECT_NE(route.runs, Runs::at_once) << route_name(route);
  }
  EXPECT_GE(looked_up, 7u);
}

}  // namespace
}  // namespace ttp::http

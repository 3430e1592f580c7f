// The engine behind a real socket: accepted and refused requests, and slow clients and handlers.
#include "http/wire/server.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/request_corpus.hpp"

namespace ttp::http {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using Clock = std::chrono::steady_clock;

// ---- the client and the handler ---------------------------------------------------------------------------

constexpr std::chrono::milliseconds patience = 60s;  // long enough for a busy machine

/// Waits until the condition holds; false if it never does.
template <class Condition>
bool eventually(Condition holds) {
  for (const auto ends = Clock::now() + patience; Clock::now() < ends; std::this_thread::sleep_for(1ms))
    if (holds()) return true;
  return false;
}

struct Received {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// A client that sends exactly the given bytes.
class Client {
 public:
  enum NotYet { not_yet };
  explicit Client(NotYet, const char* from = "127.0.0.1") : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in own = address(from, 0);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
  }
  explicit Client(std::uint16_t port, const char* from = "127.0.0.1") : Client(not_yet, from) {
    connect_to(port);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void connect_to(std::uint16_t port) {
    sockaddr_in server = address("127.0.0.1", port);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&server), sizeof server) == 0;
  }
  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {  // the server has closed; received bytes are still readable
        was_reset_ = true;
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// The next answer; status 0 if the connection ended or nothing arrived for long. A 100 counts as an
  /// answer.
  Received answer(bool to_head = false) {
    while (input_.find("\r\n\r\n") == std::string::npos)
      if (!read_more(patience)) return {};
    Received received = parse_head(input_.substr(0, input_.find("\r\n\r\n") + 2));
    input_.erase(0, input_.find("\r\n\r\n") + 4);
    const bool has_body = !to_head && received.headers.contains("content-length");
    const auto length = has_body ? std::stoul(received.headers["content-length"]) : 0u;
    while (input_.size() < length)
      if (!read_more(patience)) return {};
    received.body = input_.substr(0, length);
    input_.erase(0, length);
    return received;
  }
  /// Whether the server closes without sending another byte and without a reset.
  bool is_closed(std::chrono::milliseconds within = patience) {
    return input_.empty() && !read_more(within) && ended_;
  }
  void stop_sending() { shutdown(socket_, SHUT_WR); }
  /// Whether the connection was reset, or a byte could not be sent.
  bool was_reset() const { return was_reset_; }

 private:
  static sockaddr_in address(const char* text, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
  }
  static Received parse_head(std::string head) {
    Received received;
    received.status = std::stoi(head.substr(9, 3));
    head.erase(0, head.find("\r\n") + 2);
    while (!head.empty()) {
      const auto colon = head.find(": ");
      auto name = head.substr(0, colon);
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      received.headers[name] = head.substr(colon + 2, head.find("\r\n") - colon - 2);
      head.erase(0, head.find("\r\n") + 2);
    }
    return received;
  }
  bool read_more(std::chrono::milliseconds within) {
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(within.count())) <= 0) return false;
    char buffer[16384];
    const auto count = recv(socket_, buffer, sizeof buffer, 0);
    ended_ = count == 0;
    was_reset_ |= count < 0;
    if (count > 0) input_.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  bool was_reset_ = false;
  std::string input_;
};

/// Echoes requests, except on paths that simulate slow or faulty handlers.
class TestHandler : public Handler {
 public:
  ~TestHandler() override {
    for (auto& thread : threads_) thread.join();
  }

  std::shared_ptr<const DecodedHead> decode(const RequestHead&, const DecodedHead*) override {
    ++heads_read_;
    return std::make_shared<const DecodedHead>();
  }

  std::optional<Response> answer_at_once(const Request& request) override {
    if (request.head->path == "/throws-at-once") throw std::runtime_error("the handler's own fault");
    if (request.head->path == "/again" || request.head->path == "/large-again") return again(request);
    if (request.head->path != "/at-once") return std::nullopt;
    return echo(request);
  }

  void handle(std::shared_ptr<const Request> request, Answer answer) override {
    const auto& path = request->head->path;
    auto response = echo(*request);
    if (path == "/later") return answer_later(std::move(answer), std::move(response), 50ms);
    if (path == "/dropped") return;
    if (path == "/dropped-later") return drop_later(std::move(answer));
    if (path == "/throws") throw std::runtime_error("the handler's own fault");
    if (path == "/held") return hold(std::move(answer));
    if (path == "/close") response.close = true;
    if (path == "/large") response.body.assign(32u << 20, 'x');
    if (path == "/bad-header") response.headers.emplace_back("X-A", "a\r\nX-B: b");
    if (path == "/empty") response = {.status = 204};
    if (path == "/endless") response.next_part = &work_on;
    if (path == "/own-headers")
      response.headers = {{"cache-control", "max-age=60"}, {"Content-Length", "1"}, {"Connection", "x"}};
    answer(std::move(response));
    if (path == "/answers-and-throws") throw std::runtime_error("the handler's own fault");
  }

  Response refuse(const domain::Refusal& refusal, int status, const Request& request) override {
    return {.status = status,
            .headers = {{"Content-Type", "application/problem+json"}},
            .body = std::string(to_text(refusal.reason)) + " " + request.request_id};
  }

  /// A part that takes a while to make; the next one is then available at once.
  static Part work_on() {
    std::this_thread::sleep_for(1ms);
    return {"x", false};
  }

  int heads_read() const { return heads_read_; }
  std::vector<Request> seen() {
    std::lock_guard lock(mutex_);
    return seen_;
  }
  void await_held() {
    std::unique_lock lock(mutex_);
    held_one_.wait_for(lock, patience, [&] { return !held_.empty(); });
  }
  void release_held() {
    std::lock_guard lock(mutex_);
    for (const auto& answer : held_) answer({.body = "released"});
    held_.clear();
  }

 private:
  Response echo(const Request& request) {
    std::lock_guard lock(mutex_);
    seen_.push_back(request);
    return {.body = request.head->method + " " + request.head->target + "\n" + request.body};
  }
  /// The same answer each time, except for a number.
  Response again(const Request& request) {
    Response response;
    response.headers = {{"X-Number", std::to_string(++answered_again_)}, {"Content-Length", "1"}};
    response.prepared = request.head->path == "/again" ? small_ : large_;
    return response;
  }
  void answer_later(Answer answer, Response response, std::chrono::milliseconds delay) {
    std::lock_guard lock(mutex_);
    threads_.emplace_back([answer = std::move(answer), response = std::move(response), delay] {
      std::this_thread::sleep_for(delay);
      answer(response);
    });
  }
  void drop_later(Answer answer) {
    std::lock_guard lock(mutex_);
    threads_.emplace_back([kept = std::move(answer)] { std::this_thread::sleep_for(20ms); });
  }
  void hold(Answer answer) {
    std::lock_guard lock(mutex_);
    held_.push_back(std::move(answer));
    held_one_.notify_all();
  }

  std::atomic<int> heads_read_ = 0;
  std::atomic<int> answered_again_ = 0;
  const std::shared_ptr<const Prepared> small_ =
      prepare({.status = 203, .headers = {{"Content-Type", "text/plain"}}, .body = "the same"});
  const std::shared_ptr<const Prepared> large_ = prepare({.body = std::string(32u << 20, 'y')});
  std::mutex mutex_;
  std::condition_variable held_one_;
  std::vector<Request> seen_;
  std::vector<Answer> held_;
  std::vector<std::thread> threads_;
};

class ServerTest : public testing::Test {
 protected:
  Server& server() {
    if (!server_) {
      server_ = std::make_unique<Server>(config_, handler_);
      server_->start();
    }
    return *server_;
  }
  std::uint16_t port() { return server().port(); }
  Received ask(std::string_view request) {
    Client client(port());
    client.send(request);
    return client.answer();
  }
  std::string code(const Received& received) { return received.body.substr(0, received.body.find(' ')); }

  ServerConfig config_;
  TestHandler handler_;
  std::unique_ptr<Server> server_;
};

const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n";

// ---- serving ----------------------------------------------------------------------------------------------

TEST_F(ServerTest, HandsOverARequestAndSendsTheAnswer) {
  const auto received =
      ask("POST /v1/x?limit=5&a=%20 HTTP/1.1\r\nHost: example.com\r\nX-One: 1\r\nx-TWO: \t2 \r\nx-two: 3\r\n"
          "Content-Length: 5\r\n\r\nhello");
  EXPECT_EQ(received.status, 200);
  EXPECT_EQ(received.body, "POST /v1/x?limit=5&a=%20\nhello");
  const auto request = handler_.seen().at(0);
  EXPECT_EQ(request.head->path, "/v1/x");
  EXPECT_EQ(request.head->query, "limit=5&a=%20");
  EXPECT_EQ(request.header("x-one"), "1");
  EXPECT_EQ(request.header("x-two"), "2");
  EXPECT_TRUE(request.has_repeated("x-two"));
  EXPECT_FALSE(request.has_repeated("x-one"));
  EXPECT_EQ(request.header("x-three"), std::nullopt);
  EXPECT_EQ(request.head->peer_address, "127.0.0.1");
}

TEST_F(ServerTest, ServesEveryWellFormedRequestAndOnlyThat) {
  for (const auto& shape : corpus::well_formed()) {
    Client client(port());
    client.send(shape.bytes + "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.answer(shape.bytes.starts_with("HEAD")).status, 200) << shape.name;
    if (shape.bytes.find("HTTP/1.0") == std::string::npos) {
      EXPECT_EQ(client.answer().body, "GET /last\n") << shape.name;
    }
    EXPECT_TRUE(client.is_closed()) << shape.name;
  }
}

TEST_F(ServerTest, AnAbsoluteTargetIsHandedOverInOriginForm) {
  ask("GET http://example.com?x=1 HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_EQ(handler_.seen().at(0).head->target, "/?x=1");
  EXPECT_EQ(handler_.seen().at(0).head->path, "/");
}

TEST_F(ServerTest, KeepsAConnectionForManyRequests) {
  Client client(port());
  for (int i = 0; i < 50; ++i) {
    client.send(corpus::post("Content-Length: 2\r\n", "ab"));
    EXPECT_EQ(client.answer().body, "POST /v1/x\nab");
  }
  EXPECT_EQ(server().counts().connections_total, 1u);
  EXPECT_EQ(server().counts().requests, 50u);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInTheirOrder) {
  Client client(port());
  client.send(corpus::line("GET /later HTTP/1.1") + corpus::line("GET /b HTTP/1.1") +
              corpus::post("Content-Length: 1\r\n", "c"));
  EXPECT_EQ(client.answer().body, "GET /later\n");
  EXPECT_EQ(client.answer().body, "GET /b\n");
  EXPECT_EQ(client.answer().body, "POST /v1/x\nc");
}

TEST_F(ServerTest, AStreamWithoutAPauseDoesNotBlockOtherConnections) {
  config_.threads = 1;
  Client streamed(port()), other(port());
  streamed.send(corpus::line("GET /endless HTTP/1.1"));
  EXPECT_EQ(streamed.answer(true).status, 200);
  other.send(corpus::get(""));
  EXPECT_EQ(other.answer().status, 200);
}

TEST_F(ServerTest, PutsAChunkedBodyTogether) {
  Client client(port());
  for (const char byte : corpus::post("Transfer-Encoding: chunked\r\n",
                                      "1\r\nh\r\n004\r\nello\r\nA\r\n0123456789\r\n0\r\n\r\n"))
    client.send({&byte, 1});
  EXPECT_EQ(client.answer().body, "POST /v1/x\nhello0123456789");
}

TEST_F(ServerTest, SendsA100ToAWaitingClient) {
  Client client(port());
  client.send(corpus::post("Expect: 100-continue\r\nContent-Length: 5\r\n"));
  EXPECT_EQ(client.answer().status, 100);
  client.send("hello");
  EXPECT_EQ(client.answer().body, "POST /v1/x\nhello");
}

TEST_F(ServerTest, DoesNotAskForABodyThatItWouldRefuse) {
  const auto received = ask(corpus::post("Expect: 100-continue\r\nContent-Length: 262145\r\n"));
  EXPECT_EQ(received.status, 413);
  EXPECT_EQ(code(received), "body_too_large");
}

TEST_F(ServerTest, HeadIsAnsweredAsGetWithoutTheBody) {
  Client client(port());
  client.send(corpus::line("HEAD /x HTTP/1.1") + corpus::line("GET /y HTTP/1.1"));
  const auto head = client.answer(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "7") << "of \"GET /x\" and a line end";
  EXPECT_EQ(client.answer().body, "GET /y\n");
}

TEST_F(ServerTest, A204HasNoContentLength) {
  const auto received = ask(corpus::line("GET /empty HTTP/1.1"));
  EXPECT_EQ(received.status, 204);
  EXPECT_FALSE(received.headers.contains("content-length"));
}

TEST_F(ServerTest, EveryAnswerCarriesTheSecurityHeaders) {
  for (const auto& request : {corpus::get(""), corpus::get("Host: b\r\n")}) {
    auto headers = ask(request).headers;
    EXPECT_EQ(headers["x-content-type-options"], "nosniff");
    EXPECT_EQ(headers["referrer-policy"], "no-referrer");
    EXPECT_EQ(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
    EXPECT_EQ(headers["cross-origin-resource-policy"], "same-origin");
    EXPECT_EQ(headers["cache-control"], "no-store");
    EXPECT_THAT(headers["date"], ContainsRegex("^[A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] [0-9]{4} "
                                               "[0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT$"));
    EXPECT_FALSE(headers.contains("server"));
    EXPECT_FALSE(headers.contains("strict-transport-security"));
  }
}

TEST_F(ServerTest, SendsStrictTransportSecurityWhereConfigured) {
  config_.strict_transport_security = 31'536'000s;
  EXPECT_EQ(ask(corpus::get("")).headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
}

TEST_F(ServerTest, AHandlersHeaderReplacesADefaultButNotTheFraming) {
  auto received = ask(corpus::line("GET /own-headers HTTP/1.1"));
  EXPECT_EQ(received.headers["cache-control"], "max-age=60");
  EXPECT_EQ(received.headers["content-length"], "17");
  EXPECT_FALSE(received.headers.contains("connection"));
}

TEST_F(ServerTest, APreparedAnswerIsSentAgainWithWhatIsNewBesideIt) {
  Client client(port());
  std::set<std::string> ids;
  for (const std::string number : {"1", "2", "3"}) {
    client.send(corpus::line("GET /again HTTP/1.1"));
    auto received = client.answer();
    EXPECT_EQ(received.status, 203);
    EXPECT_EQ(received.body, "the same");
    EXPECT_EQ(received.headers["content-length"], "8");
    EXPECT_EQ(received.headers["content-type"], "text/plain");
    EXPECT_EQ(received.headers["x-content-type-options"], "nosniff");
    EXPECT_EQ(received.headers["x-number"], number);
    ids.insert(received.headers["x-request-id"]);
  }
  EXPECT_EQ(ids.size(), 3u);
  client.send(corpus::line("HEAD /again HTTP/1.1") + corpus::line("GET /again HTTP/1.1"));
  EXPECT_EQ(client.answer(true).headers["content-length"], "8");
  EXPECT_EQ(client.answer().headers["x-number"], "5");
}

TEST_F(ServerTest, ALargePreparedAnswerArrivesWhole) {
  EXPECT_EQ(ask(corpus::line("GET /large-again HTTP/1.1")).body, std::string(32u << 20, 'y'));
}

TEST(Server, PreparesOnlyWhatCanBeSentAndHasContentOfItsOwn) {
  EXPECT_NE(prepare({.body = "x"}), nullptr);
  EXPECT_EQ(prepare({.status = 304}), nullptr);
  EXPECT_EQ(prepare({.headers = {{"X-A", "a\r\nX-B: b"}}}), nullptr);
  EXPECT_EQ(prepare({.next_part = [] { return Part{}; }}), nullptr);
}

TEST_F(ServerTest, EchoesAnAcceptableRequestIdAndDrawsOneOtherwise) {
  EXPECT_EQ(ask(corpus::get("X-Request-Id: Trace-1.a_B\r\n")).headers["x-request-id"], "Trace-1.a_B");
  EXPECT_EQ(ask(corpus::get("X-Request-Id: " + std::string(64, 'a') + "\r\n")).headers["x-request-id"],
            std::string(64, 'a'));
  for (const std::string& bad :
       {std::string(65, 'a'), std::string("a b"), std::string("a\"b"), std::string()}) {
    const auto drawn = ask(corpus::get("X-Request-Id: " + bad + "\r\n")).headers["x-request-id"];
    EXPECT_THAT(drawn, ContainsRegex("^[0-9a-f]{32}$"));
    EXPECT_EQ(drawn, handler_.seen().back().request_id);
  }
  EXPECT_NE(ask(corpus::get("")).headers["x-request-id"], ask(corpus::get("")).headers["x-request-id"]);
}

TEST_F(ServerTest, BelievesXForwardedForOnlyFromATrustedProxy) {
  const auto request =
      corpus::get("X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\nX-Forwarded-For: 10.1.2.3\r\n");
  ask(request);
  EXPECT_EQ(handler_.seen().back().head->peer_address, "127.0.0.1");
  server_.reset();
  config_.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
  ask(request);
  EXPECT_EQ(handler_.seen().back().head->peer_address, "198.51.100.7")
      << "the first that no proxy of ours vouches for";
  for (const char* written : {"203.0.113.9:4711", "[2001:db8::7]:4711", "[2001:db8::7]"}) {
    ask(corpus::get("X-Forwarded-For: " + std::string{written} + "\r\n"));
    EXPECT_EQ(handler_.seen().back().head->peer_address,
              std::string{written}.starts_with('[') ? "2001:db8::7" : "203.0.113.9");
  }
  ask(corpus::get("X-Forwarded-For: 203.0.113.9, nonsense\r\n"));
  EXPECT_EQ(handler_.seen().back().head->peer_address, "127.0.0.1");
}

TEST(Server, RefusesAConfigurationThatMeansNothing) {
  TestHandler handler;
  EXPECT_THROW(Server({.address = "localhost"}, handler), std::invalid_argument);
  for (const char* proxy : {"x", "10.0.0.0/33", "10.0.0.0/", "::1/129", "10.0.0.0/-1"}) {
    ServerConfig config;
    config.trusted_proxies = {proxy};
    EXPECT_THROW(Server(config, handler), std::invalid_argument) << proxy;
  }
}

TEST_F(ServerTest, SaysSoWhenThePortIsTaken) {
  ServerConfig second;
  second.port = port();
  EXPECT_THROW(Server(second, handler_).start(), std::system_error);
}

// ---- refusing ---------------------------------------------------------------------------------------------

std::vector<corpus::Shape> all_malformed() {
  auto shapes = corpus::malformed_heads();
  for (auto& shape : corpus::malformed_chunked_bodies()) shapes.push_back(std::move(shape));
  return shapes;
}

TEST_F(ServerTest, RefusesEveryMalformedShapeAndCloses) {
  std::uint64_t refused = 0;
  for (const auto& shape : all_malformed()) {
    Client client(port());
    client.send(shape.bytes + smuggled);
    const auto received = client.answer();
    EXPECT_EQ(received.status, shape.status) << shape.name;
    EXPECT_EQ(code(received), shape.status == 413 ? "body_too_large" : "framing_refused") << shape.name;
    EXPECT_EQ(received.headers.at("connection"), "close") << shape.name;
    EXPECT_TRUE(client.is_closed()) << "a second answer to " << shape.name;
    EXPECT_EQ(server().counts().framings_refused, ++refused) << shape.name;
  }
  EXPECT_TRUE(handler_.seen().empty());
}

TEST_F(ServerTest, RefusesEveryMalformedShapeBehindAGoodRequest) {
  for (const auto& shape : all_malformed()) {
    Client client(port());
    client.send(corpus::post("Content-Length: 4\r\n", "good") + shape.bytes + smuggled);
    EXPECT_EQ(client.answer().body, "POST /v1/x\ngood") << shape.name;
    EXPECT_EQ(client.answer().status, shape.status) << shape.name;
    EXPECT_TRUE(client.is_closed()) << "a third answer to " << shape.name;
  }
  for (const auto& request : handler_.seen()) EXPECT_EQ(request.body, "good");
}

TEST_F(ServerTest, RefusesAMalformedShapeWhereverItIsSplit) {
  const auto shapes = all_malformed();
  for (std::size_t i = 0; i < shapes.size(); i += shapes.size() / 12)
    for (std::size_t cut = 1; cut < shapes[i].bytes.size(); ++cut) {
      Client client(port());
      client.send(std::string_view(shapes[i].bytes).substr(0, cut));
      std::this_thread::sleep_for(500us);
      client.send(shapes[i].bytes.substr(cut) + smuggled);
      EXPECT_EQ(client.answer().status, shapes[i].status) << shapes[i].name << " cut at " << cut;
      EXPECT_TRUE(client.is_closed()) << shapes[i].name << " cut at " << cut;
    }
  EXPECT_TRUE(handler_.seen().empty());
}

TEST_F(ServerTest, ARefusedClientThatGoesOnSendingCanStillReadWhy) {
  for (int i = 0; i < 20; ++i) {
    Client client(port());
    client.send(corpus::post("Content-Length: 600000\r\n", std::string(600'000, 'x')));
    EXPECT_EQ(client.answer().status, 413);
    EXPECT_TRUE(client.is_closed());
  }
}

TEST_F(ServerTest, HoldsItsSizeLimitsToTheByte) {
  const std::string most(262144, 'x');
  EXPECT_EQ(ask(corpus::post("Content-Length: 262144\r\n", most)).body.size(), most.size() + 11);
  EXPECT_EQ(ask(corpus::post("Content-Length: 262145\r\n", most + "x")).status, 413);
  EXPECT_EQ(ask(corpus::post("Transfer-Encoding: chunked\r\n", "40000\r\n" + most + "\r\n0\r\n\r\n")).status,
            200);
  EXPECT_EQ(
      ask(corpus::post("Transfer-Encoding: chunked\r\n", "40000\r\n" + most + "\r\n1\r\nx\r\n0\r\n\r\n"))
          .status,
      413);
  EXPECT_EQ(ask(corpus::line("GET /" + std::string(8192 - 14, 'a') + " HTTP/1.1")).status, 200);
  EXPECT_EQ(ask(corpus::line("GET /" + std::string(8193 - 14, 'a') + " HTTP/1.1")).status, 414);
  const auto host = std::string_view("Host: example.com\r\n").size();
  EXPECT_EQ(ask(corpus::get("X-A: " + std::string(16384 - host - 7, 'a') + "\r\n")).status, 200);
  const auto too_large = ask(corpus::get("X-A: " + std::string(16385 - host - 7, 'a') + "\r\n"));
  EXPECT_EQ(too_large.status, 431);
  EXPECT_EQ(code(too_large), "header_too_large");
}

TEST_F(ServerTest, ClosesAfterTheLastRequestThatAConnectionMayMake) {
  config_.limits.requests_per_connection_max = 3;
  Client client(port());
  for (int i = 0; i < 4; ++i) client.send(corpus::get(""));
  EXPECT_FALSE(client.answer().headers.contains("connection"));
  EXPECT_FALSE(client.answer().headers.contains("connection"));
  EXPECT_EQ(client.answer().headers["connection"], "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, The101stConnectionOfAnAddressIsTurnedAway) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send(corpus::get(""));
    ASSERT_EQ(clients.back()->answer().status, 200);
  }
  Client one_too_many(port());
  auto refused = one_too_many.answer();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code(refused), "rate_limited");
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  EXPECT_TRUE(one_too_many.is_closed());
  EXPECT_EQ(server().counts().connections_refused, 1u);

  Client from_elsewhere(port(), "127.0.0.2");
  from_elsewhere.send(corpus::get(""));
  EXPECT_EQ(from_elsewhere.answer().status, 200);

  clients.pop_back();
  EXPECT_TRUE(eventually([this] { return server().counts().connections_open <= 100; }));
  EXPECT_EQ(ask(corpus::get("")).status, 200) << "one has gone, so one may come";
}

TEST_F(ServerTest, ConnectionsBeyondAllAreTurnedAwayAsOverload) {
  config_.limits.connections_max = 2;
  Client first(port()), second(port());
  first.send(corpus::get(""));
  second.send(corpus::get(""));
  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(second.answer().status, 200);
  Client third(port(), "127.0.0.3");
  const auto refused = third.answer();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code(refused), "overloaded");
}

/// While it exists, the process can open no further descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = dup(0);
    close(lowest_free);
    const rlimit none{static_cast<rlim_t>(lowest_free), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(ServerTest, WithoutDescriptorsNewClientsGetA503AndExistingOnesAreServed) {
  Client connected(port());
  connected.send(corpus::get(""));
  EXPECT_EQ(connected.answer().status, 200);
  std::vector<std::unique_ptr<Client>> others;
  for (int i = 0; i < 40; ++i) others.push_back(std::make_unique<Client>(Client::not_yet));
  {
    const NoDescriptors none;
    for (auto& client : others) {
      client->connect_to(port());
      client->send(corpus::get(""));
      auto refused = client->answer();
      EXPECT_EQ(refused.status, 503);
      EXPECT_EQ(code(refused), "overloaded");
      EXPECT_TRUE(refused.headers.contains("retry-after"));
      EXPECT_TRUE(client->is_closed());
    }
    EXPECT_EQ(server().counts().connections_refused, others.size());
    connected.send(corpus::get(""));
    EXPECT_EQ(connected.answer().status, 200);
  }
  EXPECT_EQ(ask(corpus::get("")).status, 200);
}

// ---- slow and vanishing clients ---------------------------------------------------------------------------

TEST_F(ServerTest, ASlowHeadIsRefusedWhenItsTimeIsOver) {
  config_.limits.header_time_max = 200ms;
  Client client(port());
  const auto begun = Clock::now();
  std::jthread trickle([&client](const std::stop_token& stop) {
    for (const char byte : "GET / HTTP/1.1\r\nX-A: " + std::string(200, 'a')) {
      if (stop.stop_requested()) return;
      client.send({&byte, 1});
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_GE(Clock::now() - begun, 190ms);
  EXPECT_EQ(server().counts().requests_timed_out, 1u);
}

TEST_F(ServerTest, AConnectionThatNeverBeginsIsClosedWithoutAWord) {
  config_.limits.header_time_max = 100ms;
  Client client(port());
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  config_.limits.idle_time_max = 100ms;
  Client client(port());
  client.send(corpus::get(""));
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_FALSE(client.is_closed(50ms));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, ABodyMustComeAtItsLeastRateAfterTheGrace) {
  config_.limits.body_grace = 200ms;
  config_.limits.bytes_per_second_min = 1000;
  const auto started_slowly = [this](std::size_t bytes_per_20_ms) {
    Client client(port());
    client.send(corpus::post("Content-Length: 500\r\n"));
    for (std::size_t sent = 0; sent < 500; sent += bytes_per_20_ms) {
      std::this_thread::sleep_for(20ms);
      client.send(std::string(std::min(bytes_per_20_ms, 500 - sent), 'x'));
    }
    return client.answer().status;
  };
  EXPECT_EQ(started_slowly(50), 200) << "2,500 bytes a second";
  EXPECT_EQ(started_slowly(10), 408) << "500 bytes a second";
}

TEST_F(ServerTest, AClientThatDoesNotReadIsDisconnected) {
  config_.limits.write_grace = 100ms;
  config_.limits.bytes_per_second_min = 1u << 30;
  Client client(port());
  client.send(corpus::line("GET /large HTTP/1.1"));
  EXPECT_TRUE(eventually([this] { return server().counts().requests > 0; }));
  EXPECT_TRUE(eventually([this] { return server().counts().connections_open == 0; }));
}

TEST_F(ServerTest, ALargeAnswerArrivesWhole) {
  EXPECT_EQ(ask(corpus::line("GET /large HTTP/1.1")).body, std::string(32u << 20, 'x'));
}

TEST_F(ServerTest, ClientsThatVanishLeaveNothingBehind) {
  for (const auto& bytes :
       {std::string(), corpus::get("").substr(0, 20), corpus::post("Content-Length: 9\r\n", "x"),
        corpus::line("GET /later HTTP/1.1"), corpus::line("GET /large HTTP/1.1")})
    Client(port()).send(bytes);
  EXPECT_TRUE(eventually([this] { return server().counts().connections_open == 0; }));
  EXPECT_EQ(ask(corpus::get("")).status, 200);
}

TEST_F(ServerTest, AClientThatHasSentAllMayCloseItsSide) {
  Client client(port());
  client.send(corpus::line("GET /later HTTP/1.1"));
  client.stop_sending();
  EXPECT_EQ(client.answer().status, 200);
}

// ---- repeated heads ---------------------------------------------------------------------------------------

TEST_F(ServerTest, ARepeatedQueryHeadIsDecodedOnceAndEachRequestHasItsOwnId) {
  Client client(port());
  for (const std::string path : {"/at-once", "/x"}) {
    const int read_before = handler_.heads_read();
    for (int i = 0; i < 3; ++i) {
      client.send(corpus::line("GET " + path + " HTTP/1.1"));
      EXPECT_EQ(client.answer().body, "GET " + path + "\n");
    }
    EXPECT_EQ(handler_.heads_read(), read_before + 1);
  }
  std::set<std::string> ids;
  for (const auto& request : handler_.seen()) ids.insert(request.request_id);
  EXPECT_EQ(ids.size(), 6u);
}

TEST_F(ServerTest, CommandsWithOneHeadHaveBodiesOfTheirOwn) {
  Client client(port());
  for (const std::string path : {"/at-once", "/x"}) {
    for (const std::string body : {"one", "two", ""}) {
      client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body);
      EXPECT_EQ(client.answer().body, std::string{"POST "}.append(path).append("\n").append(body));
      client.send(corpus::line("GET /at-once HTTP/1.1"));
      EXPECT_EQ(client.answer().body, "GET /at-once\n") << "without the body before it";
    }
  }
}

TEST_F(ServerTest, AHeadThatComesAgainOnAnotherConnectionIsReadOnceButNotFromAnotherAddress) {
  config_.threads = 1;
  config_.trusted_proxies = {"127.0.0.9"};
  const std::string get = corpus::line("GET /at-once HTTP/1.1");
  const std::string forwarded = "GET /at-once HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n";
  const auto ask_from = [&](const char* address, const std::string& request) {
    Client client(port(), address);
    client.send(request);
    EXPECT_EQ(client.answer().body, "GET /at-once\n");
    return handler_.seen().back().head->peer_address;
  };
  EXPECT_EQ(ask_from("127.0.0.1", get), "127.0.0.1");
  EXPECT_EQ(ask_from("127.0.0.1", get), "127.0.0.1");
  EXPECT_EQ(handler_.heads_read(), 1);
  EXPECT_EQ(ask_from("127.0.0.2", get), "127.0.0.2");
  EXPECT_EQ(handler_.heads_read(), 2);
  EXPECT_EQ(ask_from("127.0.0.2", forwarded), "127.0.0.2");
  EXPECT_EQ(ask_from("127.0.0.9", forwarded), "10.0.0.1");
  EXPECT_EQ(ask_from("127.0.0.9", forwarded), "10.0.0.1");
  EXPECT_EQ(handler_.heads_read(), 4);
}

TEST_F(ServerTest, AlternatingHeadsOnOneConnectionAreDecodedOnceEach) {
  Client client(port());
  for (int turn = 0; turn < 3; ++turn) {
    for (const std::string name : {"one", "two", "three"}) {
      client.send("GET /at-once?" + name + " HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_EQ(client.answer().body, "GET /at-once?" + name + "\n");
    }
  }
  EXPECT_EQ(handler_.heads_read(), 3);
}

TEST_F(ServerTest, MoreHeadsThanAreRememberedAreReadAgainAndAnsweredAsTheirOwn) {
  constexpr int heads = 3000;
  config_.threads = 1;
  config_.limits.requests_per_connection_max = 2 * heads;
  Client client(port());
  for (int number = 0; number < 2 * heads; ++number) {
    const auto target = "/at-once?" + std::to_string(number % heads);
    client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(client.answer().body, "GET " + target + "\n");
  }
  EXPECT_GT(handler_.heads_read(), heads);
}

TEST_F(ServerTest, AnIdempotencyKeyThatBringsALineOfItsOwnIsNoKeyOfTheHeadBefore) {
  Client client(port());
  const auto ask_with = [&](std::string_view key) {
    client.send("POST /x HTTP/1.1\r\nHost: a\r\nIdempotency-Key: " + std::string(key) +
                "\r\nContent-Length: 1\r\n\r\nb");
    EXPECT_EQ(client.answer().body, "POST /x\nb");
    return handler_.seen().back();
  };
  ask_with("0123456789");
  const auto request = ask_with("01\r\nX-A: b");  // as long as the one before, to the byte
  EXPECT_EQ(request.header("idempotency-key"), "01");
  EXPECT_EQ(request.header("x-a"), "b");
}

TEST_F(ServerTest, AHeadThatComesAgainMayComeInPiecesOrInARow) {
  const std::string get = corpus::line("GET /at-once HTTP/1.1");
  Client client(port());
  client.send(get);
  EXPECT_EQ(client.answer().body, "GET /at-once\n");
  client.send(std::string_view(get).substr(0, 7));
  std::this_thread::sleep_for(20ms);
  client.send(get.substr(7) + get + get);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.answer().body, "GET /at-once\n");
}

TEST_F(ServerTest, AHeadThatBeginsLikeTheLastOneIsReadToItsEnd) {
  Client client(port());
  client.send("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer().status, 200);
  client.send("GET /at-once HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n\r\n");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(handler_.seen().back().header("x-one"), "1");
  client.send("GET /at-once HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  EXPECT_EQ(client.answer().status, 400);
}

TEST_F(ServerTest, ChunkedBodiesOfTheSameHeadArePutTogetherEachTime) {
  Client client(port());
  for (const std::string body : {"1\r\na\r\n2\r\nbc\r\n", "3\r\ndef\r\n"}) {
    client.send("POST /at-once HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body +
                "0\r\n\r\n");
    EXPECT_EQ(client.answer().status, 200);
  }
  EXPECT_EQ(handler_.seen().at(0).body, "abc");
  EXPECT_EQ(handler_.seen().at(1).body, "def");
}

// ---- slow and faulty handlers -----------------------------------------------------------------------------

TEST_F(ServerTest, AnAnswerMayComeLaterAndFromAnotherThread) {
  Client client(port());
  for (int i = 0; i < 3; ++i) {
    client.send(corpus::line("GET /later HTTP/1.1"));
    EXPECT_EQ(client.answer().body, "GET /later\n");
  }
}

TEST_F(ServerTest, ADroppedAnswerIsA500AndTheConnectionGoesOn) {
  Client client(port());
  for (const std::string path : {"/dropped", "/dropped-later", "/throws", "/throws-at-once", "/bad-header"}) {
    client.send(corpus::line("GET " + path + " HTTP/1.1"));
    const auto received = client.answer();
    EXPECT_EQ(received.status, 500) << path;
    EXPECT_EQ(code(received), "internal_fault") << path;
    EXPECT_FALSE(const_cast<Received&>(received).headers.contains("x-b"));
  }
  client.send(corpus::get(""));
  EXPECT_EQ(client.answer().status, 200);
}

TEST_F(ServerTest, AHandlerThatIsTooSlowIsA503AndItsLateAnswerIsDropped) {
  config_.limits.response_time_max = 100ms;
  Client client(port());
  client.send(corpus::line("GET /held HTTP/1.1"));
  auto received = client.answer();
  EXPECT_EQ(received.status, 503);
  EXPECT_EQ(code(received), "overloaded");
  EXPECT_TRUE(received.headers.contains("retry-after"));
  handler_.release_held();
  client.send(corpus::get(""));
  EXPECT_EQ(client.answer().body, "GET /v1/x\n");
  client.send(corpus::line("GET /later HTTP/1.1"));
  EXPECT_EQ(client.answer().body, "GET /later\n") << "its time begins anew";
  EXPECT_EQ(server().counts().responses_timed_out, 1u);
}

TEST_F(ServerTest, AnAnswerGivenIsNotTakenBackByAnException) {
  EXPECT_EQ(ask(corpus::line("GET /answers-and-throws HTTP/1.1")).status, 200);
}

TEST_F(ServerTest, AHandlerCanAskToClose) {
  Client client(port());
  client.send(corpus::line("GET /close HTTP/1.1") + smuggled);
  EXPECT_EQ(client.answer().headers["connection"], "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, AnAnswerMayComeWhenTheServerIsGone) {
  Client client(port());
  client.send(corpus::line("GET /held HTTP/1.1"));
  handler_.await_held();
  server_.reset();
  handler_.release_held();
}

// ---- stopping ---------------------------------------------------------------------------------------------

TEST_F(ServerTest, DrainFinishesRunningRequestsAndRefusesNewOnes) {
  Client busy(port()), idle(port());
  idle.send(corpus::get(""));
  EXPECT_EQ(idle.answer().status, 200);
  busy.send(corpus::line("GET /held HTTP/1.1") + smuggled);
  handler_.await_held();

  std::thread drain([this] { server().drain(); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(Client(port()).connected());
  handler_.release_held();
  auto received = busy.answer();
  EXPECT_EQ(received.body, "released");
  EXPECT_EQ(received.headers["connection"], "close");
  EXPECT_TRUE(busy.is_closed()) << "what was pipelined behind is not begun";
  drain.join();
  EXPECT_EQ(server().counts().connections_open, 0u);
}

TEST_F(ServerTest, DrainWaitsForARequestThatIsStillComingIn) {
  Client client(port());
  client.send(corpus::post("Content-Length: 5\r\n", "he"));
  EXPECT_TRUE(eventually([this] { return server().counts().connections_open > 0; }));
  std::this_thread::sleep_for(50ms);
  std::thread drain([this] { server().drain(); });
  std::this_thread::sleep_for(50ms);
  client.send("llo");
  EXPECT_EQ(client.answer().body, "POST /v1/x\nhello");
  drain.join();
}

TEST_F(ServerTest, DrainEndsInTimeWithA503ForWhatIsStillUnanswered) {
  config_.limits.drain_time_max = 100ms;
  config_.threads = 1;  // reads the earlier bytes before it hands over the later request
  Client unfinished(port());
  unfinished.send("GET / HT");
  Client waiting(port());
  waiting.send(corpus::line("GET /held HTTP/1.1"));
  handler_.await_held();
  server().drain();
  const auto received = waiting.answer();
  EXPECT_EQ(received.status, 503);
  EXPECT_EQ(code(received), "shutting_down");
  EXPECT_TRUE(unfinished.is_closed());
}

TEST_F(ServerTest, WhileItLeavesEachAnswerEndsItsConnectionAndNewOnesAreServed) {
  Client kept(port());
  kept.send(corpus::get(""));
  EXPECT_FALSE(kept.answer().headers.contains("connection"));
  server().close_connections_after_answers();
  EXPECT_FALSE(kept.is_closed(50ms)) << "it may still ask";
  kept.send(corpus::line("GET /at-once HTTP/1.1"));
  EXPECT_EQ(kept.answer().headers["connection"], "close");
  EXPECT_TRUE(kept.is_closed());
  Client fresh(port());
  fresh.send(corpus::get(""));
  const auto received = fresh.answer();
  EXPECT_EQ(received.status, 200);
  EXPECT_EQ(received.headers.at("connection"), "close");
  EXPECT_TRUE(fresh.is_closed());
}

TEST_F(ServerTest, ExistingConnectionsAreServedAfterAcceptingStops) {
  config_.limits.linger_time_max = 5s;
  Client fresh(port());
  server().stop_accepting();
  fresh.send(corpus::get(""));
  EXPECT_EQ(fresh.answer().status, 200);
  EXPECT_TRUE(fresh.is_closed());
}

/// Each client sends a request after each answer; half of them use a new connection for each request.
TEST_F(ServerTest, WhileItStopsNoConnectionIsResetAndEachRequestIsAnsweredOrNotBegun) {
  for (int round = 0; round < 5; ++round) {
    server_ = nullptr;
    const auto at = port();
    std::atomic<int> answered{0}, cut{0}, reset{0}, not_begun{0};
    std::vector<std::thread> clients;
    for (int c = 0; c < 12; ++c)
      clients.emplace_back([&, c] {
        const bool keeps = c % 2 == 0;
        const auto request = corpus::line(c % 3 == 0 ? "GET /later HTTP/1.1" : "GET /x HTTP/1.1");
        for (;;) {
          Client client(at);
          if (!client.connected()) return;
          for (bool goes_on = true; goes_on;) {
            client.send(request);
            auto received = client.answer();
            if (received.status == 200)
              ++answered;
            else if (client.was_reset())
              ++reset;
            else if (received.status != 0)
              ++cut;
            else
              ++not_begun;
            goes_on = keeps && received.status == 200 && !received.headers.contains("connection");
          }
        }
      });
    while (answered < 100) std::this_thread::sleep_for(1ms);
    server().close_connections_after_answers();
    const int before = answered;
    while (answered < before + 100) std::this_thread::sleep_for(1ms);
    server().drain();
    for (auto& client : clients) client.join();
    EXPECT_EQ(reset, 0) << "in round " << round;
    EXPECT_EQ(cut, 0) << "in round " << round;
    EXPECT_LE(not_begun, 12) << "in round " << round;
    EXPECT_EQ(answered, static_cast<int>(server().counts().requests)) << "in round " << round;
  }
}

TEST_F(ServerTest, StopEndsEverythingAtOnce) {
  config_.threads = 4;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send(i % 2 ? corpus::line("GET /held HTTP/1.1")
                               : corpus::get("").substr(0, static_cast<std::size_t>(i)));
  }
  handler_.await_held();
  server().stop();
  EXPECT_EQ(server().counts().connections_open, 0u);
  handler_.release_held();
}

TEST_F(ServerTest, ManyClientsAtOnceEachGetTheirOwnAnswers) {
  config_.threads = 4;
  port();
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int c = 0; c < 16; ++c)
    clients.emplace_back([this, c, &right] {
      Client client(port());
      for (int i = 0; i < 50; ++i) {
        const auto path =
            i % 10 == 0 ? std::string("/later") : "/" + std::to_string(c) + "/" + std::to_string(i);
        client.send(corpus::line("GET " + path + " HTTP/1.1"));
        if (client.answer().body == "GET " + path + "\n") ++right;
      }
    });
  for (auto& client : clients) client.join();
  EXPECT_EQ(right, 16 * 50);
}

}  // namespace
}  // namespace ttp::http

// The lower bound of HTTP's cost: a bare Beast server that answers every GET with the bytes of one file, and
// every PUT and POST, after parsing the body as JSON, with those of another. It keeps connections open and
// does nothing else.
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <simdjson.h>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct Answers {
  std::string get;
  std::string post;
  std::string bad = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const Answers& answers) : socket_(std::move(socket)), answers_(answers) {}

  void receive() {
    request_ = {};
    http::async_read(socket_, buffer_, request_, [self = shared_from_this()](error_code fault, std::size_t) {
      if (!fault) self->answer();
    });
  }

 private:
  void answer() {
    asio::async_write(socket_, asio::buffer(bytes_of_answer()),
                      [self = shared_from_this()](error_code fault, std::size_t) {
                        if (!fault) self->receive();
                      });
  }

  const std::string& bytes_of_answer() {
    if (request_.method() == http::verb::get) return answers_.get;
    simdjson::dom::element body;
    return parser_.parse(request_.body()).get(body) ? answers_.bad : answers_.post;
  }

  tcp::socket socket_;
  const Answers& answers_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  simdjson::dom::parser parser_;
};

class BareServer {
 public:
  BareServer(unsigned short port, const Answers& answers)
      : answers_(answers), acceptor_(io_, {asio::ip::make_address("127.0.0.1"), port}) {
    accept();
  }

  unsigned short port() const { return acceptor_.local_endpoint().port(); }

  void run(unsigned threads) {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back([this] { io_.run(); });
    io_.run();
  }

 private:
  void accept() {
    acceptor_.async_accept(asio::make_strand(io_), [this](error_code fault, tcp::socket socket) {
      if (!fault) {
        socket.set_option(tcp::no_delay(true));
        std::make_shared<Connection>(std::move(socket), answers_)->receive();
      }
      accept();
    });
  }

  const Answers& answers_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Answers every request on loopback with the bytes of a file"};
  unsigned short port = 0;
  unsigned threads = 2;
  std::string get_file, post_file;
  app.add_option("--port", port, "to listen on; 0 takes any free one");
  app.add_option("--threads", threads)->check(CLI::Range(1, 64));
  app.add_option("--get", get_file, "the whole answer to a GET, its head too")->required();
  app.add_option("--post", post_file, "the whole answer to a PUT or POST")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    const Answers answers{content_of(get_file), content_of(post_file)};
    BareServer server(port, answers);
    std::printf("http://127.0.0.1:%u\n", server.port());
    std::fflush(stdout);
    server.run(threads);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "bare: %s\n", fault.what());
    return 1;
  }
}

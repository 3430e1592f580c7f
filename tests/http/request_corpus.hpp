// Requests that every server must refuse, and some that every server must accept; both the framing guard and
// the server are tested with them. Most malformed requests are generated, part by part of the grammar.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ttp::http::corpus {

struct Shape {
  std::string name;
  std::string bytes;
  int status = 400;  ///< the expected answer
};

inline std::string post(std::string_view fields, std::string_view body = "") {
  return "POST /v1/x HTTP/1.1\r\nHost: example.com\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
inline std::string get(std::string_view fields) {
  return "GET /v1/x HTTP/1.1\r\nHost: example.com\r\n" + std::string(fields) + "\r\n";
}
inline std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: example.com\r\n\r\n";
}

/// A text for a test's name, with unprintable bytes as \xNN.
inline std::string printable(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    if (value >= 0x20 && value < 0x7f) {
      text += byte;
    } else {
      text += "\\x";
      text += "0123456789abcdef"[value / 16];
      text += "0123456789abcdef"[value % 16];
    }
  }
  return text;
}

/// Malformed heads, by part of the grammar.
class MalformedHeads {
 public:
  std::vector<Shape> all() {
    methods();
    targets();
    versions();
    line_ends();
    characters();
    fields();
    hosts();
    lengths();
    codings();
    bodies_and_options();
    return std::move(shapes_);
  }

 private:
  void add(std::string name, std::string bytes, int status = 400) {
    shapes_.push_back({std::move(name) + ": " + printable(bytes.substr(0, 120)), std::move(bytes), status});
  }

  void methods() {
    for (std::string method : {"get", "Get", "gET", "", "G@T", "GET1", "G(T", "TRACE", "CONNECT", "-GET",
                               "GET,POST", "\xc3\x89TE"})
      add("method", line(method + " /v1/x HTTP/1.1"));
    add("method too long", line(std::string(33, 'A') + " / HTTP/1.1"));
  }
  void targets() {
    for (std::string target : {"",
                               "x",
                               "v1/x",
                               "*",
                               "example.com:80",
                               "ftp://example.com/",
                               "http:/v1",
                               "http:///v1/x",
                               "http://other.example/v1/x",
                               "http://example.com:81/",
                               "http://user@example.com/",
                               "https://example.com.other/",
                               "/a b",
                               "/a#b",
                               "/a\\b",
                               "/a\"b",
                               "/a<b",
                               "/a>b",
                               "/a{b}",
                               "/a|b",
                               "/a^b",
                               "/a`b",
                               "/a[b]",
                               "/\xc3\xa9",
                               "/a\tb",
                               "\\v1",
                               "?x=1"})
      add("target", line("GET " + target + " HTTP/1.1"));
  }
  void versions() {
    for (std::string version : {"HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9"})
      add("version", line("GET / " + version), 505);
    for (std::string version :
         {"", "HTTP/1", "http/1.1", "Http/1.1", "HTTP/1.1 ", "HTTP/1.10", "HTTP/01.1", "HTTP/11", "HTTP 1.1",
          "HTTP/1.x", "HTTP/1,1", "HTTPS/1.1", "HTTP/-1.1", "HTTP/1.1\t", "1.1"})
      add("version", line("GET / " + version));
    add("no version", line("GET /"));
    add("only a word", line("GET"));
    add("two spaces", line("GET  / HTTP/1.1"));
    add("tabs for spaces", line("GET\t/\tHTTP/1.1"));
    add("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
    add("TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  }
  void line_ends() {
    add("line feed before", "\n" + get(""));
    add("empty line before", "\r\n" + get(""));
    add("space before", " " + get(""));
    add("carriage return before", "\r" + get(""));
    add("bare LF after the request line", "GET / HTTP/1.1\nHost: example.com\r\n\r\n");
    add("bare LF after a field", "GET / HTTP/1.1\r\nHost: example.com\n\r\n");
    add("bare LF at the end", "GET / HTTP/1.1\r\nHost: example.com\r\n\n");
    add("bare LFs", "GET / HTTP/1.1\nHost: example.com\n\n");
    add("bare CR after the request line", "GET / HTTP/1.1\rHost: example.com\r\n\r\n");
    add("bare CR in a value", get("X-A: a\rb\r\n"));
    add("two CRs", get("X-A: a\r\r\n"));
    add("LF CR", get("X-A: a\n\r"));
    add("smuggled by a bare CR", get("X-A: a\rContent-Length: 5\r\n"));
    add("smuggled by a bare LF", get("X-A: a\nContent-Length: 5\r\n"));
  }
  void characters() {
    for (int control = 0; control < 0x20; ++control) {
      if (control == '\t' || control == '\r' || control == '\n') continue;
      const std::string byte(1, static_cast<char>(control));
      add("control in a value", get("X-A: a" + byte + "b\r\n"));
      add("control in a target", line("GET /a" + byte + "b HTTP/1.1"));
    }
    add("delete in a value", get("X-A: a\x7f\r\n"));
    add("delete in a name", get("X\x7f: a\r\n"));
    for (char bad : std::string_view(" \t(),/;<=>?@[\\]{}\"\xe9"))
      add("character in a name", get(std::string("X") + bad + "A: a\r\n"));
  }
  void fields() {
    for (std::string field :
         {"Content-Length : 5", "Content-Length\t: 5", "Transfer-Encoding : chunked", "Content Length: 5",
          ": x", "X-A", "X-A x", "Content_Length: 5", "Transfer_Encoding: chunked"})
      add("field", post(field + "\r\n", "hello"));
    for (std::string fold : {" ", "\t", "  ", " \t "}) {
      add("folded", post("Transfer-Encoding:\r\n" + fold + "chunked\r\n", "0\r\n\r\n"));
      add("folded", post("X-A: a\r\n" + fold + "b\r\n"));
      add("folded at once", "GET / HTTP/1.1\r\n" + fold + "Host: example.com\r\n\r\n");
      add("folded into nothing", post("X-A: a\r\n" + fold + "\r\n"));
    }
  }
  void hosts() {
    for (std::string host :
         {"",     " ",       "a b",    "a/b", "a@b",    "a,b",      "a?b",     "a#b", "[::1",
          "::1",  "[]",      "[g::1]", "a:",  "a:port", "a:123456", "a:80:80", ":80", "\xc3\xa9.example",
          "a%41", "http://a"})
      add("host", "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    add("host too long", "GET / HTTP/1.1\r\nHost: " + std::string(262, 'a') + "\r\n\r\n");
    add("no host", "GET / HTTP/1.1\r\n\r\n");
    add("two hosts", get("Host: other.example\r\n"));
    add("two equal hosts", get("Host: example.com\r\n"));
    add("two hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n");
    add("bad host in 1.0", "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n");
    add("absolute form without host in 1.0", "GET http://a/ HTTP/1.0\r\n\r\n");
  }
  void lengths() {
    for (std::string length : {"",
                               "+5",
                               "-1",
                               "-0",
                               "0x5",
                               "5, 5",
                               "5,5",
                               "5, 6",
                               "5 5",
                               "5a",
                               "a",
                               "5.0",
                               "1e1",
                               "\"5\"",
                               "5;",
                               ",5",
                               "5,",
                               "_5",
                               "5_0",
                               "99999999999999999999999",
                               "18446744073709551621",
                               "\xef\xbc\x95"})
      add("length", post("Content-Length: " + length + "\r\n", "hello"));
    for (std::string second : {"5", "6", "0", "", "5, 5"}) {
      add("two lengths", post("Content-Length: 5\r\nContent-Length: " + second + "\r\n", "hello"));
      add("two lengths, other case",
          post("content-length: " + second + "\r\nCONTENT-LENGTH: 5\r\n", "hello"));
    }
  }
  void codings() {
    const std::vector<std::string> codings{"xchunked",
                                           "chunked, identity",
                                           "chunked, chunked",
                                           "chunked,chunked",
                                           "identity",
                                           "gzip",
                                           "gzip, chunked",
                                           "chunked, gzip",
                                           "chunked;q=1",
                                           "chunked;",
                                           "chunked,",
                                           ",chunked",
                                           "\"chunked\"",
                                           "'chunked'",
                                           "chunk",
                                           "chunked\t chunked",
                                           "x",
                                           "",
                                           "chunked\x80",
                                           "deflate",
                                           "compress",
                                           "trailers",
                                           "chunked=1"};
    for (const auto& coding : codings) {
      add("coding", post("Transfer-Encoding: " + coding + "\r\n", "0\r\n\r\n"));
      add("coding before length",
          post("Transfer-Encoding: " + coding + "\r\nContent-Length: 5\r\n", "0\r\n\r\n"));
      add("length before coding",
          post("Content-Length: 5\r\nTransfer-Encoding: " + coding + "\r\n", "0\r\n\r\n"));
      add("coding after chunked",
          post("Transfer-Encoding: chunked\r\nTransfer-Encoding: " + coding + "\r\n", "0\r\n\r\n"));
      add("coding before chunked",
          post("Transfer-Encoding: " + coding + "\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    }
    add("chunked before length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"));
    add("length before chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    add("chunked twice", post("Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"));
    add("chunked in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  }
  void bodies_and_options() {
    for (std::string method : {"GET", "HEAD"}) {
      add("body", method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
      add("body", method + " / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    }
    for (std::string option :
         {"content-length", "Transfer-Encoding", "close, Host", "keep alive", "\"close\""})
      add("connection", post("Connection: " + option + "\r\nContent-Length: 0\r\n"));
    add("expectation", post("Expect: 200-ok\r\nContent-Length: 5\r\n", "hello"), 417);
    add("two expectations", post("Expect: 100-continue, x\r\nContent-Length: 5\r\n", "hello"), 417);
  }

  std::vector<Shape> shapes_;
};

/// Malformed heads; the bytes end with the head, or with a body that a lenient server would accept.
inline std::vector<Shape> malformed_heads() {
  return MalformedHeads{}.all();
}

/// Malformed chunked bodies, each after a valid head.
inline std::vector<Shape> malformed_chunked_bodies() {
  std::vector<Shape> shapes;
  for (std::string body : {"5;x=1\r\nhello\r\n0\r\n\r\n",
                           "5 ;x\r\nhello\r\n0\r\n\r\n",
                           "5;\r\nhello\r\n0\r\n\r\n",
                           "5\nhello\r\n0\r\n\r\n",
                           "5\r\nhello\n0\r\n\r\n",
                           "5\r\nhello0\r\n\r\n",
                           "5\r\nhelloX\r\n0\r\n\r\n",
                           "5\r\nhello\r\n0\n\r\n",
                           "5\r\nhello\r\n0\r\n\n",
                           "5\r\nhello\r\n0\r\nX-A: b\r\n\r\n",
                           "5\r\nhello\r\n0\r\nHost: b\r\n\r\n",
                           "x\r\n\r\n",
                           "\r\n\r\n",
                           "-5\r\nhello\r\n0\r\n\r\n",
                           "+5\r\nhello\r\n0\r\n\r\n",
                           "0x5\r\nhello\r\n0\r\n\r\n",
                           " 5\r\nhello\r\n0\r\n\r\n",
                           "5 \r\nhello\r\n0\r\n\r\n",
                           "5\t\r\nhello\r\n0\r\n\r\n",
                           "5\rhello\r\n0\r\n\r\n",
                           "5\r\r\nhello\r\n0\r\n\r\n",
                           "000000005\r\nhello\r\n0\r\n\r\n",
                           "fffffffffffffffff\r\n",
                           "5\r\nhello\r\r\n0\r\n\r\n",
                           "5\r\nhello\r\n0;x\r\n\r\n",
                           "g\r\n",
                           "5_0\r\n",
                           "\xef\xbc\x95\r\nhello\r\n0\r\n\r\n",
                           ";x\r\n"})
    shapes.push_back({"chunks: " + printable(body), post("Transfer-Encoding: chunked\r\n", body), 400});
  shapes.push_back({"chunk too large", post("Transfer-Encoding: chunked\r\n", "40001\r\n"), 413});
  shapes.push_back({"chunk far too large", post("Transfer-Encoding: chunked\r\n", "ffffffff\r\n"), 413});
  shapes.push_back({"length too large", post("Content-Length: 262145\r\n"), 413});
  return shapes;
}

/// Requests that must be served.
inline std::vector<Shape> well_formed() {
  std::vector<Shape> shapes;
  auto add = [&shapes](std::string bytes) {
    shapes.push_back({printable(bytes.substr(0, 120)), std::move(bytes), 200});
  };
  add(get(""));
  add(get("Content-Length: 0\r\n"));
  add(get(
      "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"));
  add(get("TE: trailers\r\nAccept: */*\r\nX-Empty:\r\nX-Tab:\ta\tb\t\r\nX-Latin: caf\xe9\r\n"));
  add(get("Connection: keep-alive\r\nConnection: , x\r\n"));
  add(get("X_Y: underscore\r\n!#$%&'*+-.^_`|~09aZ: every token character\r\n"));
  for (std::string method :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"})
    add(line(method + " /v1/x HTTP/1.1"));
  add(line("OPTIONS * HTTP/1.1"));
  for (std::string target :
       {"/", "//a", "/a?b", "/a?b?c/d", "/%41%zz", "/a;b=c,d:e@f!$&'()*+~_-.", "/?", "http://example.com/",
        "HTTP://EXAMPLE.com/v1/x?y", "https://example.com", "http://example.com?x=1"})
    add(line("GET " + target + " HTTP/1.1"));
  for (std::string host : {"a", "a.b-c_d", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:443",
                           "[::ffff:1.2.3.4]", "EXAMPLE.com:1"})
    add("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  add("GET / HTTP/1.0\r\n\r\n");
  add("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  add("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");
  add(post("Content-Length: 5\r\n", "hello"));
  add(post("Content-Length:5\r\n", "hello"));
  add(post("Content-Length: \t 5 \t \r\n", "hello"));
  add(post("content-length: 005\r\n", "hello"));
  add(post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"));
  add(post("transfer-encoding: Chunked\r\n", "1\r\nh\r\n4\r\nello\r\n000\r\n\r\n"));
  add(post("Transfer-Encoding: chunked\r\n",
           "0000000A\r\n0123456789\r\n0a\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n"));
  add(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  return shapes;
}

}  // namespace ttp::http::corpus

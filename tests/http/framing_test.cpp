// The framing guard alone: it refuses every malformed shape however the bytes arrive, accepts every
// well-formed one, and applies each limit to the byte.
#include "http/wire/framing.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "http/request_corpus.hpp"
#include "http/wire/input.hpp"

namespace ttp::http {
namespace {

struct Reading {
  int status = 0;        // 200: complete; 0: incomplete
  std::size_t size = 0;  // of the complete message
  Framing framing{};
};

/// Reads a message as the server does, from pieces of `step` bytes.
Reading read(std::string_view bytes, std::size_t step, const Limits& limits) {
  HeadScanner head_scanner(limits);
  ChunkScanner chunk_scanner(limits);
  std::optional<Framing> framing;
  std::size_t head_size = 0;
  for (std::size_t come = std::min(step, bytes.size());; come = std::min(come + step, bytes.size())) {
    const auto received = bytes.substr(0, come);
    if (!framing) {
      const auto scanned = head_scanner.scan(received);
      if (!scanned) return {scanned.error().status};
      if (*scanned) {
        head_size = **scanned;
        const auto checked = check_head(received.substr(0, head_size), limits);
        if (!checked) return {checked.error().status};
        framing = *checked;
      }
    }
    if (framing && framing->body == Framing::Body::chunked) {
      const auto scanned = chunk_scanner.scan(received.substr(head_size));
      if (!scanned) return {scanned.error().status};
      if (*scanned) return {200, head_size + **scanned, *framing};
    } else if (framing && come >= head_size + framing->content_length) {
      return {200, head_size + framing->content_length, *framing};
    }
    if (come == bytes.size()) return {};
  }
}

Reading read(std::string_view bytes) {
  return read(bytes, bytes.size(), Limits{});
}

std::string head_of_size(std::size_t header_bytes) {
  const std::string head = "GET / HTTP/1.1\r\nHost: example.com\r\nX-A: ";
  const auto so_far = std::string_view("Host: example.com\r\nX-A: \r\n").size();
  return head + std::string(header_bytes - so_far, 'a') + "\r\n\r\n";
}

TEST(FramingGuard, RefusesEveryMalformedHead) {
  const auto shapes = corpus::malformed_heads();
  EXPECT_GE(shapes.size(), 300u);
  for (const auto& shape : shapes) EXPECT_EQ(read(shape.bytes).status, shape.status) << shape.name;
}

TEST(FramingGuard, RefusesEveryMalformedChunkedBody) {
  for (const auto& shape : corpus::malformed_chunked_bodies())
    EXPECT_EQ(read(shape.bytes).status, shape.status) << shape.name;
}

TEST(FramingGuard, RefusesTheSameByteByByte) {
  const Limits limits;
  for (const auto& shapes : {corpus::malformed_heads(), corpus::malformed_chunked_bodies()})
    for (const auto& shape : shapes)
      EXPECT_EQ(read(shape.bytes, 1, limits).status, shape.status) << shape.name;
}

TEST(FramingGuard, TakesEveryWellFormedRequestToItsLastByteAndNoFurther) {
  const Limits limits;
  for (const auto& shape : corpus::well_formed()) {
    const auto followed = shape.bytes + "GET /next HTTP/1.1\r\n";
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, followed.size()}) {
      const auto reading = read(followed, step, limits);
      EXPECT_EQ(reading.status, 200) << shape.name;
      EXPECT_EQ(reading.size, shape.bytes.size()) << shape.name << " in steps of " << step;
    }
  }
}

TEST(FramingGuard, AsksForMoreWhileARequestIsUnfinished) {
  for (const auto& shape : corpus::well_formed())
    for (std::size_t cut = 0; cut < shape.bytes.size(); ++cut)
      EXPECT_EQ(read(shape.bytes.substr(0, cut)).status, 0) << shape.name << " cut at " << cut;
}

TEST(FramingGuard, RefusesAControlCharacterWhereverItStands) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX-One: " + std::string(70, 'x') + "\r\n\r\n";
  const auto value = head.find("xxx");
  ASSERT_EQ(framing_fault(head), std::nullopt);
  for (std::size_t i = value; i < value + 70; ++i) {
    for (const char control : {'\x01', '\x1f', '\x7f', '\0'}) {
      std::string bad = head;
      bad[i] = control;
      EXPECT_EQ(framing_fault(bad), "the head holds a control character") << i;
    }
    std::string good = head;
    good[i] = '\x80';
    EXPECT_EQ(framing_fault(good), std::nullopt) << i;
  }
}

TEST(FramingGuard, SaysWhatIsWrongWithoutRepeatingIt) {
  EXPECT_EQ(framing_fault(corpus::get("")), std::nullopt);
  EXPECT_EQ(framing_fault(corpus::get("Host: secret.example\r\n")), "there is more than one Host");
  EXPECT_EQ(framing_fault("\r\n" + corpus::get("")), "there is an empty line before the request line");
  EXPECT_EQ(framing_fault(corpus::get("X-A: a\r\n b\r\n")), "a header is folded over two lines");
  for (const auto& shape : corpus::malformed_heads()) {
    const auto fault = framing_fault(shape.bytes);
    ASSERT_TRUE(fault) << shape.name;
    EXPECT_FALSE(fault->empty());
    EXPECT_EQ(fault->find("example.com"), std::string::npos);
  }
}

TEST(FramingGuard, RefusesAHeadThatIsCutShort) {
  EXPECT_TRUE(framing_fault("GET / HTTP/1.1\r\nHost: a\r\n"));
  EXPECT_TRUE(framing_fault(""));
  EXPECT_TRUE(framing_fault(corpus::get("") + "x"));
}

TEST(FramingGuard, KnowsWhenTheConnectionStaysOpen) {
  EXPECT_TRUE(read(corpus::get("")).framing.keep_alive);
  EXPECT_FALSE(read(corpus::get("Connection: close\r\n")).framing.keep_alive);
  EXPECT_FALSE(read(corpus::get("Connection: x\r\nConnection: y , CLOSE\r\n")).framing.keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").framing.keep_alive);
}

TEST(FramingGuard, KnowsWhenTheClientWaitsForA100) {
  EXPECT_TRUE(
      read(corpus::post("Expect: 100-continue\r\nContent-Length: 1\r\n", "x")).framing.expects_continue);
  EXPECT_FALSE(read(corpus::post("Expect: 100-continue\r\n")).framing.expects_continue);
  EXPECT_FALSE(
      read("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx").framing.expects_continue);
}

TEST(FramingLimits, RequestLineToTheByte) {
  const auto with_line_of = [](std::size_t size) {
    const auto rest = std::string_view("GET / HTTP/1.1").size();
    return corpus::line("GET /" + std::string(size - rest, 'a') + " HTTP/1.1");
  };
  EXPECT_EQ(read(with_line_of(8192)).status, 200);
  EXPECT_EQ(read(with_line_of(8193)).status, 414);
  EXPECT_EQ(read(std::string(8200, 'A')).status, 414) << "without waiting for the line's end";
}

TEST(FramingLimits, HeadersToTheByte) {
  EXPECT_EQ(read(head_of_size(16384)).status, 200);
  EXPECT_EQ(read(head_of_size(16385)).status, 431);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nX-A: " + std::string(16400, 'a')).status, 431)
      << "without waiting for its end";
}

TEST(FramingLimits, SixtyFourFields) {
  const auto with_fields = [](int count) {
    std::string fields;
    for (int i = 1; i < count; ++i) fields += "X-A: a\r\n";  // the first is Host
    return corpus::get(fields);
  };
  EXPECT_EQ(read(with_fields(64)).status, 200);
  EXPECT_EQ(read(with_fields(65)).status, 431);
}

TEST(FramingLimits, BodyToTheByte) {
  const std::string most(262144, 'x');
  EXPECT_EQ(read(corpus::post("Content-Length: 262144\r\n", most)).status, 200);
  EXPECT_EQ(read(corpus::post("Content-Length: 262145\r\n")).status, 413);
  EXPECT_EQ(read(corpus::post("Transfer-Encoding: chunked\r\n", "40000\r\n" + most + "\r\n0\r\n\r\n")).status,
            200);
  EXPECT_EQ(read(corpus::post("Transfer-Encoding: chunked\r\n", "40000\r\n" + most + "\r\n1\r\n")).status,
            413);
}

TEST(FramingLimits, AFloodOfTinyChunksIsRefused) {
  const auto in_tiny_chunks = [](std::size_t count) {
    std::string body;
    for (std::size_t i = 0; i < count; ++i) body += "1\r\nx\r\n";
    return corpus::post("Transfer-Encoding: chunked\r\n", body + "0\r\n\r\n");
  };
  EXPECT_EQ(read(in_tiny_chunks(52'000)).status, 200);
  EXPECT_EQ(read(in_tiny_chunks(53'000)).status, 400);
}

// ---- work per input ---------------------------------------------------------------------------------------

/// The number of bytes after which a head is refused, if they arrive one by one.
std::size_t bytes_until_refused(const std::string& head) {
  const Limits limits;
  HeadScanner scanner(limits);
  for (std::size_t come = 1; come <= head.size(); ++come)
    if (!scanner.scan(std::string_view(head).substr(0, come))) return come;
  return std::string::npos;
}

TEST(FramingWork, AHeadOfThousandsOfFieldsIsRefusedAtTheFirstFieldTooMany) {
  const Limits limits;
  const std::string line = "GET / HTTP/1.1\r\n";
  std::string head = line;
  for (int field = 0; field < 4000; ++field) head += "a:\r\n";
  EXPECT_EQ(bytes_until_refused(head), line.size() + (limits.header_fields_max + 1) * 4);
}

TEST(FramingWork, AFloodOfTinyChunksIsRefusedAfterABoundedNumberOfBytes) {
  const Limits limits;
  ChunkScanner scanner(limits);
  std::string body;
  bool is_refused = false;
  while (!is_refused && body.size() < 4 * limits.body_bytes_max) {
    body += "1\r\nx\r\n";
    is_refused = !scanner.scan(body);
  }
  EXPECT_TRUE(is_refused);
  EXPECT_LE(body.size(), 2 * limits.body_bytes_max);
}

TEST(FramingWork, AChunkExtensionIsRefusedAtItsFirstByte) {
  const Limits limits;
  ChunkScanner scanner(limits);
  EXPECT_TRUE(scanner.scan("5"));
  EXPECT_FALSE(scanner.scan("5;"));
}

TEST(InputWork, BytesThatComeOneByOneAreCopiedABoundedNumberOfTimes) {
  constexpr std::size_t size = 128 * 1024;
  Input input;
  std::string sent;
  for (std::size_t i = 0; i < size; ++i) {
    const auto room = input.room(input.empty() ? 4096 : 16384);
    ASSERT_GE(room.size(), 1u);
    sent += room.front() = static_cast<char>('a' + i % 26);
    input.add(1);
  }
  EXPECT_EQ(input.bytes(), sent);
  EXPECT_LE(input.copied(), 2 * size);
  EXPECT_LE(input.capacity(), 2 * size);
}

TEST(InputWork, RequestsInARowUseTheSameMemory) {
  Input input;
  for (int request = 0; request < 1000; ++request) {
    const auto room = input.room(4096);
    std::ranges::fill(room.first(1000), 'x');
    input.add(1000);
    input.remove(900);
    EXPECT_EQ(input.size(), 100u);
    input.remove(100);
  }
  EXPECT_EQ(input.capacity(), 4096u);
  EXPECT_EQ(input.copied(), 0u);
}

TEST(InputWork, WhatIsReleasedLeavesNoMemory) {
  Input input;
  input.add(input.room(100).size());
  input.clear();
  input.release();
  EXPECT_EQ(input.capacity(), 0u);
  EXPECT_FALSE(input.room(100).empty());
}

TEST(FramingTexts, AbsoluteFormBecomesOriginForm) {
  EXPECT_EQ(origin_form("http://example.com/a?b"), "/a?b");
  EXPECT_EQ(origin_form("https://example.com"), "");
  EXPECT_EQ(origin_form("/a?b=http://example.com/"), "/a?b=http://example.com/");
}

}  // namespace
}  // namespace ttp::http

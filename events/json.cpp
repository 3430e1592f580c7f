#include "events/json.hpp"

#include <charconv>

#include "events/bytes.hpp"

namespace ttp::events {
namespace {

void write_escaped(std::string& out, char c) {
  static constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
  }
}

}  // namespace

void write_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    // Most texts have nothing to escape and are copied whole.
    const std::size_t plain = plain_length<'"', '\\'>(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    write_escaped(out, text.front());
    text.remove_prefix(1);
  }
  out += '"';
}

namespace {

template <class Integer>
void append_number(std::string& out, Integer value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace

void write_number(std::string& out, std::int64_t value) {
  append_number(out, value);
}
void write_number(std::string& out, std::uint64_t value) {
  append_number(out, value);
}
void write_json(std::string& out, bool value) {
  out += value ? "true" : "false";
}
void write_json(std::string& out, domain::Time value) {
  out += '"';
  domain::append_text(out, value);
  out += '"';
}
void write_json(std::string& out, const domain::Uuid& value) {
  out += '"';
  domain::append_text(out, value);
  out += '"';
}
void write_json(std::string& out, const domain::Answers& answers) {
  ObjectWriter object(out);
  for (const auto& [question, answer] : answers.table()) object.member(question, answer);
  object.end();
}

ObjectWriter& ObjectWriter::key(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  write_string(out_, name);
  out_ += ':';
  return *this;
}
ObjectWriter& ObjectWriter::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

}  // namespace ttp::events

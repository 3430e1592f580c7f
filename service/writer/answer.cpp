#include "service/writer/answer.hpp"

#include "domain/decision.hpp"
#include "events/bytes.hpp"

namespace ttp::service {
namespace {

constexpr char format = 2;  // with the tries left
constexpr char without_tries = 1;

void put_text(std::string& out, std::string_view text) {
  events::put_be32(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}
void put_texts(std::string& out, const std::vector<std::string>& texts) {
  events::put_be32(out, static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) put_text(out, text);
}

/// Reads a stored answer from its front; throws Damaged if there are too few bytes.
struct AnswerReader {
  std::string_view rest;

  std::string_view take(std::size_t bytes) {
    if (rest.size() < bytes) throw events::Damaged{"a stored answer is too short"};
    const std::string_view taken = rest.substr(0, bytes);
    rest.remove_prefix(bytes);
    return taken;
  }
  std::uint32_t number() { return events::get_be32(take(4)); }
  std::string text() { return std::string{take(number())}; }
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    for (std::uint32_t count = number(); count > 0; --count) all.push_back(text());
    return all;
  }
  domain::Reason reason() {
    const std::string code = text();
#define TTP_REASON_PARSE(name) \
  if (code == #name) return domain::Reason::name;
    TTP_REASONS(TTP_REASON_PARSE)
#undef TTP_REASON_PARSE
    throw events::Damaged{"a stored answer names an unknown reason: " + code};
  }
};

}  // namespace

CommandResult refused(domain::Reason reason) {
  return {std::nullopt, {}, domain::why(reason), false};
}

CommandResult replay(const events::Hash& fingerprint, const storage::Duplicate& earlier) {
  if (earlier.fingerprint != fingerprint) return refused(domain::Reason::idempotency_key_reused);
  CommandResult outcome = decode_answer(earlier.answer);
  // Before the log's first event there is no position.
  if (earlier.last + 1 > 0) outcome.position = earlier.last;
  outcome.replayed = true;
  return outcome;
}

std::string encode_answer(const CommandResult& outcome) {
  std::string out(1, format);
  put_text(out, outcome.created);
  out += outcome.refusal ? '\1' : '\0';
  if (!outcome.refusal) return out;
  const domain::Refusal& refusal = *outcome.refusal;
  put_text(out, domain::to_text(refusal.reason));
  put_texts(out, refusal.details);
  put_text(out, refusal.retry_at ? domain::to_text(*refusal.retry_at) : "");
  put_text(out, refusal.tries_left ? std::to_string(*refusal.tries_left) : "");
  events::put_be32(out, static_cast<std::uint32_t>(refusal.faults.size()));
  for (const domain::FieldFault& fault : refusal.faults) {
    put_text(out, fault.pointer);
    put_text(out, domain::to_text(fault.reason));
    put_texts(out, fault.details);
  }
  return out;
}

CommandResult decode_answer(std::string_view bytes) {
  AnswerReader reader{bytes};
  const char stored_format = reader.take(1).front();
  if (stored_format != format && stored_format != without_tries)
    throw events::Damaged{"a stored answer has an unknown form"};
  CommandResult outcome;
  outcome.created = reader.text();
  if (reader.take(1).front() == '\0') return outcome;
  domain::Refusal& refusal = outcome.refusal.emplace();
  refusal.reason = reader.reason();
  refusal.details = reader.texts();
  refusal.retry_at = domain::parse_time(reader.text());
  if (const std::string tries = stored_format == format ? reader.text() : ""; !tries.empty())
    refusal.tries_left = static_cast<std::uint32_t>(std::stoul(tries));
  for (std::uint32_t count = reader.number(); count > 0; --count) {
    domain::FieldFault& fault = refusal.faults.emplace_back();
    fault.pointer = reader.text();
    fault.reason = reader.reason();
    fault.details = reader.texts();
  }
  return outcome;
}

}  // namespace ttp::service

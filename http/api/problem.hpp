// Problem documents (RFC 9457): every reason for a refusal with its HTTP status and a sentence in English and
// French. Only this file maps reasons to statuses.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/reason.hpp"
#include "domain/values.hpp"
#include "http/wire/message.hpp"

namespace ttp::http {

struct ProblemText {
  int status;
  std::string_view en;
  std::string_view fr;
  std::string_view in(domain::Language language) const { return language == domain::Language::fr ? fr : en; }
};

/// A switch without a default, so that a missing reason does not compile.
ProblemText problem_text(domain::Reason reason);

/// The document in the reader's language; `titles` has both languages. `now` converts the refusal's retry
/// time into Retry-After.
Response problem(const domain::Refusal& refusal, domain::Language language, std::string_view request_id,
                 std::string_view instance, std::optional<domain::Time> now = {},
                 std::optional<int> status = {});

/// In the order of their list.
std::span<const domain::Reason> every_reason();

}  // namespace ttp::http

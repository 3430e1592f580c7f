#include "http/api/sandbox/sandbox.hpp"

#include <algorithm>
#include <limits>

#include "http/api/pages.hpp"
#include "http/api/problem.hpp"

namespace ttp::http {
namespace {

using namespace domain;

}  // namespace

Answered<ClockDocument> sandbox_clock(Call& call) {
  return ClockDocument{call.service.now()};
}

Answered<Response> advance_sandbox_clock(Call& call, const Json* body) {
  constexpr std::int64_t century_seconds = 3'153'600'000;
  std::int64_t by = 0;
  if (!body || body->at_key("advance_seconds").get(by))
    return std::unexpected{why_field(Reason::wrong_type, "/advance_seconds", {"integer"})};
  if (by < 1 || by > century_seconds)
    return std::unexpected{why_field(Reason::out_of_range, "/advance_seconds")};
  const auto now = call.service.advance_clock(seconds{by});
  if (!now) return std::unexpected{why_field(Reason::out_of_range, "/advance_seconds")};
  return document_response(ClockDocument{*now});
}

Answered<ListPage<SandboxMailDocument>> sandbox_mails(Call& call) {
  const auto limit = page_limit(call);
  if (!limit) return std::unexpected{limit.error()};
  const std::string wanted = fold(call.query_text("to"));
  ListPage<SandboxMailDocument> page;
  auto entries = call.service.mails().list("", std::numeric_limits<std::size_t>::max());
  std::ranges::reverse(entries);
  for (auto& entry : entries) {
    if (page.items.size() == *limit) break;
    if (!wanted.empty() && fold(entry.to) != wanted) continue;
    const auto eml = call.service.mails().read(entry.key);
    const auto mail = eml ? delivery::parse_eml(*eml) : std::nullopt;
    page.items.push_back({std::move(entry.key), std::move(entry.to), std::move(entry.subject), entry.date,
                          mail ? std::optional{mail->text} : std::nullopt});
  }
  return page;
}

Answered<Response> sandbox_mail(Call& call, const Json*) {
  auto eml = call.service.mails().read(call.path.find("key")->second);
  if (!eml) return refused(Reason::route_not_found);
  return Response{200, {{"Content-Type", "message/rfc822"}}, *std::move(eml), false};
}

Answered<ListPage<SandboxLetterDocument>> sandbox_letters(Call& call) {
  ListPage<SandboxLetterDocument> page;
  for (const LetterId letter :
       call.service.letters().list(std::nullopt, std::numeric_limits<std::size_t>::max())) {
    const auto account = call.service.queries().account_of_letter(letter);
    const auto snapshot = account ? call.service.queries().account(*account) : service::Found<Account>{};
    const Letter* known = snapshot ? snapshot->state.letter(letter) : nullptr;
    if (!known) continue;
    page.items.push_back({letter, *account, known->kind, known->state, known->ordered_at,
                          snapshot->state.client_number, std::nullopt});
    // Shows the code that the printed letter would show.
    if (known->code) page.items.back().activation_code = call.service.secrets().activation_code(*known->code);
  }
  return page;
}

Answered<Response> sandbox_letter(Call& call, const Json*) {
  auto pdf = call.service.letters().read(call.id<LetterId>("letter"));
  if (!pdf) return refused(Reason::letter_not_found);
  return Response{200, {{"Content-Type", "application/pdf"}}, *std::move(pdf), false};
}

Answered<ListPage<SandboxStaffDocument>> sandbox_staff(Call& call) {
  ListPage<SandboxStaffDocument> page;
  for (auto& each : call.service.sandbox_staff())
    page.items.push_back({each.user, each.user_name, std::move(each.password), each.role,
                          each.user_name.text() + "@staff.ttp.invalid"});
  return page;
}

}  // namespace ttp::http

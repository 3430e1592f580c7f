#include "http/api/sandbox/sandbox.hpp"

#include <algorithm>
#include <limits>

#include "http/api/pages.hpp"
#include "http/api/problem.hpp"

namespace ttp::http {
namespace {

using namespace domain;

std::string id_of_mail(const SandboxMailDocument& mail) {
  return mail.id;
}

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
  const std::string wanted = fold(call.query_text("to"));
  std::vector<SandboxMailDocument> documents;
  for (auto& entry : call.service.mails().list("", std::numeric_limits<std::size_t>::max()))
    if (wanted.empty() || fold(entry.to) == wanted)
      documents.push_back(
          {std::move(entry.key), std::move(entry.to), std::move(entry.subject), entry.date, std::nullopt});
  auto page = page_of(call, std::move(documents), &id_of_mail, true);
  if (!page) return page;
  for (SandboxMailDocument& each : page->items) {
    const auto eml = call.service.mails().read(each.id);
    if (const auto mail = eml ? delivery::parse_eml(*eml) : std::nullopt) each.text = mail->text;
  }
  return page;
}

Answered<Response> sandbox_mail(Call& call, const Json*) {
  auto eml = call.service.mails().read(call.path.find("mail")->second);
  if (!eml) return refused(Reason::route_not_found);
  return Response{200, {{"Content-Type", "message/rfc822"}}, *std::move(eml), false};
}

Answered<ListPage<SandboxLetterDocument>> sandbox_letters(Call& call) {
  std::vector<SandboxLetterDocument> documents;
  for (const LetterId letter :
       call.service.letters().list(std::nullopt, std::numeric_limits<std::size_t>::max())) {
    const auto account = call.service.queries().account_of_letter(letter);
    const auto snapshot = account ? call.service.queries().account(*account) : service::Found<Account>{};
    const Letter* known = snapshot ? snapshot->state.letter(letter) : nullptr;
    if (!known) continue;
    documents.push_back({letter, *account, known->kind, known->state, known->ordered_at,
                         snapshot->state.client_number, std::nullopt, std::nullopt});
    // Shows the secret that the printed letter would show.
    if (!known->code) continue;
    if (known->kind == LetterKind::recovery)
      documents.back().permit = call.service.secrets().recovery_permit(*known->code);
    else
      documents.back().activation_code = call.service.secrets().activation_code(*known->code);
  }
  return page_of(call, std::move(documents));
}

Answered<Response> sandbox_letter(Call& call, const Json*) {
  auto pdf = call.service.letters().read(call.id<LetterId>("letter"));
  if (!pdf) return refused(Reason::letter_not_found);
  return Response{200, {{"Content-Type", "application/pdf"}}, *std::move(pdf), false};
}

Answered<ListPage<SandboxStaffDocument>> sandbox_staff(Call& call) {
  std::vector<SandboxStaffDocument> documents;
  for (auto& each : call.service.sandbox_staff())
    documents.push_back({each.user, each.user_name, std::move(each.password), each.role,
                         each.user_name.text() + "@staff.ttp.invalid"});
  return table_page(call, std::move(documents));
}

}  // namespace ttp::http

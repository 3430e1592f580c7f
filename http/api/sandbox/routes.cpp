// The rows of sandbox mode (SPEC 5).
#include "http/api/rows.hpp"
#include "http/api/sandbox/sandbox.hpp"

namespace ttp::http {
namespace {

using namespace domain;

Route sandbox(Route route) {
  route.sandbox_only = true;
  route.runs = Runs::on_a_patient_worker;
  return route;
}

}  // namespace

// clang-format off
std::vector<Route> sandbox_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(sandbox(query<ClockDocument>("/v1/sandbox/clock", "Sandbox", "The service's time", anyone(), &sandbox_clock)));
  Route advance = sandbox(raw("POST", "/v1/sandbox/clock", "Sandbox", "Move the clock forward", anyone(), "application/json", &advance_sandbox_clock));
  advance.id = "advanceSandboxClock";
  advance.body = {{"advance_seconds", R"({"type":"integer","minimum":1,"maximum":3153600000})", true, "60"}};
  advance.answer_schema = schema_of<ClockDocument>();
  add(advance);
  Route mails = sandbox(query<ListPage<SandboxMailDocument>>("/v1/sandbox/mails", "Sandbox", "Mails sent, the newest first, unless another order is asked for; filter by recipient", anyone(), &sandbox_mails));
  mails.parameters.push_back(query_parameter("to", text_schema, "E-mail address"));
  add(mails);
  add(sandbox(raw("GET", "/v1/sandbox/mails/{mail}", "Sandbox", "A mail as it was sent", anyone(), "message/rfc822", &sandbox_mail)));
  add(sandbox(query<ListPage<SandboxLetterDocument>>("/v1/sandbox/letters", "Sandbox", "Letters written, in order", anyone(), &sandbox_letters)));
  add(sandbox(raw("GET", "/v1/sandbox/letters/{letter}", "Sandbox", "A letter as PDF", anyone(), "application/pdf", &sandbox_letter)));
  add(sandbox(query<ListPage<SandboxStaffDocument>>("/v1/sandbox/staff", "Sandbox", "The seeded programme staff with their passwords", anyone(), &sandbox_staff)));
  return rows;
}
// clang-format on

}  // namespace ttp::http

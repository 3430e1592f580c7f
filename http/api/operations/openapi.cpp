#include "http/api/operations/openapi.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include "domain/reason.hpp"
#include "http/api/operations/refusals.hpp"
#include "http/api/problem.hpp"
#include "http/api/route.hpp"
#include "http/gate/credentials.hpp"

namespace ttp::http {
namespace {

using domain::Reason;

std::string who(const Route& route) {
  switch (route.access.who) {
    case Who::anyone:
      return "Open to anyone.";
    case Who::signing_in:
      return "For the holder of a sign-in token.";
    case Who::signed_in:
      return "For a signed-in user; what their role in the account allows is in the answer's actions.";
    case Who::staff:
      break;
  }
  std::string text = "For programme staff:";
  for (const domain::StaffRole role : route.access.roles) text += " " + std::string{domain::to_text(role)};
  return text + ".";
}

std::string header_reference(std::string_view header, std::string_view component) {
  return events::to_json(std::string{header}) + R"(:{"$ref":"#/components/headers/)" +
         std::string{component} + R"("})";
}

// ---- refusals ---------------------------------------------------------------------------------------------

/// A status of a refusal. Its response is defined once in the document and referenced from there.
struct RefusalStatus {
  std::string_view status;
  std::string_view name;
  std::string_view description;
  std::string_view header;  ///< beside Content-Language and X-Request-Id; empty: none
};
constexpr std::array refusal_statuses{
    RefusalStatus{"400", "Malformed", "The request itself is malformed", ""},
    RefusalStatus{"401", "NotSignedIn", "Not signed in, the session is over, or the credential is wrong",
                  "WWW-Authenticate"},
    RefusalStatus{"403", "NotPermitted", "Not permitted, or sent from another site", ""},
    RefusalStatus{"404", "NotFound", "There is no such thing, or not for the caller", ""},
    RefusalStatus{"409", "Conflict", "Not possible in the present state", "Retry-After"},
    RefusalStatus{"412", "VersionDiffers", "If-Match does not name the present version", ""},
    RefusalStatus{"413", "TooLarge", "The body is too large", ""},
    RefusalStatus{"415", "NotJson", "The body is not JSON in UTF-8, or is compressed", ""},
    RefusalStatus{"422", "AtFault",
                  "A member or parameter is at fault, or the Idempotency-Key was used for another request",
                  ""},
    RefusalStatus{"423", "Locked", "The credential is locked until the service desk unlocks it", ""},
    RefusalStatus{"428", "PreconditionRequired", "Overwriting needs If-Match with the version seen last", ""},
    RefusalStatus{"429", "TooMany", "Too many attempts or requests; Retry-After says when to come again",
                  "Retry-After"},
    RefusalStatus{"500", "InternalFault", "Something went wrong on the service's side", ""},
    RefusalStatus{"501", "NotConnected", "Not connected yet", ""},
    RefusalStatus{"503", "NotNow",
                  "Not possible now, for example overloaded or shutting down; the code says which",
                  "Retry-After"},
    RefusalStatus{"507", "DiskNearlyFull", "A disk is nearly full: no change is taken until there is room",
                  "Retry-After"},
    RefusalStatus{
        "default", "Refused",
        "Any other refusal, for example of a request too slow (408) or with too large a header (431)", ""},
};

using StatusReasons = std::vector<Reason>;

/// The reasons with this status with which the route refuses.
StatusReasons reasons_with(const Route& route, const RefusalStatus& of) {
  StatusReasons named;
  std::ranges::copy_if(reasons_of(route), std::back_inserter(named), [&](Reason reason) {
    return std::to_string(problem_text(reason).status) == of.status;
  });
  return named;
}

/// The codes that each status has in most operations: the response of these is a component.
const std::map<std::string_view, StatusReasons>& shared_reasons() {
  static const std::map<std::string_view, StatusReasons> shared = [] {
    std::map<std::string_view, StatusReasons> most;
    for (const RefusalStatus& status : refusal_statuses) {
      std::map<StatusReasons, std::size_t> uses;
      for (const Route& route : routes())
        if (auto reasons = reasons_with(route, status); !reasons.empty()) ++uses[std::move(reasons)];
      const auto often =
          std::ranges::max_element(uses, {}, &std::pair<const StatusReasons, std::size_t>::second);
      if (often != uses.end() && often->second > 1) most[status.status] = often->first;
    }
    return most;
  }();
  return shared;
}

std::vector<std::string> codes_of(const StatusReasons& reasons) {
  std::vector<std::string> codes;
  for (const Reason reason : reasons) codes.emplace_back(domain::to_text(reason));
  return codes;
}

std::string refusal_response(const RefusalStatus& of, const StatusReasons& reasons) {
  std::string headers = "{" + header_reference("Content-Language", "ContentLanguage") + "," +
                        header_reference("X-Request-Id", "RequestId") + "," +
                        header_reference("RateLimit", "RateLimit");
  if (of.header == "Retry-After") headers += "," + header_reference("Retry-After", "RetryAfter");
  if (of.header == "WWW-Authenticate") headers += "," + header_reference("WWW-Authenticate", "Authenticate");
  std::string content = R"({"schema":)" + reference_to("Problem");
  if (!reasons.empty()) {
    content = R"({"schema":{"allOf":[)" + reference_to("Problem") +
              R"(,{"type":"object","properties":{"code":{"type":"string","enum":)" +
              events::to_json(codes_of(reasons)) + R"(}}}]},"examples":{)";
    for (bool first = true; const std::string& code : codes_of(reasons)) {
      if (!first) content += ',';
      first = false;
      content += events::to_json(code) + R"(:{"$ref":"#/components/examples/)" + code + R"("})";
    }
    content += "}";
  }
  std::string out;
  ObjectWriter response(out);
  response.member("description", of.description)
      .raw("headers", headers + "}")
      .raw("content", R"({"application/problem+json":)" + content + "}}");
  response.end();
  return out;
}

/// The responses with which the route refuses: the shared one, or its own where its codes are others.
void add_refusals(const Route& route, ObjectWriter& responses) {
  for (const RefusalStatus& each : refusal_statuses) {
    const StatusReasons reasons = reasons_with(route, each);
    if (reasons.empty() && each.status != "default") continue;
    const auto shared = shared_reasons().find(each.status);
    const bool is_shared =
        each.status == "default" || (shared != shared_reasons().end() && shared->second == reasons);
    responses.raw(each.status, is_shared
                                   ? R"({"$ref":"#/components/responses/)" + std::string{each.name} + R"("})"
                                   : refusal_response(each, reasons));
  }
}

/// The responses that operations refer to.
std::string refusal_components() {
  std::string out;
  ObjectWriter responses(out);
  for (const RefusalStatus& each : refusal_statuses) {
    const auto shared = shared_reasons().find(each.status);
    if (each.status == "default")
      responses.raw(each.name, refusal_response(each, {}));
    else if (shared != shared_reasons().end())
      responses.raw(each.name, refusal_response(each, shared->second));
  }
  responses.end();
  return out;
}

/// A whole problem for each reason that an operation answers, at the path of the first that does.
std::string problem_examples() {
  std::map<Reason, const Route*> first;
  for (const Route& route : routes())
    for (const Reason reason : reasons_of(route)) first.try_emplace(reason, &route);
  std::string out;
  ObjectWriter examples(out);
  for (const auto& [reason, route] : first) {
    std::string example;
    ObjectWriter writer(example);
    writer.member("summary", problem_text(reason).en)
        .raw("value", problem(domain::why(reason), domain::Language::en, "a-request", route->path).body);
    writer.end();
    examples.raw(domain::to_text(reason), example);
  }
  examples.end();
  return out;
}

std::string parameters_of(const Route& route) {
  std::string out = "[";
  const auto add = [&](std::string_view name, std::string_view in, bool required, std::string_view schema,
                       std::string_view description) {
    if (out.size() > 1) out += ',';
    ObjectWriter parameter(out);
    parameter.member("name", name).member("in", in).member("required", required).raw("schema", schema);
    if (!description.empty()) parameter.member("description", description);
    parameter.end();
  };
  for (const Parameter& parameter : route.parameters)
    add(parameter.name, parameter.in, parameter.in == "path", parameter.schema, parameter.description);
  const auto shared = [&](std::string_view name) {
    if (out.size() > 1) out += ',';
    out += R"({"$ref":"#/components/parameters/)" + std::string{name} + R"("})";
  };
  shared("AcceptLanguage");
  if (route.access.who == Who::signed_in || route.access.who == Who::staff) shared("Background");
  if (route.method == "GET") shared("IfNoneMatch");
  if (route.is_command) {
    shared("IdempotencyKey");
    if (!route.respond) shared("Prefer");
    if (route.access.who != Who::anyone) shared("IfMatch");
  } else if (route.takes_key) {
    shared("IdempotencyKey");
  } else if (route.method == "GET" && route.path.starts_with("/v1/") && !route.sandbox_only) {
    shared("MinPosition");
  }
  return out + "]";
}

std::string body_example(const Route& route) {
  std::string out;
  ObjectWriter object(out);
  for (const BodyMember& member : route.body) object.raw(member.name, member.example);
  object.end();
  return out;
}

std::string body_schema(const Route& route) {
  std::string properties;
  std::vector<std::string> required;
  ObjectWriter writer(properties);
  for (const BodyMember& member : route.body) {
    writer.raw(member.name, member.schema);
    if (member.required) required.push_back(member.name);
  }
  writer.end();
  std::string out;
  ObjectWriter schema(out);
  schema.member("type", "object").raw("properties", properties);
  if (!required.empty()) schema.member("required", required);
  schema.member("additionalProperties", false);
  schema.raw("examples", "[" + body_example(route) + "]");
  schema.end();
  return out;
}

/// "enrolCompany" -> "EnrolCompanyRequest".
std::string body_name(const Route& route) {
  std::string name = route.id + "Request";
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return name;
}

std::string responses_of(const Route& route) {
  std::string out;
  ObjectWriter responses(out);
  {
    std::string success;
    ObjectWriter answer(success);
    answer.member("description", route.summary);
    const bool is_signed_in = route.access.who == Who::signed_in || route.access.who == Who::staff;
    std::string headers = "{";
    if (is_signed_in) headers += header_reference("X-Position", "Position") + ",";
    headers +=
        header_reference("X-Request-Id", "RequestId") + "," + header_reference("RateLimit", "RateLimit");
    if (!route.location.empty()) headers += "," + header_reference("Location", "Location");
    if (route.method == "GET") headers += "," + header_reference("ETag", "Version");
    if (route.is_command || route.takes_key)
      headers += "," + header_reference("Idempotency-Replayed", "Replayed");
    if (route.respond) headers += "," + header_reference("Set-Cookie", "Cookie");
    answer.raw("headers", headers + "}");
    const std::string schema =
        route.answer_schema.empty()
            ? (route.answer_type == "application/json" ? R"({"type":"object"})" : R"({"type":"string"})")
            : route.answer_schema;
    std::string content = "{" + events::to_json(route.answer_type) + R"(:{"schema":)" + schema + "}";
    for (const OtherForm& form : route.other_forms)
      content += "," + events::to_json(form.type) + R"(:{"schema":)" + form.schema + "}";
    answer.raw("content", content + "}");
    answer.end();
    responses.raw(std::to_string(route.success), success);
  }
  if (route.method == "GET")
    responses.raw("304", R"({"description":"Nothing else than what If-None-Match names","headers":{)" +
                             header_reference("ETag", "Version") + "}}");
  add_refusals(route, responses);
  responses.end();
  return out;
}

std::string operation(const Route& route) {
  std::string out;
  ObjectWriter writer(out);
  writer.member("operationId", route.id)
      .member("tags", std::vector<std::string>{route.tag})
      .member("summary", route.summary)
      .member("description", route.summary + ". " + who(route))
      .raw("parameters", parameters_of(route));
  if (!route.body.empty())
    writer.raw("requestBody", R"({"required":true,"content":{"application/json":{"schema":)" +
                                  reference_to(body_name(route)) + R"(,"example":)" + body_example(route) +
                                  "}}}");
  writer.raw("responses", responses_of(route));
  switch (route.access.who) {
    case Who::anyone:
      writer.raw("security", "[]");
      break;
    case Who::signing_in:
      writer.raw("security", R"([{"signInToken":[]}])");
      break;
    case Who::signed_in:
    case Who::staff:
      writer.raw("security", R"([{"bearer":[]},{"sessionCookie":[]}])");
      break;
  }
  if (!route.access.roles.empty()) writer.member("x-roles", route.access.roles);
  writer.end();
  return out;
}

std::string problem_schemas() {
  std::vector<std::string> codes{
#define TTP_REASON_CODE(name) #name,
      TTP_REASONS(TTP_REASON_CODE)
#undef TTP_REASON_CODE
  };
  return R"("ProblemCode":{"type":"string","description":"The stable name of a reason","enum":)" +
         events::to_json(codes) +
         R"~(},"FieldProblem":{"type":"object","description":"One field or parameter at fault","properties":{)~"
         R"~("pointer":{"type":"string","description":"JSON pointer (RFC 6901) into the body"},)~"
         R"~("parameter":{"type":"string","description":"Instead of a pointer: the name of a parameter of the path, the query or the headers"},)~"
         R"~("code":{"$ref":"#/components/schemas/ProblemCode"},"title":{"type":"string"},"details":{"type":"array","items":{"type":"string"}}},)~"
         R"~("required":["code"]},)~"
         R"~("Problem":{"type":"object","description":"RFC 9457","properties":{"type":{"type":"string"},"title":{"type":"string"},)~"
         R"~("titles":{"$ref":"#/components/schemas/Bilingual"},"status":{"type":"integer"},"detail":{"type":"string"},"instance":{"type":"string"},)~"
         R"~("code":{"$ref":"#/components/schemas/ProblemCode"},)~"
         R"~("errors":{"type":"array","items":{"$ref":"#/components/schemas/FieldProblem"}},"details":{"type":"array","items":{"type":"string"}},)~"
         R"~("request_id":{"type":"string"},"retry_at":{"type":"string","format":"date-time"},"tries_left":{"type":"integer","minimum":0,"description":"Of a wrong code: how many tries it has left"}},)~"
         R"~("required":["type","title","status","code"]})~";
}

constexpr std::string_view shared_headers =
    R"~("headers":{)~"
    R"~("Position":{"description":"Position of the last event that the answer includes","schema":{"type":"integer","minimum":0}},)~"
    R"~("RequestId":{"description":"The request's X-Request-Id where it sent one, else drawn","schema":{"type":"string"}},)~"
    R"~("RateLimit":{"description":"What is left of the limit that RateLimit-Policy states; not on health and metrics","schema":{"type":"string","examples":["\"user\";r=1199;t=1"]}},)~"
    R"~("Location":{"description":"Where to read what was made","schema":{"type":"string"}},)~"
    R"~("Version":{"description":"The version of the one thing that is answered, for If-Match, and a hash of the answer, for If-None-Match; not on health and metrics","schema":{"type":"string","examples":["\"7-1f0c93a4be52d786\""]}},)~"
    R"~("Replayed":{"description":"true: this is the answer that an earlier request with the same Idempotency-Key got","schema":{"type":"string","enum":["true"]}},)~"
    R"~("Cookie":{"description":"The credential as a cookie, for browsers; or its end","schema":{"type":"string"}},)~"
    R"~("ContentLanguage":{"description":"Language of title","schema":{"type":"string","enum":["en","fr"]}},)~"
    R"~("RetryAfter":{"description":"Seconds to wait","schema":{"type":"integer","minimum":1}},)~"
    R"~("Authenticate":{"description":"Bearer: how to sign a request","schema":{"type":"string"}}},)~";
constexpr std::string_view shared_parameters =
    R"~("parameters":{)~"
    R"~("AcceptLanguage":{"name":"Accept-Language","in":"header","required":false,"schema":{"type":"string","examples":["fr-CA"]},"description":"en or fr; the language of sentences"},)~"
    R"~("Prefer":{"name":"Prefer","in":"header","required":false,"schema":{"type":"string","examples":["receipt"]},"description":"receipt: the answer holds the receipt of the command's last event (C2SP tlog-proof)"},)~"
    R"~("IdempotencyKey":{"name":"Idempotency-Key","in":"header","required":false,"schema":{"type":"string","minLength":1,"maxLength":255},"description":"Drawn at random by the client; the same key with the same request gets the same answer and does nothing twice, also after a crash"},)~"
    R"~("IfMatch":{"name":"If-Match","in":"header","required":false,"schema":{"type":"string","examples":["\"7-1f0c93a4be52d786\""]},"description":"The ETag of the version that the command is meant for"},)~"
    R"~("IfNoneMatch":{"name":"If-None-Match","in":"header","required":false,"schema":{"type":"string","examples":["\"7-1f0c93a4be52d786\""]},"description":"The ETag of what the caller has already: 304 where it would be answered again"},)~"
    R"~("MinPosition":{"name":"X-Min-Position","in":"header","required":false,"schema":{"type":"integer","minimum":0},"description":"Answer only when the views include the event at this position (also as the query parameter min_position)"},)~"
    R"~("Background":{"name":"X-Background","in":"header","required":false,"schema":{"type":"string"},"description":"Marks a request that the page sends by itself and nobody caused, with any value: it does not keep the session from idling"}},)~";

/// The schemas that operations refer to, directly or through others.
std::string schemas(std::string_view paths, bool with_sandbox) {
  Components all = schema_components();
  for (const Route& route : routes())
    if (!route.body.empty() && (with_sandbox || !route.sandbox_only))
      all[body_name(route)] = body_schema(route);
  std::string uses = problem_schemas() + std::string{paths};
  for (const auto& [name, schema] : all)
    if (name.ends_with("Request")) uses += schema;
  std::string out = "{" + problem_schemas();
  for (const std::string& name : schemas_within(uses))
    if (const auto schema = all.find(name); schema != all.end())
      out += "," + events::to_json(name) + ":" + schema->second;
  return out + "}";
}

std::string components(std::string_view paths, bool with_sandbox) {
  std::string out = R"({"responses":)" + refusal_components() + R"(,"examples":)" + problem_examples() + ",";
  out +=
      R"~("securitySchemes":{)~"
      R"~("bearer":{"type":"http","scheme":"bearer","description":"The session's token, for machines and staff tools"},)~"
      R"~("sessionCookie":{"type":"apiKey","in":"cookie","name":")~" +
      std::string{session_cookie} +
      R"~(","description":"The session's cookie, for browsers; never together with a bearer token"},)~"
      R"~("signInToken":{"type":"http","scheme":"bearer","description":"The token of the sign-in under way (browsers: the cookie )~" +
      std::string{sign_in_cookie} + R"~()"}},)~";
  out += shared_headers;
  out += shared_parameters;
  return out + R"("schemas":)" + schemas(paths, with_sandbox) + "}";
}

}  // namespace

std::string openapi_document(bool with_sandbox) {
  std::map<std::string, std::map<std::string, std::string>> paths;
  std::set<std::string> tags;
  for (const Route& route : routes()) {
    if (route.sandbox_only && !with_sandbox) continue;
    std::string method = route.method;
    std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c + 32); });
    paths[route.path][method] = operation(route);
    tags.insert(route.tag);
  }
  std::string out;
  ObjectWriter document(out);
  document.member("openapi", "3.1.0");
  document.raw(
      "info",
      R"({"title":"Account service of a trusted-trader programme","version":"1.0.0","description":"Enrol a company, activate its account with the code of a registered letter, bring in colleagues, fill in profiles, submit, and hand ownership on. Every command is recorded as events; queries read views of them.","contact":{"name":"Programme","email":"pip-pep@cbsa-asfc.gc.ca"},"license":{"name":"Apache-2.0","identifier":"Apache-2.0"}})");
  document.raw("servers", R"([{"url":"/","description":"This server"}])");
  document.key("tags");
  out += '[';
  for (bool first = true; const std::string& tag : tags) {
    if (!first) out += ',';
    first = false;
    ObjectWriter row(out);
    row.member("name", tag).member("description", tag);
    row.end();
  }
  out += ']';
  std::string all_paths;
  ObjectWriter all(all_paths);
  for (const auto& [path, operations] : paths) {
    all.key(path);
    ObjectWriter item(all_paths);
    for (const auto& [method, json] : operations) item.raw(method, json);
    item.end();
  }
  all.end();
  document.raw("paths", all_paths);
  document.raw("components", components(all_paths, with_sandbox));
  document.end();
  return out;
}

}  // namespace ttp::http

#include "http/api/operations/openapi.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include "domain/reason.hpp"
#include "http/api/problem.hpp"
#include "http/api/route.hpp"
#include "http/gate/credentials.hpp"

namespace ttp::http {
namespace {

/// "GET /v1/accounts/{account}/members" -> "get_v1_accounts_account_members".
std::string operation_id(const Route& route) {
  std::string id;
  for (const char c : route.method + route.path) {
    if (c == '/' || c == '-' || c == '.') {
      if (!id.ends_with('_')) id += '_';
    } else if (c != '{' && c != '}') {
      id += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
  }
  return id;
}

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

/// A whole problem for each reason, under its code.
std::string examples_of(const std::vector<domain::Reason>& reasons, std::string_view path) {
  std::string out;
  ObjectWriter examples(out);
  for (const domain::Reason reason : reasons) {
    std::string example;
    ObjectWriter writer(example);
    writer.member("summary", problem_text(reason).en)
        .raw("value", problem(domain::why(reason), domain::Language::en, "a-request", path).body);
    writer.end();
    examples.raw(domain::to_text(reason), example);
  }
  examples.end();
  return out;
}

std::string refusal_response(const RefusalStatus& of, const std::string& examples = "") {
  std::string headers = "{" + header_reference("Content-Language", "ContentLanguage") + "," +
                        header_reference("X-Request-Id", "RequestId") + "," +
                        header_reference("RateLimit", "RateLimit");
  if (of.header == "Retry-After") headers += "," + header_reference("Retry-After", "RetryAfter");
  if (of.header == "WWW-Authenticate") headers += "," + header_reference("WWW-Authenticate", "Authenticate");
  std::string content = R"({"schema":{"$ref":"#/components/schemas/Problem"})";
  if (!examples.empty()) content += R"(,"examples":)" + examples;
  std::string out;
  ObjectWriter response(out);
  response.member("description", of.description)
      .raw("headers", headers + "}")
      .raw("content", R"({"application/problem+json":)" + content + "}}");
  response.end();
  return out;
}

/// The reasons of this status that the route names.
std::vector<domain::Reason> reasons_of(const Route& route, const RefusalStatus& of) {
  std::vector<domain::Reason> named;
  std::ranges::copy_if(route.reasons, std::back_inserter(named), [&](domain::Reason reason) {
    return std::to_string(problem_text(reason).status) == of.status;
  });
  return named;
}

/// A reference to the response of every route, or, if this route names reasons of this status, its own.
std::string refusal_of(const Route& route, const RefusalStatus& of) {
  const auto named = reasons_of(route, of);
  if (named.empty()) return R"({"$ref":"#/components/responses/)" + std::string{of.name} + R"("})";
  return refusal_response(of, examples_of(named, route.path));
}

/// The statuses with which this route refuses, including those of every route.
std::set<std::string_view> refusals_of(const Route& route) {
  std::set<std::string_view> statuses{"400", "404", "422", "429", "503", "default"};
  const bool is_query = route.method == "GET";
  if (route.access.who != Who::anyone) statuses.insert({"401", "403", "423"});
  if (!is_query) statuses.insert({"403", "413", "415"});
  if (route.is_command) statuses.insert({"409", "412", "507"});
  if (route.takes_key) statuses.insert("507");
  statuses.insert(route.refusals.begin(), route.refusals.end());
  for (const RefusalStatus& each : refusal_statuses)
    if (!reasons_of(route, each).empty()) statuses.insert(each.status);
  return statuses;
}

/// The responses that routes refer to.
std::string refusal_components() {
  std::string out;
  ObjectWriter responses(out);
  for (const RefusalStatus& each : refusal_statuses) {
    const bool is_used = std::ranges::any_of(routes(), [&](const Route& route) {
      return refusals_of(route).contains(each.status) && reasons_of(route, each).empty();
    });
    if (is_used) responses.raw(each.name, refusal_response(each));
  }
  responses.end();
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
  if (route.method == "GET") shared("IfNoneMatch");
  if (route.is_command) {
    shared("IdempotencyKey");
    if (route.answer_schema == schema_of<CommandAnswer>()) shared("Prefer");
    if (route.access.who != Who::anyone) shared("IfMatch");
  } else if (route.takes_key) {
    shared("IdempotencyKey");
  } else if (route.method == "GET" && route.path.starts_with("/v1/") && !route.sandbox_only) {
    shared("MinPosition");
  }
  return out + "]";
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
  schema.end();
  return out;
}

std::string body_example(const Route& route) {
  std::string out;
  ObjectWriter object(out);
  for (const BodyMember& member : route.body) object.raw(member.name, member.example);
  object.end();
  return out;
}

std::string responses_of(const Route& route) {
  std::string out;
  ObjectWriter responses(out);
  {
    std::string success;
    ObjectWriter answer(success);
    answer.member("description", route.summary);
    std::string headers = "{" + header_reference("X-Position", "Position") + "," +
                          header_reference("X-Request-Id", "RequestId") + "," +
                          header_reference("RateLimit", "RateLimit");
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
  const auto refusals = refusals_of(route);
  for (const RefusalStatus& each : refusal_statuses)
    if (refusals.contains(each.status)) responses.raw(each.status, refusal_of(route, each));
  responses.end();
  return out;
}

std::string operation(const Route& route) {
  std::string out;
  ObjectWriter writer(out);
  writer.member("operationId", operation_id(route))
      .member("tags", std::vector<std::string>{route.tag})
      .member("summary", route.summary)
      .member("description", route.summary + ". " + who(route))
      .raw("parameters", parameters_of(route));
  if (!route.body.empty())
    writer.raw("requestBody", R"({"required":true,"content":{"application/json":{"schema":)" +
                                  body_schema(route) + R"(,"example":)" + body_example(route) + "}}}");
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

std::string reasons_schema() {
  std::vector<std::string> codes{
#define TTP_REASON_CODE(name) #name,
      TTP_REASONS(TTP_REASON_CODE)
#undef TTP_REASON_CODE
  };
  return R"({"type":"string","enum":)" + events::to_json(codes) + "}";
}

std::string components() {
  std::string out = R"({"responses":)" + refusal_components() + ",";
  out +=
      R"~("securitySchemes":{)~"
      R"~("bearer":{"type":"http","scheme":"bearer","description":"The session's token, for machines and staff tools"},)~"
      R"~("sessionCookie":{"type":"apiKey","in":"cookie","name":")~" +
      std::string{session_cookie} +
      R"~(","description":"The session's cookie, for browsers; never together with a bearer token"},)~"
      R"~("signInToken":{"type":"http","scheme":"bearer","description":"The token of the sign-in under way (browsers: the cookie )~" +
      std::string{sign_in_cookie} +
      R"~()"}},)~"
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
      R"~("Authenticate":{"description":"Bearer: how to sign a request","schema":{"type":"string"}}},)~"
      R"~("parameters":{)~"
      R"~("AcceptLanguage":{"name":"Accept-Language","in":"header","required":false,"schema":{"type":"string","examples":["fr-CA"]},"description":"en or fr; the language of sentences"},)~"
      R"~("Prefer":{"name":"Prefer","in":"header","required":false,"schema":{"type":"string","examples":["receipt"]},"description":"receipt: the answer holds the receipt of the command's last event (C2SP tlog-proof)"},)~"
      R"~("IdempotencyKey":{"name":"Idempotency-Key","in":"header","required":false,"schema":{"type":"string","minLength":1,"maxLength":255},"description":"Drawn at random by the client; the same key with the same request gets the same answer and does nothing twice, also after a crash"},)~"
      R"~("IfMatch":{"name":"If-Match","in":"header","required":false,"schema":{"type":"string","examples":["\"7-1f0c93a4be52d786\""]},"description":"The ETag of the version that the command is meant for"},)~"
      R"~("IfNoneMatch":{"name":"If-None-Match","in":"header","required":false,"schema":{"type":"string","examples":["\"7-1f0c93a4be52d786\""]},"description":"The ETag of what the caller has already: 304 where it would be answered again"},)~"
      R"~("MinPosition":{"name":"X-Min-Position","in":"header","required":false,"schema":{"type":"integer","minimum":0},"description":"Answer only when the views include the event at this position (also as the query parameter min_position)"}},)~"
      R"~("schemas":{"Problem":{"type":"object","description":"RFC 9457","properties":{"type":{"type":"string"},"title":{"type":"string"},"titles":{"type":"object"},"status":{"type":"integer"},"detail":{"type":"string"},"instance":{"type":"string"},"code":)~";
  out += reasons_schema();
  out +=
      R"(,"errors":{"type":"array","items":{"type":"object","description":"One field or parameter at fault","properties":{"pointer":{"type":"string","description":"JSON pointer (RFC 6901) into the body"
}
, "parameter" : {
  "type" : "string",
  "description" : "Instead of a pointer: the name of a parameter of the path, the query or the headers"
},
                "code" : {"type" : "string"},
                         "title" : {"type" : "string"},
                                   "details" : {
  "type" : "array", "items" : {}
}
}
, "required" : ["code"]
}
}
, "details" : {"type" : "array", "items" : {}},
              "request_id" : {"type" : "string"},
                             "retry_at" : {"type" : "string", "format" : "date-time"}
}
, "required" : [ "type", "title", "status", "code" ]
}
}
})";
  return out;
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
  document.key("paths");
  ObjectWriter all(out);
  for (const auto& [path, operations] : paths) {
    all.key(path);
    ObjectWriter item(out);
    for (const auto& [method, json] : operations) item.raw(method, json);
    item.end();
  }
  all.end();
  document.raw("components", components());
  document.end();
  return out;
}

}  // namespace ttp::http

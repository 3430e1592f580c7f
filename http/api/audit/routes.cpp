// The rows of audit (SPEC 7).
#include <algorithm>

#include "http/api/audit/history.hpp"
#include "http/api/audit/past.hpp"
#include "http/api/rows.hpp"
#include "http/api/staff/queries.hpp"

namespace ttp::http {
namespace {

using namespace domain;

std::vector<Parameter> history_filters() {
  return {query_parameter("actor_id", R"({"type":"string","format":"uuid"})", "Only events of this user"),
          query_parameter("type", text_schema, "Only events of these types, with commas between them"),
          query_parameter("since", time_schema, "Only events recorded then or later"),
          query_parameter("until", time_schema, "Only events recorded before"),
          query_parameter("from_position", position_schema, "The first position"),
          query_parameter("to_position", position_schema, "The last position")};
}
Parameter personal_parameter() {
  return query_parameter("personal", R"({"type":"boolean","default":false})",
                         "With personal data; for privacy auditors, and each such look is recorded");
}
/// A past state, or a comparison of two.
template <class Doc>
Route past(std::string_view path_template, std::string_view summary, Answered<Doc> (*answer)(Call&),
           std::initializer_list<std::string_view> moments) {
  Route route = query<Doc>(path_template, "Audit", summary, auditors(), answer);
  for (const std::string_view each : moments) {
    const std::string prefix{each};
    route.parameters.push_back(
        query_parameter(prefix + "position", position_schema, "Right after the event at this position"));
    route.parameters.push_back(
        query_parameter(prefix + "at", time_schema, "With all that was recorded until then"));
  }
  route.parameters.push_back(
      query_parameter("reader_id", R"({"type":"string","format":"uuid"})",
                      "As this user saw it: with their role and the actions open to them"));
  route.parameters.push_back(personal_parameter());
  return route;
}

/// A page of the history, with the auditor's filters and formats.
Route history(std::string_view path_template, std::string_view summary,
              Answered<Response> (*answer)(Call&, const Json*)) {
  Route route = raw("GET", path_template, "Audit", summary, auditors(), "application/json", answer);
  route.answer_schema = schema_of<ListPage<EventDocument>>();
  route.other_forms = {
      {"application/x-ndjson", R"({"type":"string"})"},
      {"application/cloudevents-batch+json", R"({"type":"array","items":{"type":"object"}})"}};
  route.parameters = paging_and(history_filters());
  route.parameters.push_back(query_parameter(
      "format", R"({"type":"string","enum":["json","ndjson","cloudevents"],"default":"json"})",
      "The page's form; the last two name the next page in the Link header"));
  route.parameters.push_back(personal_parameter());
  return route;
}
/// The history as server-sent events.
Route history_stream(std::string_view path_template, std::string_view summary,
                     Answered<Response> (*answer)(Call&, const Json*)) {
  Route route =
      raw("GET", path_template, "Audit", summary, watching(auditors()), "text/event-stream", answer);
  route.parameters = history_filters();
  route.parameters.push_back({"Last-Event-ID", "header", R"({"type":"string"})",
                              "The position of the last event seen: the stream goes on behind it"});
  return route;
}

}  // namespace

// clang-format off
std::vector<Route> audit_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(query<ListPage<FoundAccountDocument>>("/v1/audit/accounts", "Audit", "Find an account by business or client number", auditors(),
      {query_parameter("business_number", schema_of<BusinessNumber>(), "Business number"), query_parameter("client_number", schema_of<domain::ClientNumber>(), "Client number")}, &audit_find_account));
  add(query<ListPage<FoundUserDocument>>("/v1/audit/users", "Audit", "Find a user by URN or user name", auditors(),
      {query_parameter("urn", schema_of<Urn>(), "URN"), query_parameter("user_name", schema_of<domain::UserName>(), "User name")}, &audit_find_user));
  add(history("/v1/audit/events", "The whole history in the log's order", &audit_all));
  add(history("/v1/audit/accounts/{account}/events", "An account's history", &audit_account));
  add(history("/v1/audit/users/{user}/events", "A user's history", &audit_user));
  add(history_stream("/v1/audit/events/stream", "The whole history as server-sent events, and what comes", &audit_stream));
  add(history_stream("/v1/audit/accounts/{account}/events/stream", "An account's history as server-sent events", &audit_account_stream));
  add(history_stream("/v1/audit/users/{user}/events/stream", "A user's history as server-sent events", &audit_user_stream));
  add(past("/v1/audit/accounts/{account}/state", "An account as it was at a position or a time", &account_state, {""}));
  add(past("/v1/audit/users/{user}/state", "A user as they were at a position or a time", &user_state, {""}));
  add(past("/v1/audit/accounts/{account}/differences", "What changed on an account between two moments, in words", &account_differences, {"from_", "to_"}));
  add(past("/v1/audit/users/{user}/differences", "What changed of a user between two moments, in words", &user_differences, {"from_", "to_"}));
  Route inclusion_proof = query<InclusionDocument>("/v1/audit/proofs/inclusion", "Audit", "The proof that an event is in the tree of a size", auditors(), &inclusion);
  inclusion_proof.parameters = {query_parameter("position", position_schema, "The event's position"),
                                query_parameter("size", position_schema, "The tree's size; the whole log where it is not given")};
  add(inclusion_proof);
  Route consistency_proof = query<ConsistencyDocument>("/v1/audit/proofs/consistency", "Audit", "The proof that a tree extends a smaller one", auditors(), &consistency);
  consistency_proof.parameters = {query_parameter("from_size", position_schema, "The smaller tree's size"),
                                  query_parameter("to_size", position_schema, "The larger tree's size; the whole log where it is not given")};
  add(consistency_proof);
  add(raw("GET", "/v1/audit/receipts/{position}", "Audit", "The receipt of an event (C2SP tlog-proof), to be verified without the service", auditors(), "text/plain", &receipt));
  // Hashes of salted envelopes reveal nothing, so anyone may check the tree; entries need a role.
  for (const std::string depth : {"{a}", "{a}/{b}", "{a}/{b}/{c}", "{a}/{b}/{c}/{d}"}) {
    const std::string parts = std::to_string(std::ranges::count(depth, '{'));
    add(called("getTileOf" + parts, raw("GET", "/tile/{level}/" + depth, "Audit", "A tile of the log's Merkle tree (C2SP tlog-tiles)", anyone(), "application/octet-stream", &hash_tile)));
    add(called("getEntriesOf" + parts, raw("GET", "/tile/entries/" + depth, "Audit", "A bundle of the log's entries (C2SP tlog-tiles)", auditors(), "application/octet-stream", &entry_bundle)));
  }


  add(raw("GET", "/checkpoint", "Audit", "The last signed checkpoint of the log", anyone(), "text/plain", &checkpoint));
  add(query<ListPage<VerifierKeyDocument>>("/checkpoint/keys", "Audit", "The keys that verify the log's checkpoints, the newest first", anyone(), &verifier_keys));
  // Routes that scan the log or wait for it have threads of their own.
  for (Route& row : rows)
    if (row.path.starts_with("/v1/audit/") || row.path.starts_with("/tile/")) row = patient(std::move(row));
  return rows;
}
// clang-format on

}  // namespace ttp::http

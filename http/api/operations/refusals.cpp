#include "http/api/operations/refusals.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "http/gate/credentials.hpp"

namespace ttp::http {
namespace {

using domain::Reason;

// ---- what the gate answers, whatever the operation --------------------------------------------------------

bool always(const Route&) {
  return true;
}
bool is_probe(const Route& route) {
  return route.path.starts_with("/health/") || route.path == "/metrics";
}
bool is_limited(const Route& route) {
  return !is_probe(route);
}
bool identifies(const Route& route) {
  return route.access.who != Who::anyone;
}
bool needs_session(const Route& route) {
  return route.access.who == Who::signed_in || route.access.who == Who::staff;
}
bool needs_sign_in(const Route& route) {
  return route.access.who == Who::signing_in;
}
bool needs_role(const Route& route) {
  return route.access.who == Who::staff;
}
bool changes(const Route& route) {
  return route.method != "GET";
}
bool takes_key(const Route& route) {
  return route.is_command || route.takes_key;
}
/// Each look of staff at a company or a person is recorded before it is answered.
bool records(const Route& route) {
  return takes_key(route) || needs_role(route);
}
bool is_command(const Route& route) {
  return route.is_command;
}
bool can_wait(const Route& route) {
  return route.method == "GET" && route.path.starts_with("/v1/") && !route.sandbox_only;
}

struct GateRow {
  Reason reason;
  bool (*meets)(const Route&);
};
constexpr std::array gate{
    GateRow{Reason::malformed, &always},  // a parameter that is not UTF-8 or not percent-encoded
    GateRow{Reason::unknown_member, &always},
    GateRow{Reason::duplicate_member, &always},
    GateRow{Reason::two_credentials, &always},
    GateRow{Reason::not_signed_in, &needs_session},
    GateRow{Reason::session_expired, &needs_session},
    GateRow{Reason::credential_locked, &needs_session},
    GateRow{Reason::urn_expired, &needs_session},
    GateRow{Reason::sign_in_not_found, &needs_sign_in},
    GateRow{Reason::staff_role_required, &needs_role},
    GateRow{Reason::authorisation_unavailable, &identifies},
    GateRow{Reason::cross_site_write, &changes},
    GateRow{Reason::body_not_json, &changes},
    GateRow{Reason::body_too_deep, &changes},
    GateRow{Reason::body_not_utf8, &changes},
    GateRow{Reason::body_too_large, &changes},
    GateRow{Reason::unsupported_media_type, &changes},
    GateRow{Reason::wrong_type, &changes},
    GateRow{Reason::idempotency_key_missing, &takes_key},
    GateRow{Reason::idempotency_key_reused, &takes_key},
    GateRow{Reason::version_differs,
            [](const Route& route) { return route.is_command && identifies(route); }},
    GateRow{Reason::changed_meanwhile, &is_command},
    GateRow{Reason::disk_nearly_full, &records},
    GateRow{Reason::log_unavailable, &records},
    GateRow{Reason::outcome_unknown, &records},
    GateRow{Reason::position_not_reached, &can_wait},
    GateRow{Reason::rate_limited, &is_limited},
    GateRow{Reason::overloaded, &is_limited},
    GateRow{Reason::shutting_down, &is_limited},
    GateRow{Reason::internal_fault, &always},
};

// ---- what the values answer -------------------------------------------------------------------------------

/// The reasons of every value that this JSON schema describes.
void add_reasons_of_schema(std::string_view schema, std::set<Reason>& reasons) {
  struct Sign {
    std::string_view text;
    Reason reason;
  };
  static constexpr std::array signs{
      Sign{R"("enum":)", Reason::not_a_choice},    Sign{R"("format":"uuid")", Reason::malformed},
      Sign{R"("type":"array")", Reason::too_long}, Sign{R"("type":"integer")", Reason::out_of_range},
      Sign{R"("required":)", Reason::missing},     Sign{R"("type":"string"})", Reason::too_long},
  };
  std::string whole{schema};
  for (const std::string& name : schemas_within(schema)) {
    whole += schema_components().find(name)->second;
    const auto of_value = reasons_of_values().find(name);
    if (of_value != reasons_of_values().end())
      reasons.insert(of_value->second.begin(), of_value->second.end());
  }
  for (const Sign& sign : signs)
    if (whole.contains(sign.text)) reasons.insert(sign.reason);
  if (!whole.contains("additionalProperties")) return;
  // Answers to questions, by the identifier of the question.
  const auto& of_answers = reasons_of_values().find("Answer")->second;
  reasons.insert(of_answers.begin(), of_answers.end());
}

const std::vector<Reason>* of_operation(const Route& route) {
  const std::string name = route_name(route);
  for (const auto& [key, reasons] : reasons_of_operations()) {
    const bool begins = key.ends_with('*') && name.starts_with(key.substr(0, key.size() - 1));
    if (key == name || begins) return &reasons;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> schemas_within(std::string_view json) {
  constexpr std::string_view prefix = "#/components/schemas/";
  std::vector<std::string> found;
  const auto add_from = [&](std::string_view text) {
    for (auto at = text.find(prefix); at != text.npos; at = text.find(prefix, at + 1)) {
      const auto begin = at + prefix.size();
      std::string name{text.substr(begin, text.find('"', begin) - begin)};
      if (std::ranges::find(found, name) == found.end()) found.push_back(std::move(name));
    }
  };
  add_from(json);
  // The list grows while it is walked.
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto schema = schema_components().find(found[i]);
    if (schema != schema_components().end()) add_from(schema->second);
  }
  return found;
}

std::vector<Reason> reasons_of(const Route& route) {
  std::set<Reason> reasons{route.reasons.begin(), route.reasons.end()};
  for (const GateRow& row : gate)
    if (row.meets(route)) reasons.insert(row.reason);
  if (const auto* own = of_operation(route)) reasons.insert(own->begin(), own->end());
  for (const Parameter& parameter : route.parameters)
    if (parameter.in != "header" && !parameter.schema.contains(R"("format":"uuid")") &&
        parameter.schema.contains("$ref"))
      add_reasons_of_schema(parameter.schema, reasons);
  for (const BodyMember& member : route.body) {
    add_reasons_of_schema(member.schema, reasons);
    if (member.required) reasons.insert(Reason::missing);
  }
  return {reasons.begin(), reasons.end()};
}

}  // namespace ttp::http

// The conventions of docs/api-stability.md, checked on every route, document, body and parameter of the
// table.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "http/api/operations/openapi.hpp"
#include "http/api/route.hpp"
#include "http/wire/text.hpp"

namespace ttp::http {
namespace {

namespace json = boost::json;

const json::value& description() {
  static const json::value document = json::parse(openapi_document(true));
  return document;
}

/// The value that a reference leads to, or the value itself.
const json::object& resolved(const json::value& node) {
  const json::object* object = &node.as_object();
  while (const auto* reference = object->if_contains("$ref"))
    object = &description().at_pointer(reference->as_string().subview(1)).as_object();
  return *object;
}

/// Calls `visit(name of the member, its schema, the members beside it)` for each member of the object that a
/// schema describes, in all parts and choices of the schema.
template <class Visit>
void each_member(const json::value& schema, std::set<const json::object*>& seen, const Visit& visit) {
  const json::object& object = resolved(schema);
  if (!seen.insert(&object).second) return;
  for (const char* combined : {"allOf", "anyOf"})
    if (const auto* parts = object.if_contains(combined))
      for (const json::value& part : parts->as_array()) each_member(part, seen, visit);
  if (const auto* items = object.if_contains("items")) each_member(*items, seen, visit);
  const auto* properties = object.if_contains("properties");
  if (!properties) return;
  for (const auto& [name, member] : properties->as_object()) {
    visit(std::string_view{name}, member, properties->as_object());
    each_member(member, seen, visit);
  }
}

/// The schemas of all bodies and answers, with where each is from.
std::vector<std::pair<std::string, const json::value*>> all_schemas() {
  std::vector<std::pair<std::string, const json::value*>> found;
  for (const auto& [path, operations] : description().at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      const std::string name = std::string{method} + " " + std::string{path};
      if (const auto* body = operation.as_object().if_contains("requestBody"))
        found.emplace_back(name, &body->at("content").at("application/json").at("schema"));
      for (const auto& [status, response] : operation.at("responses").as_object())
        if (const auto* content = resolved(response).if_contains("content"))
          for (const auto& [type, form] : content->as_object())
            found.emplace_back(name + " " + std::string{status}, &form.at("schema"));
    }
  }
  return found;
}

std::string format_of(const json::value& schema) {
  const json::object* object = &resolved(schema);
  if (const auto* items = object->if_contains("items")) object = &resolved(*items);
  const auto* format = object->if_contains("format");
  return format ? std::string{format->as_string()} : std::string{};
}

bool is_bilingual(const json::value& schema) {
  const auto* properties = resolved(schema).if_contains("properties");
  return properties && properties->as_object().contains("en") && properties->as_object().contains("fr");
}

bool names_a_time(std::string_view name) {
  return name.ends_with("_at") || name == "at" || name == "now";
}
bool names_a_bound(std::string_view name) {
  return name == "since" || name == "until" || name.ends_with("_until");
}

TEST(Conventions, each_201_has_a_location_whose_document_it_answers) {
  std::size_t made = 0;
  for (const Route& route : routes()) {
    if (route.success != 201) continue;
    ++made;
    EXPECT_FALSE(route.location.empty()) << route_name(route);
    const auto& response =
        description().at("paths").at(route.path).at(lower_case(route.method)).at("responses").at("201");
    EXPECT_TRUE(response.at("headers").as_object().contains("Location")) << route_name(route);
    if (!route.is_command || route.respond) continue;
    EXPECT_NE(route.answer_schema, schema_of<CommandAnswer>())
        << route_name(route) << ": there is no GET of " << route.location;
    if (!route.location.contains("{id}")) {
      EXPECT_EQ(route.location, route.location_without_id);
    }
  }
  EXPECT_GT(made, 50u);
}

TEST(Conventions, each_list_has_a_limit_a_cursor_and_an_order) {
  std::size_t lists = 0;
  for (const Route& route : routes()) {
    if (route.method != "GET" || route.answer_schema.empty() || route.tag == "Forms") continue;
    const json::value schema = json::parse(route.answer_schema);
    const auto* properties = resolved(schema).if_contains("properties");
    if (!properties || !properties->as_object().contains("items")) continue;
    ++lists;
    EXPECT_TRUE(properties->as_object().contains("next")) << route_name(route);
    for (const std::string_view name : {"limit", "cursor", "order"})
      EXPECT_NE(std::ranges::find(route.parameters, name, &Parameter::name), route.parameters.end())
          << route_name(route) << " has no " << name;
  }
  EXPECT_GT(lists, 30u);
}

TEST(Conventions, times_and_references_are_named_by_their_endings) {
  std::size_t members = 0;
  for (const auto& [from, schema] : all_schemas()) {
    std::set<const json::object*> seen;
    each_member(*schema, seen, [&](std::string_view name, const json::value& member, const json::object&) {
      ++members;
      const std::string format = format_of(member);
      if (format == "date-time") {
        EXPECT_TRUE(names_a_time(name)) << from << ": " << name;
      }
      if (format == "date") {
        EXPECT_TRUE(name.ends_with("_on")) << from << ": " << name;
      }
      if (format == "uuid") {
        EXPECT_TRUE(name == "id" || name.ends_with("_id")) << from << ": " << name;
      }
      EXPECT_FALSE(name.ends_with("_en") || name.ends_with("_fr")) << from << ": " << name;
    });
  }
  EXPECT_GT(members, 1000u);
}

TEST(Conventions, parameters_are_named_as_members_are) {
  for (const Route& route : routes()) {
    for (const Parameter& parameter : route.parameters) {
      if (parameter.in != "query") continue;
      const std::string format = format_of(json::parse(parameter.schema));
      const std::string_view name = parameter.name;
      if (format == "date-time") {
        EXPECT_TRUE(names_a_time(name) || names_a_bound(name)) << route_name(route) << ": " << name;
      }
      if (format == "uuid") {
        EXPECT_TRUE(name.ends_with("_id")) << route_name(route) << ": " << name;
      }
    }
  }
}

TEST(Conventions, a_text_in_two_languages_has_one_form) {
  std::size_t texts = 0;
  for (const auto& [from, schema] : all_schemas()) {
    std::set<const json::object*> seen;
    each_member(*schema, seen,
                [&](std::string_view name, const json::value& member, const json::object& beside) {
                  if (name == "en" || name == "fr") {
                    EXPECT_TRUE(beside.size() == 2 && beside.contains("en")) << from;
                  }
                  if (!is_bilingual(member)) return;
                  ++texts;
                  if (name == "titles") {
                    EXPECT_TRUE(beside.contains("title")) << from << ": titles without a title";
                  }
                  if (name == "texts") {
                    EXPECT_TRUE(beside.contains("text")) << from << ": texts without a text";
                  }
                });
  }
  EXPECT_GT(texts, 10u);
}

}  // namespace
}  // namespace ttp::http

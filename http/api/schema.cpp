#include "http/api/schema.hpp"

#include <array>
#include <stdexcept>

namespace ttp::http {
namespace {

Components& all_components() {
  static Components components;
  return components;
}

std::string_view without(std::string_view name, std::string_view ending) {
  if (name.size() > ending.size() && name.ends_with(ending)) name.remove_suffix(ending.size());
  return name;
}

}  // namespace

std::string component_name(std::string_view type) {
  const auto open = type.find('<');
  if (open != type.npos) {
    const std::string of = component_name(type.substr(open + 1, type.rfind('>') - open - 1));
    const std::string_view outer = short_name(type.substr(0, open));
    return of + std::string{outer == "ListPage" ? "List" : outer};
  }
  return std::string{without(without(short_name(type), "Document"), "Row")};
}

const Components& schema_components() {
  return all_components();
}

std::string reference_to(std::string_view component) {
  return R"({"$ref":"#/components/schemas/)" + std::string{component} + R"("})";
}

std::string component(std::string name, std::string schema) {
  std::string reference = reference_to(name);
  const auto [there, is_new] = all_components().try_emplace(std::move(name), std::move(schema));
  // A schema that was not moved from is another one of this name.
  if (!is_new && there->second != schema) throw std::logic_error{"two schemas are named " + there->first};
  return reference;
}

namespace {

std::map<std::string, Choices, std::less<>>& all_choices() {
  static std::map<std::string, Choices, std::less<>> choices;
  return choices;
}

}  // namespace

const std::map<std::string, Choices, std::less<>>& choice_components() {
  return all_choices();
}

std::string choice_component(std::string name, const Choices& choices) {
  all_choices().try_emplace(name, choices);
  return component(std::move(name), schema_of_choice(choices.names));
}

std::string example_of_text(std::string_view member) {
  struct Row {
    std::string_view member;
    std::string_view example;
  };
  static constexpr std::array rows{
      Row{"code", "documents_ready"},
      Row{"href", "/v1/accounts/01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f"},
      Row{"method", "POST"},
      Row{"name", "request_activation_code"},
      Row{"next", "AXk3cGx2b0pTQWtQeA"},
      Row{"type", "account.letter_posted"},
      Row{"stream", "account-01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f"},
      Row{"region", "QC"},
      Row{"postal_code", "J8X 1A1"},
      Row{"kind", "company"},
      Row{"en", "The letter was handed to the post."},
      Row{"fr", "La lettre a été remise à la poste."},
      Row{"title", "The letter was handed to the post."},
  };
  for (const Row& row : rows)
    if (row.member == member) return events::to_json(row.example);
  return R"("text")";
}

void ObjectSchema::member(std::string_view name, std::string_view schema, bool required) {
  writer_.raw(name, schema);
  if (required) required_.emplace_back(name);
}

std::string ObjectSchema::text(std::string_view example) && {
  writer_.end();
  std::string out;
  ObjectWriter schema(out);
  schema.member("type", "object").raw("properties", properties_);
  if (!required_.empty()) schema.member("required", required_);
  schema.raw("examples", "[" + std::string{example} + "]");
  schema.end();
  return out;
}

std::string schema_of_text(std::size_t min, std::size_t max, std::string_view pattern,
                           std::string_view example) {
  std::string out;
  ObjectWriter schema(out);
  schema.member("type", "string").member("minLength", min).member("maxLength", max);
  if (!pattern.empty()) schema.member("pattern", pattern);
  schema.raw("examples", "[" + events::to_json(example) + "]");
  schema.end();
  return out;
}

std::string schema_of_choice(std::span<const domain::Names> names) {
  std::string out;
  ObjectWriter schema(out);
  schema.member("type", "string");
  schema.member("enum", std::vector<std::string>(names.begin(), names.end()));
  schema.end();
  return out;
}

}  // namespace ttp::http

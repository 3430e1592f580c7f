#include "http/api/schema.hpp"

namespace ttp::http {

void ObjectSchema::member(std::string_view name, std::string_view schema, bool required) {
  writer_.raw(name, schema);
  if (required) required_.emplace_back(name);
}

std::string ObjectSchema::text() && {
  writer_.end();
  std::string out;
  ObjectWriter schema(out);
  schema.member("type", "object").raw("properties", properties_);
  if (!required_.empty()) schema.member("required", required_);
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

#include "http/api/body.hpp"

#include <algorithm>
#include <utility>

namespace ttp::http {

using domain::Reason;

std::optional<domain::Refusal> parse_json(simdjson::dom::parser& parser, const std::string& body,
                                          Json& root) {
  // The parser applies the depth limit only if it gets its memory here; its own default allows a thousand
  // levels.
  auto error = parser.allocate(std::max(body.size(), std::size_t{simdjson::dom::MINIMAL_DOCUMENT_CAPACITY}),
                               json_depth_max);
  if (!error) error = parser.parse(body).get(root);
  switch (error) {
    case simdjson::SUCCESS:
      break;
    case simdjson::UTF8_ERROR:
      return domain::why(Reason::body_not_utf8);
    case simdjson::DEPTH_ERROR:
      return domain::why(Reason::body_too_deep);
    default:
      return domain::why(Reason::body_not_json);
  }
  if (!root.is_object())
    return domain::Refusal{Reason::wrong_type, {{"", Reason::wrong_type, {"object"}}}, {}, {}};
  return std::nullopt;
}

namespace {

void add_canonical(std::string& out, std::string_view text) {
  out.append(std::to_string(text.size())).append(":").append(text);
}

void add_canonical(std::string& out, const Json& value) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::OBJECT: {
      // Repeated members stay in their order, so that they remain what they were.
      std::vector<std::pair<std::string_view, Json>> members;
      for (const auto& [name, each] : simdjson::dom::object{value}) members.emplace_back(name, each);
      std::ranges::stable_sort(members, {}, &std::pair<std::string_view, Json>::first);
      out += '{';
      for (const auto& [name, each] : members) {
        add_canonical(out, name);
        add_canonical(out, each);
      }
      out += '}';
      return;
    }
    case element_type::ARRAY:
      out += '[';
      for (const Json each : simdjson::dom::array{value}) add_canonical(out, each);
      out += ']';
      return;
    case element_type::STRING:
      return add_canonical(out, std::string_view{value});
    default:
      // A number, a truth value or null has one printed form.
      out.append(simdjson::minify(value)).append(",");
  }
}

}  // namespace

std::string canonical(const Json& value) {
  std::string out;
  add_canonical(out, value);
  return out;
}

std::string pointer_to(std::string_view parent, std::string_view name) {
  std::string pointer{parent};
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

void check_members(const simdjson::dom::object& object, const std::string& pointer,
                   const std::vector<std::string_view>& known, Faults& faults) {
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : object) {
    if (is_full(faults)) return;
    if (std::ranges::find(seen, name) != seen.end()) {
      add_fault(faults, pointer_to(pointer, name), Reason::duplicate_member);
    } else if (std::ranges::find(known, name) == known.end()) {
      add_fault(faults, pointer_to(pointer, name), Reason::unknown_member);
    }
    seen.push_back(name);
  }
}

void add_fault(Faults& faults, const std::string& pointer, Reason reason, std::vector<std::string> details) {
  if (!is_full(faults)) faults.push_back({pointer, reason, std::move(details)});
}
void add_wrong_type(Faults& faults, const std::string& pointer, const char* wanted) {
  add_fault(faults, pointer, Reason::wrong_type, {wanted});
}

std::optional<std::string_view> read_characters(const Json& json, const std::string& pointer,
                                                Faults& faults) {
  std::string_view text;
  if (!json.get(text)) return text;
  add_wrong_type(faults, pointer, "string");
  return std::nullopt;
}

void read_uuid(const Json& json, const std::string& pointer, domain::Uuid& value, Faults& faults) {
  const auto text = read_characters(json, pointer, faults);
  if (!text) return;
  const auto uuid = domain::parse_uuid(*text);
  if (!uuid) return add_fault(faults, pointer, Reason::malformed);
  value = *uuid;
}

void read_bool(const Json& json, const std::string& pointer, bool& value, Faults& faults) {
  if (json.get(value)) add_wrong_type(faults, pointer, "boolean");
}

void read_string(const Json& json, const std::string& pointer, std::string& value, Faults& faults) {
  constexpr std::size_t bytes_max = 256;
  const auto text = read_characters(json, pointer, faults);
  if (!text) return;
  if (text->size() > bytes_max) return add_fault(faults, pointer, Reason::too_long);
  value = *text;
}

std::optional<std::uint64_t> read_number(const Json& json, const std::string& pointer, std::uint64_t max,
                                         Faults& faults) {
  std::uint64_t number = 0;
  if (json.get(number)) {
    add_wrong_type(faults, pointer, "integer");
    return std::nullopt;
  }
  if (number <= max) return number;
  add_fault(faults, pointer, Reason::out_of_range);
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Json& json, const std::string& pointer,
                                       std::span<const domain::Names> choices, Faults& faults) {
  const auto text = read_characters(json, pointer, faults);
  if (!text) return std::nullopt;
  const auto found = std::ranges::find(choices, *text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  add_fault(faults, pointer, Reason::not_a_choice, {choices.begin(), choices.end()});
  return std::nullopt;
}

std::optional<simdjson::dom::array> read_array(const Json& json, const std::string& pointer, Faults& faults) {
  simdjson::dom::array array;
  if (json.get(array)) {
    add_wrong_type(faults, pointer, "array");
    return std::nullopt;
  }
  if (array.size() <= list_items_max) return array;
  add_fault(faults, pointer, Reason::too_long);
  return std::nullopt;
}

std::optional<simdjson::dom::object> read_members(const Json& json, const std::string& pointer,
                                                  const std::vector<std::string_view>& known,
                                                  Faults& faults) {
  simdjson::dom::object object;
  if (json.get(object)) {
    add_wrong_type(faults, pointer, "object");
    return std::nullopt;
  }
  check_members(object, pointer, known, faults);
  return object;
}

std::optional<Json> member_of(const simdjson::dom::object& object, std::string_view name,
                              const std::string& pointer, bool may_be_absent, Faults& faults) {
  Json member;
  if (!object.at_key(name).get(member)) return member;
  if (!may_be_absent) add_fault(faults, pointer, Reason::missing);
  return std::nullopt;
}

void read_answers(const Json& json, const std::string& pointer, bool null_clears, domain::Answers& value,
                  Faults& faults) {
  simdjson::dom::object object;
  if (json.get(object)) return add_wrong_type(faults, pointer, "object");
  domain::Answers::Table table;
  for (const auto& [name, each] : object) {
    if (is_full(faults)) return;
    const std::string at = pointer_to(pointer, name);
    domain::Answer answer;
    const std::size_t before = faults.size();
    const bool clears = null_clears && each.is_null();
    if (!clears) read_text(each, at, answer, faults);
    if (faults.size() == before && !table.emplace(name, answer.text()).second)
      add_fault(faults, at, Reason::duplicate_member);
  }
  value = std::move(table);
}

void normalise_address(domain::MailingAddress& address, const std::string& pointer, Faults& faults) {
  auto normalised = domain::normalise(address);
  if (normalised) {
    address = *std::move(normalised);
    return;
  }
  for (domain::FieldFault& fault : normalised.error())
    add_fault(faults, pointer + fault.pointer, fault.reason, std::move(fault.details));
}

}  // namespace ttp::http

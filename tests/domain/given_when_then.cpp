// Shows and compares events field by field, because they are plain structs. Compiled once, because it is
// expanded for every event.
#include "domain/given_when_then.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include <boost/pfr/core.hpp>
#include <boost/pfr/ops_fields.hpp>
#include <cxxabi.h>
#include <gtest/gtest.h>

namespace ttp::domain::tests {
namespace {

std::string shown(bool value) {
  return value ? "true" : "false";
}
std::string shown(const std::string& value) {
  return '"' + value + '"';
}
std::string shown(Time value) {
  return to_text(value);
}
template <std::integral T>
std::string shown(T value) {
  return std::to_string(value);
}
template <NamedEnum Enum>
std::string shown(Enum value) {
  return show(value);
}
std::string shown(Reason value) {
  return show(value);
}
template <class Tag>
std::string shown(const Id<Tag>& value) {
  return show(value);
}
template <class Kind>
std::string shown(const Text<Kind>& value) {
  return '"' + value.text() + '"';
}
template <class T>
std::string shown(const std::optional<T>& value);
template <class T>
std::string shown(const std::vector<T>& values);
std::string shown(const Answers& answers) {
  return std::to_string(answers.table().size()) + " answers";
}
template <class T>
  requires(std::is_aggregate_v<T>)
std::string shown(const T& value) {
  std::string text = type_name<T>() + '{';
  boost::pfr::for_each_field(
      value, [&](const auto& field) { text += (text.back() == '{' ? "" : ", ") + shown(field); });
  return text + '}';
}
template <class... E>
std::string shown(const std::variant<E...>& event) {
  return std::visit([](const auto& each) { return shown(each); }, event);
}
template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? shown(*value) : "none";
}
template <class T>
std::string shown(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += "\n    " + shown(value);
  return values.empty() ? "nothing" : text;
}

template <class... E>
bool equal(const std::variant<E...>& a, const std::variant<E...>& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& left) {
        return boost::pfr::eq_fields(left, std::get<std::remove_cvref_t<decltype(left)>>(b));
      },
      a);
}
template <class... E>
bool equal(const std::vector<std::variant<E...>>& a, const std::vector<std::variant<E...>>& b) {
  return std::ranges::equal(a, b, [](const auto& left, const auto& right) { return equal(left, right); });
}

}  // namespace

std::string name_of(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name{
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free};
  const std::string whole = name ? name.get() : type.name();
  return whole.substr(whole.rfind(':') + 1);
}

std::string show(const std::vector<UserEvent>& events) {
  return shown(events);
}
std::string show(const std::vector<AccountEvent>& events) {
  return shown(events);
}
std::string show(const std::vector<ProgrammeRecord>& events) {
  return shown(events);
}
std::string show(const std::vector<MemberRecord>& events) {
  return shown(events);
}
std::string show(const std::vector<RecoveryRecord>& events) {
  return shown(events);
}
std::string show(const std::vector<Claim>& claims) {
  return shown(claims);
}
std::string show(const std::optional<Refusal>& refusal) {
  return shown(refusal);
}

bool same(const std::vector<UserEvent>& a, const std::vector<UserEvent>& b) {
  return equal(a, b);
}
bool same(const std::vector<AccountEvent>& a, const std::vector<AccountEvent>& b) {
  return equal(a, b);
}
bool same(const std::vector<ProgrammeRecord>& a, const std::vector<ProgrammeRecord>& b) {
  return equal(a, b);
}
bool same(const std::vector<MemberRecord>& a, const std::vector<MemberRecord>& b) {
  return equal(a, b);
}
bool same(const std::vector<RecoveryRecord>& a, const std::vector<RecoveryRecord>& b) {
  return equal(a, b);
}

// ---- given, when, then ------------------------------------------------------------------------------------

void Story::happens(const UserEvent& event) {
  std::visit([this](const auto& each) { evolve(user, each); }, event);
}
void Story::happens(const AccountEvent& event) {
  std::visit([this](const auto& each) { evolve(account, each); }, event);
}
void Story::happens(const ProgrammeEvent& event) {
  std::visit([this](const auto& each) { evolve(programme, each); }, event);
}
void Story::happens(const ProgrammeRecord& event) {
  std::visit([this](const auto& each) { happens(each); }, event);
}
void Story::happens(const MemberRecord& event) {
  std::visit([this](const auto& each) { happens(each); }, event);
}
void Story::happens(const RecoveryRecord& event) {
  std::visit([this](const auto& each) { happens(each); }, event);
}

template <class Event>
Outcome<Event>::Outcome(Story before, Decision<Event> decision, std::string command,
                        std::source_location where)
    : before_(std::move(before)),
      decision_(std::move(decision)),
      command_(std::move(command)),
      where_(where) {}

template <class Event>
Outcome<Event>::~Outcome() {
  check();
}

template <class Event>
Story Outcome<Event>::after() const {
  Story story = before_;
  story.happens(decision_.events);
  return story;
}

template <class Event>
void Outcome<Event>::check() const {
  const auto expect = [&](bool holds, const std::string& told, const std::string& said) {
    if (holds) return;
    ADD_FAILURE_AT(where_.file_name(), static_cast<int>(where_.line()))
        << command_ << "\n  told: " << told << "\n  said: " << said;
  };
  expect(same(events_, decision_.events), "records " + show(events_), "records " + show(decision_.events));
  expect(claims_ == decision_.claims, "claims " + show(claims_), "claims " + show(decision_.claims));
  expect(refusal_ == decision_.refusal, "refused " + show(refusal_), "refused " + show(decision_.refusal));
}

template class Outcome<UserEvent>;
template class Outcome<AccountEvent>;
template class Outcome<ProgrammeRecord>;
template class Outcome<MemberRecord>;
template class Outcome<RecoveryRecord>;

}  // namespace ttp::domain::tests

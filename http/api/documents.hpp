// Documents shared by several tags: open actions, pages of a list, events of the history, and the facts for a
// reader's permissions. Their shapes define both the output and the OpenAPI document. Personal members are
// absent if they were erased or the reader may not see them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/account.hpp"
#include "domain/user.hpp"
#include "events/recorded.hpp"
#include "events/shapes.hpp"
#include "http/api/schema.hpp"
#include "service/service.hpp"

namespace ttp::http {

/// A text in both languages. Beside it stands a `title` in the reader's.
struct Bilingual {
  std::string en, fr;
  const std::string& in(domain::Language language) const {
    return language == domain::Language::fr ? fr : en;
  }
};

/// An action that the caller may take now: its name and the request to send.
struct OpenAction {
  std::string name;
  std::string method;
  std::string href;
};

/// An event of the history. Personal fields are left out unless the reader may see them.
struct EventDocument {
  storage::Position position = 0;
  std::string stream;
  std::uint64_t version = 0;
  std::string type;
  std::uint32_t schema_version = 0;
  domain::Time recorded_at;
  std::string actor_kind;
  std::optional<domain::UserId> actor_id;
  std::optional<std::string> from_address;  ///< the client's address, or its network if the act was anonymous
  RawJson data;
};

/// The order of a list's items.
enum class ListOrder : std::uint8_t { oldest, newest };

template <class T>
struct ListPage {
  std::vector<T> items;
  std::optional<std::string> next;  ///< cursor of the next page; absent on the last
};

/// `from` is for privacy auditors and for the person who acted.
EventDocument event_document(const events::Recorded& recorded, bool with_personal,
                             std::optional<std::string> from = std::nullopt);

/// Facts for the permission functions of a decision, for asking about a caller without deciding anything.
domain::Facts facts_about(const service::StateSource& states, const domain::Account& account,
                          const domain::User& caller);

// ---- helpers for making documents -------------------------------------------------------------------------

/// A personal text, or nothing if it was erased or the reader may not see it.
template <class T>
std::optional<T> known(const T& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

std::string account_href(domain::AccountId account, std::string_view rest = "");

/// Adds the action if it is open. Its address is passed in two parts and joined only then, because most
/// actions are not open.
void add_action(std::vector<OpenAction>& actions, bool open, std::string_view name, std::string_view method,
                std::string_view at, std::string_view rest = "");

/// Whether a permission function of the domain gave no refusal.
inline bool allowed(const std::optional<domain::Reason>& refusal) {
  return !refusal.has_value();
}

}  // namespace ttp::http

namespace ttp::domain {
template <>
inline constexpr std::array<Names, 2> enum_names<http::ListOrder>{"oldest", "newest"};
}  // namespace ttp::domain

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::Bilingual> = fields<http::Bilingual>(
    field("en", &http::Bilingual::en), field("fr", &http::Bilingual::fr));
template <> inline constexpr auto shape<http::OpenAction> = fields<http::OpenAction>(
    field("name", &http::OpenAction::name),
    field("method", &http::OpenAction::method),
    field("href", &http::OpenAction::href));
template <> inline constexpr auto shape<http::EventDocument> = fields<http::EventDocument>(
    field("position", &http::EventDocument::position),
    field("stream", &http::EventDocument::stream),
    field("version", &http::EventDocument::version),
    field("type", &http::EventDocument::type),
    field("schema_version", &http::EventDocument::schema_version),
    field("recorded_at", &http::EventDocument::recorded_at),
    field("actor_kind", &http::EventDocument::actor_kind),
    field("actor_id", &http::EventDocument::actor_id),
    field("from_address", &http::EventDocument::from_address),
    field("data", &http::EventDocument::data));
template <class T> inline constexpr auto shape<http::ListPage<T>> = fields<http::ListPage<T>>(
    field("items", &http::ListPage<T>::items), field("next", &http::ListPage<T>::next));
// clang-format on
}  // namespace ttp::events

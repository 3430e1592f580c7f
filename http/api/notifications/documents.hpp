// A notification as members read it: a sentence in their language, a link to the thing that it is about, and
// whether they have read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/account.hpp"
#include "http/api/forms/documents.hpp"
#include "projections/index/notifications.hpp"

namespace ttp::http {

/// `id` is the event's position as a text; `position` is what a read mark names.
struct NotificationDocument {
  std::string id;
  storage::Position position = 0;
  std::string type;
  domain::Time happened_at;
  std::string title;
  Bilingual titles;
  std::string href;
  bool read = false;
  std::optional<domain::UserId> user_id;
  std::optional<domain::LetterId> letter_id;
  std::optional<domain::SubmissionId> submission_id;
  std::optional<domain::Time> expires_at;
  std::optional<domain::Time> due_at;
  std::optional<domain::Time> effective_at;
  std::optional<domain::Role> role;
};

/// For a reader who has read up to a position.
NotificationDocument notification_document(const projections::NotificationRow& row, domain::AccountId account,
                                           domain::Language language, std::uint64_t read_until);

/// A row of the view, from its JSON.
projections::NotificationRow notification_row(std::string_view json);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::NotificationDocument> = fields<http::NotificationDocument>(
    field("id", &http::NotificationDocument::id),
    field("position", &http::NotificationDocument::position),
    field("type", &http::NotificationDocument::type),
    field("happened_at", &http::NotificationDocument::happened_at),
    field("title", &http::NotificationDocument::title),
    field("titles", &http::NotificationDocument::titles),
    field("href", &http::NotificationDocument::href),
    field("read", &http::NotificationDocument::read),
    field("user_id", &http::NotificationDocument::user_id),
    field("letter_id", &http::NotificationDocument::letter_id),
    field("submission_id", &http::NotificationDocument::submission_id),
    field("expires_at", &http::NotificationDocument::expires_at),
    field("due_at", &http::NotificationDocument::due_at),
    field("effective_at", &http::NotificationDocument::effective_at),
    field("role", &http::NotificationDocument::role));
// clang-format on
}  // namespace ttp::events

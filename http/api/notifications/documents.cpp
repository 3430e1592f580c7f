#include "http/api/notifications/documents.hpp"

#include <stdexcept>

#include <simdjson.h>

#include "http/api/forms/queries.hpp"
#include "http/api/notifications/sentences.hpp"

namespace ttp::http {
namespace {

using simdjson::dom::element;

void read(const element& json, std::uint64_t& value) {
  value = json.get_uint64();
}
void read(const element& json, std::string& value) {
  value = std::string_view{json};
}
void read(const element& json, domain::Time& value) {
  value = domain::parse_time(std::string_view{json}).value();
}
void read(const element& json, domain::Role& value) {
  value = domain::parse_enum<domain::Role>(std::string_view{json}).value();
}
template <class Tag>
void read(const element& json, domain::Id<Tag>& value) {
  value.uuid = domain::parse_uuid(std::string_view{json}).value();
}
template <class T>
void read(const element& json, std::optional<T>& value) {
  read(json, value.emplace());
}

/// Where the thing is that the notification is about: the letter or submission that it names, else the
/// members, the membership or the account.
std::string link_of(const projections::NotificationRow& row, domain::AccountId account) {
  if (row.letter) return account_href(account, "/letters/" + to_text(*row.letter));
  if (row.submission) return account_href(account, "/submissions/" + to_text(*row.submission));
  if (row.type.starts_with("programme.")) return account_href(account, "/membership");
  if (row.type.starts_with("account.member_")) return account_href(account, "/members");
  return account_href(account);
}

}  // namespace

NotificationDocument notification_document(const projections::NotificationRow& row, domain::AccountId account,
                                           domain::Language language, std::uint64_t read_until) {
  NotificationDocument document;
  document.id = std::to_string(row.position);
  document.position = row.position;
  document.type = row.type;
  document.happened_at = row.at;
  if (const domain::Wording* words = sentence_of(row.type)) {
    document.title = words->in(language);
    document.titles = both(*words);
  }
  document.href = link_of(row, account);
  document.read = row.position <= read_until;
  document.user_id = row.user;
  document.letter_id = row.letter;
  document.submission_id = row.submission;
  document.expires_at = row.expires_at;
  document.due_at = row.due_at;
  document.effective_at = row.effective_at;
  document.role = row.role;
  return document;
}

projections::NotificationRow notification_row(std::string_view json) {
  simdjson::dom::parser parser;
  const element root = parser.parse(simdjson::padded_string{json});
  projections::NotificationRow row;
  events::for_each(events::shape<projections::NotificationRow>, [&](const auto& field) {
    element member;
    if (!root[field.name].get(member)) read(member, row.*field.member);
  });
  return row;
}

}  // namespace ttp::http

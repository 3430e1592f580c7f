#include "http/api/documents.hpp"

#include "domain/business_days.hpp"
#include "domain/terms.hpp"
#include "events/codec.hpp"
#include "events/event.hpp"

namespace ttp::http {

using namespace domain;

std::string account_href(AccountId account, std::string_view rest) {
  return "/v1/accounts/" + to_text(account) + std::string{rest};
}

void add_action(std::vector<OpenAction>& actions, bool open, std::string_view name, std::string_view method,
                std::string_view at, std::string_view rest) {
  if (open) actions.push_back({std::string{name}, std::string{method}, std::string{at}.append(rest)});
}

Facts facts_about(const service::StateSource& states, const Account& account, const User& caller) {
  Facts facts;
  facts.now = states.now();
  facts.caller = caller.person_at(facts.now);
  if (const auto owner = states.user(account.owner())) facts.owner = owner->state.person_at(facts.now);
  const Date today = local_date(facts.now);
  facts.portal_terms = in_force(Terms::portal, today).version;
  facts.mail_factor_terms = in_force(Terms::mail_factor, today).version;
  facts.programme_terms = in_force(Terms::programme, today).version;
  facts.attested_words = in_force(Terms::signing_authority, today).version;
  return facts;
}

EventDocument event_document(const events::Recorded& recorded, bool with_personal,
                             std::optional<std::string> from) {
  static constexpr std::string_view kinds[] = {"system", "user", "staff", "tool"};
  EventDocument document;
  document.position = recorded.position;
  document.stream = recorded.envelope.stream;
  document.version = recorded.version;
  document.type = recorded.envelope.type;
  document.schema_version = recorded.envelope.schema_version;
  document.recorded_at = recorded.envelope.recorded_at;
  document.actor_kind = kinds[static_cast<std::size_t>(recorded.envelope.actor.kind)];
  if (!recorded.envelope.actor.id.is_nil()) document.actor_id = UserId{recorded.envelope.actor.id};
  document.from_address = std::move(from);
  document.data.json =
      with_personal ? events::event_to_json(recorded.event) : events::open_fields_to_json(recorded.event);
  return document;
}

}  // namespace ttp::http

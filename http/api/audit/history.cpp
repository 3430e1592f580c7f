#include "http/api/audit/history.hpp"

#include <algorithm>
#include <sstream>

#include "events/json.hpp"
#include "events/origin.hpp"
#include "http/api/audit/past.hpp"
#include "http/api/audit/selection.hpp"
#include "http/api/pages.hpp"
#include "storage/tree/proofs.hpp"

namespace ttp::http {
namespace {

using namespace domain;
using storage::Position;

std::string base64(const events::Hash& hash) {
  return events::to_base64(events::as_text(hash));
}
std::vector<std::string> base64(const std::vector<events::Hash>& hashes) {
  std::vector<std::string> texts;
  for (const events::Hash& hash : hashes) texts.push_back(base64(hash));
  return texts;
}

storage::TileReader tiles_of(const storage::Log& log) {
  return [&log](unsigned level, std::uint64_t index) { return log.tile(level, index); };
}

// ---- the history ------------------------------------------------------------------------------------------

/// CloudEvents 1.0: the log is the source, the position is the event's identifier in it.
std::string cloud_event(const Call& call, const EventDocument& event) {
  std::string json;
  events::ObjectWriter object(json);
  object.member("specversion", "1.0").member("id", std::to_string(event.position));
  object.member("source", "//" + call.service.config().origin).member("type", event.type);
  object.member("subject", event.stream).member("time", event.recorded_at);
  object.member("datacontenttype", "application/json").member("position", std::to_string(event.position));
  object.member("streamversion", std::to_string(event.version));
  object.member("schemaversion", std::to_string(event.schema_version));
  object.member("actorkind", event.actor_kind)
      .member("actor", event.actor_id)
      .member("from", event.from_address);
  object.raw("data", event.data.json);
  object.end();
  return json;
}

/// A page in one of the formats.
Answered<Response> in_format(const Call& call, const ListPage<EventDocument>& page) {
  const std::string_view format = call.query_text("format");
  Response response{200, {}, {}, false};
  if (format.empty() || format == "json") {
    response = document_response(page);
  } else if (format == "ndjson") {
    response.headers.emplace_back("Content-Type", "application/x-ndjson");
    for (const EventDocument& event : page.items) response.body += events::to_json(event) + "\n";
  } else if (format == "cloudevents") {
    response.headers.emplace_back("Content-Type", "application/cloudevents-batch+json");
    for (const EventDocument& event : page.items)
      response.body += (response.body.empty() ? "[" : ",") + cloud_event(call, event);
    response.body += response.body.empty() ? "[]" : "]";
  } else {
    return refused_query(Reason::not_a_choice, "format");
  }
  add_next_link(call, page.next, response);
  return response;
}

Answered<Response> history_page(Call& call, const Subject& subject) {
  const auto filter = filter_in(call);
  if (!filter) return std::unexpected{filter.error()};
  const auto asked = asked_page(call);
  if (!asked) return std::unexpected{asked.error()};
  const auto span = positions_in(call, *filter, *asked);
  if (!span) return std::unexpected{span.error()};
  const auto personal = shows_personal(call, Look::history, subject.user, subject.account);
  if (!personal) return std::unexpected{personal.error()};
  const auto found =
      asked->newest_first
          ? service::read_filtered_back(back_reader_of(call.service, subject), *filter, span->first,
                                        span->end, asked->limit)
          : service::read_filtered(reader_of(call.service, subject), *filter, span->first, asked->limit);
  ListPage<EventDocument> page;
  for (const auto& each : found.events)
    page.items.push_back(
        event_document(each, *personal, *personal ? call.service.origin_of(each) : std::nullopt));
  if (found.next) page.next = cursor_after(call, *asked, std::to_string(*found.next));
  return in_format(call, page);
}

// ---- tiles ------------------------------------------------------------------------------------------------

/// The tile that the path names, if it exists with that many entries; the tile at the right edge may have
/// grown since.
std::optional<storage::TileName> named_tile(const Call& call) {
  const auto name = storage::parse_tile_path(std::string_view{call.request.head->path}.substr(1));
  if (!name) return std::nullopt;
  const unsigned shift = 8 * name->level.value_or(0);
  const Position present = shift < 64 ? call.service.log().head().next >> shift : 0;
  if (name->index > (present >> 8)) return std::nullopt;
  return present >= name->index * storage::tile_width + name->width ? name : std::nullopt;
}

/// An entry of a log from before addresses were sealed shows personal data.
bool has_clear_address(const storage::StoredEvent& event) {
  return events::is_clear_address(events::view_envelope(event.envelope).origin_address);
}

Response tile_response(std::string body) {
  // A tile of a given width never changes.
  return {200,
          {{"Content-Type", "application/octet-stream"},
           {"Cache-Control", "public, max-age=31536000, immutable"}},
          std::move(body),
          false};
}

}  // namespace

Answered<Response> audit_all(Call& call, const Json*) {
  return history_page(call, {});
}
Answered<Response> audit_account(Call& call, const Json*) {
  return history_page(call, {call.id<AccountId>("account"), {}});
}
Answered<Response> audit_user(Call& call, const Json*) {
  return history_page(call, {{}, call.id<UserId>("user")});
}
Answered<Response> checkpoint(Call& call, const Json*) {
  return Response{
      200, {{"Content-Type", "text/plain; charset=utf-8"}}, call.service.checkpoints().note(), false};
}

Answered<Response> hash_tile(Call& call, const Json*) {
  const auto name = named_tile(call);
  if (!name || !name->level) return refused(Reason::route_not_found);
  const auto hashes = call.service.log().tile(*name->level, name->index);
  std::string body;
  for (unsigned i = 0; i < name->width; ++i) body += events::as_text(hashes[i]);
  return tile_response(std::move(body));
}

Answered<Response> entry_bundle(Call& call, const Json*) {
  const auto name = named_tile(call);
  if (!name || name->level) return refused(Reason::route_not_found);
  const auto events = call.service.log().read(name->index * storage::tile_width, name->width);
  if (std::ranges::any_of(events, has_clear_address)) {
    if (!call.user().staff_roles.contains(StaffRole::privacy_auditor))
      return refused(Reason::staff_role_required);
    const RecordLook look{call.user().id, Look::history, {}, {}, {}};
    if (auto refusal = call.service.note_look(look, asked_by(call)))
      return std::unexpected{*std::move(refusal)};
  }
  std::string body;
  for (const auto& event : events) storage::put_entry(body, event);
  Response response = tile_response(std::move(body));
  response.headers.back().second = "private, no-store";
  return response;
}

// ---- proofs -----------------------------------------------------------------------------------------------

Answered<InclusionDocument> inclusion(Call& call) {
  const storage::Log& log = call.service.log();
  const auto position = number_in(call, "position");
  const auto wanted = number_in(call, "size");
  if (!position) return std::unexpected{position.error()};
  if (!wanted) return std::unexpected{wanted.error()};
  if (!*position) return refused_query(Reason::missing, "position");
  const Position size = wanted->value_or(log.head().next);
  if (size > log.head().next) return refused_query(Reason::out_of_range, "size");
  if (**position >= size) return refused_query(Reason::out_of_range, "position");
  return InclusionDocument{**position, size, base64(log.leaf_hash(**position)), base64(log.root_at(size)),
                           base64(storage::inclusion_proof(**position, size, tiles_of(log)))};
}

Answered<ConsistencyDocument> consistency(Call& call) {
  const storage::Log& log = call.service.log();
  const auto from = number_in(call, "from_size");
  const auto wanted = number_in(call, "to_size");
  if (!from) return std::unexpected{from.error()};
  if (!wanted) return std::unexpected{wanted.error()};
  if (!*from) return refused_query(Reason::missing, "from_size");
  const Position to = wanted->value_or(log.head().next);
  if (to > log.head().next) return refused_query(Reason::out_of_range, "to_size");
  if (**from > to) return refused_query(Reason::out_of_range, "from_size");
  return ConsistencyDocument{**from, base64(log.root_at(**from)), to, base64(log.root_at(to)),
                             base64(storage::consistency_proof(**from, to, tiles_of(log)))};
}

Answered<ListPage<VerifierKeyDocument>> verifier_keys(Call& call) {
  const auto verifiers = call.service.verifiers();
  auto since = call.service.keys_since(service::KeyPurpose::checkpoint_signing);
  std::ranges::reverse(since);
  std::vector<VerifierKeyDocument> documents;
  for (std::size_t i = 0; i < verifiers.size(); ++i)
    documents.push_back({storage::to_text(verifiers[i]), since[i]});
  return table_page(call, std::move(documents));
}

Answered<Response> receipt(Call& call, const Json*) {
  const std::string& text = call.path.find("position")->second;
  const auto position = parse_number(text);
  if (!position || *position >= call.service.log().head().next) return refused(Reason::event_not_found);
  return Response{200,
                  {{"Content-Type", "text/plain; charset=utf-8"},
                   {"Content-Disposition", "attachment; filename=\"" + text + ".tlog-proof\""}},
                  call.service.receipt(*position),
                  false};
}

}  // namespace ttp::http

#include "storage/postgres/pages.hpp"

#include <algorithm>
#include <string_view>

#include "events/bytes.hpp"

namespace ttp::storage::postgres {
namespace {

/// A page of the log has about as many bytes; a single append can have more.
constexpr std::int64_t page_bytes = std::int64_t{8} * 1024 * 1024;

constexpr const char* append_sql =
    "SELECT es.append_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
constexpr const char* batches_sql =
    "SELECT number, first, next, root, last_ms, sealed FROM es.batch"
    " WHERE number > $1 AND number <= es.page_end_1($1, $2) ORDER BY number";
constexpr const char* events_sql =
    "SELECT pos, ver, envelope, body FROM es.event WHERE pos >= $3 AND pos <"
    " (SELECT next FROM es.batch WHERE number = es.page_end_1($1, $2)) ORDER BY pos";
constexpr const char* commands_sql =
    "SELECT id, batch, first, last, fingerprint, answer FROM es.command"
    " WHERE batch > $1 AND batch <= es.page_end_1($1, $2) ORDER BY batch";

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

template <class Array>
Array array_from(std::string_view bytes) {
  Array array;
  if (bytes.size() != array.size()) throw events::Damaged("the database has a value of another length");
  std::ranges::copy(events::as_bytes(bytes), array.begin());
  return array;
}

}  // namespace

End end_of(const Replica& replica) {
  const auto head = replica.head();
  return {replica.taken().value_or(0), head.next, head.root};
}

Statement append_statement(const End& end, const SharedAppend& append, const std::string& node,
                           Appending appending) {
  std::vector<std::int64_t> versions, firsts, lasts;
  std::vector<std::string_view> envelopes, bodies, fingerprints, answers;
  std::vector<domain::Uuid> ids;
  for (const auto& event : append.events) {
    versions.push_back(signed_of(event.version));
    envelopes.push_back(event.envelope);
    bodies.push_back(event.body);
  }
  for (const auto& [id, command] : append.commands) {
    ids.push_back(id.uuid);
    firsts.push_back(signed_of(command.first));
    lasts.push_back(signed_of(command.last));
    fingerprints.push_back(events::as_text(command.fingerprint));
    answers.push_back(command.answer);
  }
  Values values;
  values.number(signed_of(end.number)).number(signed_of(end.next)).bytes(events::as_text(end.root));
  values.bytes(events::as_text(append.head.root)).number(append.last_recorded.time_since_epoch().count());
  values.text(node).numbers(versions).all_bytes(envelopes).all_bytes(bodies);
  values.uuids(ids).numbers(firsts).numbers(lasts).all_bytes(fingerprints).all_bytes(answers);
  values.flag(appending == Appending::moving_in);
  return {append_sql, std::move(values)};
}

Statement confirm_statement(const End& end, domain::Time last_recorded, const std::string& node) {
  SharedAppend nothing;
  nothing.head.root = end.root;
  nothing.last_recorded = last_recorded;
  return append_statement(end, nothing, node, Appending::as_node);
}

std::vector<Statement> page_statements(const End& end) {
  const auto number = signed_of(end.number);
  return {{batches_sql, Values{}.number(number).number(page_bytes)},
          {events_sql, Values{}.number(number).number(page_bytes).number(signed_of(end.next))},
          {commands_sql, Values{}.number(number).number(page_bytes)}};
}

std::vector<SharedAppend> page_from(const Rows& batches, const Rows& events, const Rows& commands) {
  std::vector<SharedAppend> page;
  std::size_t event = 0, command = 0;
  for (std::size_t row = 0; row < batches.size(); ++row) {
    auto& append = page.emplace_back();
    append.number = static_cast<std::uint64_t>(batches.number(row, 0));
    append.first = static_cast<Position>(batches.number(row, 1));
    append.head.next = static_cast<Position>(batches.number(row, 2));
    append.head.root = array_from<events::Hash>(batches.bytes(row, 3));
    append.last_recorded = domain::Time{domain::Duration{batches.number(row, 4)}};
    append.head.sealed = batches.flag(row, 5);
    for (; event < events.size() && events.number(event, 0) < batches.number(row, 2); ++event)
      append.events.push_back({static_cast<Position>(events.number(event, 0)),
                               static_cast<StreamVersion>(events.number(event, 1)),
                               std::string{events.bytes(event, 2)}, std::string{events.bytes(event, 3)}});
    for (; command < commands.size() && commands.number(command, 1) <= batches.number(row, 0); ++command) {
      domain::CommandId id;
      id.uuid.bytes = array_from<decltype(id.uuid.bytes)>(commands.bytes(command, 0));
      append.commands.emplace_back(id, Duplicate{static_cast<Position>(commands.number(command, 2)),
                                                 static_cast<Position>(commands.number(command, 3)),
                                                 array_from<events::Hash>(commands.bytes(command, 4)),
                                                 std::string{commands.bytes(command, 5)}});
    }
  }
  if (event != events.size() || command != commands.size())
    throw events::Damaged("the shared log has events or commands of no append");
  return page;
}

std::vector<SharedAppend> read_page(Connection& connection, const End& end, Connection::Time time_out) {
  auto statements = page_statements(end);
  statements.insert(statements.begin(), {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}});
  statements.push_back({"COMMIT", {}});
  const auto rows = connection.run(statements, time_out);
  return page_from(rows.at(0), rows.at(1), rows.at(2));
}

}  // namespace ttp::storage::postgres

#include "storage/postgres/schema.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "events/bytes.hpp"

namespace ttp::storage::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto short_time = 30s;
constexpr auto migration_time = std::chrono::hours{1};

// ---- stored: a released step never changes ----------------------------------------------------------------

// Order, durability and atomicity of the log. One row of es.batch for each append, never changed: the newest
// is the head. An updated head row would bloat under old snapshots.
constexpr const char* step_1 = R"sql(
CREATE SCHEMA es;
CREATE TABLE es.schema (version int PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE es.log (one boolean PRIMARY KEY DEFAULT true CHECK (one), id uuid NOT NULL,
  needs_standby boolean NOT NULL);
CREATE TABLE es.opened (one boolean PRIMARY KEY DEFAULT true CHECK (one),
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE es.batch (number bigint PRIMARY KEY, first bigint NOT NULL, next bigint NOT NULL,
  root bytea NOT NULL CHECK (length(root) = 32), last_ms bigint NOT NULL, sealed boolean NOT NULL,
  bytes bigint NOT NULL, node text NOT NULL, CHECK (next >= first));
CREATE TABLE es.event (pos bigint PRIMARY KEY, ver bigint NOT NULL, envelope bytea NOT NULL,
  body bytea NOT NULL);
CREATE TABLE es.command (id uuid PRIMARY KEY, batch bigint NOT NULL, first bigint NOT NULL,
  last bigint NOT NULL, fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32), answer bytea NOT NULL);
CREATE INDEX command_of_batch ON es.command (batch);
ALTER TABLE es.event ALTER envelope SET STORAGE EXTERNAL, ALTER body SET STORAGE EXTERNAL;
INSERT INTO es.batch VALUES (0, 0, 0, sha256(''), 0, false, 0, '');

CREATE FUNCTION es.head_1() RETURNS es.batch LANGUAGE sql STABLE SET search_path = es, pg_temp AS
$$ SELECT * FROM batch ORDER BY number DESC LIMIT 1 $$;

-- Everything that any process began to append before is on the standby when this returns.
CREATE FUNCTION es.barrier_1() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = es, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7463, 1);
  PERFORM pg_logical_emit_message(true, 'es', '');  -- a commit that waits for the standby; no row, no bloat
  RETURN (SELECT number FROM batch ORDER BY number DESC LIMIT 1);
END $$;

-- A turn: until the end of the transaction nobody else appends.
CREATE FUNCTION es.enter_1() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = es, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7463, 1);
  RETURN (SELECT number FROM batch ORDER BY number DESC LIMIT 1);
END $$;

-- Compare and append: everything after append p_number, or nothing. Without events and commands it only
-- confirms that the caller stands at the head.
CREATE FUNCTION es.append_1(p_number bigint, p_next bigint, p_root bytea, p_after bytea, p_last_ms bigint,
  p_node text, p_ver bigint[], p_envelope bytea[], p_body bytea[],
  p_id uuid[], p_first bigint[], p_last bigint[], p_fingerprint bytea[], p_answer bytea[], p_moves_in boolean)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = es, pg_temp AS $$
DECLARE h batch; n CONSTANT bigint := cardinality(p_ver); b bigint;
BEGIN
  IF p_moves_in = EXISTS (SELECT FROM opened) THEN
    RAISE EXCEPTION 'the log is % open', CASE WHEN p_moves_in THEN 'already' ELSE 'not yet' END
      USING ERRCODE = '55000';
  END IF;
  IF p_moves_in AND NOT pg_has_role(session_user, 'ttp_owner', 'MEMBER') THEN
    RAISE EXCEPTION 'only the owner moves a log in' USING ERRCODE = '42501'; END IF;
  IF current_setting('synchronous_standby_names') = '' AND (SELECT needs_standby FROM log) THEN
    RAISE EXCEPTION 'no synchronous standby is configured' USING ERRCODE = '55000'; END IF;
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    RAISE EXCEPTION 'synchronous_commit is lowered' USING ERRCODE = '55000'; END IF;
  PERFORM pg_advisory_xact_lock(7463, 1);  -- held until the commit is on the standby
  SELECT * INTO h FROM batch ORDER BY number DESC LIMIT 1;  -- younger than the lock
  IF h.number <> p_number OR h.next <> p_next OR h.root <> p_root OR (h.sealed AND n + cardinality(p_id) > 0)
      OR h.last_ms > p_last_ms THEN
    PERFORM pg_logical_emit_message(true, 'es', '');
    RETURN false;
  END IF;
  IF n + cardinality(p_id) = 0 THEN
    PERFORM pg_logical_emit_message(true, 'es', '');
    RETURN true;
  END IF;
  INSERT INTO event SELECT p_next + o - 1, v, e, d
    FROM unnest(p_ver, p_envelope, p_body) WITH ORDINALITY AS u(v, e, d, o);
  INSERT INTO command SELECT i, p_number + 1, f, l, p, a
    FROM unnest(p_id, p_first, p_last, p_fingerprint, p_answer) AS u(i, f, l, p, a);
  SELECT coalesce(sum(length(e) + length(d)), 0) + 200 * n + 200 * cardinality(p_id) INTO b
    FROM unnest(p_envelope, p_body) AS u(e, d);
  INSERT INTO batch VALUES (p_number + 1, p_next, p_next + n, p_after, p_last_ms, false, b, p_node);
  PERFORM pg_notify('es_log', '');
  RETURN true;
END $$;

-- A sealed log: the last append, without events. It has no other after it.
CREATE FUNCTION es.seal_1(p_node text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = es, pg_temp AS $$
DECLARE h batch;
BEGIN
  PERFORM pg_advisory_xact_lock(7463, 1);
  SELECT * INTO h FROM batch ORDER BY number DESC LIMIT 1;
  IF NOT h.sealed THEN
    INSERT INTO batch VALUES (h.number + 1, h.next, h.next, h.root, h.last_ms, true, 0, p_node)
      RETURNING * INTO h;
    PERFORM pg_notify('es_log', '');
  ELSE
    PERFORM pg_logical_emit_message(true, 'es', '');
  END IF;
  RETURN h.number;
END $$;

-- The number of the last append of a page that follows append p_number and has about p_bytes.
CREATE FUNCTION es.page_end_1(p_number bigint, p_bytes bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = es, pg_temp AS $$
  SELECT coalesce(max(number), p_number) FROM (
    SELECT number, sum(bytes) OVER (ORDER BY number) - bytes AS before
    FROM (SELECT number, bytes FROM batch WHERE number > p_number ORDER BY number LIMIT 1000) n) s
  WHERE before < p_bytes $$;

CREATE FUNCTION es.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log is only appended to' USING ERRCODE = '42501'; END $$;
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['log', 'opened', 'batch', 'event', 'command'] LOOP
    EXECUTE format('CREATE TRIGGER only_append BEFORE UPDATE OR DELETE OR TRUNCATE ON es.%I
      FOR EACH STATEMENT EXECUTE FUNCTION es.refuse()', t);
  END LOOP;
END $$;
REVOKE ALL ON SCHEMA es FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA es FROM PUBLIC;
GRANT USAGE ON SCHEMA es TO ttp_node;
GRANT SELECT ON ALL TABLES IN SCHEMA es TO ttp_node;
GRANT EXECUTE ON FUNCTION es.head_1, es.barrier_1, es.enter_1, es.append_1, es.seal_1, es.page_end_1
  TO ttp_node;
ALTER TABLE es.batch SET (autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0);
ALTER TABLE es.event SET (autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0);
ALTER TABLE es.command SET (autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0);
)sql";

// The nodes that follow the log, and how far they are. A report is a write and waits for the standby, so that
// a node that can report has talked to the real primary.
constexpr const char* step_2 = R"sql(
CREATE TABLE es.node (name text PRIMARY KEY, instance uuid NOT NULL, number bigint NOT NULL,
  root bytea NOT NULL, seen_at timestamptz NOT NULL) WITH (fillfactor = 20);
CREATE FUNCTION es.report_1(p_name text, p_instance uuid, p_number bigint, p_root bytea) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = es, pg_temp AS $$
BEGIN
  INSERT INTO node VALUES (p_name, p_instance, p_number, p_root, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET instance = excluded.instance, number = excluded.number,
      root = excluded.root, seen_at = excluded.seen_at;
  RETURN (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
END $$;
REVOKE ALL ON FUNCTION es.report_1 FROM PUBLIC;
GRANT SELECT ON es.node TO ttp_node;
GRANT EXECUTE ON FUNCTION es.report_1 TO ttp_node;
)sql";

constexpr std::array steps{step_1, step_2};
// ---- end of what is stored --------------------------------------------------------------------------------

/// Runs statements in one transaction as the owner of the schema.
void as_owner(Connection& connection, const std::string& sql, Connection::Time time_out) {
  try {
    connection.run_script("BEGIN; SET LOCAL lock_timeout = '10s'; SET LOCAL ROLE " + std::string{owner_role} +
                              ";" + sql + "; COMMIT",
                          time_out);
  } catch (const Denied&) {
    connection.run_script("ROLLBACK", short_time);
    throw;
  }
}

}  // namespace

const int schema_version = static_cast<int>(steps.size());

int version_of(Connection& connection) {
  const auto there = connection.run({"SELECT to_regclass('es.schema') IS NOT NULL"}, short_time);
  if (!there.flag(0, 0)) return 0;
  return static_cast<int>(
      connection.run({"SELECT coalesce(max(version), 0)::bigint FROM es.schema"}, short_time).number(0, 0));
}

void migrate(Connection& connection, int version) {
  for (int next = version_of(connection) + 1; next <= std::min(version, schema_version); ++next) {
    // Two programs that migrate at once take turns; the second meets the row of the first and stops.
    as_owner(connection,
             std::string{"SELECT pg_advisory_xact_lock(7463, 2);"} +
                 steps[static_cast<std::size_t>(next - 1)] + "INSERT INTO es.schema (version) VALUES (" +
                 std::to_string(next) + ")",
             migration_time);
  }
}

std::optional<LogIdentity> identity_of(Connection& connection) {
  const auto rows = connection.run({"SELECT id, needs_standby FROM es.log"}, short_time);
  if (rows.size() == 0) return std::nullopt;
  LogIdentity identity{.id = {}, .needs_standby = rows.flag(0, 1)};
  std::ranges::copy(events::as_bytes(rows.bytes(0, 0)), identity.id.bytes.begin());
  return identity;
}

void create_log(Connection& connection, const LogIdentity& identity) {
  as_owner(connection,
           "INSERT INTO es.log (id, needs_standby) VALUES ('" + domain::to_text(identity.id) + "', " +
               (identity.needs_standby ? "true" : "false") + ")",
           short_time);
}

void open_log(Connection& connection) {
  as_owner(connection, "INSERT INTO es.opened DEFAULT VALUES ON CONFLICT DO NOTHING", short_time);
}

bool is_open(Connection& connection) {
  return connection.run({"SELECT EXISTS (SELECT FROM es.opened)"}, short_time).flag(0, 0);
}

}  // namespace ttp::storage::postgres

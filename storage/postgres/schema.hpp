// The tables and functions of a shared log in PostgreSQL, in numbered steps. A step is never changed once it
// has been released; what changes is a new step, and a function that changes gets a new number in its name
// beside the old one, so that nodes of two releases can run on one database.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/ids.hpp"
#include "storage/postgres/connection.hpp"

namespace ttp::storage::postgres {

/// The role that owns schema and data, and the one of the nodes, which can only append. A database
/// administrator makes both once (docs/cluster.md).
inline constexpr const char* owner_role = "ttp_owner";
inline constexpr const char* node_role = "ttp_node";

/// The newest step that this program knows, and the oldest with which it can work.
extern const int schema_version;
inline constexpr int schema_version_min = 2;

/// The version of the schema `es` in the database; 0: there is none.
int version_of(Connection& connection);
/// Brings the schema to `version`, step by step, each in a transaction of its own. Only a member of the owner
/// role can do it. Steps that are there are passed over, and so are those of a newer program. Throws Lost or
/// Denied.
void migrate(Connection& connection, int version = schema_version);

/// The identity of a shared log.
struct LogIdentity {
  domain::Uuid id;
  /// Whether an append is refused while no synchronous standby is configured.
  bool needs_standby = true;
};
/// Nothing if the schema has no log yet.
std::optional<LogIdentity> identity_of(Connection& connection);
/// Creates the log, empty and not open: only `ttpctl move` appends until `open_log`.
void create_log(Connection& connection, const LogIdentity& identity);
/// From now on nodes append, and nobody moves a log in any more.
void open_log(Connection& connection);
bool is_open(Connection& connection);

}  // namespace ttp::storage::postgres

#include "snapshots/stored.hpp"

#include <algorithm>
#include <utility>

#include "events/sealed_state.hpp"

namespace ttp::snapshots {
namespace {

/// Increase it when the meaning of `evolve` or of sealing changes without a change of a state's members.
constexpr std::uint64_t rules_version = 1;

constexpr std::size_t header_bytes = 4 * sizeof(std::uint64_t) + sizeof(events::Hash);

std::string encode_header(const StoredHeader& header) {
  std::string out;
  events::put_be64(out, header.shape);
  events::put_be64(out, header.version);
  events::put_be64(out, header.position);
  events::put_be64(out, static_cast<std::uint64_t>(header.changed_at.time_since_epoch().count()));
  out += events::as_text(header.leaf);
  return out;
}

/// The additional data of the seal, which binds a row to its stream and its header.
template <class State>
std::string aad_of(const domain::Uuid& id, std::string_view header) {
  return "snapshot " + stream_of(kind_of<State>, id) + ' ' + std::string{header};
}

}  // namespace

template <class State>
std::uint64_t shape_of_today() {
  return events::shape_fingerprint<State>() + rules_version;
}

template <class State>
std::optional<std::string> encode_row(const Snapshot<State>& snapshot, const domain::Uuid& id,
                                      const events::Hash& leaf, const events::FindSubjectKey& find_key) {
  std::string row = encode_header(
      {shape_of_today<State>(), snapshot.version, snapshot.position, snapshot.changed_at, leaf});
  const auto sealed = events::seal_state(snapshot.state, aad_of<State>(id, row), find_key);
  return sealed ? std::optional{std::move(row) + *sealed} : std::nullopt;
}

StoredRow decode_header(std::string bytes) {
  if (bytes.size() < header_bytes) throw events::Damaged{"a stored snapshot is cut short"};
  const std::string_view row = bytes;
  StoredHeader header;
  header.shape = events::get_be64(row);
  header.version = events::get_be64(row.substr(8));
  header.position = events::get_be64(row.substr(16));
  header.changed_at = domain::Time{std::chrono::milliseconds{events::get_be64(row.substr(24))}};
  std::ranges::copy(events::as_bytes(row.substr(32, sizeof header.leaf)), header.leaf.begin());
  return {header, std::move(bytes)};
}

template <class State>
std::optional<Snapshot<State>> decode_row(const StoredRow& row, const domain::Uuid& id,
                                          const events::FindSubjectKey& find_key) {
  const std::string_view bytes = row.bytes;
  Snapshot<State> snapshot;
  snapshot.version = row.header.version;
  snapshot.position = row.header.position;
  snapshot.changed_at = row.header.changed_at;
  const auto subject = events::subject_of_state(static_cast<const State*>(nullptr), id);
  const bool opened =
      events::open_state(bytes.substr(header_bytes), aad_of<State>(id, bytes.substr(0, header_bytes)),
                         subject, find_key, snapshot.state);
  return opened ? std::optional{std::move(snapshot)} : std::nullopt;
}

template std::uint64_t shape_of_today<domain::User>();
template std::uint64_t shape_of_today<domain::Account>();
template std::uint64_t shape_of_today<domain::Programme>();
template std::optional<std::string> encode_row(const Snapshot<domain::User>&, const domain::Uuid&,
                                               const events::Hash&, const events::FindSubjectKey&);
template std::optional<std::string> encode_row(const Snapshot<domain::Account>&, const domain::Uuid&,
                                               const events::Hash&, const events::FindSubjectKey&);
template std::optional<std::string> encode_row(const Snapshot<domain::Programme>&, const domain::Uuid&,
                                               const events::Hash&, const events::FindSubjectKey&);
template std::optional<Snapshot<domain::User>> decode_row(const StoredRow&, const domain::Uuid&,
                                                          const events::FindSubjectKey&);
template std::optional<Snapshot<domain::Account>> decode_row(const StoredRow&, const domain::Uuid&,
                                                             const events::FindSubjectKey&);
template std::optional<Snapshot<domain::Programme>> decode_row(const StoredRow&, const domain::Uuid&,
                                                               const events::FindSubjectKey&);

}  // namespace ttp::snapshots

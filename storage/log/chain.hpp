// Checks the rules that every event of a log must keep: its body matches its envelope, its version follows in
// its stream, its time and claims agree with the events before it, its leaf is in the tree. The checks that
// need one event alone run for a page of events, on any thread; a Chain then takes the pages in order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/time.hpp"
#include "storage/log/log.hpp"
#include "storage/log/name_table.hpp"
#include "storage/tree/merkle.hpp"

namespace ttp::storage {

/// A fault at an event. The first one ends the reading, because no later event can be trusted.
struct BadPosition {
  Position position;
  std::string what;
};

class Chain;

/// The events of one tile (fewer at the end of the log), each checked by itself.
class ChainPage {
 public:
  /// Begins a page for `chain` with the event at `first`.
  ChainPage(Position first, const Chain& chain);

  /// Throws Damaged if the envelope cannot be read or does not bind the body; nothing is added then.
  void add(StreamVersion version, std::string_view envelope, std::string_view body, const events::Hash& leaf);
  /// Does the work that does not depend on earlier pages.
  void close();
  /// Notes that the event after those added has a fault.
  void close_with(std::string fault) { fault_ = std::move(fault); }

  Position first() const { return first_; }
  Position behind() const { return first_ + leaves_.size(); }
  const std::vector<events::Hash>& leaves() const { return leaves_; }

 private:
  friend class Chain;
  struct Link {
    NameHash stream;
    StreamVersion version = 0;
    domain::Time recorded_at;
  };
  struct ClaimStep {
    std::size_t link = 0;
    bool add = false;
    NameHash claim;
    std::string name_space;
  };

  Position first_;
  const Chain* chain_;
  std::vector<Link> links_;
  std::vector<events::Hash> leaves_;
  std::vector<ClaimStep> claims_;
  std::optional<events::Hash> root_;  ///< of a full page
  std::optional<std::string> fault_;
};

class Chain {
 public:
  enum class Claims { followed, ignored };
  explicit Chain(Claims claims) : claims_followed_(claims) {}

  /// Throws BadPosition. Tiles that the page fills are appended to `filled`.
  void take(ChainPage page, std::vector<FullTile>& filled);

  Position next() const { return edge_.size(); }
  const TileEdge& edge() const { return edge_; }
  std::size_t streams() const { return versions_.size(); }
  StreamVersion version(std::string_view stream) const { return versions_.find(hash_name_(stream)); }
  std::size_t claims_held() const { return claims_held_; }
  bool holds(std::string_view stream, std::string_view name_space, const events::Hash& key) const {
    return holders_.find(hash_name_(name_space, key)) == hash_name_(stream);
  }

 private:
  friend class ChainPage;
  void follow(const ChainPage::Link& link);
  void follow(const ChainPage::ClaimStep& step, const NameHash& stream);

  const Claims claims_followed_;
  const NameHasher hash_name_;
  TileEdge edge_;
  domain::Time last_time_{};
  NameTable<StreamVersion> versions_;
  NameTable<NameHash> holders_;  ///< by claim; the default hash: no stream
  std::size_t claims_held_ = 0;
};

}  // namespace ttp::storage

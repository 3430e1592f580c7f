#include "storage/log/chain.hpp"

#include <utility>

#include "events/envelope.hpp"

namespace ttp::storage {

using events::Damaged;

ChainPage::ChainPage(Position first, const Chain& chain) : first_(first), chain_(&chain) {
  links_.reserve(tile_width);
  leaves_.reserve(tile_width);
}

void ChainPage::add(StreamVersion version, std::string_view envelope_bytes, std::string_view body,
                    const events::Hash& leaf) {
  const auto envelope = events::view_envelope(envelope_bytes);
  if (envelope.body_bytes != body.size() || envelope.body_hash != events::sha256(body))
    throw Damaged{"the body is not the one its envelope binds"};
  const NameHasher& hash_name = chain_->hash_name_;
  if (chain_->claims_followed_ == Chain::Claims::followed)
    for (const auto& change : envelope.claims)
      claims_.push_back({links_.size(), change.add, hash_name(change.name_space, change.key),
                         std::string{change.name_space}});
  links_.push_back({hash_name(envelope.stream), version, envelope.recorded_at});
  leaves_.push_back(leaf);
}

void ChainPage::close() {
  if (leaves_.size() == tile_width) root_ = merkle_root(leaves_);
}

void Chain::take(ChainPage page, std::vector<FullTile>& filled) {
  auto step = page.claims_.begin();
  Position at = page.first_;
  try {
    for (std::size_t i = 0; i < page.links_.size(); ++i, ++at) {
      follow(page.links_[i]);
      for (; step != page.claims_.end() && step->link == i; ++step) follow(*step, page.links_[i].stream);
    }
    if (page.fault_) throw Damaged{*page.fault_};
  } catch (const Damaged& fault) {
    throw BadPosition{at, fault.what()};
  }
  if (page.root_)
    edge_.push_tile(std::move(page.leaves_), *page.root_, filled);
  else
    for (const auto& leaf : page.leaves_) edge_.push(leaf, filled);
}

void Chain::follow(const ChainPage::Link& link) {
  auto& version = versions_[link.stream];
  if (link.version != version + 1) throw Damaged{"its version within its stream does not follow"};
  version = link.version;
  if (link.recorded_at < last_time_) throw Damaged{"it was recorded before the event ahead of it"};
  last_time_ = link.recorded_at;
}

void Chain::follow(const ChainPage::ClaimStep& step, const NameHash& stream) {
  auto& holder = holders_[step.claim];
  const bool is_held = holder != NameHash{};
  if (is_held && holder != stream)
    throw Damaged{"it changes a claim (" + step.name_space + ") that another stream holds"};
  if (!is_held && !step.add) throw Damaged{"it releases a claim (" + step.name_space + ") that nobody holds"};
  holder = step.add ? stream : NameHash{};
  claims_held_ += step.add && !is_held ? 1 : 0;
  claims_held_ -= step.add ? 0 : 1;
}

}  // namespace ttp::storage

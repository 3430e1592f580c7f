#include "projections/bulk/sorted_events.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "events/bytes.hpp"
#include "events/envelope.hpp"
#include "os/background.hpp"
#include "os/in_order.hpp"

namespace ttp::projections {
namespace {

/// One event in this many is sampled to estimate how identifiers and bytes are distributed.
constexpr storage::Position events_per_sample = 1000;
constexpr storage::Position samples_min = 16, samples_max = 4096;

/// The header before each sorted event.
struct Header {
  storage::Position position = 0;
  storage::StreamVersion version = 0;
  std::uint64_t envelope_bytes = 0, body_bytes = 0;
};

/// The first bytes of the identifier in the name of the event's stream; 0 if there is none.
std::uint64_t sort_key(std::string_view envelope) {
  constexpr std::size_t uuid_length = 36;
  const std::string_view stream = events::stream_in(envelope);
  if (stream.size() < uuid_length) return 0;
  const auto id = domain::parse_uuid(stream.substr(stream.size() - uuid_length));
  return id ? events::get_be64(events::as_text(id->bytes)) : 0;
}

void add(os::Scratch::Text& out, const storage::SeenEvent& event) {
  const Header header{event.position, event.version, event.envelope.size(), event.body.size()};
  out.append({reinterpret_cast<const char*>(&header), sizeof header});
  out.append(event.envelope);
  out.append(event.body);
}

}  // namespace

SortedEvents::SortedEvents(const storage::Log& log, storage::Position from, storage::Position until,
                           const PartLimits& limits, std::unique_ptr<os::Scratch> scratch,
                           const Sorted& sorted)
    : log_(log), scratch_(std::move(scratch)) {
  choose_bounds(from, until, limits.bytes);
  const auto stretch_events = limits.stretch_events;
  pieces_.resize(bounds_.size() + 1);
  const auto sort_stretch = [&](std::uint64_t number) {
    const auto begin = from + number * stretch_events;
    return sort(begin, std::min(stretch_events, until - begin));
  };
  storage::Position done = 0;
  const auto take = [&](const Pieces& by_part) {
    for (std::size_t part = 0; part < by_part.size(); ++part)
      if (by_part[part].bytes > 0) pieces_[part].push_back(by_part[part]);
    done = std::min(done + stretch_events, until - from);
    sorted(done);
  };
  // More threads than cores, so that some sort while others wait for the disk.
  const unsigned threads = 2 * os::cores();
  os::in_order((until - from + stretch_events - 1) / stretch_events, sort_stretch, take, threads);
  spare_buffers_.clear();
}

void SortedEvents::choose_bounds(storage::Position from, storage::Position until, std::size_t part_bytes) {
  const auto count = until - from;
  const auto samples = std::min(std::clamp(count / events_per_sample, samples_min, samples_max), count);
  std::vector<std::pair<std::uint64_t, std::size_t>> seen;  // sort key, bytes
  std::size_t bytes = 0;
  for (storage::Position i = 0; i < samples; ++i)
    log_.scan(from + count * i / samples, 1, [&](const storage::SeenEvent& event) {
      seen.emplace_back(sort_key(event.envelope), event.envelope.size() + event.body.size());
      bytes += seen.back().second;
    });
  std::ranges::sort(seen);
  const std::size_t parts = bytes * count / samples / part_bytes + 1;
  std::size_t before = 0;
  for (const auto& [key, size] : seen) {
    const bool part_is_full = before >= bytes * (bounds_.size() + 1) / parts;
    if (part_is_full && (bounds_.empty() || bounds_.back() < key)) bounds_.push_back(key);
    before += size;
  }
}

SortedEvents::Identifiers SortedEvents::identifiers(std::size_t part) const {
  const auto beginning_with = [](std::uint64_t first_bytes, std::uint8_t rest) {
    std::string bytes;
    events::put_be64(bytes, first_bytes);
    domain::Uuid id;
    id.bytes.fill(rest);
    std::ranges::copy(events::as_bytes(bytes), id.bytes.begin());
    return id;
  };
  return {part == 0 ? domain::Uuid{} : beginning_with(bounds_[part - 1], 0),
          part == bounds_.size() ? beginning_with(~std::uint64_t{0}, 0xff)
                                 : beginning_with(bounds_[part] - 1, 0xff)};
}

std::size_t SortedEvents::part_of(std::string_view envelope) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(bounds_, sort_key(envelope)) - bounds_.begin());
}

SortedEvents::Pieces SortedEvents::sort(storage::Position from, std::size_t limit) {
  auto buffers = spare_buffers_.take();
  if (!buffers) {
    buffers = std::make_unique<Buffers>();
    buffers->by_part.resize(pieces_.size(), os::Scratch::Text{buffers->spare});
  }
  auto& by_part = buffers->by_part;
  log_.scan(from, limit,
            [&](const storage::SeenEvent& event) { add(by_part[part_of(event.envelope)], event); });
  Pieces pieces = scratch_->write(by_part);
  for (auto& text : by_part) text.clear();
  spare_buffers_.put(std::move(buffers));
  return pieces;
}

void SortedEvents::read(std::size_t part, Part& into) const {
  std::size_t bytes = 0;
  for (const auto& piece : pieces_[part]) bytes += os::Scratch::whole_blocks(piece.bytes);
  into.bytes_.clear();
  into.bytes_.resize_and_overwrite(bytes, [](char*, std::size_t all) { return all; });
  into.texts_.clear();
  for (char* begin = into.bytes_.data(); const auto& piece : pieces_[part]) {
    scratch_->read(piece, begin);
    into.texts_.emplace_back(begin, piece.bytes);
    begin += os::Scratch::whole_blocks(piece.bytes);
  }
}

void SortedEvents::Part::each(const std::function<void(const storage::SeenEvent&)>& visit) const {
  for (std::string_view rest : texts_)
    while (!rest.empty()) {
      Header header;
      std::memcpy(&header, rest.data(), sizeof header);
      rest.remove_prefix(sizeof header);
      visit({header.position, header.version, rest.substr(0, header.envelope_bytes),
             rest.substr(header.envelope_bytes, header.body_bytes)});
      rest.remove_prefix(header.envelope_bytes + header.body_bytes);
    }
}

}  // namespace ttp::projections

#include "storage/tables/unwritten_rows.hpp"

#include <algorithm>

namespace ttp::storage {
namespace {

const UnwrittenRows::Row* find_in(const UnwrittenRows::Families& families, std::string_view family,
                                  std::string_view key) {
  const auto rows = families.find(family);
  if (rows == families.end()) return nullptr;
  const auto row = rows->second.find(key);
  return row == rows->second.end() ? nullptr : &row->second;
}

}  // namespace

void UnwrittenRows::put(const std::string& family, std::string key, Row row) {
  if (gathering_[family].insert_or_assign(std::move(key), std::move(row)).second) ++gathered_;
}

const UnwrittenRows::Row* UnwrittenRows::find(std::string_view family, std::string_view key) const {
  const Row* newest = find_in(gathering_, family, key);
  return newest ? newest : find_in(writing_, family, key);
}

UnwrittenRows::Listed UnwrittenRows::within(std::string_view family, std::string_view first,
                                            std::string_view prefix) const {
  std::map<std::string_view, const Row*> newest;
  for (const Families* each : {&gathering_, &writing_})
    if (const auto rows = each->find(family); rows != each->end())
      for (auto row = rows->second.lower_bound(first);
           row != rows->second.end() && row->first.starts_with(prefix); ++row)
        newest.emplace(row->first, &row->second);
  Listed listed;
  listed.reserve(newest.size());
  for (const auto& [key, row] : newest) listed.emplace_back(key, *row);
  return listed;
}

UnwrittenRows::Listed UnwrittenRows::from(std::string_view family, std::string_view from,
                                          std::string_view prefix) const {
  return within(family, std::max(from, prefix), prefix);
}

UnwrittenRows::Listed UnwrittenRows::back_from(std::string_view family, std::string_view from,
                                               std::string_view prefix) const {
  auto listed = within(family, prefix, prefix);
  if (!from.empty()) std::erase_if(listed, [&](const auto& each) { return each.first > from; });
  std::ranges::reverse(listed);
  return listed;
}

const UnwrittenRows::Families& UnwrittenRows::begin_writing() {
  writing_ = std::exchange(gathering_, {});
  gathered_ = 0;
  return writing_;
}

void UnwrittenRows::forget(std::string_view family) {
  const auto rows = gathering_.find(family);
  if (rows == gathering_.end()) return;
  gathered_ -= rows->second.size();
  gathering_.erase(rows);
}

}  // namespace ttp::storage

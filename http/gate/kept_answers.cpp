#include "http/gate/kept_answers.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace ttp::http {
namespace {

constexpr std::size_t places = 4096;
constexpr std::size_t bytes_max = 8 * 1024;  // of one place: 32 MiB in all

}  // namespace

domain::Time good_until(domain::Time made_at, std::optional<domain::Time> deadline) {
  const domain::Time next_second = std::chrono::floor<std::chrono::seconds>(made_at) + domain::seconds{1};
  return std::min(next_second, deadline.value_or(next_second));
}

KeptAnswers::KeptAnswers(const storage::RowChanges& changes) : changes_(changes), places_(places) {}

std::size_t KeptAnswers::index_of(const Inquiry& inquiry) const {
  const std::hash<domain::Uuid> hash;
  return (hash(inquiry.thing) * 31 + hash(inquiry.reader) + std::hash<const void*>{}(inquiry.query)) %
         places_.size();
}

std::shared_ptr<const KeptAnswer> KeptAnswers::find(const Inquiry& inquiry, domain::Time now) const {
  const std::size_t index = index_of(inquiry);
  std::shared_ptr<const KeptAnswer> answer;
  {
    const std::lock_guard lock{mutexes_[index % mutexes_.size()]};
    const Place& place = places_[index];
    if (place.inquiry == inquiry) answer = place.answer;
  }
  return answer && answer->is_good(changes_, now) ? answer : nullptr;
}

bool KeptAnswers::keep(const Inquiry& inquiry, std::shared_ptr<const KeptAnswer> answer) {
  if (answer->prepared->bytes.size() > bytes_max) return false;
  const std::size_t index = index_of(inquiry);
  const std::lock_guard lock{mutexes_[index % mutexes_.size()]};
  places_[index] = {inquiry, std::move(answer)};
  return true;
}

}  // namespace ttp::http

#include "http/kept_answers.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace ttp::http {
namespace {

constexpr std::size_t places = 4096;
constexpr std::size_t body_bytes_max = 8 * 1024;  // of one place: 32 MiB in all

}  // namespace

domain::Time good_until(domain::Time made_at, std::optional<domain::Time> deadline) {
  const domain::Time next_second = std::chrono::floor<std::chrono::seconds>(made_at) + domain::seconds{1};
  return std::min(next_second, deadline.value_or(next_second));
}

KeptAnswers::KeptAnswers() : places_(places) {}

std::size_t KeptAnswers::index_of(const Basis& basis) const {
  const std::hash<domain::Uuid> hash;
  return (hash(basis.thing) * 31 + hash(basis.reader) + std::hash<const void*>{}(basis.query)) %
         places_.size();
}

std::optional<KeptAnswer> KeptAnswers::find(const Basis& basis, domain::Time now) const {
  const std::size_t index = index_of(basis);
  const std::lock_guard lock{mutexes_[index % mutexes_.size()]};
  const Place& place = places_[index];
  const bool good = place.basis == basis && place.made_at <= now && now < place.answer.good_until;
  return good ? std::optional{place.answer} : std::nullopt;
}

void KeptAnswers::keep(const Basis& basis, KeptAnswer answer, domain::Time made_at) {
  if (answer.body.size() > body_bytes_max) return;
  const std::size_t index = index_of(basis);
  const std::lock_guard lock{mutexes_[index % mutexes_.size()]};
  places_[index] = {basis, made_at, std::move(answer)};
}

}  // namespace ttp::http

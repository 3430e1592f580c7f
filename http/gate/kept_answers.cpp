#include "http/gate/kept_answers.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace ttp::http {
namespace {

constexpr std::size_t stripes = 64, buckets_of_stripe = 64;
constexpr std::size_t bytes_max = 8 * 1024;  // per bucket: 32 MiB in all

}  // namespace

domain::Time good_until(domain::Time made_at, std::optional<domain::Time> deadline) {
  const domain::Time next_second = std::chrono::floor<std::chrono::seconds>(made_at) + domain::seconds{1};
  return std::min(next_second, deadline.value_or(next_second));
}

KeptAnswers::KeptAnswers(const storage::RowChanges& changes) : changes_(changes), stripes_(stripes) {}

KeptAnswers::Place KeptAnswers::place_of(const Inquiry& inquiry) {
  const std::hash<domain::Uuid> hash;
  const std::size_t mixed =
      hash(inquiry.thing) * 31 + hash(inquiry.reader) + std::hash<const void*>{}(inquiry.query);
  return {mixed % stripes, mixed / stripes % buckets_of_stripe};
}

std::shared_ptr<const KeptAnswer> KeptAnswers::find(const Inquiry& inquiry, domain::Time now) const {
  const auto [index, number] = place_of(inquiry);
  const Stripe& stripe = stripes_[index];
  std::shared_ptr<const KeptAnswer> answer;
  {
    const os::MutexLock lock{stripe.mutex};
    const Bucket& bucket = stripe.buckets[number];
    if (bucket.inquiry == inquiry) answer = bucket.answer;
  }
  return answer && answer->is_good(changes_, now) ? answer : nullptr;
}

bool KeptAnswers::keep(const Inquiry& inquiry, std::shared_ptr<const KeptAnswer> answer) {
  if (answer->prepared->bytes.size() > bytes_max) return false;
  const auto [index, number] = place_of(inquiry);
  Stripe& stripe = stripes_[index];
  const os::MutexLock lock{stripe.mutex};
  stripe.buckets[number] = {inquiry, std::move(answer)};
  return true;
}

const HeadMemory::Answer* HeadMemory::answer(const storage::RowChanges& changes, domain::Time now) {
  if (!answer_) return nullptr;
  const bool good = answer_->made_at <= now && now < answer_->good_until && changes.renew(answer_->reads);
  if (!good) answer_.reset();
  return good ? &answer_->answer : nullptr;
}

void HeadMemory::keep_answer(storage::ReadSet to_let_in, const domain::Session& session,
                             domain::UserId caller, std::shared_ptr<const KeptAnswer> answer) {
  to_let_in.add(answer->reads);
  const domain::Time made_at = answer->made_at;
  const domain::Time good_until = std::min(answer->good_until, session.expires_at);
  answer_ = LastAnswer{std::move(to_let_in), made_at, good_until, {caller, std::move(answer)}};
}

service::Found<domain::User> HeadMemory::user(const storage::RowChanges& changes) {
  if (user_ && !changes.renew(user_->reads)) user_.reset();
  return user_ ? user_->user : service::Found<domain::User>{};
}

void HeadMemory::keep_user(storage::ReadSet reads, service::Found<domain::User> user) {
  user_ = std::make_shared<LastUser>(std::move(reads), std::move(user));
}

}  // namespace ttp::http

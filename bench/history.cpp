#include "bench/history.hpp"

#include <algorithm>
#include <cstring>
#include <future>

#include "events/codec.hpp"

namespace ttp::bench {
namespace {

/// Lives that would wake within this time wake together at its end, so that one sync covers their commands.
constexpr domain::Duration slumber = domain::days{1};
constexpr std::size_t wake_max = 4096;

domain::Uuid request_id(std::uint32_t place) {
  domain::Uuid id;
  std::memcpy(id.bytes.data(), &place, sizeof place);
  return id;
}
std::uint32_t place_of(const domain::Uuid& request) {
  std::uint32_t place = 0;
  std::memcpy(&place, request.bytes.data(), sizeof place);
  return place;
}

std::string words_of(const service::CommandResult& outcome) {
  std::string words{to_text(outcome.refusal->reason)};
  for (const std::string& detail : outcome.refusal->details) words += " " + detail;
  for (const domain::FieldFault& fault : outcome.refusal->faults) words += " " + fault.pointer;
  return words;
}

/// The subject for which the command creates a data key, if it begins one.
std::optional<std::string> new_subject(const service::Command& command) {
  return std::visit(
      []<class C>(const C& each) -> std::optional<std::string> {
        if constexpr (domain::OnList<
                          C, std::variant<domain::RegisterCredential, domain::RegisterPartnerCredential>>)
          return events::subject_name(each.user);
        if constexpr (std::is_same_v<C, domain::EnrolCompany>) return events::subject_name(each.account);
        return std::nullopt;
      },
      command);
}

/// The host's clock, set back by `span`.
service::Clock::Sources clock_behind(domain::Duration span) {
  auto sources = service::Clock::of_the_system();
  sources.host = [span, host = std::move(sources.host)] { return host() - span; };
  return sources;
}

}  // namespace

History::History(const service::Config& config, domain::Duration span)
    : stores_(config),
      span_(span),
      clock_(clock_behind(span)),
      checkpoints_(*stores_.log, stores_.checkpoint_file, config.origin, stores_.signing_keys()),
      executor_(*stores_.log, *stores_.vault,
                [this](std::span<const events::Recorded> recorded) { keep_recorded(recorded); },
                stores_.queries, stores_.erasures, stores_.secrets, clock_, {in_flight_max, in_flight_max}) {
  began_at_ = now();
}

History::~History() {
  executor_.stop();
  for (void* life : lives_) std::coroutine_handle<>::from_address(life).destroy();
}

void History::begin(Life life) {
  const Life::Handle handle = std::move(life).release();
  handle.promise().history = this;
  lives_.insert(handle.address());
  handle.resume();
}

void History::bury_ended() {
  for (const Life::Handle life : std::exchange(ended_, {})) {
    const auto fault = life.promise().fault;
    lives_.erase(life.address());
    life.destroy();
    if (fault) std::rethrow_exception(fault);
  }
}

void History::unfold() {
  std::promise<void> over;
  over_ = &over;
  go_on();
  over.get_future().get();
}

void History::go_on() noexcept {
  try {
    for (Ask* ask : std::exchange(in_flight_, {})) answer(*ask);
    bury_ended();
    while (asks_.empty())
      if (!wake_next()) return over_->set_value();
    submit_asks();
  } catch (...) {
    over_->set_exception(std::current_exception());
  }
}

void History::submit_asks() {
  const auto end = asks_.begin() + static_cast<std::ptrdiff_t>(std::min(asks_.size(), in_flight_max));
  in_flight_.assign(asks_.begin(), end);
  asks_.erase(asks_.begin(), end);
  std::vector<std::string> subjects;
  for (const Ask* ask : in_flight_)
    if (auto subject = new_subject(ask->command_)) subjects.push_back(*std::move(subject));
  // Creates the keys with one sync; the executor would sync each one.
  stores_.vault->data_keys(subjects);
  const auto count = static_cast<std::uint32_t>(in_flight_.size());
  unanswered_ = count;
  for (std::uint32_t place = 0; place < count; ++place) submit(place);
}

void History::submit(std::uint32_t place) {
  Ask& ask = *in_flight_[place];
  service::Asked asked;
  asked.by = ask.by_;
  asked.kind = ask.by_ == domain::UserId{} ? events::ActorKind::system : events::ActorKind::user;
  asked.origin_address = "192.0.2." + std::to_string(ask.by_.uuid.bytes.back());
  asked.request = request_id(place);
  asked.secret_matches = ask.knows_.right;
  asked.credential_version = ask.knows_.credential_version;
  asked.if_match_any = true;  // a draft overwrites what is there
  executor_.submit(ask.command_, std::move(asked), [this, &ask](service::CommandResult outcome) {
    ask.outcome_ = std::move(outcome);
    if (--unanswered_ == 0) go_on();
  });
}

void History::keep_recorded(std::span<const events::Recorded> recorded) {
  snapshots::Folding folding{stores_.snapshots};
  for (const events::Recorded& each : recorded) folding.apply(each);
  stores_.snapshots.publish(folding.take(), recorded.front().position, recorded.back().position + 1);
  for (const events::Recorded& each : recorded)
    in_flight_[place_of(each.envelope.request)]->recorded_.push_back(each.event);
}

void History::answer(Ask& ask) {
  if (const auto fault = executor_.fault()) throw std::runtime_error{"the executor stopped: " + *fault};
  for (const events::Event& event : ask.recorded_) {
    ++counts_[event.index()];
    deadlines_.note(event);
  }
  ask.life_.resume();
}

void History::Ask::await_resume() const {
  if (!refused() || may_be_refused_) return;
  const auto name = std::visit([](const auto& command) { return typeid(command).name(); }, command_);
  throw std::runtime_error{std::string{name} + " was refused: " + words_of(outcome_)};
}

namespace {

Life lets_time_pass(History& history, service::Command command) {
  auto step = history.tries({}, std::move(command));
  co_await step;
}

}  // namespace

bool History::wake_next() {
  auto next = deadlines_.next();
  if (!sleepers_.empty()) next = next ? std::min(*next, sleepers_.top().until) : sleepers_.top().until;
  if (!next || *next > ends_at()) return false;

  std::vector<std::coroutine_handle<>> woken;
  domain::Time until = std::min(*next + slumber, ends_at());
  while (!sleepers_.empty() && sleepers_.top().until <= until) {
    woken.push_back(sleepers_.top().life);
    if (woken.size() == wake_max) until = sleepers_.top().until;
    sleepers_.pop();
  }
  if (now() < until) advance(until - now());
  for (service::Command& command : deadlines_.take_due(now()))
    begin(lets_time_pass(*this, std::move(command)));
  for (const auto life : woken) life.resume();
  bury_ended();
  return true;
}

void History::advance(domain::Duration by) {
  if (!clock_.advance(by)) throw std::runtime_error{"the history's clock is at its end"};
}

void History::finish(bool with_views) {
  if (const auto left = ends_at() - now(); left > domain::Duration::zero()) advance(left);
  executor_.stop();
  if (with_views) stores_.runner.catch_up();
  service::skip_deliveries(*stores_.vault, events());
}

}  // namespace ttp::bench

#include "service/workers/bounces.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "events/bytes.hpp"
#include "os/files.hpp"

namespace ttp::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view extension = ".bounce";
constexpr std::size_t file_bytes_max = 1'000, taken_at_once_max = 500;
constexpr std::chrono::milliseconds look_again{2'000}, look_at_once{10};

std::vector<fs::path> bounces_in(const fs::path& folder, std::size_t limit) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& each : fs::directory_iterator{folder}) {
    if (files.size() == limit) break;
    if (each.path().extension() == extension) files.push_back(each.path());
  }
  return files;
}

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

os::Worker::Traits traits() {
  return {
      .fault = {"bounces", "a bounce could not be recorded",
                "It stays in its folder and is tried again; everything else goes on. If the message names "
                "a file that cannot be read, delete it"},
      .longest_wait = std::chrono::milliseconds{30'000}};
}

}  // namespace

void leave_bounce(const fs::path& folder, std::string_view recipient,
                  const carriers::DeliveryReport& report) {
  const std::string content =
      fmt::format("{}\n{}\n{}\n", recipient, report.is_lasting ? "lasting" : "passing", report.status);
  events::Sha256 hash;
  hash.add(content);
  const events::Hash name = hash.finish();
  const fs::path file =
      folder / fmt::format("{}{}", events::to_base64url(events::as_text(name).substr(0, 18)), extension);
  os::make_private_folder(folder);
  if (fs::exists(file)) return;
  if (bounces_in(folder, bounces_max).size() == bounces_max)
    throw BouncesFull{folder.string() + " holds " + std::to_string(bounces_max) +
                      " bounces that the service has not taken: start it, or see its log"};
  os::replace_file(file, content);
}

Bounces::Bounces(fs::path folder, const carriers::BounceMarks& marks, MailJournal& journal,
                 const Queries& queries, const Secrets& secrets, Executor& executor)
    : folder_(std::move(folder)),
      marks_(marks),
      journal_(journal),
      queries_(queries),
      secrets_(secrets),
      executor_(executor) {
  worker_.emplace(traits(), [this](os::Worker&) { return step(); });
}

BounceCounts Bounces::counts() const {
  const os::MutexLock lock(mutex_);
  return counts_;
}

void Bounces::count(std::uint64_t BounceCounts::* what) {
  const os::MutexLock lock(mutex_);
  ++(counts_.*what);
}

os::Worker::Next Bounces::step() {
  const auto files = bounces_in(folder_, taken_at_once_max);
  for (const fs::path& file : files) take(file);
  return os::Worker::Next::within(files.size() == taken_at_once_max ? look_at_once : look_again);
}

void Bounces::take(const fs::path& file) {
  const auto content = os::read_small_file(file, file_bytes_max);
  if (!content) return;
  std::string_view rest = *content;
  const auto recipient = next_line(rest);
  const bool is_lasting = next_line(rest) == "lasting";
  const carriers::DeliveryReport report{is_lasting, std::string{next_line(rest)}};
  const auto mail = marks_.mail_of(recipient);
  if (!mail)
    count(&BounceCounts::foreign);
  else if (record(*mail, report))
    count(&BounceCounts::recorded);
  else
    count(&BounceCounts::unknown);
  fs::remove(file);
}

bool Bounces::record(const std::string& mail, const carriers::DeliveryReport& report) {
  auto row = journal_.find(mail);
  const auto reader = row ? queries_.user(row->reader) : Found<domain::User>{};
  if (!reader || reader->state.email.empty()) return false;
  const bool is_present = row->address_mark == journal_.mark_of(reader->state.email);
  domain::RecordMailFate command{
      row->reader, mail,         domain::MailFate::bounced, is_present && report.is_lasting,
      is_present,  report.status};
  Asked asked;
  asked.kind = events::ActorKind::system;
  // The same bounce again is recorded once.
  asked.known_as =
      secrets_.known_requests("bounce", mail, report.is_lasting ? "lasting" : "passing", executor_.now());
  const auto result = executor_.execute(std::move(command), asked);
  if (result.refusal && result.refusal->reason == domain::Reason::user_not_found) return false;
  if (result.refusal)
    throw std::runtime_error{"refused: " + std::string{domain::to_text(result.refusal->reason)}};
  row->state = report.is_lasting ? MailState::bounced : MailState::delayed;
  row->status = report.status;
  row->changed_at = executor_.now();
  journal_.note(*row);
  journal_.sync();
  return true;
}

}  // namespace ttp::service

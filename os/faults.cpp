#include "os/faults.hpp"

#include <algorithm>
#include <utility>

namespace ttp::os {
namespace {

/// The existing faults, and the function that reports them.
struct Registry {
  Mutex mutex;
  std::vector<const Fault*> faults TTP_GUARDED_BY(mutex);
  FaultReport report TTP_GUARDED_BY(mutex);
};

/// Never destroyed, so that a static Fault can still unregister.
Registry& registry() {
  static auto* const one = new Registry;
  return *one;
}

void report_line(bool began, const std::string& line) {
  FaultReport report;
  {
    const MutexLock lock(registry().mutex);
    report = registry().report;
  }
  if (report) report(began, line);
}

}  // namespace

Fault::Fault(FaultTexts texts, bool of_worker) : texts_(std::move(texts)), of_worker_(of_worker) {
  const MutexLock lock(registry().mutex);
  registry().faults.push_back(this);
}

Fault::~Fault() {
  const MutexLock lock(registry().mutex);
  std::erase(registry().faults, this);
}

void Fault::happened(std::string_view reason, Readiness readiness) noexcept {
  try {
    {
      const MutexLock lock(mutex_);
      ++count_;
      makes_not_ready_ = readiness == Readiness::as_stated;
      reason_.emplace();  // the fault lasts, even if there is no memory for the text
      *reason_ = reason;
      const auto now = std::chrono::steady_clock::now();
      if (reported_ || (reported_at_ && now < *reported_at_ + fault_line_interval)) return;
      reported_ = true;
      reported_at_ = now;
    }
    report_line(true, texts_.what_fails + ": " + std::string{reason} + ". " + texts_.what_to_do);
  } catch (...) {  // No memory for the line: the fault may be reported again after the interval.
    const MutexLock lock(mutex_);
    reported_ = false;
  }
}

void Fault::ended() noexcept {
  {
    const MutexLock lock(mutex_);
    reason_.reset();
    makes_not_ready_ = false;
    if (!std::exchange(reported_, false)) return;
  }
  try {
    report_line(false, texts_.what_fails + ": this is over");
  } catch (...) {  // No memory for the line: the next call reports the end.
    const MutexLock lock(mutex_);
    reported_ = true;
  }
}

std::optional<std::string> Fault::reason() const {
  const MutexLock lock(mutex_);
  return reason_;
}

FaultStatus Fault::status() const {
  const MutexLock lock(mutex_);
  return {texts_.name, of_worker_, count_, reason_, makes_not_ready_ ? texts_.not_ready : std::string{}};
}

std::vector<FaultStatus> faults() {
  std::vector<FaultStatus> all;
  const MutexLock lock(registry().mutex);
  for (const Fault* each : registry().faults) all.push_back(each->status());
  std::ranges::stable_sort(all, {}, &FaultStatus::name);
  std::vector<FaultStatus> by_name;
  for (FaultStatus& each : all) {
    if (by_name.empty() || by_name.back().name != each.name) {
      by_name.push_back(std::move(each));
      continue;
    }
    by_name.back().count += each.count;
    if (each.reason) by_name.back().reason = std::move(each.reason);
    if (!each.not_ready.empty()) by_name.back().not_ready = std::move(each.not_ready);
  }
  return by_name;
}

void report_faults_to(FaultReport report) {
  const MutexLock lock(registry().mutex);
  registry().report = std::move(report);
}

}  // namespace ttp::os

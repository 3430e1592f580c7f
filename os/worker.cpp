#include "os/worker.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace ttp::os {

Worker::Worker(Traits traits, Step step)
    : traits_(std::move(traits)), step_(std::move(step)), fault_(traits_.fault, true) {
  thread_ = std::thread{[this] { run(); }};
}

Worker::~Worker() {
  stop();
}

void Worker::wake() {
  {
    const MutexLock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Worker::stop() noexcept {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  join();
}

void Worker::join() noexcept {
  if (thread_.joinable()) thread_.join();
}

bool Worker::is_stopping() const {
  const MutexLock lock(mutex_);
  return stopping_;
}

bool Worker::pause(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  MutexLock lock(mutex_);
  while (!stopping_ && changed_.wait_until(lock, until)) {
  }
  return !stopping_;
}

void Worker::run() noexcept {
  const std::string& name = traits_.thread_name.empty() ? traits_.fault.name : traits_.thread_name;
  name_this_thread(name.c_str());
  schedule_this_thread(traits_.scheduling);
  std::optional<Next> next = Next::within(traits_.starts_after);
  while (next && wait_for(*next)) next = take_step();
}

bool Worker::wait_for(Next next) noexcept {
  MutexLock lock(mutex_);
  if (!next.wait_) {
    while (!stopping_ && !woken_) changed_.wait(lock);
  } else if (next.wait_->count() > 0) {
    const auto until = std::chrono::steady_clock::now() + *next.wait_;
    while (!stopping_ && !woken_ && changed_.wait_until(lock, until)) {
    }
  }
  woken_ = false;
  return !stopping_;
}

std::optional<Worker::Next> Worker::take_step() noexcept {
  try {
    const Next next = step_(*this);
    faults_in_a_row_ = 0;
    fault_.ended();
    if (next.ends_) return std::nullopt;
    return next;
  } catch (const std::exception& broken) {
    fail(broken.what());
  } catch (...) {
    fail("an exception of an unknown kind");
  }
  if (traits_.after_fault == AfterFault::stop) return std::nullopt;
  return Next::at_once();  // fail() already waited
}

void Worker::fail(std::string_view reason) noexcept {
  fault_.happened(reason);
  if (traits_.after_fault == AfterFault::stop) return;
  const auto doublings = std::min(faults_in_a_row_++, 16u);
  pause(std::min(traits_.first_wait * (1 << doublings), traits_.longest_wait));
}

// ---- the pool ---------------------------------------------------------------------------------------------

WorkerPool::WorkerPool(const Worker::Traits& traits, unsigned threads, std::size_t queue_max)
    : fault_(traits.fault, true), queue_max_(queue_max) {
  for (unsigned i = 0; i < threads; ++i)
    threads_.emplace_back(traits, [this](Worker&) { return take_job(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::submit(Job job) {
  {
    const MutexLock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::stop() noexcept {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (Worker& each : threads_) each.join();
}

std::size_t WorkerPool::queued() const {
  const MutexLock lock(mutex_);
  return queue_.size();
}

Worker::Next WorkerPool::take_job() {
  Job job;
  {
    MutexLock lock(mutex_);
    while (!stopping_ && queue_.empty()) wake_.wait(lock);
    if (queue_.empty()) return Worker::Next::never();
    job = std::move(queue_.front());
    queue_.pop_front();
  }
  try {
    job.work();
    fault_.ended();
    return Worker::Next::at_once();
  } catch (const std::exception& broken) {
    fault_.happened(broken.what());
  } catch (...) {
    fault_.happened("an exception of an unknown kind");
  }
  if (job.failed) job.failed();
  return Worker::Next::at_once();
}

}  // namespace ttp::os

// Every thread that is not an I/O thread: a worker with a name and one step that it repeats, or a pool of
// workers for short jobs. Both have one way to fail: an exception is caught, becomes a fault (os/faults.hpp)
// and never ends the process.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "os/faults.hpp"
#include "os/threads.hpp"

namespace ttp::os {

class Worker {
 public:
  enum class AfterFault : std::uint8_t {
    retry,  ///< the step runs again after a wait, which doubles with each fault in a row
    stop,   ///< the fault lasts and no step runs any more: going on would do harm
  };

  struct Traits {
    FaultTexts fault;           ///< `fault.name` is also the worker's
    std::string thread_name{};  ///< for `top -H`, at most 15 bytes; empty: the worker's
    Scheduling scheduling = Scheduling::usual;
    AfterFault after_fault = AfterFault::retry;
    std::chrono::milliseconds starts_after{0};  ///< the wait before the first step, or until it is woken
    std::chrono::milliseconds first_wait{1'000}, longest_wait{60'000};
  };

  /// When a step wants to run again. A step that waits for something itself returns `at_once`.
  class Next {
   public:
    static Next at_once() { return Next{std::chrono::milliseconds{0}}; }
    /// Or earlier, when it is woken.
    static Next within(std::chrono::milliseconds time) { return Next{time}; }
    static Next when_woken() { return Next{std::nullopt}; }
    /// The thread ends.
    static Next never() {
      Next next{std::nullopt};
      next.ends_ = true;
      return next;
    }

   private:
    friend class Worker;
    explicit Next(std::optional<std::chrono::milliseconds> wait) : wait_(wait) {}
    std::optional<std::chrono::milliseconds> wait_;
    bool ends_ = false;
  };

  using Step = std::function<Next(Worker&)>;

  /// Starts the thread.
  Worker(Traits traits, Step step);
  ~Worker();  ///< stops
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// The next step runs without a wait; after a fault it waits all the same.
  void wake();
  /// Has no other step begun, and waits for the one under way.
  void stop() noexcept;
  /// Waits until a step has ended the thread. Steps go on until then, also after faults.
  void join() noexcept;

  // For the step.
  bool is_stopping() const;
  /// Waits in real time; returns early, and false, when the worker is stopped.
  bool pause(std::chrono::milliseconds time);

  /// Why the last step failed, while that lasts.
  std::optional<std::string> fault() const { return fault_.reason(); }

 private:
  void run() noexcept;
  /// Until the next step is due; false where the worker is stopped.
  bool wait_for(Next next) noexcept;
  /// One step; the wait after it, or nothing where the thread ends.
  std::optional<Next> take_step() noexcept;
  void fail(std::string_view reason) noexcept;

  const Traits traits_;
  const Step step_;
  Fault fault_;
  unsigned faults_in_a_row_ = 0;  // of the thread alone

  mutable std::mutex mutex_;  // guards the two flags
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

/// Threads that take short jobs from one bounded queue.
class WorkerPool {
 public:
  struct Job {
    std::function<void()> work;
    /// Called where `work` throws, so that the job's client is told. Must not throw.
    std::function<void()> failed;
  };

  WorkerPool(const Worker::Traits& traits, unsigned threads, std::size_t queue_max);
  ~WorkerPool();  ///< stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False where the queue is full or the pool stops.
  bool submit(Job job);
  /// Finishes what is queued and ends the threads.
  void stop() noexcept;
  std::size_t queued() const;

 private:
  Worker::Next take_job();

  Fault fault_;  ///< of jobs: the threads themselves go on
  const std::size_t queue_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::deque<Worker> threads_;
};

}  // namespace ttp::os

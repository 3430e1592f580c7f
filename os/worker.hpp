// Threads other than I/O threads: a worker with a name and one step that it repeats, or a pool of workers for
// short jobs. Both fail in one way: an exception is caught, becomes a fault (os/faults.hpp) and never ends
// the process.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "os/faults.hpp"
#include "os/mutex.hpp"
#include "os/threads.hpp"

namespace ttp::os {

class Worker {
 public:
  enum class AfterFault : std::uint8_t {
    retry,  ///< the step runs again after a wait, which doubles with each fault in a row
    stop,   ///< the fault lasts and no further step runs, because continuing would do harm
  };

  struct Traits {
    FaultTexts fault;           ///< `fault.name` is also the worker's name
    std::string thread_name{};  ///< for `top -H`, at most 15 bytes; empty: the worker's name
    Scheduling scheduling = Scheduling::usual;
    AfterFault after_fault = AfterFault::retry;
    std::chrono::milliseconds starts_after{0};  ///< the wait before the first step; wake() ends it
    std::chrono::milliseconds first_wait{1'000}, longest_wait{60'000};
  };

  /// When the next step runs. A step that blocks by itself returns `at_once`.
  class Next {
   public:
    static Next at_once() { return Next{std::chrono::milliseconds{0}}; }
    /// After this time, or earlier when the worker is woken.
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

  /// Runs the next step without a wait; the wait after a fault is not shortened.
  void wake();
  /// Prevents further steps and waits for the running one.
  void stop() noexcept;
  /// Waits until a step returns Next::never(). Steps continue until then, also after faults.
  void join() noexcept;

  // For use by the step.
  bool is_stopping() const;
  /// Waits in real time; returns false, and early, if the worker is stopped.
  bool pause(std::chrono::milliseconds time);

  /// The reason of the last step's failure, until a step succeeds.
  std::optional<std::string> fault() const { return fault_.reason(); }

 private:
  void run() noexcept;
  /// Waits until the next step is due; false if the worker is stopped.
  bool wait_for(Next next) noexcept;
  /// Runs one step. Returns the wait after it, or nothing if the thread ends.
  std::optional<Next> take_step() noexcept;
  void fail(std::string_view reason) noexcept;

  const Traits traits_;
  const Step step_;
  Fault fault_;
  unsigned faults_in_a_row_ = 0;  // used by the thread only

  mutable Mutex mutex_;
  Condition changed_;
  bool woken_ TTP_GUARDED_BY(mutex_) = false;
  bool stopping_ TTP_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

/// Threads that take short jobs from one bounded queue.
class WorkerPool {
 public:
  struct Job {
    std::function<void()> work;
    /// Called if `work` throws, so that the job's client gets an answer. Must not throw.
    std::function<void()> failed;
  };

  WorkerPool(const Worker::Traits& traits, unsigned threads, std::size_t queue_max);
  ~WorkerPool();  ///< stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Adds a job. False if the queue is full or the pool stops.
  bool submit(Job job);
  /// Finishes queued jobs and ends the threads.
  void stop() noexcept;
  std::size_t queued() const;

 private:
  Worker::Next take_job();

  Fault fault_;  ///< a job failed; the threads continue
  const std::size_t queue_max_;
  mutable Mutex mutex_;
  Condition wake_;
  std::deque<Job> queue_ TTP_GUARDED_BY(mutex_);
  bool stopping_ TTP_GUARDED_BY(mutex_) = false;
  std::deque<Worker> threads_;
};

}  // namespace ttp::os

// Mutexes that say what they guard. The types are those of the standard library with clang's thread-safety
// annotations, which ./test --lint checks; for g++ the annotations are empty. No other file uses the standard
// ones.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#ifdef __clang__
#define TTP_THREAD_ANNOTATION(...) __attribute__((__VA_ARGS__))
#else
#define TTP_THREAD_ANNOTATION(...)
#endif

/// Of a class: a mutex, or a lock that holds one until its scope ends.
#define TTP_CAPABILITY TTP_THREAD_ANNOTATION(capability("mutex"))
#define TTP_SCOPED_CAPABILITY TTP_THREAD_ANNOTATION(scoped_lockable)

/// Of a member or a variable: it is read and written with this mutex held alone; a shared mutex may be held
/// shared to read it.
#define TTP_GUARDED_BY(...) TTP_THREAD_ANNOTATION(guarded_by(__VA_ARGS__))
/// Of a mutex: a thread that needs both takes this one first.
#define TTP_ACQUIRED_BEFORE(...) TTP_THREAD_ANNOTATION(acquired_before(__VA_ARGS__))

/// Of a function: it is called with the mutex held, alone or at least shared.
#define TTP_REQUIRES(...) TTP_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define TTP_REQUIRES_SHARED(...) TTP_THREAD_ANNOTATION(requires_shared_capability(__VA_ARGS__))
/// Of a function: it takes the mutex, alone or shared, or gives it back.
#define TTP_ACQUIRE(...) TTP_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define TTP_ACQUIRE_SHARED(...) TTP_THREAD_ANNOTATION(acquire_shared_capability(__VA_ARGS__))
#define TTP_RELEASE(...) TTP_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define TTP_RELEASE_GENERIC(...) TTP_THREAD_ANNOTATION(release_generic_capability(__VA_ARGS__))

namespace ttp::os {

class TTP_CAPABILITY Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() TTP_ACQUIRE() { mutex_.lock(); }
  void unlock() TTP_RELEASE() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Many threads hold it shared, to read, or one holds it alone.
class TTP_CAPABILITY SharedMutex {
 public:
  SharedMutex() = default;
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

 private:
  friend class SharedLock;
  friend class ExclusiveLock;
  std::shared_mutex mutex_;
};

/// Holds a mutex until its scope ends; it may be given back before, and taken again.
class TTP_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) TTP_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() TTP_RELEASE() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() TTP_ACQUIRE() { lock_.lock(); }
  void unlock() TTP_RELEASE() { lock_.unlock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

class TTP_SCOPED_CAPABILITY SharedLock {
 public:
  explicit SharedLock(SharedMutex& mutex) TTP_ACQUIRE_SHARED(mutex) : lock_(mutex.mutex_) {}
  ~SharedLock() TTP_RELEASE_GENERIC() {}
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

class TTP_SCOPED_CAPABILITY ExclusiveLock {
 public:
  explicit ExclusiveLock(SharedMutex& mutex) TTP_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~ExclusiveLock() TTP_RELEASE() {}
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

  void unlock() TTP_RELEASE() { lock_.unlock(); }

 private:
  std::unique_lock<std::shared_mutex> lock_;
};

/// Wakes threads that wait for a change of what a mutex guards. A wait may end without a reason, so the
/// caller waits in a loop that looks at what it waits for; there the analysis sees that the mutex is held.
class Condition {
 public:
  void wait(MutexLock& lock) { changed_.wait(lock.lock_); }
  /// False where the time is over.
  bool wait_until(MutexLock& lock, std::chrono::steady_clock::time_point time) {
    return changed_.wait_until(lock.lock_, time) == std::cv_status::no_timeout;
  }
  void notify_one() { changed_.notify_one(); }
  void notify_all() { changed_.notify_all(); }

 private:
  std::condition_variable changed_;
};

}  // namespace ttp::os

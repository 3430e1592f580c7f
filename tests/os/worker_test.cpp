// Workers and pools: they run steps, wait, stop, and survive exceptions of a step.
#include "os/worker.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace ttp::os;
using namespace std::chrono_literals;
using Next = Worker::Next;

Worker::Traits traits(const std::string& name) {
  return {.fault = {name, name + " failed", "Look at it.", name + " does not work"},
          .first_wait = 1ms,
          .longest_wait = 2ms};
}

void wait_until(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::sleep_for(1ms);
}

const FaultStatus* find(const std::vector<FaultStatus>& all, std::string_view name) {
  for (const FaultStatus& each : all)
    if (each.name == name) return &each;
  return nullptr;
}

/// Collects the reported lines while it exists.
struct Told {
  struct Lines {
    std::mutex mutex;
    std::vector<std::string> lines;
  };
  std::shared_ptr<Lines> held = std::make_shared<Lines>();
  Told() {
    report_faults_to([lines = held](bool began, std::string_view line) {
      const std::scoped_lock lock(lines->mutex);
      lines->lines.push_back((began ? "began: " : "ended: ") + std::string{line});
    });
  }
  ~Told() { report_faults_to({}); }
  std::vector<std::string> lines() const {
    const std::scoped_lock lock(held->mutex);
    return held->lines;
  }
};

TEST(Worker, takes_a_step_each_time_it_is_woken) {
  std::atomic<int> steps = 0;
  Worker worker{traits("steps"), [&](Worker&) {
                  ++steps;
                  return Next::when_woken();
                }};
  wait_until([&] { return steps == 1; });
  worker.wake();
  wait_until([&] { return steps == 2; });
  worker.stop();
  EXPECT_EQ(steps, 2);
}

TEST(Worker, ends_its_thread_when_a_step_says_so) {
  int steps = 0;
  Worker worker{traits("ends"), [&](Worker&) { return ++steps < 5 ? Next::at_once() : Next::never(); }};
  worker.join();
  EXPECT_EQ(steps, 5);
}

TEST(Worker, a_pause_ends_when_the_worker_stops) {
  std::promise<void> paused;
  bool whole = true;
  Worker worker{traits("pauses"), [&](Worker& self) {
                  paused.set_value();
                  whole = self.pause(1h);
                  return Next::never();
                }};
  paused.get_future().wait();
  worker.stop();
  EXPECT_FALSE(whole);
}

TEST(Worker, a_step_that_throws_is_a_fault_until_a_step_goes_well) {
  const Told told;
  std::atomic<bool> broken = true;
  std::atomic<int> steps = 0;
  Worker worker{traits("breaks"), [&](Worker&) {
                  ++steps;
                  if (broken) throw std::runtime_error{"no space"};
                  return Next::when_woken();
                }};
  wait_until([&] { return steps >= 3; });
  EXPECT_EQ(worker.fault(), "no space");
  const auto during = faults();
  ASSERT_TRUE(find(during, "breaks"));
  EXPECT_TRUE(find(during, "breaks")->of_worker);
  EXPECT_EQ(find(during, "breaks")->reason, "no space");
  EXPECT_EQ(find(during, "breaks")->not_ready, "breaks does not work");
  EXPECT_GE(find(during, "breaks")->count, 2u);

  broken = false;
  wait_until([&] { return !worker.fault(); });
  const std::vector<std::string> expected{"began: breaks failed: no space. Look at it.",
                                          "ended: breaks failed: this is over"};
  wait_until([&] { return told.lines().size() >= 2; });
  EXPECT_EQ(told.lines(), expected);
}

TEST(Worker, an_exception_of_any_kind_is_caught) {
  std::atomic<int> steps = 0;
  Worker worker{traits("odd"), [&](Worker&) -> Next {
                  if (++steps == 1) throw 7;
                  return Next::when_woken();
                }};
  wait_until([&] { return steps == 2; });
}

TEST(Worker, that_must_not_go_on_after_a_fault_keeps_it) {
  int steps = 0;
  Worker::Traits latched = traits("latched");
  latched.after_fault = Worker::AfterFault::stop;
  Worker worker{latched, [&](Worker&) -> Next {
                  ++steps;
                  throw std::runtime_error{"lost"};
                }};
  worker.join();
  EXPECT_EQ(steps, 1);
  EXPECT_EQ(worker.fault(), "lost");
}

TEST(Worker, a_wait_after_a_fault_ends_when_the_worker_stops) {
  Worker::Traits slow = traits("slow");
  slow.first_wait = slow.longest_wait = 1h;
  Worker worker{slow, [&](Worker&) -> Next { throw std::runtime_error{"broken"}; }};
  wait_until([&] { return worker.fault().has_value(); });
  worker.wake();
  worker.stop();
}

TEST(Worker, leaves_the_list_of_faults_when_it_is_gone) {
  {
    const Worker worker{traits("short_lived"), [](Worker&) { return Next::never(); }};
    EXPECT_TRUE(find(faults(), "short_lived"));
  }
  EXPECT_FALSE(find(faults(), "short_lived"));
}

TEST(WorkerPool, a_job_that_throws_is_its_own_failure) {
  WorkerPool pool{traits("jobs"), 2, 100};
  std::promise<void> failed;
  ASSERT_TRUE(
      pool.submit({[] { throw std::runtime_error{"the disk is full"}; }, [&] { failed.set_value(); }}));
  failed.get_future().wait();
  EXPECT_EQ(find(faults(), "jobs")->count, 1u);

  // All threads of the pool are still running.
  std::promise<void> first, second;
  const auto meet = [](std::promise<void>& mine, std::promise<void>& other) {
    return [&mine, other = other.get_future().share()] {
      mine.set_value();
      other.wait();
    };
  };
  const auto one = meet(first, second), two = meet(second, first);
  ASSERT_TRUE(pool.submit({one, {}}));
  ASSERT_TRUE(pool.submit({two, {}}));
  pool.stop();
  EXPECT_EQ(find(faults(), "jobs")->reason, std::nullopt);
}

TEST(WorkerPool, refuses_jobs_beyond_its_bound_and_after_its_stop) {
  WorkerPool pool{traits("bounded"), 1, 1};
  std::promise<void> begun, go_on;
  ASSERT_TRUE(pool.submit({[&] {
                             begun.set_value();
                             go_on.get_future().wait();
                           },
                           {}}));
  begun.get_future().wait();
  std::atomic<bool> done = false;
  EXPECT_TRUE(pool.submit({[&] { done = true; }, {}}));
  EXPECT_FALSE(pool.submit({[] {}, {}}));
  EXPECT_EQ(pool.queued(), 1u);
  go_on.set_value();
  pool.stop();
  EXPECT_TRUE(done);
  EXPECT_FALSE(pool.submit({[] {}, {}}));
}

TEST(Fault, that_comes_and_goes_is_counted_each_time_and_logged_once) {
  const Told told;
  Fault fault{{"flutter", "the folder cannot be written", "Free space.", ""}};
  for (int i = 0; i < 3; ++i) {
    fault.happened("no space");
    EXPECT_TRUE(fault.lasts());
    fault.ended();
    EXPECT_FALSE(fault.lasts());
  }
  EXPECT_EQ(fault.status().count, 3u);
  EXPECT_EQ(told.lines().size(), 2u);
}

TEST(Fault, whose_end_found_no_memory_for_its_line_reports_it_with_the_next_call) {
  std::vector<std::string> told;
  bool has_memory = false;
  report_faults_to([&](bool began, std::string_view line) {
    if (!began && !has_memory) throw std::bad_alloc{};
    told.emplace_back(line);
  });
  Fault fault{{"short_of_memory", "the folder cannot be written", "Free space.", ""}};
  fault.happened("no space");
  fault.ended();
  EXPECT_FALSE(fault.lasts());
  has_memory = true;
  fault.ended();
  fault.ended();
  report_faults_to({});
  EXPECT_EQ(told, (std::vector<std::string>{"the folder cannot be written: no space. Free space.",
                                            "the folder cannot be written: this is over"}));
}

TEST(Fault, two_of_one_name_are_one_entry) {
  Fault first{{"twice", "", "", ""}}, second{{"twice", "", "", ""}};
  first.happened("a");
  second.happened("b");
  first.ended();
  EXPECT_EQ(find(faults(), "twice")->count, 2u);
  EXPECT_EQ(find(faults(), "twice")->reason, "b");
}

}  // namespace

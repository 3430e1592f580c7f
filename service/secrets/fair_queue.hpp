// A bounded queue of jobs that clients share fairly by network. Networks are served round-robin. Known
// clients and strangers each have a quarter of the queue reserved, and every second job is theirs. If the
// queue is full, the network with the most jobs loses its newest job to a network that has fewer. So a flood
// from one network costs the others nothing, and a single network can use the whole queue.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace ttp::service {

/// The client of a job.
struct Client {
  std::string network;  ///< empty: the service itself and its tools
  bool known = false;   ///< whether it has a session, or somebody signed in from this network recently
};

class FairQueue {
 public:
  struct Job {
    std::function<void()> run;
    std::function<void()> refuse;    ///< called instead of `run` if the job loses its place in the queue
    std::function<void()> failed{};  ///< called if `run` throws, so that the client gets an answer
  };

  explicit FairQueue(std::size_t jobs_max);

  /// Adds a job. If the queue is full, returns the job that loses its place, which can be this one or
  /// another. Call the `refuse` of the returned job without holding a lock.
  std::optional<Job> push(const Client& client, Job job);
  /// Removes and returns the next job.
  std::optional<Job> pop();
  std::size_t size() const { return lines_[0].size + lines_[1].size; }

 private:
  /// The jobs of one kind of client.
  struct Line {
    std::map<std::string, std::deque<Job>> of_network;
    std::list<std::string> turns;  ///< networks with jobs, the next to be served first
    std::size_t size = 0;

    void add(const std::string& network, Job job);
    Job take_next();
    /// Removes the newest job of the network with the most jobs, if it has more than `others`.
    std::optional<Job> give_up(std::size_t others);
    std::size_t count(const std::string& network) const;
  };

  const std::size_t jobs_max_;
  const std::size_t line_max_;
  std::array<Line, 2> lines_;  ///< of strangers and of known clients
  bool strangers_turn_ = false;
};

}  // namespace ttp::service

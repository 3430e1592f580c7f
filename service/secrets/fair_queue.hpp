// A bounded queue of jobs that clients share fairly by network. Networks take turns. Clients that are known
// and strangers have a quarter of the room each that the others cannot take, and every second turn. Where
// there is no room, the network with the most jobs gives up its newest one to a network that has fewer; so a
// flood from one network costs the others nothing, and the whole queue is used where only one network asks.
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

/// Whom a job is for.
struct Client {
  std::string network;  ///< empty: the service itself and its tools
  bool known = false;   ///< has a session, or has signed in from this network not long ago
};

class FairQueue {
 public:
  struct Job {
    std::function<void()> run;
    std::function<void()> refuse;    ///< called in place of `run` where there is no room any more
    std::function<void()> failed{};  ///< called where `run` throws, so that the job's client is told
  };

  explicit FairQueue(std::size_t jobs_max);

  /// Where the job finds no room it is given back. So is the job that has to make room for it: call the
  /// `refuse` of what is returned, without a lock.
  std::optional<Job> push(const Client& client, Job job);
  /// The job whose turn it is.
  std::optional<Job> pop();
  std::size_t size() const { return lines_[0].size + lines_[1].size; }

 private:
  /// Either kind of client.
  struct Line {
    std::map<std::string, std::deque<Job>> of_network;
    std::list<std::string> turns;  ///< networks with jobs, the next one first
    std::size_t size = 0;

    void add(const std::string& network, Job job);
    Job take_next();
    /// The newest job of the network with the most, where that has more than `others`.
    std::optional<Job> give_up(std::size_t others);
    std::size_t count(const std::string& network) const;
  };

  const std::size_t jobs_max_;
  const std::size_t line_max_;
  std::array<Line, 2> lines_;  ///< of strangers and of known clients
  bool strangers_turn_ = false;
};

}  // namespace ttp::service

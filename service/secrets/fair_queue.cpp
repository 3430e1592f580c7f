#include "service/secrets/fair_queue.hpp"

#include <algorithm>
#include <utility>

namespace ttp::service {

FairQueue::FairQueue(std::size_t jobs_max)
    : jobs_max_(jobs_max), line_max_(std::max<std::size_t>(1, jobs_max - jobs_max / 4)) {}

std::optional<FairQueue::Job> FairQueue::push(const Client& client, Job job) {
  Line& line = lines_[client.known];
  std::optional<Job> refused;
  if (size() >= jobs_max_ || line.size >= line_max_) {
    refused = line.give_up(line.count(client.network) + 1);
    if (!refused) return job;
  }
  line.add(client.network, std::move(job));
  return refused;
}

std::optional<FairQueue::Job> FairQueue::pop() {
  if (size() == 0) return std::nullopt;
  strangers_turn_ = !strangers_turn_;
  Line& first = lines_[strangers_turn_ ? 0 : 1];
  return first.size > 0 ? first.take_next() : lines_[strangers_turn_ ? 1 : 0].take_next();
}

void FairQueue::Line::add(const std::string& network, Job job) {
  auto& jobs = of_network[network];
  if (jobs.empty()) turns.push_back(network);
  jobs.push_back(std::move(job));
  ++size;
}

FairQueue::Job FairQueue::Line::take_next() {
  const auto found = of_network.find(turns.front());
  Job job = std::move(found->second.front());
  found->second.pop_front();
  --size;
  if (found->second.empty()) {
    of_network.erase(found);
    turns.pop_front();
  } else {
    turns.splice(turns.end(), turns, turns.begin());
  }
  return job;
}

std::optional<FairQueue::Job> FairQueue::Line::give_up(std::size_t others) {
  const auto largest =
      std::ranges::max_element(of_network, {}, [](const auto& each) { return each.second.size(); });
  if (largest == of_network.end() || largest->second.size() <= others) return std::nullopt;
  Job job = std::move(largest->second.back());
  largest->second.pop_back();
  --size;
  if (largest->second.empty()) {
    turns.remove(largest->first);
    of_network.erase(largest);
  }
  return job;
}

std::size_t FairQueue::Line::count(const std::string& network) const {
  const auto found = of_network.find(network);
  return found == of_network.end() ? 0 : found->second.size();
}

}  // namespace ttp::service

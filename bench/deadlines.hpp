// The deadlines of a history, derived from its events alone, because a history has no views that a scheduler
// could query. The domain decides whether a deadline is due, so a superfluous one records nothing.
#pragma once

#include <map>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "events/event.hpp"
#include "service/commands.hpp"

namespace ttp::bench {

class Deadlines {
 public:
  void note(const events::Event& event);
  /// The earliest deadline.
  std::optional<domain::Time> next();
  /// Removes the due deadlines and returns the commands that record them.
  std::vector<service::Command> take_due(domain::Time now);

 private:
  using LetTimePass = std::variant<domain::LetTimePassForUser, domain::LetTimePassForAccount,
                                   domain::LetTimePassForProgramme>;
  enum class Of : std::uint8_t { urn, letter, code, offer, refusal, confirmation, revalidation };
  using About = std::pair<Of, domain::Uuid>;
  struct Deadline {
    domain::Time at;
    About about;
    LetTimePass command;
    bool operator>(const Deadline& other) const {
      return std::tie(at, about) > std::tie(other.at, other.about);
    }
  };
  struct Notes;

  /// Replaces an earlier deadline about the same thing.
  void set(Of of, const domain::Uuid& id, domain::Time at, LetTimePass command);
  void lift(Of of, const domain::Uuid& id) { open_.erase({of, id}); }
  void drop_lifted();

  std::map<About, domain::Time> open_;
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>>
      queue_;  ///< removed deadlines included
};

}  // namespace ttp::bench

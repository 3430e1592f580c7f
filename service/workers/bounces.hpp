// Bounces: `ttpctl bounce`, which a relay starts for each, leaves what it read as a small file in a folder;
// this worker puts them into the log and the journal. So the relay needs no key and no token of the service,
// and a bounce that comes while the service is stopped is not lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "carriers/bounce_marks.hpp"
#include "carriers/delivery_report.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"
#include "service/workers/mail_journal.hpp"
#include "service/writer/executor.hpp"

namespace ttp::service {

/// The folder holds as many bounces as it may: the relay must try again later.
struct BouncesFull : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t bounces_max = 10'000;
/// Leaves a bounce for the service; the same one again changes nothing. `recipient` is the address that the
/// bounce was sent to. Throws BouncesFull and std::system_error.
void leave_bounce(const std::filesystem::path& folder, std::string_view recipient,
                  const carriers::DeliveryReport& report);

struct BounceCounts {
  std::uint64_t recorded = 0;
  std::uint64_t foreign = 0;  ///< to an address that this service never made
  std::uint64_t unknown = 0;  ///< of a mail that the journal does not know, or of a person who is gone
};

class Bounces {
 public:
  Bounces(std::filesystem::path folder, const carriers::BounceMarks& marks, MailJournal& journal,
          const Queries& queries, const Secrets& secrets, Executor& executor);

  void stop() { worker_->stop(); }
  BounceCounts counts() const;

 private:
  os::Worker::Next step();
  /// Throws std::runtime_error if it cannot be recorded now.
  void take(const std::filesystem::path& file);
  bool record(const std::string& mail, const carriers::DeliveryReport& report);
  void count(std::uint64_t BounceCounts::* what);

  const std::filesystem::path folder_;
  const carriers::BounceMarks& marks_;
  MailJournal& journal_;
  const Queries& queries_;
  const Secrets& secrets_;
  Executor& executor_;
  mutable os::Mutex mutex_;
  BounceCounts counts_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Worker> worker_;  // last: its step uses the other members
};

}  // namespace ttp::service

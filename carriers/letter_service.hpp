// Hands letters to a company that prints and posts them, over HTTPS. docs/letters.md describes the few calls,
// so that a company's own interface can be adapted to them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "carriers/breaker.hpp"
#include "delivery/letter_provider.hpp"
#include "os/mutex.hpp"

namespace ttp::carriers {

/// "https://host/path", or "http://" to a loopback address; without a user, a query or a fragment.
bool is_provider_url(std::string_view url);

struct LetterServiceSettings {
  std::string url;
  std::string token;
  std::filesystem::path ca_file;  ///< empty: the system's authorities
  std::chrono::seconds time_max{30};
};

struct LetterServiceCounts {
  std::uint64_t calls = 0, failures = 0, breaker_opened = 0;
  double seconds = 0;
  bool is_breaker_open = false;
};

class LetterService : public delivery::LetterProvider {
 public:
  explicit LetterService(LetterServiceSettings settings);

  delivery::Handed order(const delivery::LetterOrder& order) override;
  delivery::Handed cancel(domain::LetterId letter) override;
  std::vector<delivery::LetterReport> reports(std::string& cursor) override;
  /// Ends calls under way.
  void stop() { stopping_ = true; }

  LetterServiceCounts counts() const;

 private:
  struct Answer {
    int status = 0;
    std::string body;
  };
  /// Throws std::runtime_error if there is no answer, or one that says the same of every call.
  Answer call(const std::string& method, const std::string& path, const std::string& body);
  Answer ask(const std::string& method, const std::string& path, const std::string& body);

  const LetterServiceSettings settings_;
  std::atomic<bool> stopping_ = false;
  Breaker breaker_;
  mutable os::Mutex mutex_;
  os::Mutex calling_;  // held during a call: one at a time
  LetterServiceCounts counts_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::carriers

#include "storage/rocks/disk_faults.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace ttp::storage {
namespace {

using Tell = std::function<void(const DiskFault&)>;

std::mutex mutex;  // guards `listener`
std::shared_ptr<const Tell> listener;

}  // namespace

std::string to_sentence(const DiskFault& fault) {
  return std::string{fault.doing} + " " + fault.path.string() + " failed (" + fault.error +
         "): nothing more is written to this file, and nothing that needed it is acknowledged. Free space or "
         "see "
         "to the disk; if /health/ready does not say ready a minute later, start the service again.";
}

void on_disk_fault(Tell tell) {
  const std::lock_guard lock{mutex};
  listener = std::make_shared<const Tell>(std::move(tell));
}

void tell_disk_fault(const DiskFault& fault) {
  const auto tell = [] {
    const std::lock_guard lock{mutex};
    return listener;
  }();
  if (tell && *tell) (*tell)(fault);
}

}  // namespace ttp::storage

#include "storage/rocks/disk_faults.hpp"

#include <memory>
#include <utility>

#include "os/mutex.hpp"

namespace ttp::storage {
namespace {

using Tell = std::function<void(const DiskFault&)>;

os::Mutex mutex;
std::shared_ptr<const Tell> listener TTP_GUARDED_BY(mutex);

}  // namespace

std::string to_sentence(const DiskFault& fault) {
  return std::string{fault.doing} + " " + fault.path.string() + " failed (" + fault.error +
         "): nothing more is written to this file, and nothing that needed it is acknowledged. Free space or "
         "see "
         "to the disk; if /health/ready does not say ready a minute later, start the service again.";
}

void on_disk_fault(Tell tell) {
  const os::MutexLock lock{mutex};
  listener = std::make_shared<const Tell>(std::move(tell));
}

void tell_disk_fault(const DiskFault& fault) {
  const auto tell = [] {
    const os::MutexLock lock{mutex};
    return listener;
  }();
  if (tell && *tell) (*tell)(fault);
}

}  // namespace ttp::storage

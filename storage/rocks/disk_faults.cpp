#include "storage/rocks/disk_faults.hpp"

#include <memory>
#include <utility>

#include "os/mutex.hpp"

namespace ttp::storage {
namespace {

using Listener = std::function<void(const DiskFault&)>;

os::Mutex mutex;
std::shared_ptr<const Listener> current TTP_GUARDED_BY(mutex);

}  // namespace

std::string to_sentence(const DiskFault& fault) {
  return std::string{fault.doing} + " " + fault.path.string() + " failed (" + fault.error +
         "): nothing more is written to this file, and nothing that needed it is acknowledged. Free space or "
         "check the disk; if /health/ready does not say ready a minute later, start the service again.";
}

void on_disk_fault(Listener listener) {
  const os::MutexLock lock{mutex};
  current = std::make_shared<const Listener>(std::move(listener));
}

void report_disk_fault(const DiskFault& fault) {
  const auto listener = [] {
    const os::MutexLock lock{mutex};
    return current;
  }();
  if (listener && *listener) (*listener)(fault);
}

}  // namespace ttp::storage

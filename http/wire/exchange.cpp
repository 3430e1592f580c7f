#include "http/wire/exchange.hpp"

#include <atomic>
#include <cassert>

namespace ttp::http {

struct Answer::Once {
  explicit Once(std::function<void(std::optional<Making>)> target) : deliver(std::move(target)) {}
  ~Once() {
    if (!called) deliver(std::nullopt);
  }
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  std::function<void(std::optional<Making>)> deliver;
  std::atomic<bool> called{false};
};

Answer::Answer(std::function<void(std::optional<Making>)> deliver)
    : once_(std::make_shared<Once>(std::move(deliver))) {}

void Answer::operator()(Response response) const {
  made_by([response = std::move(response)]() mutable { return std::move(response); });
}

void Answer::made_by(Making making) const {
  [[maybe_unused]] const bool again = once_->called.exchange(true);
  assert(!again && "a request is answered once");
  once_->deliver(std::move(making));
}

}  // namespace ttp::http

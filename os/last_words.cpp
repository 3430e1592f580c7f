#include "os/last_words.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>

#include <signal.h>
#include <unistd.h>

#include "os/mutex.hpp"

namespace ttp::os {
namespace {

/// Fixed storage, because a signal handler must not allocate.
struct Text {
  std::array<char, 1024> bytes{};
  std::size_t size = 0;

  void keep(std::string_view text) {
    size = std::min(text.size(), bytes.size());
    std::copy_n(text.begin(), size, bytes.begin());
  }
};

Text words;
Mutex keeping;              // serialises changes of notes; a signal handler reads without it
std::array<Text, 2> notes;  // one is valid while the other is written
std::atomic<std::size_t> kept{0};

void say(const Text& text) {
  if (text.size > 0 && ::write(STDERR_FILENO, text.bytes.data(), text.size) > 0)
    static_cast<void>(::write(STDERR_FILENO, "\n", 1) > 0);
}

void on_abort(int signal) {
  say(words);
  say(notes[kept.load() % notes.size()]);
  // The handler was reset on entry, so this ends the process, with a core file where the system keeps them.
  ::raise(signal);
}

}  // namespace

void leave_last_words(std::string_view text) {
  words.keep(text);
  struct sigaction action{};
  action.sa_handler = on_abort;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGABRT, &action, nullptr);
}

void keep_for_last_words(std::string_view note) {
  const MutexLock lock{keeping};
  const std::size_t next = kept + 1;
  notes[next % notes.size()].keep(note);
  kept = next;
}

}  // namespace ttp::os

// What a process says when a library ends it by an assertion, or by an exception that was not caught. An
// operator learns what holds and what to do.
#pragma once

#include <string_view>

namespace ttp::os {

/// On SIGABRT the process first writes this, and the note that was kept last, to standard error. It then ends
/// by that signal. Both are cut at 1,024 bytes.
void leave_last_words(std::string_view words);

/// Keeps a note, such as the last fault of a disk, in place of the one before. From any thread.
void keep_for_last_words(std::string_view note);

}  // namespace ttp::os

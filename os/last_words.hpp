// The message that a process leaves when an assertion or an uncaught exception ends it. It says what holds
// and what an operator can do.
#pragma once

#include <string_view>

namespace ttp::os {

/// On SIGABRT the process writes `text` and the last kept note to standard error, and then ends by that
/// signal. Both are cut at 1,024 bytes.
void leave_last_words(std::string_view text);

/// Keeps a note, such as the last disk fault, and replaces the previous one. Any thread may call this.
void keep_for_last_words(std::string_view note);

}  // namespace ttp::os

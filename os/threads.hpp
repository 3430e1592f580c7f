// What operators see of a thread, and how it shares the processor with the others.
#pragma once

namespace ttp::os {

/// Names the calling thread, for `top -H` and debuggers. The kernel keeps the first 15 bytes.
void name_this_thread(const char* name);

/// For a thread that works for long where nobody waits for it alone. Whoever else has something to do for a
/// moment shall get the processor before a usual time slice of some milliseconds has ended.
void let_others_go_first();
/// The same for a thread that computes for long and holds what others wait for hardly ever: whoever wakes
/// interrupts it, and it interrupts nobody.
void let_others_interrupt();

}  // namespace ttp::os

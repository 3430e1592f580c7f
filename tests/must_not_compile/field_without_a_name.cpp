// A member of a stored struct without its field in the row: nothing of an event is silently left out.
// sees: domain events
// says: every member of the struct needs its field
#include "domain/account.hpp"
#include "events/fields.hpp"

using ttp::domain::LetterCancelled;
using ttp::events::field;

int main() {
  [[maybe_unused]] constexpr auto row = ttp::events::row<LetterCancelled>(
      "account.letter_cancelled", 1, &LetterCancelled::account, field("account", &LetterCancelled::account)
#ifndef WRONG
                                                                    ,
      field("letter", &LetterCancelled::letter)
#endif
  );
  return 0;
}

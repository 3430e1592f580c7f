// An event that a state's `evolve` does not name: there is no catch-all to swallow it.
// sees: domain
// says: no matching function for call to .evolve
#include "domain/account.hpp"

namespace {
struct Forgotten {
  ttp::domain::AccountId account;
};
}  // namespace

int main() {
  ttp::domain::Account account;
#ifdef WRONG
  evolve(account, Forgotten{});
#else
  evolve(account, ttp::domain::LetterCancelled{});
#endif
  return 0;
}

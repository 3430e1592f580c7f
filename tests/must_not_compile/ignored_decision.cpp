// A decision that nobody looks at.
// sees: domain
// says: ignoring returned value of type
#include "domain/account.hpp"

int main() {
  using namespace ttp::domain;
#ifdef WRONG
  decide(Account{}, RequestActivationCode{}, Facts{});
#else
  const auto decision = decide(Account{}, RequestActivationCode{}, Facts{});
  return decision.refusal ? 0 : 1;
#endif
}

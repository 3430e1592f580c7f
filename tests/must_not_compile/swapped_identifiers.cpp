// A user's identifier is not an account's.
// sees: domain
// says: could not convert .owner.
#include "domain/account.hpp"

namespace {

bool closes(ttp::domain::AccountId account, ttp::domain::UserId owner) {
  return account.uuid.is_nil() && owner.uuid.is_nil();
}

}  // namespace

int main() {
  const ttp::domain::AccountId account;
  const ttp::domain::UserId owner;
#ifdef WRONG
  return closes(owner, account) ? 0 : 1;
#else
  return closes(account, owner) ? 0 : 1;
#endif
}

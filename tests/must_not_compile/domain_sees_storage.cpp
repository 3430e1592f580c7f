// The domain cannot include what stands to its right.
// sees: domain
// says: storage/log/log.hpp: No such file
#include "domain/ids.hpp"
#ifdef WRONG
#include "storage/log/log.hpp"
#endif

int main() {
  return ttp::domain::UserId{}.uuid.is_nil() ? 0 : 1;
}

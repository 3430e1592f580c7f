// The service cannot name what belongs to HTTP.
// sees: os domain events storage projections delivery service
// says: http/wire/message.hpp: No such file
#include "service/commands.hpp"
#ifdef WRONG
#include "http/wire/message.hpp"
#endif

int main() {
  return ttp::service::Command{}.valueless_by_exception() ? 1 : 0;
}

// The threads that serve the routes: an I/O thread serves only routes that need nothing but memory.
#include <cstddef>

#include <gtest/gtest.h>

#include "http/app.hpp"
#include "service/service.hpp"

namespace ttp::http {
namespace {

TEST(Routes, serve_at_once_only_requests_that_need_nothing_but_memory) {
  for (const Route& route : routes()) {
    if (route.runs != Runs::at_once || route.is_command) continue;
    EXPECT_EQ(route.access.who, Who::anyone) << route_name(route) << " would look its caller up";
    EXPECT_FALSE(route.keeping) << route_name(route);
  }
}

TEST(Routes, have_a_worker_where_a_member_is_looked_up) {
  std::size_t looked_up = 0;
  for (const Route& route : routes()) {
    const bool looks_up = route.path.starts_with("/v1/sign-in/") || route.path == "/v1/sessions" ||
                          route.path.starts_with("/v1/staff/letters/");
    if (!route.is_command || !looks_up || route.method == "DELETE") continue;
    ++looked_up;
    EXPECT_NE(route.runs, Runs::at_once) << route_name(route);
  }
  EXPECT_GE(looked_up, 7u);
}

}  // namespace
}  // namespace ttp::http

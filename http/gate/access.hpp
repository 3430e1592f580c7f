// The callers that a route accepts.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "domain/user.hpp"

namespace ttp::http {

enum class Who : std::uint8_t {
  anyone,
  signing_in,  ///< the holder of a sign-in token
  signed_in,
  staff,
};
struct Access {
  Who who{};
  std::vector<domain::StaffRole> roles{};  ///< any one of these
  /// Whether a request keeps the session from idling; not one that a page sends by itself.
  bool renews_session = true;
};
inline Access anyone() {
  return {Who::anyone};
}
inline Access signing_in() {
  return {Who::signing_in};
}
inline Access signed_in() {
  return {Who::signed_in};
}
/// For what a page asks for again and again by itself.
inline Access watching(Access access) {
  access.renews_session = false;
  return access;
}
inline Access staff(std::initializer_list<domain::StaffRole> roles) {
  return {Who::staff, roles};
}

}  // namespace ttp::http

// Finds the row of the route table for a request. The templates are compiled into a tree of segments once, so
// a look-up depends on the request's segments and not on the number of rows.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/api/route.hpp"

namespace ttp::http {

struct Matched {
  const Route* route = nullptr;
  Parameters path;
  std::string allow;  ///< the path's methods, if only the method does not match
};

class Router {
 public:
  /// The routes must outlive the router.
  explicit Router(const std::vector<Route>& routes, bool sandbox);
  ~Router();

  /// Of the templates that fit, the one with more literal segments wins: "/profiles/company" before
  /// "/profiles/{kind}". A parameter is never empty, and always UTF-8.
  Matched match(std::string_view method, std::string_view path) const;

 private:
  struct Node;
  struct Walk;
  void walk(const Node& node, Walk& walk, std::size_t depth, std::size_t literals) const;

  std::unique_ptr<Node> root_;
};

}  // namespace ttp::http

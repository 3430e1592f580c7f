// Which row of the route table a request means. The templates are made into a tree of segments once, so that
// a request looks at its own segments and not at every row.
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
  std::string allow;  ///< the methods of the path, where there is one and the method was the fault
};

class Router {
 public:
  /// The routes must outlive the router.
  explicit Router(const std::vector<Route>& routes, bool sandbox);
  ~Router();

  /// "/profiles/company" before "/profiles/{kind}": of templates that fit, the one with more literal segments
  /// wins. A parameter is never empty, and always UTF-8.
  Matched match(std::string_view method, std::string_view path) const;

 private:
  struct Node;
  struct Walk;
  void walk(const Node& node, Walk& walk, std::size_t depth, std::size_t literals) const;

  std::unique_ptr<Node> root_;
};

}  // namespace ttp::http

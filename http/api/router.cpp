#include "http/api/router.hpp"

#include <algorithm>

#include "http/wire/text.hpp"
#include "http/wire/uri.hpp"

namespace ttp::http {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<const Route*> routes;  ///< in the order of the table

  Node& child(std::string_view segment) {
    auto& next = is_parameter(segment) ? parameter : literals[std::string{segment}];
    if (!next) next = std::make_unique<Node>();
    return *next;
  }
};

/// One search: the request's segments, and the matches so far.
struct Router::Walk {
  std::string_view method;
  std::vector<std::string_view> segments;
  const Route* best = nullptr;
  std::size_t best_literals = 0;
  std::vector<const Route*> others{};  ///< routes that fit the path but not the method
};

Router::Router(const std::vector<Route>& routes, bool sandbox) : root_(std::make_unique<Node>()) {
  for (const Route& route : routes) {
    if (route.sandbox_only && !sandbox) continue;
    Node* node = root_.get();
    for (const std::string_view segment : split(route.path, '/')) node = &node->child(segment);
    node->routes.push_back(&route);
  }
}
Router::~Router() = default;

void Router::walk(const Node& node, Walk& walk, std::size_t depth, std::size_t literals) const {
  if (depth == walk.segments.size()) {
    for (const Route* route : node.routes) {
      if (route->method != walk.method) {
        walk.others.push_back(route);
      } else if (!walk.best || literals > walk.best_literals) {
        walk.best = route;
        walk.best_literals = literals;
      }
    }
    return;
  }
  const auto segment = walk.segments[depth];
  if (const auto next = node.literals.find(segment); next != node.literals.end())
    this->walk(*next->second, walk, depth + 1, literals + 1);
  if (node.parameter && !segment.empty() && percent_decoded(segment, false))
    this->walk(*node.parameter, walk, depth + 1, literals);
}

Matched Router::match(std::string_view method, std::string_view path) const {
  Walk walk{method, split(path, '/')};
  this->walk(*root_, walk, 0, 0);
  Matched matched;
  matched.route = walk.best;
  if (walk.best) {
    std::size_t depth = 0;
    for (const std::string_view segment : split(walk.best->path, '/')) {
      if (is_parameter(segment))
        matched.path.emplace(segment.substr(1, segment.size() - 2),
                             *percent_decoded(walk.segments[depth], false));
      ++depth;
    }
    return matched;
  }
  std::ranges::sort(walk.others);
  for (const Route* route : walk.others) {
    matched.allow += (matched.allow.empty() ? "" : ", ") + route->method;
    if (route->method == "GET") matched.allow += ", HEAD";
  }
  return matched;
}

}  // namespace ttp::http

// The reasons for which an operation can be refused: those of its rules and its handler, which
// scripts/refusals reads from the sources, those of the values that it takes, and those of the gate that
// every request passes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/reason.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

/// By "METHOD /path"; a path that ends with * begins those of several routes. Written by scripts/refusals.
const std::map<std::string_view, std::vector<domain::Reason>>& reasons_of_operations();
/// By the name of a value's schema. Written by scripts/refusals.
const std::map<std::string_view, std::vector<domain::Reason>>& reasons_of_values();

/// Every reason that the operation can answer as the problem's code, in the order of the list of reasons.
std::vector<domain::Reason> reasons_of(const Route& route);

/// The names of the components that a JSON text refers to, and those that these refer to.
std::vector<std::string> schemas_within(std::string_view json);

}  // namespace ttp::http

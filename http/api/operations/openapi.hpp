// The OpenAPI 3.1 document, read from the route table.
#pragma once

#include <string>

namespace ttp::http {

/// JSON; with the sandbox's routes where they are served.
std::string openapi_document(bool with_sandbox);

}  // namespace ttp::http

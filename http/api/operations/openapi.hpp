// The OpenAPI 3.1 document, generated from the route table.
#pragma once

#include <string>

namespace ttp::http {

/// The document as JSON; `with_sandbox` includes the sandbox's routes.
std::string openapi_document(bool with_sandbox);

}  // namespace ttp::http

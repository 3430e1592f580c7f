// Handlers for load balancers, monitoring and client authors: health, metrics, the API's description and the
// catalogue of problems.
#pragma once

#include "http/api/route.hpp"

namespace ttp::http {

Answered<Response> health_live(Call&, const Json*);
Answered<Response> health_ready(Call&, const Json*);
Answered<Response> metrics(Call&, const Json*);
Answered<Response> openapi(Call&, const Json*);

}  // namespace ttp::http

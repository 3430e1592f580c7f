#include "carriers/curl_start.hpp"

#include <stdexcept>

#include <curl/curl.h>

namespace ttp::carriers {

void start_curl() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!started) throw std::runtime_error{"libcurl could not be started"};
}

}  // namespace ttp::carriers

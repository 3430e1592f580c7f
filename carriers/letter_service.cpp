#include "carriers/letter_service.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>
#include <simdjson.h>

#include "carriers/curl_start.hpp"
#include "events/bytes.hpp"
#include "events/json.hpp"
#include "os/socket_address.hpp"

namespace ttp::carriers {

using delivery::Handed;
using delivery::LetterReport;
using delivery::LetterStatus;

namespace {

constexpr std::size_t answer_bytes_max = std::size_t{1} << 20, reports_max = 100, cursor_max = 200;
constexpr std::size_t reason_max = 200;

struct Exchange {
  std::string body;
  const std::atomic<bool>* stopping;
};

std::size_t keep(char* data, std::size_t size, std::size_t count, void* of) {
  auto& exchange = *static_cast<Exchange*>(of);
  if (exchange.body.size() + size * count > answer_bytes_max) return 0;  // libcurl ends the call
  exchange.body.append(data, size * count);
  return size * count;
}
int stop_if_asked(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<Exchange*>(of)->stopping ? 1 : 0;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) != CURLE_OK)
    throw std::runtime_error{fmt::format("libcurl does not take option {}", static_cast<int>(option))};
}

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;
using Headers = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

void add_header(Headers& headers, const std::string& line) {
  curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
  if (!longer) throw std::bad_alloc{};
  (void)headers.release();
  headers.reset(longer);
}

void write_address(std::string& json, const delivery::PostalAddress& to) {
  events::ObjectWriter object(json);
  object.member("name", to.name).member("attention", to.attention).member("line1", to.address.line1);
  object.member("line2", to.address.line2).member("city", to.address.city);
  object.member("region", to.address.region).member("postal_code", to.address.postal_code);
  object.member("country", to.address.country);
  object.end();
}

std::string order_json(const delivery::LetterOrder& order) {
  std::string to;
  write_address(to, order.to);
  std::string json = "{\"to\":" + to + ",";
  std::string rest;
  events::ObjectWriter object(rest);
  object.member("registered", order.is_registered).member("post_by", order.post_by);
  object.member("pdf", events::to_base64(order.pdf));
  object.end();
  return json + rest.substr(1);
}

std::optional<LetterReport> read_report(simdjson::dom::element item) {
  std::string_view letter, status, at;
  if (item["letter_id"].get(letter) || item["status"].get(status) || item["at"].get(at)) return std::nullopt;
  const auto id = domain::parse_uuid(letter);
  const auto known = domain::parse_enum<LetterStatus>(status);
  const auto time = domain::parse_time(at);
  if (!id || !known || !time) return std::nullopt;
  LetterReport report{{*id}, *known, {}, *time, {}};
  if (std::string_view number; !item["registered_mail_number"].get(number))
    if (auto parsed = domain::RegisteredMailNumber::parse(number)) report.registered_mail_number = *parsed;
  if (std::string_view reason; !item["reason"].get(reason)) report.reason = reason.substr(0, reason_max);
  return report;
}

}  // namespace

bool is_provider_url(std::string_view url) {
  const bool is_https = url.starts_with("https://");
  if (!is_https && !url.starts_with("http://")) return false;
  url.remove_prefix(url.find("://") + 3);
  const auto host = url.substr(0, url.find('/'));
  const auto name =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
  return !name.empty() && plain && url.find_first_of("@?#\\\"<>") == url.npos &&
         (is_https || os::is_loopback(name));
}

LetterService::LetterService(LetterServiceSettings settings) : settings_(std::move(settings)) {
  start_curl();
  if (!is_provider_url(settings_.url)) throw std::invalid_argument{"the letter provider's URL is malformed"};
}

LetterService::Answer LetterService::ask(const std::string& method, const std::string& path,
                                         const std::string& body) {
  const Handle handle{curl_easy_init(), curl_easy_cleanup};
  if (!handle) throw std::runtime_error{"libcurl made no handle"};
  CURL* easy = handle.get();
  Headers headers{nullptr, curl_slist_free_all};
  add_header(headers, "Authorization: Bearer " + settings_.token);
  add_header(headers, "Content-Type: application/json");
  add_header(headers, "Accept: application/json");
  add_header(headers, "Expect:");
  Exchange exchange{{}, &stopping_};
  std::array<char, CURL_ERROR_SIZE> words{};
  const std::string url = settings_.url + (settings_.url.ends_with('/') ? "" : "/") + path;
  set(easy, CURLOPT_URL, url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "https,http");
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);  // the token is for this host alone
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings_.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
  set(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  set(easy, CURLOPT_HTTPHEADER, headers.get());
  if (!body.empty()) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(easy, CURLOPT_POSTFIELDS, body.data());
  }
  set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings_.time_max.count()));
  set(easy, CURLOPT_TIMEOUT, static_cast<long>(settings_.time_max.count()));
  set(easy, CURLOPT_WRITEFUNCTION, &keep);
  set(easy, CURLOPT_WRITEDATA, &exchange);
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_XFERINFOFUNCTION, &stop_if_asked);
  set(easy, CURLOPT_XFERINFODATA, &exchange);
  set(easy, CURLOPT_ERRORBUFFER, words.data());
  const CURLcode result = curl_easy_perform(easy);
  if (result != CURLE_OK)
    throw std::runtime_error{words[0] ? std::string{words.data()} : curl_easy_strerror(result)};
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return {static_cast<int>(status), std::move(exchange.body)};
}

LetterService::Answer LetterService::call(const std::string& method, const std::string& path,
                                          const std::string& body) {
  const os::MutexLock one_at_a_time(calling_);
  if (!breaker_.lets_through())
    throw std::runtime_error{"the provider failed several times in a row and is asked again in a moment"};
  const auto began = std::chrono::steady_clock::now();
  const auto count = [&](bool failed) {
    if (failed) {
      breaker_.failed();
    } else {
      breaker_.succeeded();
    }
    const os::MutexLock lock(mutex_);
    ++counts_.calls;
    counts_.failures += failed ? 1 : 0;
    counts_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  Answer answer;
  try {
    answer = ask(method, path, body);
  } catch (const std::exception&) {
    count(true);
    throw;
  }
  const bool is_about_us = answer.status == 401 || answer.status == 403 || answer.status == 407;
  const bool failed = is_about_us || answer.status >= 500 || answer.status < 200 ||
                      (answer.status >= 300 && answer.status < 400);
  count(failed);
  if (failed) throw std::runtime_error{fmt::format("the provider answers {}", answer.status)};
  return answer;
}

Handed LetterService::order(const delivery::LetterOrder& order) {
  const auto answer = call("PUT", "letters/" + to_text(order.letter), order_json(order));
  if (answer.status < 300) return Handed::accepted;
  const bool may_be_later = answer.status == 408 || answer.status == 409 || answer.status == 425 ||
                            answer.status == 429 || answer.status == 404;
  return may_be_later ? Handed::try_later : Handed::refused;
}

Handed LetterService::cancel(domain::LetterId letter) {
  const auto answer = call("DELETE", "letters/" + to_text(letter), {});
  // An unknown letter was never ordered, so nobody will print it.
  if (answer.status < 300 || answer.status == 404 || answer.status == 410) return Handed::accepted;
  return answer.status == 408 || answer.status == 425 || answer.status == 429 ? Handed::try_later
                                                                              : Handed::refused;
}

std::vector<LetterReport> LetterService::reports(std::string& cursor) {
  const bool is_plain = std::ranges::all_of(cursor, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.' || c == '~';
  });
  if (!is_plain || cursor.size() > cursor_max) throw std::runtime_error{"the cursor of reports is malformed"};
  const auto answer = call(
      "GET", fmt::format("reports?limit={}{}{}", reports_max, cursor.empty() ? "" : "&after=", cursor), {});
  if (answer.status != 200) throw std::runtime_error{fmt::format("the provider answers {}", answer.status)};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array items;
  if (parser.parse(answer.body).get(root) || root["items"].get(items) || items.size() > reports_max)
    throw std::runtime_error{"the provider's reports cannot be read"};
  std::vector<LetterReport> reports;
  for (const auto item : items) {
    auto report = read_report(item);
    // Skipping a report that cannot be read could hide a letter that came back.
    if (!report) throw std::runtime_error{"a report of the provider cannot be read"};
    reports.push_back(*std::move(report));
  }
  if (std::string_view next; !root["next"].get(next)) cursor = next;
  return reports;
}

LetterServiceCounts LetterService::counts() const {
  LetterServiceCounts counts;
  {
    const os::MutexLock lock(mutex_);
    counts = counts_;
  }
  counts.breaker_opened = breaker_.opened();
  counts.is_breaker_open = breaker_.is_open();
  return counts;
}

}  // namespace ttp::carriers

// /metrics: what operators watch, in the OpenMetrics text format. Names and labels hold no personal data and
// no secrets.
#include <string>

#include "http/app.hpp"

namespace ttp::http {
namespace {

class Metrics {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    text_ += "# TYPE ttp_" + std::string{name} + " " + std::string{type} + "\n";
    text_ += "# HELP ttp_" + std::string{name} + " " + std::string{help} + "\n";
  }
  void sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    text_ += "ttp_" + std::string{name};
    if (!labels.empty()) text_ += "{" + std::string{labels} + "}";
    text_ += " " + std::to_string(value) + "\n";
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "gauge", help);
    sample(name, "", value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "counter", help);
    sample(std::string{name} + "_total", "", value);
  }
  std::string finish() { return text_ + "# EOF\n"; }

 private:
  std::string text_;
};

}  // namespace

std::string App::metrics_text() const {
  Metrics metrics;
  const auto executor = service_.executor().counts();
  metrics.gauge("log_next_position", "Position that the next event will have.", service_.log().head().next);
  metrics.counter("commands", "Commands that the writer has finished.", executor.commands);
  metrics.counter("commands_refused", "Commands that were refused.", executor.refused);
  metrics.counter("events_appended", "Events appended to the log.", executor.events);
  metrics.counter("commit_batches", "Groups of commands decided together.", executor.batches);
  metrics.counter("commit_microseconds", "Time spent deciding, appending and applying, in microseconds.",
                  executor.append_microseconds);
  metrics.gauge("commands_queued", "Commands that wait for the writer.", executor.queued);
  metrics.counter("commands_queue_full", "Commands turned away because the queue was full.",
                  executor.queue_full);
  metrics.gauge("password_checks_queued", "Password checks that wait.", service_.passwords().queued());

  metrics.family("projection_next_position", "gauge", "Position that the projection applies next.");
  for (const auto& status : service_.runner().status())
    metrics.sample("projection_next_position", "projection=\"" + status.name + "\"", status.next);
  metrics.family("projection_stopped", "gauge", "1 where the projection met an event that it can not apply.");
  for (const auto& status : service_.runner().status())
    metrics.sample("projection_stopped", "projection=\"" + status.name + "\"", status.fault ? 1 : 0);

  const auto delivery = service_.delivery().counts();
  metrics.counter("mails_delivered", "Mails handed over.", delivery.mails);
  metrics.counter("letters_delivered", "Letters written.", delivery.letters);
  metrics.counter("deliveries_given_up", "Mails and letters that were not delivered in time.",
                  delivery.given_up);
  metrics.gauge("deliveries_pending", "Mails that wait for another try.", delivery.pending);

  if (server_) {
    const auto server = server_->counts();
    metrics.gauge("connections_open", "Connections open.", server.connections_open);
    metrics.counter("connections", "Connections accepted.", server.connections_total);
    metrics.counter("connections_refused", "Connections beyond a limit.", server.connections_refused);
    metrics.counter("framings_refused", "Requests with an ambiguous framing.", server.framings_refused);
    metrics.counter("requests_timed_out", "Requests not finished in time.", server.requests_timed_out);
    metrics.counter("responses_timed_out", "Requests not answered in time.", server.responses_timed_out);
  }
  metrics.family("http_requests", "counter", "Requests answered, by route and status.");
  const std::scoped_lock lock(counts_mutex_);
  for (const auto& [key, count] : answers_)
    metrics.sample("http_requests_total",
                   "route=\"" + key.first + "\",status=\"" + std::to_string(key.second) + "\"", count);
  metrics.family("refusals", "counter", "Refusals, by code.");
  for (const auto& [code, count] : refusals_)
    metrics.sample("refusals_total", "code=\"" + code + "\"", count);
  return metrics.finish();
}

}  // namespace ttp::http

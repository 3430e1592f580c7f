// /metrics: what operators watch, in the OpenMetrics text format. Names and labels hold no personal data and
// no secrets.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "http/app.hpp"
#include "os/faults.hpp"
#include "storage/log/times.hpp"

namespace ttp::http {
namespace {

class Metrics {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    text_ += "# TYPE ttp_" + std::string{name} + " " + std::string{type} + "\n";
    text_ += "# HELP ttp_" + std::string{name} + " " + std::string{help} + "\n";
  }
  template <class Number>
  void sample(std::string_view name, std::string_view labels, Number value) {
    text_ += "ttp_" + std::string{name};
    if (!labels.empty()) text_ += "{" + std::string{labels} + "}";
    text_ += " " + fmt::format("{}", value) + "\n";
  }
  void histogram(const std::string& name, const std::string& labels, const service::Histogram& histogram) {
    const std::string before = labels.empty() ? "" : labels + ",";
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
      count += histogram.counts()[i];
      const std::string bound = i < histogram.bounds().size() ? bound_text(histogram.bounds()[i]) : "+Inf";
      sample(name + "_bucket", fmt::format("{}le=\"{}\"", before, bound), count);
    }
    sample(name + "_sum", labels, histogram.sum());
    sample(name + "_count", labels, count);
  }
  template <class Number>
  void gauge(std::string_view name, std::string_view help, Number value) {
    family(name, "gauge", help);
    sample(name, "", value);
  }
  template <class Number>
  void counter(std::string_view name, std::string_view help, Number value) {
    family(name, "counter", help);
    sample(std::string{name} + "_total", "", value);
  }
  std::string finish() { return text_ + "# EOF\n"; }

 private:
  /// OpenMetrics wants a float's canonical form, "1.0".
  static std::string bound_text(double bound) {
    std::string text = fmt::format("{}", bound);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }

  std::string text_;
};

/// How long the event at `next` has waited, in seconds; 0 where there is none yet.
double waited(const service::Service& service, storage::Position next) {
  if (next >= service.log().head().next) return 0;
  const auto since = service.now() - storage::recorded_at(service.log(), next);
  return static_cast<double>(since.count()) / 1000;
}

/// Of each worker, and of what else can fail and work again.
void add_faults(Metrics& metrics) {
  const auto all = os::faults();
  const auto samples = [&](std::string_view name, std::string_view label, bool of_worker, const auto& value) {
    for (const os::FaultStatus& each : all)
      if (each.of_worker == of_worker)
        metrics.sample(name, fmt::format("{}=\"{}\"", label, each.name), value(each));
  };
  const auto lasts = [](const os::FaultStatus& each) { return each.reason ? 1 : 0; };
  const auto count = [](const os::FaultStatus& each) { return each.count; };
  metrics.family("worker_faulty", "gauge", "1 where the worker's last step failed.");
  samples("worker_faulty", "worker", true, lasts);
  metrics.family("worker_faults", "counter", "Steps of the worker that failed.");
  samples("worker_faults_total", "worker", true, count);
  metrics.family("fault_lasts", "gauge", "1 while this does not work.");
  samples("fault_lasts", "fault", false, lasts);
  metrics.family("faults", "counter", "How often this did not work.");
  samples("faults_total", "fault", false, count);
}

}  // namespace

std::string App::metrics_text() const {
  Metrics metrics;
  const auto executor = service_.executor().counts();
  const storage::Position head = service_.log().head().next;
  metrics.gauge("log_next_position", "Position that the next event will have.", head);
  metrics.counter("commands", "Commands that the writer has finished.", executor.commands);
  metrics.counter("commands_refused", "Commands that were refused.", executor.refused);
  metrics.counter("events_appended", "Events appended to the log.", executor.events);
  metrics.family("commit_batch_commands", "histogram", "Commands that were appended to the log together.");
  metrics.histogram("commit_batch_commands", "", executor.batch_sizes);
  metrics.family("log_append_seconds", "histogram", "Time to append such a batch, with its sync.");
  metrics.histogram("log_append_seconds", "", executor.append_seconds);
  metrics.family("commit_seconds", "histogram", "Time to decide, append and apply such a batch.");
  metrics.histogram("commit_seconds", "", executor.commit_seconds);
  metrics.gauge("commands_queued", "Commands that wait for the writer.", executor.queued);
  metrics.counter("commands_queue_full", "Commands turned away because the queue was full.",
                  executor.queue_full);
  metrics.gauge("password_checks_queued", "Password checks that wait.", service_.passwords().queued());

  const auto statuses = service_.runner().status();
  metrics.family("projection_next_position", "gauge", "Position that the projection applies next.");
  for (const auto& status : statuses)
    metrics.sample("projection_next_position", "projection=\"" + status.name + "\"", status.next);
  metrics.family("projection_lag_events", "gauge", "Events in the log that the projection has not applied.");
  for (const auto& status : statuses)
    metrics.sample("projection_lag_events", "projection=\"" + status.name + "\"",
                   head - std::min(status.next, head));
  metrics.family("projection_lag_seconds", "gauge", "Age of the oldest event that is not applied.");
  for (const auto& status : statuses)
    metrics.sample("projection_lag_seconds", "projection=\"" + status.name + "\"",
                   waited(service_, status.next));
  metrics.family("standby_next_position", "gauge", "Position that a view being rebuilt applies next.");
  for (const auto& standby : service_.runner().standbys())
    metrics.sample("standby_next_position", "projection=\"" + standby.projection + "\"", standby.next);

  const auto signed_events = service_.checkpoints().last().first.size;
  metrics.gauge("checkpoint_signed_events", "Events that the last signed checkpoint covers.", signed_events);
  metrics.gauge("checkpoint_age_seconds", "Age of the oldest event that no signed checkpoint covers.",
                waited(service_, signed_events));
  metrics.gauge("checkpoint_fault", "1 where the checkpoint could not be written.",
                service_.checkpoints().fault() ? 1 : 0);

  metrics.family("projection_stopped", "gauge", "1 where the projection met an event that it can not apply.");
  for (const auto& status : statuses)
    metrics.sample("projection_stopped", "projection=\"" + status.name + "\"", status.fault ? 1 : 0);

  const auto delivery = service_.delivery().counts();
  metrics.counter("mails_delivered", "Mails handed over.", delivery.mails);
  metrics.counter("letters_delivered", "Letters written.", delivery.letters);
  metrics.counter("deliveries_given_up", "Mails and letters that were not delivered in time.",
                  delivery.given_up);
  metrics.gauge("deliveries_pending", "Mails that wait for another try.", delivery.pending);

  metrics.gauge("deliveries_set_aside", "Events whose mails or letters cannot be made now.",
                delivery.set_aside);

  metrics.gauge("clock_deviation_seconds", "How far the host clock is ahead of the service's time.",
                static_cast<double>(service_.clock().deviation().count()) / 1000);
  add_faults(metrics);

  if (server_) {
    const auto server = server_->counts();
    metrics.gauge("connections_open", "Connections open.", server.connections_open);
    metrics.counter("connections", "Connections accepted.", server.connections_total);
    metrics.counter("connections_refused", "Connections beyond a limit.", server.connections_refused);
    metrics.counter("framings_refused", "Requests with an ambiguous framing.", server.framings_refused);
    metrics.counter("requests_timed_out", "Requests not finished in time.", server.requests_timed_out);
    metrics.counter("responses_timed_out", "Requests not answered in time.", server.responses_timed_out);
  }
  const RequestFigures figures = counts_.figures();
  metrics.family("http_request_seconds", "histogram",
                 "Time from a request, read, to its answer, not yet sent.");
  metrics.histogram("http_request_seconds", "kind=\"command\"", figures.command_seconds);
  metrics.histogram("http_request_seconds", "kind=\"query\"", figures.query_seconds);
  metrics.family("http_requests", "counter", "Requests answered, by route and status.");
  for (const auto& [key, count] : figures.answers)
    metrics.sample("http_requests_total",
                   "route=\"" + (key.first ? route_name(*key.first) : "none") + "\",status=\"" +
                       std::to_string(key.second) + "\"",
                   count);
  metrics.family("refusals", "counter", "Refusals, by code.");
  for (const auto& [code, count] : figures.refusals)
    metrics.sample("refusals_total", "code=\"" + code + "\"", count);
  return metrics.finish();
}

}  // namespace ttp::http

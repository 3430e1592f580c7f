// /metrics: figures for operators, in the OpenMetrics text format. Names and labels hold no personal data and
// no secrets. Each row is one family: its name, its type, its help text, and the source of its samples.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "carriers/letter_service.hpp"
#include "carriers/relay.hpp"
#include "http/app.hpp"
#include "os/faults.hpp"
#include "projections/index/index_rows.hpp"
#include "storage/log/times.hpp"

namespace ttp::http {
namespace {

/// The figures of one scrape.
struct Figures {
  const service::Service& service;
  storage::Position head;
  service::ExecutorCounts executor;
  std::vector<projections::ProjectionStatus> projections;
  storage::Position signed_events;
  service::DeliveryCounts delivery;
  std::optional<ServerCounts> server;
  RequestFigures requests;
  std::vector<os::FaultStatus> faults;
  std::size_t position_waits, answers_queued, long_answers_queued;
};

/// Writes the samples of one family.
class Samples {
 public:
  Samples(std::string& text, std::string_view name, std::string_view type)
      : text_(text), name_(fmt::format("ttp_{}", name)), suffix_(type == "counter" ? "_total" : "") {}

  template <class Number>
  void one(Number value) const {
    add(suffix_, "", value);
  }
  template <class Number>
  void of(std::string_view label, std::string_view whose, Number value) const {
    add(suffix_, fmt::format("{}=\"{}\"", label, whose), value);
  }
  template <class Number>
  void labelled(std::string_view labels, Number value) const {
    add(suffix_, labels, value);
  }
  void histogram(std::string_view labels, const service::Histogram& histogram) const {
    const std::string before = labels.empty() ? "" : std::string{labels} + ",";
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
      count += histogram.counts()[i];
      const std::string bound = i < histogram.bounds().size() ? bound_text(histogram.bounds()[i]) : "+Inf";
      add("_bucket", fmt::format("{}le=\"{}\"", before, bound), count);
    }
    add("_sum", labels, histogram.sum());
    add("_count", labels, count);
  }

 private:
  template <class Number>
  void add(std::string_view suffix, std::string_view labels, Number value) const {
    text_ += name_;
    text_ += suffix;
    if (!labels.empty()) text_ += fmt::format("{{{}}}", labels);
    text_ += fmt::format(" {}\n", value);
  }
  /// OpenMetrics requires a float in canonical form, "1.0".
  static std::string bound_text(double bound) {
    std::string text = fmt::format("{}", bound);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }

  std::string& text_;
  const std::string name_;
  const std::string_view suffix_;
};

/// The age in seconds of the event at `next`; 0 if there is none yet.
double waited(const service::Service& service, storage::Position next) {
  if (next >= service.log().head().next) return 0;
  const auto since = service.now() - storage::recorded_at(service.log(), next);
  return static_cast<double>(since.count()) / 1000;
}

std::uint64_t lasts(const os::FaultStatus& fault) {
  return fault.reason ? 1 : 0;
}
std::uint64_t count(const os::FaultStatus& fault) {
  return fault.count;
}
/// One sample per worker, or per other fault.
void add_faults(const Samples& out, const Figures& of, bool of_workers,
                std::uint64_t (*value)(const os::FaultStatus&)) {
  for (const os::FaultStatus& each : of.faults)
    if (each.of_worker == of_workers) out.of(of_workers ? "worker" : "fault", each.name, value(each));
}

struct Family {
  std::string_view name, type, help;
  void (*show)(const Samples& out, const Figures& of);
  /// Whether the figures change when something is recorded: a stranger could tell by them whether a wrong
  /// password was somebody's. They are for monitors alone.
  bool tells_of_events = false;
};

// clang-format off
const Family families[] = {
    {"log_next_position", "gauge", "Position that the next event will have.",
     [](const auto& out, const auto& of) { out.one(of.head); }, true},
    {"commands", "counter", "Commands that the writer has finished.",
     [](const auto& out, const auto& of) { out.one(of.executor.commands); }, true},
    {"commands_refused", "counter", "Commands that were refused.",
     [](const auto& out, const auto& of) { out.one(of.executor.refused); }, true},
    {"events_appended", "counter", "Events appended to the log.",
     [](const auto& out, const auto& of) { out.one(of.executor.events); }, true},
    {"commit_batch_commands", "histogram", "Commands that one append wrote to the log.",
     [](const auto& out, const auto& of) { out.histogram("", of.executor.batch_sizes); }, true},
    {"log_append_seconds", "histogram", "Time to append a batch, including its sync.",
     [](const auto& out, const auto& of) { out.histogram("", of.executor.append_seconds); }, true},
    {"commit_seconds", "histogram", "Time to decide, append and apply a batch.",
     [](const auto& out, const auto& of) { out.histogram("", of.executor.commit_seconds); }, true},
    {"writer_fault", "gauge", "1 if no command is accepted until the service restarts.",
     [](const auto& out, const auto& of) { out.one(of.service.executor().fault() ? 1 : 0); }},
    {"commands_queued", "gauge", "Commands waiting for the writer.",
     [](const auto& out, const auto& of) { out.one(of.executor.queued); }, true},
    {"commands_queue_full", "counter", "Commands refused because the queue was full.",
     [](const auto& out, const auto& of) { out.one(of.executor.queue_full); }},
    {"password_checks_queued", "gauge", "Password checks waiting in the queue.",
     [](const auto& out, const auto& of) { out.one(of.service.passwords().queued()); }},
    {"answers_queued", "gauge", "Requests waiting for a worker.",
     [](const auto& out, const auto& of) { out.one(of.answers_queued); }},
    {"long_answers_queued", "gauge", "Slow requests waiting for a worker.",
     [](const auto& out, const auto& of) { out.one(of.long_answers_queued); }},
    {"position_waits", "gauge", "Requests waiting until the views include a position.",
     [](const auto& out, const auto& of) { out.one(of.position_waits); }},
    {"snapshot_reads", "counter", "States read, by source.",
     [](const auto& out, const auto& of) {
       const auto counts = of.service.queries().snapshots().counts();
       out.of("from", "memory", counts.from_memory);
       out.of("from", "disk", counts.from_disk);
       out.of("from", "log", counts.folded);
     }, true},
    {"snapshots_damaged", "counter", "Stored snapshots that could not be read; their states are folded from the log.",
     [](const auto& out, const auto& of) { out.one(of.service.queries().snapshots().counts().damaged); }},
    {"snapshots_stored", "counter", "Snapshots stored.",
     [](const auto& out, const auto& of) { out.one(of.service.queries().snapshots().counts().stored); }, true},
    {"snapshots_waiting", "gauge", "Snapshots waiting to be stored.",
     [](const auto& out, const auto& of) { out.one(of.service.queries().snapshots().counts().waiting); }, true},
    {"snapshot_cache_bytes", "gauge", "Memory of the cached states.",
     [](const auto& out, const auto& of) { out.one(of.service.queries().snapshots().counts().cached_bytes); }, true},
    {"projection_next_position", "gauge", "Position that the projection applies next.",
     [](const auto& out, const auto& of) {
       for (const auto& each : of.projections) out.of("projection", each.name, each.next);
     }, true},
    {"projection_lag_events", "gauge", "Events in the log that the projection has not applied yet.",
     [](const auto& out, const auto& of) {
       for (const auto& each : of.projections)
         out.of("projection", each.name, of.head - std::min(each.next, of.head));
     }, true},
    {"projection_lag_seconds", "gauge", "Age of the oldest event that the projection has not applied yet.",
     [](const auto& out, const auto& of) {
       for (const auto& each : of.projections) out.of("projection", each.name, waited(of.service, each.next));
     }, true},
    {"projection_stopped", "gauge", "1 if the projection stopped at an event that it cannot apply.",
     [](const auto& out, const auto& of) {
       for (const auto& each : of.projections) out.of("projection", each.name, each.fault ? 1 : 0);
     }},
    {"standby_next_position", "gauge", "Position that a view being rebuilt applies next.",
     [](const auto& out, const auto& of) {
       for (const auto& each : of.service.runner().standbys()) out.of("projection", each.projection, each.next);
     }, true},
    {"checkpoint_signed_events", "gauge", "Events that the last signed checkpoint covers.",
     [](const auto& out, const auto& of) { out.one(of.signed_events); }, true},
    {"checkpoint_age_seconds", "gauge", "Age of the oldest event that no signed checkpoint covers.",
     [](const auto& out, const auto& of) { out.one(waited(of.service, of.signed_events)); }, true},
    {"checkpoint_fault", "gauge", "1 if the last checkpoint could not be written.",
     [](const auto& out, const auto& of) { out.one(of.service.checkpoints().fault() ? 1 : 0); }},
    {"mails_delivered", "counter", "Mails handed over.",
     [](const auto& out, const auto& of) { out.one(of.delivery.mails); }, true},
    {"letters_delivered", "counter", "Letters written.",
     [](const auto& out, const auto& of) { out.one(of.delivery.letters); }, true},
    {"deliveries_given_up", "counter", "Mails and letters that were not delivered in time.",
     [](const auto& out, const auto& of) { out.one(of.delivery.given_up); }},
    {"deliveries_pending", "gauge", "Mails waiting for another attempt.",
     [](const auto& out, const auto& of) { out.one(of.delivery.pending); }},
    {"deliveries_set_aside", "gauge", "Events whose mails or letters cannot be made at present.",
     [](const auto& out, const auto& of) { out.one(of.delivery.set_aside); }},
    {"mail_relay_mails", "counter", "Conversations with the mail relay, by what came of them.",
     [](const auto& out, const auto& of) {
       if (!of.service.relay()) return;
       const auto counts = of.service.relay()->counts();
       static constexpr std::string_view verdicts[] = {"delivered", "try_later", "refused", "misconfigured", "unknown"};
       for (std::size_t i = 0; i < counts.by_verdict.size(); ++i) out.of("verdict", verdicts[i], counts.by_verdict[i]);
     }, true},
    {"mail_relay_seconds", "counter", "Time spent in conversations with the mail relay.",
     [](const auto& out, const auto& of) { if (of.service.relay()) out.one(of.service.relay()->counts().seconds); }, true},
    {"mail_relay_breaker_open", "gauge", "1 while the mail relay is not asked, because it failed several times in a row.",
     [](const auto& out, const auto& of) { if (of.service.relay()) out.one(of.service.relay()->counts().is_breaker_open ? 1 : 0); }},
    {"mail_bounces", "counter", "Bounces read, by what came of them.",
     [](const auto& out, const auto& of) {
       if (!of.service.bounces()) return;
       const auto counts = of.service.bounces()->counts();
       out.of("result", "recorded", counts.recorded);
       out.of("result", "foreign", counts.foreign);
       out.of("result", "unknown", counts.unknown);
     }, true},
    {"letter_provider_calls", "counter", "Calls of the letter provider.",
     [](const auto& out, const auto& of) { if (of.service.letter_service()) out.one(of.service.letter_service()->counts().calls); }, true},
    {"letter_provider_failures", "counter", "Calls of the letter provider without a usable answer.",
     [](const auto& out, const auto& of) { if (of.service.letter_service()) out.one(of.service.letter_service()->counts().failures); }},
    {"letter_provider_seconds", "counter", "Time spent in calls of the letter provider.",
     [](const auto& out, const auto& of) { if (of.service.letter_service()) out.one(of.service.letter_service()->counts().seconds); }, true},
    {"letter_provider_breaker_open", "gauge", "1 while the letter provider is not asked, because it failed several times in a row.",
     [](const auto& out, const auto& of) { if (of.service.letter_service()) out.one(of.service.letter_service()->counts().is_breaker_open ? 1 : 0); }},
    {"letter_reports", "counter", "Reports of the letter provider, by what came of them.",
     [](const auto& out, const auto& of) {
       if (!of.service.letter_reports()) return;
       const auto counts = of.service.letter_reports()->counts();
       out.of("result", "recorded", counts.recorded);
       out.of("result", "repeated", counts.repeated);
       out.of("result", "impossible", counts.impossible);
     }, true},
    {"letters_overdue", "gauge", "Letters not handed to the post within their two business days.",
     [](const auto& out, const auto& of) {
       out.one(of.service.queries().work_count(domain::StaffRole::mail_room, projections::WorkKind::letter_overdue));
     }},
    {"disk_free_bytes", "gauge", "Free space on the fullest disk that changes are written to.",
     [](const auto& out, const auto& of) { out.one(of.service.disk().free_bytes()); }},
    {"clock_deviation_seconds", "gauge", "How far the host clock is ahead of the service's time.",
     [](const auto& out, const auto& of) {
       out.one(static_cast<double>(of.service.clock().deviation().count()) / 1000);
     }},
    {"worker_faulty", "gauge", "1 if the worker's last step failed.",
     [](const auto& out, const auto& of) { add_faults(out, of, true, &lasts); }},
    {"worker_faults", "counter", "Steps of the worker that failed.",
     [](const auto& out, const auto& of) { add_faults(out, of, true, &count); }},
    {"fault_lasts", "gauge", "1 while the fault lasts.",
     [](const auto& out, const auto& of) { add_faults(out, of, false, &lasts); }},
    {"faults", "counter", "Number of times that the fault occurred.",
     [](const auto& out, const auto& of) { add_faults(out, of, false, &count); }},
    {"connections_open", "gauge", "Open connections.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->connections_open); }},
    {"connections", "counter", "Connections accepted.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->connections_total); }},
    {"connections_refused", "counter", "Connections refused because of a limit.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->connections_refused); }},
    {"framings_refused", "counter", "Requests refused because of ambiguous framing.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->framings_refused); }},
    {"requests_timed_out", "counter", "Requests not finished in time.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->requests_timed_out); }},
    {"responses_timed_out", "counter", "Requests not answered in time.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->responses_timed_out); }},
    {"proxy_headers_refused", "counter", "Connections ended because of their PROXY header, or for lack of one.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->proxy_headers_refused); }},
    {"tls_handshakes", "counter", "TLS handshakes finished.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->tls_handshakes); }},
    {"tls_handshakes_failed", "counter", "TLS handshakes refused, broken off or not finished in time.",
     [](const auto& out, const auto& of) { if (of.server) out.one(of.server->tls_handshakes_failed); }},
    {"certificate_expiry_timestamp_seconds", "gauge", "Time at which the first certificate in use ends.",
     [](const auto& out, const auto& of) {
       if (of.server && of.server->certificates_valid_until)
         out.one(of.server->certificates_valid_until->time_since_epoch().count());
     }},
    {"http_request_seconds", "histogram", "Time from the end of reading a request to its answer, before sending.",
     [](const auto& out, const auto& of) {
       out.histogram("kind=\"command\"", of.requests.command_seconds);
       out.histogram("kind=\"query\"", of.requests.query_seconds);
     }},
    {"http_requests", "counter", "Requests answered, by route and status.",
     [](const auto& out, const auto& of) {
       for (const auto& [key, count] : of.requests.answers)
         out.labelled(fmt::format("route=\"{}\",status=\"{}\"", key.first ? route_name(*key.first) : "none",
                                  key.second), count);
     }},
    {"refusals", "counter", "Refusals, by code.",
     [](const auto& out, const auto& of) {
       for (const auto& [code, count] : of.requests.refusals) out.of("code", code, count);
     }},
};
// clang-format on

}  // namespace

std::string App::metrics_text(bool for_monitors) const {
  const Figures figures{service_,
                        service_.log().head().next,
                        service_.executor().counts(),
                        service_.runner().status(),
                        service_.checkpoints().last().first.size,
                        service_.delivery().counts(),
                        server_ ? std::optional{server_->counts()} : std::nullopt,
                        counts_.figures(),
                        os::faults(),
                        positions_.waiting(),
                        workers_.queued(),
                        patient_workers_.queued()};
  std::string text;
  for (const Family& family : families) {
    if (family.tells_of_events && !for_monitors) continue;
    text += fmt::format("# TYPE ttp_{} {}\n# HELP ttp_{} {}\n", family.name, family.type, family.name,
                        family.help);
    family.show(Samples{text, family.name, family.type}, figures);
  }
  return text + "# EOF\n";
}

}  // namespace ttp::http

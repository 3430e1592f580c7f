"""The comparisons and their bars: one row per figure of the report.

A row's `ours` and `beside` name numbers of its experiment's samples (experiments.py). With both, the figure is their
ratio, taken within each round; with `ours` alone it is that number itself.
"""

import dataclasses
import math
import statistics


@dataclasses.dataclass(frozen=True)
class Bar:
    asked: float
    at_least: bool

    def met_by(self, figure):
        return figure >= self.asked if self.at_least else figure <= self.asked

    def __str__(self):
        return f"{'>=' if self.at_least else '<='} {self.asked:g}"


def at_least(asked):
    return Bar(asked, True)


def at_most(asked):
    return Bar(asked, False)


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    experiment: str
    what: str
    ours: str
    beside: str | None = None
    beside_what: str = ""
    bar: Bar | None = None  # none: reported, not judged
    unit: str = "/s"

    def figure(self, sample):
        if not self.beside:
            return sample[self.ours]
        return sample[self.ours] / sample[self.beside] if sample[self.beside] else math.nan


ROWS = (
    Row("commands-peer", "commands", "durable commands over HTTP, better of 64 and 256 connections", "commands_best",
        "best_peer", "better of message-db (1, 8, 32 clients) and Emmett", at_least(8)),
    Row("commands-peer-64", "commands", "the same, 64 connections", "commands_64", "best_peer", "the same"),
    Row("commands-peer-256", "commands", "the same, 256 connections", "commands_256", "best_peer", "the same"),
    Row("commands-bare-64", "commands", "durable commands over HTTP, 64 connections", "commands_64",
        "bare_64", "bare Beast that parses and stores nothing"),
    Row("commands-bare-256", "commands", "durable commands over HTTP, 256 connections", "commands_256",
        "bare_256", "bare Beast that parses and stores nothing"),
    Row("commands-half", "commands", "p99 at half of the peak rate", "half_p99_us", "fdatasync_p50_us",
        "median fdatasync of 1 KiB", at_most(10), "us"),
    Row("commands-half-bare", "commands", "p99 of the bare server, which stores nothing, at the same rate",
        "bare_half_p99_us", "fdatasync_p50_us", "median fdatasync of 1 KiB", unit="us"),
    Row("commands-one", "commands", "one client, median", "one_p50_us", "fdatasync_p50_us", "median fdatasync of 1 KiB",
        at_most(3), "us"),
    Row("written", "commands", "bytes sent to the disk per event, 64 connections", "written_per_event_64", "payload",
        "bytes of the request's body", unit="B"),
    Row("queries-64", "queries", "queries, 64 connections", "queries_64", "bare_64",
        "bare Beast that sends the same bytes", at_least(0.85)),
    Row("queries-256", "queries", "queries, 256 connections", "queries_256", "bare_256",
        "bare Beast that sends the same bytes", at_least(0.85)),
    Row("mixed-commands-64", "mixed", "commands among nine times as many queries, 64 connections", "commands_64",
        "commands_predicted_64", "what the parts predict", at_least(0.8)),
    Row("mixed-queries-64", "mixed", "queries beside a ninth of commands, 64 connections", "queries_64",
        "queries_predicted_64", "what the parts predict", at_least(0.8)),
    Row("mixed-commands-256", "mixed", "commands among nine times as many queries, 256 connections", "commands_256",
        "commands_predicted_256", "what the parts predict", at_least(0.8)),
    Row("mixed-queries-256", "mixed", "queries beside a ninth of commands, 256 connections", "queries_256",
        "queries_predicted_256", "what the parts predict", at_least(0.8)),
    Row("embedded", "embedded", "commands of 64 writers without HTTP", "commands_per_second", "raw_commands_per_second",
        "RocksDB alone: the same synced batches", at_least(0.6)),
    Row("log-alone", "embedded", "the same batches, appended by the embedded engine alone", "log_commands_per_second",
        "raw_commands_per_second", "RocksDB alone: the same synced batches", at_least(0.6)),
    Row("rebuild-rate", "rebuild", "events a second, all projections built anew, largest log",
        "per_second_big", bar=at_least(300_000)),
    Row("rebuild-scan", "rebuild", "the same", "per_second_big", "scan_per_second_big", "raw scan of the events"),
    Row("rebuild-memory", "rebuild", "its most memory", "memory_mib_big", bar=at_most(1024), unit="MiB"),
    Row("rebuild-cost", "rebuild", "its cost per event", "us_per_event_big", "us_per_event_middle",
        "on a log a tenth as large", at_most(1.15), "us"),
    Row("verify", "verify", "offline verification of an export", "per_second", "asked_per_second",
        "1 M/s or half of SHA-256 alone, the lower", at_least(1)),
    Row("verify-sha256", "verify", "the same", "per_second", "sha256_per_second", "SHA-256 alone over the same bytes"),
    Row("verify-views", "verify", "verification of the stores, every view rebuilt and compared",
        "with_views_per_second", "sha256_per_second", "SHA-256 alone over the export's bytes"),
    Row("start", "start", "start after kill -9 under load, largest log, until ready", "seconds", bar=at_most(2), unit="s"),
    Row("memory", "memory", "resident after load on the largest log, cache of 256 MiB", "mib", bar=at_most(512), unit="MiB"),
    Row("memory-flat", "memory", "mean of that load's last quarter (--soak 3600: an hour's)", "last_quarter_mib", "second_quarter_mib",
        "of its second quarter", at_most(1.05), "MiB"),
    Row("growth-commands-100k", "growth", "commands on the middle log", "commands_middle", "commands_small",
        "on the small log", at_least(0.85)),
    Row("growth-commands-1m", "growth", "commands on the largest log", "commands_big", "commands_small",
        "on the small log", at_least(0.85)),
    Row("growth-queries-100k", "growth", "queries on the middle log", "queries_middle", "queries_small",
        "on the small log", at_least(0.85)),
    Row("growth-queries-1m", "growth", "queries on the largest log", "queries_big", "queries_small",
        "on the small log", at_least(0.85)),
    Row("growth-commands-wide", "growth", "commands on the largest log, of up to 20,000 owners", "commands_wide", "commands_big",
        "of as many owners as the small one has"),
    Row("growth-queries-wide", "growth", "queries on the largest log, of up to 20,000 owners", "queries_wide", "queries_big",
        "of as many owners as the small one has"),
    Row("flood-commands", "flood", "p99 of commands under a flood of sign-ins", "commands_flooded_p99_us",
        "commands_quiet_p99_us", "quiet", at_most(2), "us"),
    Row("flood-queries", "flood", "p99 of queries under a flood of sign-ins", "queries_flooded_p99_us",
        "queries_quiet_p99_us", "quiet", at_most(2), "us"),
)


@dataclasses.dataclass(frozen=True)
class Judged:
    row: Row
    ours: float
    beside: float | None
    figure: float  # the median over the rounds
    least: float
    most: float

    @property
    def verdict(self):
        if not self.row.bar:
            return ""
        return "met" if self.row.bar.met_by(self.figure) else "missed"


def judge(samples):
    """Every row whose experiment has samples."""
    judged = []
    for row in ROWS:
        rounds = samples.get(row.experiment, [])
        if not rounds:
            continue
        figures = [row.figure(sample) for sample in rounds]
        if any(map(math.isnan, figures)):  # the compared number was zero, so there is no ratio
            continue
        beside = statistics.median(sample[row.beside] for sample in rounds) if row.beside else None
        judged.append(Judged(row, statistics.median(sample[row.ours] for sample in rounds), beside,
                             statistics.median(figures), min(figures), max(figures)))
    return judged

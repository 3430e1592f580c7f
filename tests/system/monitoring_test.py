"""Monitoring: the metrics are strict OpenMetrics, they change when things happen, and the server has every name that
the Prometheus rules and the dashboard use.
"""

import json
import os
import pathlib
import re
import unittest

from client import Api, eventually, needs_ttpd, town

MONITORING = pathlib.Path(__file__).resolve().parents[2] / "docs" / "monitoring"
SAMPLE = re.compile(r'(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>(?:\w+="[^"\\\n]*"(?:,(?!\})|(?=\})))*)\})? '
                    r'(?P<value>[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|\+Inf|NaN))')

COMMANDS_ANSWERED = ("ttp_http_request_seconds_count", 'kind="command"')
SUFFIXES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}

setUpModule = needs_ttpd


def check_histogram(name, samples):
    """Checks that the bounds and the counts of the ranges rise, up to the total."""
    series = {}
    for (each, labels), value in samples.items():
        if each == name + "_bucket":
            others, bound = re.fullmatch(r'(?:(.*),)?le="([^"]+)"', labels).groups()
            series.setdefault(others or "", []).append((float(bound), value))
    assert series, name
    for labels, ranges in series.items():
        assert ranges == sorted(ranges) and [count for _, count in ranges] == sorted(count for _, count in ranges), ranges
        assert ranges[-1] == (float("inf"), samples[name + "_count", labels]), ranges


def parsed(text):
    """Families by name with their type, and samples by name and labels; refuses what is not OpenMetrics."""
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""], lines[-2:]
    types, helped, samples, family = {}, set(), {}, None
    for line in lines[:-2]:
        if line.startswith("# "):
            _, what, name, rest = line.split(" ", 3)
            if what == "TYPE":
                assert name not in types, f"{name} comes twice"
                types[name], family = rest, name
            elif what == "HELP":
                assert name == family and rest, line
                helped.add(name)
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        name = match["name"]
        assert name in {family + suffix for suffix in SUFFIXES[types[family]]}, f"{name} stands under {family}"
        key = (name, match["labels"] or "")
        assert key not in samples, f"{key} comes twice"
        samples[key] = float(match["value"])
    assert helped == set(types), set(types) - helped
    for name in (name for name, kind in types.items() if kind == "histogram"):
        check_histogram(name, samples)
    return types, samples


class MonitoringTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.owner = cls.sandbox.person().sign_in()
        cls.monitor = cls.sandbox.monitor()

    def metrics(self, by=None):
        answer = (by or self.monitor).ask("GET", "/metrics")
        self.assertTrue(answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0"))
        return parsed(answer.body.decode())

    def value(self, name, labels=""):
        return self.metrics()[1].get((name, labels), 0)

    def test_a_stranger_cannot_tell_by_figures_whether_a_wrong_password_was_somebodys(self):
        anybody, person = Api(self.server), self.sandbox.person()
        own = {"ttp_http_requests_total", "ttp_http_request_seconds_count", "ttp_http_request_seconds_sum",
               "ttp_http_request_seconds_bucket", "ttp_refusals_total", "ttp_connections_total", "ttp_disk_free_bytes",
               "ttp_clock_deviation_seconds", "ttp_connections_open"}

        def figures():
            return {key: value for key, value in self.metrics(anybody)[1].items() if key[0] not in own}

        before = figures()
        recorded = self.value("ttp_log_next_position")
        for user_name in (person.user_name, "nobodyhere1"):
            anybody.refused("credential_rejected", "POST", "/v1/sign-ins",
                            {"user_name": user_name, "password": "not the right one"})
            self.assertEqual(figures(), before)
        self.assertGreater(self.value("ttp_log_next_position"), recorded, "the control: the monitor sees it")
        self.assertNotIn("position", anybody.get("/health/ready"))
        self.assertIn("position", self.monitor.get("/health/ready"))
        for path in ("/v1/terms/portal", "/problems", "/v1/eligibility-questions"):
            self.assertIsNone(anybody.ask("GET", path).headers["X-Position"], path)
        self.assertIsNotNone(self.owner.ask("GET", "/v1/user").headers["X-Position"])

    def test_every_name_in_the_rules_and_on_the_dashboard_is_shown(self):
        types, _ = self.metrics()
        shown = {name + suffix for name, kind in types.items() for suffix in SUFFIXES[kind]}
        used = {}
        for file in sorted(os.listdir(MONITORING)):
            used[file] = set(re.findall(r"\bttp_\w+", (MONITORING / file).read_text(encoding="utf-8")))
        self.assertEqual(set(used), {"rules.yml", "dashboard.json"})
        for file, names in used.items():
            self.assertGreater(len(names), 8)
            self.assertEqual(names - shown, set(), file)
        dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
        self.assertEqual(len({panel["id"] for panel in dashboard["panels"]}), len(dashboard["panels"]))

    def test_they_move_when_things_happen(self):
        commands, batches = self.value("ttp_commands_total"), self.value("ttp_commit_batch_commands_count")
        refusals = self.value("ttp_refusals_total", 'code="unknown_member"')
        head, seconds = self.value("ttp_log_next_position"), self.value("ttp_commit_seconds_sum")
        syncs, answers = self.value("ttp_log_append_seconds_count"), self.value(*COMMANDS_ANSWERED)
        self.owner.patch("/v1/user/contact-details", {"given_names": "Ada"})
        self.owner.refused("unknown_member", "PATCH", "/v1/user/contact-details", {"nonsense": 1})
        self.assertGreater(self.value("ttp_commands_total"), commands)
        self.assertEqual(self.value("ttp_commit_batch_commands_count"), batches + 1)
        self.assertEqual(self.value("ttp_log_append_seconds_count"), syncs + 1)
        self.assertGreater(self.value("ttp_commit_seconds_sum"), seconds)
        self.assertEqual(self.value(*COMMANDS_ANSWERED), answers + 2)
        self.assertEqual(self.value("ttp_refusals_total", 'code="unknown_member"'), refusals + 1)
        self.assertGreater(self.value("ttp_log_next_position"), head)

    def test_each_thread_has_the_name_that_the_manual_gives_it(self):
        manual = (MONITORING.parent / "threads.md").read_text(encoding="utf-8")
        names = {each.read_text(encoding="utf-8").strip()
                 for each in pathlib.Path(f"/proc/{self.server.process.pid}/task").glob("*/comm")}
        self.assertLessEqual({"http", "writer", "applier", "answers", "long answers", "command answers", "passwords",
                              "checkpointer", "delivery", "scheduler", "positions", "watch", "rebuilder"}, names)
        for name in names - {"ttpd"}:
            if not name.startswith("jemalloc"):  # the allocator's own
                self.assertIn(f"`{name}`", manual)

    def test_views_are_caught_up_and_the_checkpoint_follows(self):
        _, samples = self.metrics()
        lags = {labels: value for (name, labels), value in samples.items() if name == "ttp_projection_lag_events"}
        self.assertEqual(set(lags.values()), {0})
        self.assertEqual(len(lags), 5)
        eventually(lambda: self.value("ttp_checkpoint_signed_events") == self.value("ttp_log_next_position"))
        self.assertEqual(self.value("ttp_checkpoint_age_seconds"), 0)
        self.assertEqual(self.value("ttp_checkpoint_fault"), 0)

    def test_a_rebuild_can_be_watched(self):
        operator = self.sandbox.staff("operator")
        self.assertFalse([name for name, _ in self.metrics()[1] if name == "ttp_standby_next_position"])
        operator.post("/v1/operations/projections/user_view@5/rebuilds")
        eventually(lambda: self.value("ttp_standby_next_position", 'projection="user_view@5"') ==
                   self.value("ttp_log_next_position"))


if __name__ == "__main__":
    unittest.main()

"""Kills the server with SIGKILL while owners work, starts it again and checks its promises.

Each of eight clients writes down each request (with its Idempotency-Key) before it sends it, and the answer when it
comes. After a restart every key is sent again: an acknowledged request gets the same answer, and its event is at the
answered position; any other request is executed exactly once; positions have no gap. The number of kills is
TTP_CRASH_CYCLES (8 by default). The seed of the waits is printed; TTP_CRASH_SEED repeats it.
"""

import collections
import http.client
import json
import os
import random
import threading
import time
import unittest

from client import (Api, Person, Unexpected, fresh_key, needs_ttpd, town, ttpctl_can, ttpctl_on)

CLIENTS = 8
CYCLES = int(os.environ.get("TTP_CRASH_CYCLES", "8"))
SEED = int(os.environ.get("TTP_CRASH_SEED", str(random.SystemRandom().randrange(1_000_000))))
RETRIED_AT_THE_END = 1_000
WAIT_SECONDS = (0.05, 0.8)

setUpModule = needs_ttpd


class History:
    """The requests and answers of one client, written to the disk before anything else happens."""

    def __init__(self, name):
        self.name = name
        self.file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **row):
        os.write(self.file, json.dumps(row).encode() + b"\n")

    def close(self):
        os.close(self.file)

    def asked(self):
        """The rows by key, in the order of the requests; a row with an answer has its `status`."""
        rows = {}
        with open(self.name, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                rows.setdefault(row["key"], {}).update(row)
        return rows


class Client:
    """An owner who saves drafts, adds and removes sites, and sometimes lets a colleague register."""

    def __init__(self, number, person, company, history):
        self.number, self.person, self.company, self.history = number, person, company, history
        self.random = random.Random(f"{SEED}/{number}")
        self.sites = []
        self.made = 0
        self.surprises = []

    def next_request(self):
        """Each request has unique content, so that its events can be counted."""
        self.made += 1
        mark = f"c{self.number}-n{self.made}"
        roll = self.random.random()
        if roll < 0.05:
            name = f"crash{self.number}{self.made:05d}"
            colleague = Person(self.person.sandbox, name, f"seven barges drift {mark}", f"{name}@example.com")
            return "register", "POST", "/v1/credentials", colleague.registration("Okafor", "Sam")
        if roll < 0.25 and self.sites:
            return "remove", "DELETE", f"{self.company.here}/profiles/security/{self.sites.pop(0)}", None
        if roll < 0.65 or len(self.sites) > 100:
            return "draft", "PUT", self.company.here + "/profiles/company", {"answers": {"company_activities": mark}}
        return "add", "POST", self.company.here + "/profiles/security", {"name": mark}

    def work(self, stop):
        """Works until it is stopped or the server is gone."""
        while not stop.is_set():
            try:
                does, method, path, body = self.next_request()
            except (OSError, http.client.HTTPException):
                return
            key = fresh_key()
            self.history.write(key=key, client=self.number, does=does, method=method, path=path, body=body)
            api = Api(self.person.server) if does == "register" else self.person
            try:
                answer = api.ask(method, path, body, key=key)
            except (OSError, http.client.HTTPException):
                return
            if not 200 <= answer.status < 300:
                self.surprises.append(f"{method} {path}: {answer}")
                return
            self.history.write(key=key, status=answer.status, position=answer.document["position"],
                               id=answer.document.get("id"))
            if does == "add":
                self.sites.append(answer.document["id"])


class CrashTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        print(f"crash_test: {CYCLES} kills, seed {SEED}", flush=True)
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.clients = []
        for number in range(CLIENTS):
            owner = cls.sandbox.person().sign_in()
            company = cls.sandbox.authorised_company(owner)
            history = History(os.path.join(cls.server.folder, f"client-{number}.history"))
            cls.addClassCleanup(history.close)
            cls.clients.append(Client(number, owner, company, history))
        cls.sandbox.staff("auditor")
        cls.waits = random.Random(SEED)
        cls.settled = {}  # key -> the row with its final position

    def test_killed_again_and_again_it_loses_nothing_and_does_nothing_twice(self):
        killed_under_way = 0
        for _ in range(CYCLES):
            self.work_and_kill()
            self.server.start()
            killed_under_way += self.settle()
            self.check_the_log()
        self.assertGreater(len(self.settled), CYCLES, "the clients hardly worked: nothing was tested")
        print(f"crash_test: {len(self.settled)} commands, {killed_under_way} of them without an answer when it died",
              flush=True)
        self.check_once_more()
        self.check_registered_credentials()
        self.assertEqual(self.server.stop(), 0)
        if ttpctl_can("verify"):
            done = ttpctl_on(self.server.data, "verify")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def work_and_kill(self):
        stop = threading.Event()
        threads = [threading.Thread(target=client.work, args=(stop,)) for client in self.clients]
        for thread in threads:
            thread.start()
        time.sleep(self.waits.uniform(*WAIT_SECONDS))
        self.server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual([], [each for client in self.clients for each in client.surprises])

    def retry(self, row):
        person = self.clients[row["client"]].person
        api = Api(self.server) if row["does"] == "register" else person
        return api.ask(row["method"], row["path"], row["body"], key=row["key"])

    def settle(self):
        """Sends every key of this cycle again; returns how many had no answer."""
        without_answer = 0
        for client in self.clients:
            for key, row in client.history.asked().items():
                if key in self.settled:
                    continue
                answer = self.retry(row)
                if "status" in row:
                    self.assertEqual((answer.status, answer.document["position"], answer.replayed),
                                     (row["status"], row["position"], True), f"acknowledged, then: {row} {answer}")
                else:
                    without_answer += 1
                    self.assertTrue(200 <= answer.status < 300, f"not acknowledged, then: {row} {answer}")
                    again = self.retry(row)
                    self.assertEqual((again.document["position"], again.replayed),
                                     (answer.document["position"], True), f"asked a third time: {row} {again}")
                row.update(status=answer.status, position=answer.document["position"], id=answer.document.get("id"))
                self.settled[key] = row
        return without_answer

    def check_the_log(self):
        """Checks that the log has no gaps, and that every settled command has exactly one event, at its position."""
        events = self.sandbox.staff("auditor").pages("/v1/audit/events")
        self.assertEqual([each["position"] for each in events], list(range(len(events))))
        expected = {"draft": "programme.profile_saved", "add": "programme.security_profile_added",
                    "remove": "programme.security_profile_removed", "register": "user.urn_issued"}
        positions = collections.Counter(row["position"] for row in self.settled.values())
        self.assertEqual([], [p for p, count in positions.items() if count > 1], "two commands at one position")
        for row in self.settled.values():
            event = events[row["position"]]
            self.assertEqual(event["type"], expected[row["does"]], row)
            if row["does"] in ("add", "remove"):
                self.assertEqual(event["data"]["site"], self.site_of(row), row)
        self.check_counts(events)

    def site_of(self, row):
        return row["id"] if row["does"] == "add" else row["path"].rsplit("/", 1)[1]

    def check_counts(self, events):
        """Checks that there are as many events of each kind, and per site, as there are commands for them."""
        sites = collections.Counter()
        drafts = collections.Counter()
        for each in events:
            if each["type"] == "programme.profile_saved":
                drafts[each["data"]["account"]] += 1
            elif each["type"] == "programme.security_profile_added":
                sites["add", each["data"]["site"]] += 1
            elif each["type"] == "programme.security_profile_removed":
                sites["remove", each["data"]["site"]] += 1
        rows = self.settled.values()
        self.assertEqual(sites, collections.Counter(
            (row["does"], self.site_of(row)) for row in rows if row["does"] in ("add", "remove")))
        self.assertEqual(drafts, collections.Counter(
            self.clients[row["client"]].company.id for row in rows if row["does"] == "draft"))
        registered = sum(each["type"] == "user.credential_registered" for each in events)
        others = CLIENTS + len(self.sandbox.get("/v1/sandbox/staff")["items"])
        self.assertEqual(registered, others + sum(row["does"] == "register" for row in rows))

    def check_once_more(self):
        """Checks that answers stay the same over all later crashes, and that drafts are as last saved."""
        rows = list(self.settled.values())
        for row in self.waits.sample(rows, min(len(rows), RETRIED_AT_THE_END)):
            answer = self.retry(row)
            self.assertEqual((answer.status, answer.document["position"], answer.replayed),
                             (row["status"], row["position"], True), row)
        for client in self.clients:
            drafts = [row for row in client.history.asked().values() if row["does"] == "draft"]
            if not drafts:
                continue
            # A request without an answer was executed by its retry, so the last position counts.
            last = max((self.settled[row["key"]] for row in drafts), key=lambda row: row["position"])
            shown = client.person.get(client.company.here + "/profiles/company")
            self.assertEqual(shown["answers"], last["body"]["answers"])

    def check_registered_credentials(self):
        """Checks that everybody with an accepted registration can sign in: the password survived the crash, too."""
        registered = [row for row in self.settled.values() if row["does"] == "register"]
        for row in registered[:20]:
            body = row["body"]
            email = f"{body['user_name']}@example.com"
            person = Person(self.sandbox, body["user_name"], body["password"], email)
            self.assertTrue(person.sign_in().get("/v1/user")["urn"])
            with self.assertRaises(Unexpected):
                Person(self.sandbox, body["user_name"], body["password"] + "!", email).start_sign_in()


if __name__ == "__main__":
    unittest.main()

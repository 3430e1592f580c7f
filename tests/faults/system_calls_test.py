"""Failing system calls: a write, a sync, a rename or an open below the data folder fails with EIO or ENOSPC, once or
for good, while a client changes things. No answered change may be lost, no change may be answered that is not on the
disk, reads go on or the process ends with a sentence, and after a start without faults all promises hold.

Runs for TTP_FAULT_SECONDS (60 by default) over cases in a mixed order; TTP_FAULT_SEED selects the order (1). A long run:
TTP_FAULT_SECONDS=3600 TTP_BIN=build/release python3 -B tests/faults/system_calls_test.py
"""

import contextlib
import errno
import os
import random
import time
import unittest

from support import RepeatedCase, Unexpected, fresh_key, ttpctl_on
from client import Api, Person, needs_ttpd

SECONDS = float(os.environ.get("TTP_FAULT_SECONDS", "60"))
SEED = int(os.environ.get("TTP_FAULT_SEED", "1"))
CHANGES = 24
LAST_CALL = {"write": 120, "sync": 60, "rename": 8, "open": 12}  # of the scenario, about
LOG_FAILED = 6  # exit code of operations.md

setUpModule = needs_ttpd


class Lost(AssertionError):
    """An answered change is lost."""


class SystemCallsTest(RepeatedCase):
    @classmethod
    def prepare(cls, sandbox):
        cls.owner = sandbox.person().sign_in()
        cls.company = sandbox.authorised_company(cls.owner)
        cls.owner.get("/v1/user")
        cls.registrations = [Person(sandbox, f"someone{n}", "quiet otters row north", f"someone{n}@example.com")
                             .registration("Roy", "Anne") for n in range(0, CHANGES, 8)]

    def change(self, n, key):
        """Saves one draft; returns its answer, or nothing if the connection broke."""
        body = {"answers": {"company_activities": f"Change {n}"}}
        try:
            return self.owner.ask("PATCH", self.company.here + "/profiles/company", body, key=key)
        except OSError:
            return None

    def play(self):
        """Makes changes under the fault; returns the key and the answer of each accepted one."""
        answered, statuses = {}, []
        for n in range(CHANGES):
            key = fresh_key()
            answer = self.change(n, key)
            if answer is None:
                break
            statuses.append(answer.status)
            if answer.status < 300:
                answered[n] = (key, answer.document)
            else:
                self.assertGreaterEqual(answer.status, 500, answer)
            if n % 8 == 0:
                self.register(self.registrations[n // 8])
        return answered, statuses

    def register(self, registration):
        """Registers a new person, which also writes the vault."""
        with contextlib.suppress(OSError):
            Api(self.server).ask("POST", "/v1/credentials", registration)

    def read(self):
        try:
            return self.owner.ask("GET", "/v1/user").status
        except OSError:
            return None

    def check_end(self, case):
        """Checks that the server still reads, or has ended with a sentence."""
        reads = self.read()
        if reads is None:
            self.server.process.wait(timeout=60)
        if self.server.process.poll() is not None:
            said = self.server.log_text()
            self.assertIn("failed", said, f"{case}: ended with {self.server.process.returncode} and no sentence")
            self.assertIn(os.path.basename(self.server.data) + "/", said, f"{case}: the sentence names no path")
            self.server.process.stdout.close()
            return self.server.process.returncode
        self.assertIn(reads, (200, 503), case)
        return None

    def check_whole(self, case, answered):
        """Checks that after a start without faults every answered change exists, once, at its position."""
        self.server.start()
        for n, (key, document) in answered.items():
            again = self.change(n, key)
            if again is None or not again.replayed or again.document != document:
                raise Lost(f"{case}: change {n} was answered with {document}, and now {again!r}")
        self.server.stop()
        for check in ("fsck", "verify"):
            done = ttpctl_on(self.server.data, check)
            self.assertEqual(done.returncode, 0, f"{case}: {check}: {done.stdout + done.stderr}")

    def run_case(self, call, at, error, lasts):
        case = f"{call} {at} {errno.errorcode.get(error, 'lie')} {'lasting' if lasts else 'once'}"
        self.put_back()
        self.server.start(fault={"CALL": call, "AT": at, "ERRNO": error, "LASTS": "1" if lasts else ""})
        self.server.arm()
        answered, statuses = self.play()
        ended = self.check_end(case)
        if ended is None:
            if lasts or at % 2:
                self.server.kill()
            else:
                self.server.stop()
        hit = self.server.calls()[1]
        self.check_whole(case, answered)
        return hit, ended, statuses

    def cases(self):
        draw = random.Random(SEED)
        while True:
            kinds = [(call, error, lasts) for call in LAST_CALL for error in (errno.EIO, errno.ENOSPC)
                     for lasts in (False, True)]
            draw.shuffle(kinds)
            for call, error, lasts in kinds:
                yield call, draw.randrange(1, LAST_CALL[call] + 1), error, lasts

    def test_no_answered_change_is_lost_and_reads_go_on_or_the_process_ends_with_a_sentence(self):
        ends = time.monotonic() + SECONDS
        cases = hits = ended = 0
        for case in self.cases():
            hit, code, _ = self.run_case(*case)
            cases, hits, ended = cases + 1, hits + hit, ended + (code is not None)
            if time.monotonic() > ends and hits >= 3:
                break
        print(f"{cases} cases, {hits} of them hit, {ended} ended the process with a sentence")

    def test_a_write_or_a_sync_that_fails_is_never_answered_with_a_yes(self):
        for call in ("write", "sync"):
            self.put_back()
            self.server.start(fault={"CALL": call, "AT": 1, "ERRNO": errno.EIO, "LASTS": "1"}, below="log")
            self.server.arm()
            answered, statuses = self.play()
            self.assertEqual(answered, {}, call)
            self.assertTrue(statuses, call)
            self.assertTrue(self.server.calls()[1], call)
            self.server.kill()
            self.check_whole(call, answered)

    def test_a_log_that_cannot_be_written_is_said_and_ends_the_process_for_the_supervisor(self):
        self.put_back()
        self.server.start(fault={"CALL": "sync", "AT": 1, "ERRNO": errno.EIO, "LASTS": "1"}, below="log")
        self.server.arm()
        keys = [fresh_key() for _ in range(2)]
        answers = [self.change(n, key) for n, key in enumerate(keys)]
        self.assertEqual([(each.status, each.code) for each in answers],
                         [(503, "outcome_unknown"), (503, "log_unavailable")])
        self.assertEqual(self.read(), 200)
        status, text = self.server.readiness()
        self.assertEqual(status, 503)
        self.assertIn("no command is taken any more", text)
        self.assertEqual(self.server.process.wait(timeout=60), LOG_FAILED)
        self.assertIn("No command is taken any more; reads go on", self.server.log_text())
        self.server.process.stdout.close()
        self.server.start()
        for n, key in enumerate(keys):  # asked again with the same key, each is done once
            self.assertLess(self.change(n, key).status, 300)
            self.assertTrue(self.change(n, key).replayed)
        self.server.stop()

    def test_the_control_finds_a_disk_that_lies(self):
        self.put_back()
        self.server.start(fault={"CALL": "write", "AT": 1, "ERRNO": 0, "LASTS": "1"}, below="log")
        self.server.arm()
        answered, _ = self.play()
        self.assertTrue(answered)
        self.server.kill()
        with self.assertRaises((Lost, Unexpected)):  # events are missing, or the signed checkpoint says so at the start
            self.check_whole("lie", answered)


if __name__ == "__main__":
    unittest.main()

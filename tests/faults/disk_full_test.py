"""On a nearly full disk changes are refused before they are begun, reads go on, and changes are taken again when there
is space, without a restart. If the disk fills up nevertheless, no answered change is lost, and the process goes on or
ends with a sentence.

A library in front of the system (shim.c) sets the free space and makes writes fail.
"""

import errno
import os
import re
import shutil
import unittest

from support import Api, FaultyCase, FaultyServer, Sandbox, fresh_key, ttpctl_on
from client import eventually, needs_ttpd

ALL_MIB = 100_000
PLENTY, ABOVE, BETWEEN, BELOW = 5_000, 1_400, 1_100, 900  # the mark is 1,024 MiB; from 1,280 on it is enough again
CHANGES = 12

setUpModule = needs_ttpd


class DiskFullTest(FaultyCase):
    def setUp(self):
        self.server = FaultyServer(self.shim)
        self.addCleanup(self.server.discard)

    def begin(self, **fault):
        self.server.set_space(PLENTY, ALL_MIB)
        self.server.start(fault={"CALL": "", **fault})
        self.sandbox = Sandbox(self.server)
        self.owner = self.sandbox.person().sign_in()
        self.company = self.sandbox.authorised_company(self.owner)

    def change(self, n, key=None, api=None):
        body = {"answers": {"company_activities": f"Change {n}"}}
        return (api or self.owner).ask("PATCH", self.company.here + "/profiles/company", body, key=key or fresh_key())

    def free_bytes(self):
        text = Api(self.server).ask("GET", "/metrics").body.decode()
        return int(re.search(r"(?m)^ttp_disk_free_bytes (\d+)$", text).group(1))

    def set_space(self, mib):
        self.server.set_space(mib, ALL_MIB)
        eventually(lambda: self.free_bytes() == mib * 1024 * 1024)

    def test_changes_stop_below_the_mark_and_go_on_when_there_is_room(self):
        self.begin()
        self.assertEqual(self.change(0).status, 200)
        self.assertEqual(self.server.readiness()[0], 200)
        self.set_space(BELOW)
        key = fresh_key()
        for mib in (BELOW, BETWEEN):
            self.set_space(mib)
            for language, word in (("en", "nearly full"), ("fr", "presque plein")):
                self.owner.language = language
                refused = self.change(1, key)
                self.assertEqual((refused.status, refused.code), (507, "disk_nearly_full"), refused)
                self.assertIn(word, refused.document["title"])
                self.assertEqual(refused.headers.get("Retry-After"), "30")
            self.assertEqual(self.owner.ask("GET", self.company.here).status, 200)
            self.assertEqual(Api(self.server).refused("disk_nearly_full", "POST", "/v1/sign-ins",
                                                      self.owner.credential(), status=507).status, 507)
            self.assertEqual(self.server.readiness()[0], 503)
            self.assertIn("nearly full", self.server.readiness()[1])
        self.set_space(ABOVE)
        self.owner.language = "en"
        done = self.change(1, key)
        self.assertEqual((done.status, done.replayed), (200, False), done)
        self.assertEqual(self.server.readiness()[0], 200)
        self.assertEqual(self.server.stop(), 0)
        begun = [line for line in self.server.log_text().splitlines()
                 if '"level":"error"' in line and "a disk is nearly full, so no change is taken" in line]
        self.assertEqual(len(begun), 1, begun)

    def test_on_a_full_disk_no_answered_change_is_lost(self):
        for below in ("log", "vault", "views", ""):
            with self.subTest(below or "everything"):
                self.fill(below)

    def fill(self, below):
        self.server.disarm()
        shutil.rmtree(self.server.data, ignore_errors=True)
        if os.path.exists(self.server.log_name):
            os.remove(self.server.log_name)
        self.server.set_space(PLENTY, ALL_MIB)
        folder = os.path.join(self.server.data, below)
        self.begin(CALL="write", AT=1, ERRNO=errno.ENOSPC, LASTS="armed", BELOW=os.path.realpath(folder))
        answered = {}
        for n in range(CHANGES):
            if n == CHANGES // 2:
                self.server.arm()
            key = fresh_key()
            try:
                answer = self.change(n, key)
            except OSError:
                break
            if answer.status < 300:
                answered[n] = (key, answer.document)
            else:
                self.assertGreaterEqual(answer.status, 500)
        self.assertGreaterEqual(len(answered), CHANGES // 2)
        self.assertEqual(self.owner.ask("GET", "/v1/user").status, 200)
        if below == "log":
            self.assertEqual(len(answered), CHANGES // 2, "a write that failed was answered with a yes")
            self.assertIn("No space left on device", self.server.log_text())
        self.assertIn(self.server.stop(), (0, 1, 6), "the end while the disk is full: " + self.server.log_text())
        self.server.disarm()
        self.server.start()
        for n, (key, document) in answered.items():
            again = self.change(n, key)
            self.assertTrue(again.replayed, again)
            self.assertEqual(again.document, document)
        self.server.stop()
        for check in ("fsck", "verify"):
            done = ttpctl_on(self.server.data, check)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

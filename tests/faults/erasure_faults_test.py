"""An erasure that is cut off at any of its writes, syncs, renames or opens: after the next start the person is erased in
every file, or is not erased at all and can be.

Runs for TTP_FAULT_SECONDS (45 by default) over the calls in a mixed order; TTP_FAULT_SEED selects the order (1).
"""

import contextlib
import errno
import os
import random
import time
import unittest
import uuid

import stored_text
from support import RepeatedCase, fresh_key, ttpctl_on
from client import Person, needs_ttpd

SECONDS = float(os.environ.get("TTP_FAULT_SECONDS", "45"))
SEED = int(os.environ.get("TTP_FAULT_SEED", "1"))
CALLS = ("write", "sync", "rename", "open")
FAMILY, GIVEN, EMAIL_PART = "Quillfeather", "Zephyrine", "zephyrine.q"
DELIVERED = ("mail", "letters")  # have left the service

setUpModule = needs_ttpd


class ErasureFaultsTest(RepeatedCase):
    @classmethod
    def prepare(cls, sandbox):
        cls.operators = [sandbox.staff("operator", n) for n in range(2)]
        cls.person = Person(sandbox, "zephyrine1", "nineteen quiet lanterns", f"{EMAIL_PART}@example.com")
        cls.person.register(FAMILY, GIVEN)
        cls.person.sign_in()
        cls.here = f"/v1/staff/users/{cls.person.id}"
        proposal = cls.operators[0].post(cls.here + "/erasures", {"ground": "request_of_the_person",
                                                                  "reason": "They asked for it."})["id"]
        cls.approval = f"{cls.here}/erasures/{proposal}/approval"

    def approve(self):
        """Approves the erasure; returns the status, or nothing if the connection broke."""
        with contextlib.suppress(OSError):
            return self.operators[1].ask("POST", self.approval, key=fresh_key()).status
        return None

    def cut_off(self, call, at):
        """Approves while every such call from the one at this place on fails, then kills the server."""
        self.put_back()
        self.server.start(fault={"CALL": call, "AT": at, "ERRNO": errno.EIO, "LASTS": "1"})
        self.server.arm()
        status = self.approve()
        self.server.kill()
        return status

    def left(self):
        """Files that hold the person's texts, and the rows of their key and verifiers in the vault."""
        words = [each.encode() for each in (FAMILY, GIVEN, EMAIL_PART)]
        files = [name for name, data in stored_text.below(self.server.data, DELIVERED)
                 if any(word in data for word in words)]
        vault = b"".join(data for name, data in stored_text.below(os.path.join(self.server.data, "vault"))
                         if "MANIFEST" not in name)
        return files, vault.count(b"user:" + self.person.id.encode()), vault.count(uuid.UUID(self.person.id).bytes)

    def check_whole(self, case, status):
        self.server.start()
        erased = self.operators[0].get("/v1/users/" + self.person.id)["erased"]
        if status is not None and status < 300:
            self.assertTrue(erased, f"{case}: it was answered with {status}")
        if not erased:
            self.assertEqual(self.operators[0].get("/v1/users/" + self.person.id)["family_name"], FAMILY, case)
            self.assertLess(self.approve(), 300, case)
        self.server.kill()
        self.assertEqual(self.left(), ([], 0, 0), case)
        done = ttpctl_on(self.server.data, "verify")
        self.assertEqual(done.returncode, 0, f"{case}: {done.stdout + done.stderr}")
        return erased

    def places(self):
        """Every call of an erasure that nothing disturbs, in a mixed order."""
        all_places = []
        for call in CALLS:
            self.cut_off(call, 0)
            all_places += [(call, at) for at in range(1, self.server.calls()[0] + 1)]
        random.Random(SEED).shuffle(all_places)
        return all_places

    def test_an_erasure_that_is_cut_off_is_completed_or_was_not_begun(self):
        ends = time.monotonic() + SECONDS
        cases, erased = 0, 0
        places = self.places()
        for call, at in places:
            status = self.cut_off(call, at)
            erased += self.check_whole(f"{call} {at}", status)
            cases += 1
            if time.monotonic() > ends:
                break
        print(f"{cases} of {len(places)} places, {erased} of them after the erasure was recorded")

    def test_what_was_not_carried_out_is_not_answered_with_a_yes_and_every_tool_completes_it(self):
        self.put_back()
        self.server.start(fault={"CALL": "rename", "AT": 1, "ERRNO": errno.EIO, "LASTS": "1"}, below="checkpoint")
        self.server.arm()
        self.assertEqual(self.approve(), 503)
        self.server.kill()
        backups = os.path.join(self.server.folder, "backups")
        done = ttpctl_on(self.server.data, "backup", "create", "--backup-dir", backups)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = ttpctl_on(self.server.data, "replay", "--user", self.person.id, "--personal")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn(FAMILY.encode(), done.stdout)
        self.assertEqual(self.left(), ([], 0, 0))

    def test_the_control_finds_the_person_before(self):
        self.put_back()
        files, keys, verifiers = self.left()
        self.assertTrue(files or keys)
        self.assertTrue(keys and verifiers)


if __name__ == "__main__":
    unittest.main()

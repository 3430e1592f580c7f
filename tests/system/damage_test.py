"""A damaged log is refused at the start, loudly, or it is not damaged: never are events missing or changed unnoticed.

A stopped server's log folder is copied, one file of it gets a flipped bit, a hole or a new end, and the server is
started on the copy. How many copies: TTP_DAMAGE_SEEDS (40 by default); the first seed is TTP_DAMAGE_FIRST (0).
"""

import os
import random
import shutil
import unittest

from client import Unexpected, needs_ttpd, town, ttpctl_can, ttpctl_on

SEEDS = int(os.environ.get("TTP_DAMAGE_SEEDS", "40"))
FIRST = int(os.environ.get("TTP_DAMAGE_FIRST", "0"))
DAMAGED = 3  # the exit code for a store that is damaged or differs from its checkpoint
NOT_THE_STORE = ("LOG", "LOCK", "LOG.old")  # RocksDB's own diary and its lock hold no data

setUpModule = needs_ttpd


def flip_a_bit(data, draw):
    at = draw.randrange(len(data))
    data[at] ^= 1 << draw.randrange(8)


def zero_a_stretch(data, draw):
    at = draw.randrange(len(data))
    for index in range(at, min(len(data), at + draw.randrange(1, 600))):
        data[index] = 0


def cut_the_end(data, draw):
    del data[draw.randrange(len(data)):]


def cut_a_little_of_the_end(data, draw):
    del data[-draw.randrange(1, min(len(data), 40) + 1):]


def overwrite_with_another_part(data, draw):
    length = draw.randrange(1, min(len(data), 200) + 1)
    source, target = (draw.randrange(len(data) - length + 1) for _ in range(2))
    data[target:target + length] = data[source:source + length]


DAMAGES = (flip_a_bit, flip_a_bit, flip_a_bit, zero_a_stretch, cut_the_end, cut_a_little_of_the_end,
           overwrite_with_another_part)


class DamageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.owner = cls.sandbox.person().sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner)
        cls.company.fill_profiles()
        for n in range(30):
            cls.owner.put(f"{cls.company.here}/profiles/security/site-{n}", {"answers": {}})
        cls.events = cls.sandbox.staff("auditor").pages("/v1/audit/events")
        cls.server.stop()
        # The events stand in the write-ahead log first, and in sorted files once the server was started again.
        cls.bases = [cls.keep("fresh")]
        cls.server.start()
        cls.server.stop()
        cls.bases.append(cls.keep("started again"))

    @classmethod
    def keep(cls, name):
        kept = os.path.join(cls.server.folder, "base " + name)
        shutil.copytree(cls.server.data, kept)
        return kept

    def put_back(self, base):
        shutil.rmtree(self.server.data, ignore_errors=True)
        shutil.copytree(base, self.server.data)

    def tearDown(self):
        if self.server.is_running():
            self.server.kill()

    def damage(self, seed):
        """Damages one file; what was done. Files are drawn by their size, so that the data gets most of it."""
        draw = random.Random(seed)
        self.put_back(self.bases[seed % 2])
        folder = os.path.join(self.server.data, "log")
        names = sorted(name for name in os.listdir(folder)
                       if name not in NOT_THE_STORE and not name.startswith("OPTIONS")
                       and os.path.getsize(os.path.join(folder, name)) > 0)
        name = draw.choices(names, [200 + os.path.getsize(os.path.join(folder, each)) for each in names])[0]
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            data = bytearray(file.read())
        before = bytes(data)
        how = draw.choice(DAMAGES)
        how(data, draw)
        with open(path, "wb") as file:
            file.write(data)
        return f"seed {seed}: {how.__name__} in {name} of {len(before)} bytes", bytes(data) != before

    def test_a_damaged_log_is_refused_or_whole(self):
        refused = changed = 0
        for seed in range(FIRST, FIRST + SEEDS):
            what, is_changed = self.damage(seed)
            changed += is_changed
            with self.subTest(what):
                refused += self.check_refused_or_whole(what)
        print(f"damage_test: {changed} damaged, {refused} of them refused, the others whole", flush=True)
        self.assertGreater(refused, SEEDS // 4, "hardly anything was refused: the damage missed the data")

    def check_refused_or_whole(self, what):
        said_before = len(self.server.log_text())
        try:
            self.server.start()
        except Unexpected:
            said = self.server.log_text()[said_before:]
            self.assertEqual(self.server.process.returncode, DAMAGED, f"{what}: {said}")
            self.assertRegex(said, r"ttpd: \S+ \S+", what)
            return True
        try:
            self.check_whole(what)
        finally:
            self.server.kill()
        return False

    def check_whole(self, what):
        auditor = self.sandbox.staff("auditor")
        auditor.token = None
        events = auditor.signed_in().pages("/v1/audit/events")
        self.assertEqual(events[:len(self.events)], self.events, f"{what}: events are missing or changed")
        self.assertEqual(self.owner.sign_in().get(self.company.here)["profiles_percent"] > 0, True)
        if ttpctl_can("verify"):
            self.server.stop()
            verified = ttpctl_on(self.server.data, "verify")
            self.assertEqual(verified.returncode, 0, f"{what}: {verified.stdout} {verified.stderr}")

    def test_an_older_copy_of_the_log_is_refused_with_both_sizes(self):
        self.put_back(self.bases[1])
        self.server.start()
        older = len(self.sandbox_events())
        self.server.stop()
        shutil.copytree(os.path.join(self.server.data, "log"), os.path.join(self.server.folder, "older"))
        self.addCleanup(shutil.rmtree, os.path.join(self.server.folder, "older"))
        self.server.start()
        newer = len(self.sandbox_events(7))
        self.server.stop()
        shutil.rmtree(os.path.join(self.server.data, "log"))
        shutil.copytree(os.path.join(self.server.folder, "older"), os.path.join(self.server.data, "log"))
        code, said = self.server.start_refused()
        self.assertEqual(code, DAMAGED, said)
        self.assertIn(f"the log has {older} events", said)
        self.assertIn(f"the signed checkpoint has {newer} events", said)

    def test_another_history_of_the_same_beginning_is_refused(self):
        self.put_back(self.bases[1])
        self.server.start()
        self.sandbox_events(9)
        self.server.stop()
        other = os.path.join(self.server.folder, "other")
        shutil.copytree(os.path.join(self.server.data, "log"), other)
        self.addCleanup(shutil.rmtree, other)
        self.put_back(self.bases[1])
        self.server.start()
        self.sandbox_events(3)
        self.server.stop()
        shutil.rmtree(os.path.join(self.server.data, "log"))
        shutil.copytree(other, os.path.join(self.server.data, "log"))
        code, said = self.server.start_refused()
        self.assertEqual(code, DAMAGED, said)
        self.assertIn("another history", said)

    def test_an_undamaged_copy_starts(self):
        for base in self.bases:
            self.put_back(base)
            self.assertFalse(self.check_refused_or_whole(base))

    def sandbox_events(self, more=0):
        """All events, after some more were made."""
        self.owner.sign_in()
        for n in range(more):
            self.owner.put(f"{self.company.here}/profiles/security/later-{n}", {"answers": {}})
        auditor = self.sandbox.staff("auditor")
        auditor.token = None
        return auditor.signed_in().pages("/v1/audit/events")


if __name__ == "__main__":
    unittest.main()

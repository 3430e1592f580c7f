"""A log with missing or changed events is always refused at the start, with a message.

The log folder of a stopped server is copied, one file of the copy gets a flipped bit, a hole or a new end, and the
server is started on the copy. The number of copies is TTP_DAMAGE_SEEDS (40 by default); the first seed is
TTP_DAMAGE_FIRST (0).
"""

import json
import os
import random
import shutil
import unittest

from client import Unexpected, fresh_key, needs_ttpd, town, ttpctl, ttpctl_can, ttpctl_on

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
            cls.company.add_site(f"Site {n}")
        cls.events = cls.sandbox.staff("auditor").pages("/v1/audit/events")
        cls.server.stop()
        # The events are in the write-ahead log at first, and in sorted files after a restart.
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
        """Damages one file; returns a description. Files are drawn by their size, so that mostly data is damaged."""
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
        """All events, after some more were recorded."""
        self.owner.sign_in()
        for n in range(more):
            self.company.add_site(f"Later {n}")
        auditor = self.sandbox.staff("auditor")
        auditor.token = None
        return auditor.signed_in().pages("/v1/audit/events")


class AnywhereTest(unittest.TestCase):
    """One flipped bit in any file is refused at the start, reported by a read or a check, or has no effect.

    Answers are compared with those before the damage: a document is the same, or there is none. In a long run
    TTP_DAMAGE_POSITIONS=10 tries ten places in every file; without it one place in some files of each kind is tried.
    """

    POSITIONS = int(os.environ.get("TTP_DAMAGE_POSITIONS", "0"))
    SEED = int(os.environ.get("TTP_DAMAGE_SEED", "0")) or random.randrange(1, 1 << 31)
    HARMLESS = ("LOG", "LOCK", "LOG.old", "IDENTITY")
    SOME = 4  # files of each kind in the short form

    @classmethod
    def setUpClass(cls):
        print(f"damage_test: TTP_DAMAGE_SEED={cls.SEED}", flush=True)
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.owner = cls.sandbox.person().sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner)
        cls.company.fill_profiles()
        cls.auditor = cls.sandbox.staff("auditor")
        cls.auditor.get("/v1/user")
        cls.draft, cls.draft_key = {"answers": {"company_activities": "Syrup"}}, fresh_key()
        cls.drafted = cls.owner.ask("PUT", cls.company.here + "/profiles/company", cls.draft, key=cls.draft_key)
        cls.paths = ["/v1/user", cls.company.here, cls.company.here + "/members", cls.company.here + "/profiles",
                     cls.company.here + "/profiles/company", cls.company.here + "/history?limit=200",
                     cls.company.here + "/notifications?limit=200"]
        cls.server.stop()
        cls.server.start()  # moves the rows of the write-ahead logs into sorted files
        cls.server.stop()
        cls.server.start()
        cls.before = cls.served()
        cls.server.stop()
        cls.base = os.path.join(cls.server.folder, "base")
        shutil.copytree(cls.server.data, cls.base)
        cls.master = os.path.join(cls.server.folder, "master.key")
        shutil.copy(os.path.join(cls.base, "keys", "master.key"), cls.master)
        cls.backups = os.path.join(cls.server.folder, "backups")
        cls.bundle = os.path.join(cls.server.folder, "bundle")
        for n in range(2):
            cls.good(ttpctl_on(cls.server.data, "backup", "create", "--backup-dir", cls.backups))
        cls.good(ttpctl_on(cls.server.data, "export", cls.bundle))
        shown = cls.good(ttpctl_on(cls.server.data, "checkpoint", "show", "-o", "json"))
        cls.key = json.loads(shown.stdout)["verifier_key"]

    @staticmethod
    def good(done):
        if done.returncode != 0:
            raise Unexpected(f"{done.args}: {done.stdout.decode()} {done.stderr.decode()}")
        return done

    @classmethod
    def served(cls):
        """The answer to each request: a document, or the status if there is none."""
        answers = {}
        for path in cls.paths:
            answer = cls.owner.ask("GET", path)
            answers[path] = answer.body if answer.status == 200 else answer.status
        history = cls.auditor.ask("GET", "/v1/audit/events?limit=200")
        answers["audit"] = json.loads(history.body)["items"] if history.status == 200 else history.status
        return answers

    def compare(self, what):
        """Checks that every answer is the one before the damage, or a fault."""
        faults = 0
        for path, answer in self.served().items():
            if isinstance(answer, int):
                self.assertIn(answer, (500, 503), f"{what}: GET {path}")
                faults += 1
            elif path == "audit":
                # A start may have recorded further events, such as passed deadlines.
                self.assertEqual(answer[:len(self.before[path])], self.before[path], what)
            else:
                self.assertEqual(answer, self.before[path], f"{what}: GET {path}")
        return faults

    def use(self, what):
        """Uses the other files by a sign-in, a command and a retry. Each succeeds or is answered with a fault."""
        draft = self.company.here + "/profiles/company"
        again = self.owner.ask("PUT", draft, self.draft, key=self.draft_key)
        if again.status == 200:
            self.assertEqual((again.body, again.replayed), (self.drafted.body, True), what)
        answers = [again, self.owner.ask("PUT", draft, {"answers": {"company_activities": "Since"}}),
                   self.sandbox.ask("POST", "/v1/sign-ins", self.owner.credential())]
        for answer in answers:
            self.assertIn(answer.status, (200, 201, 500, 503), f"{what}: {answer}")
        return sum(answer.status >= 500 for answer in answers)

    def files_below(self, folder):
        found = []
        for parent, _, names in os.walk(folder):
            found += [os.path.relpath(os.path.join(parent, name), folder) for name in names
                      if name not in self.HARMLESS and not name.startswith("OPTIONS")
                      and os.path.getsize(os.path.join(parent, name)) > 0]
        return sorted(found)

    def places(self, folder, all_files=False):
        """(file, position, bit) for the folder's files, drawn from the seed."""
        draw = random.Random(f"{self.SEED} {os.path.basename(folder)}")
        files = self.files_below(folder)
        self.assertTrue(files, folder)
        if not self.POSITIONS and not all_files:
            files = draw.sample(files, min(self.SOME, len(files)))
        for name in files:
            for _ in range(max(1, self.POSITIONS)):
                yield name, draw.randrange(os.path.getsize(os.path.join(folder, name))), draw.randrange(8)

    @staticmethod
    def flip(path, position, bit):
        with open(path, "r+b") as file:
            file.seek(position)
            byte = file.read(1)[0]
            file.seek(position)
            file.write(bytes([byte ^ 1 << bit]))

    def test_a_bit_of_the_data_folder(self):
        for kind in ("log", "vault", "views", "snapshots", "checkpoint", "keys"):
            if not os.path.isdir(os.path.join(self.base, kind)):
                self.assertEqual(kind, "snapshots", "a part of the data folder is gone")
                continue
            outcomes = {}
            for name, position, bit in self.places(os.path.join(self.base, kind)):
                what = f"TTP_DAMAGE_SEED={self.SEED}: bit {bit} of byte {position} in {kind}/{name}"
                with self.subTest(what):
                    shutil.rmtree(self.server.data)
                    shutil.copytree(self.base, self.server.data)
                    self.flip(os.path.join(self.server.data, kind, name), position, bit)
                    outcome = self.outcome_of(what)
                    outcomes[outcome] = outcomes.get(outcome, 0) + 1
            print(f"damage_test: {kind}: {outcomes}", flush=True)

    def outcome_of(self, what):
        checked = [ttpctl_on(self.server.data, command) for command in ("fsck", "verify", "doctor")]
        for done in checked:
            self.assertIn(done.returncode, (0, 1, 3), f"{what}: {done.args} {done.stdout} {done.stderr}")
            if done.returncode:
                self.assertRegex((done.stdout + done.stderr).decode(errors="replace"), r"FAILED  |ttpctl: \S+ \S+", what)
        told = any(done.returncode for done in checked)
        said_before = len(self.server.log_text())
        try:
            self.server.start()
        except Unexpected:
            said = self.server.log_text()[said_before:]
            self.assertIn(self.server.process.returncode, (1, DAMAGED), f"{what}: {said}")
            self.assertRegex(said, r"ttpd: \S+ \S+", what)
            return "refused"
        try:
            faults = self.compare(what) + self.use(what)
            self.assertTrue(self.server.is_running(), f"{what}: {self.server.log_text()[said_before:]}")
        finally:
            code = self.server.stop()
        self.assertEqual(code, 0, f"{what}: {self.server.log_text()[said_before:]}")
        return "told by a read" if faults else "told by a check" if told else "of no consequence"

    def ctl(self, *arguments, data=None):
        return ttpctl_on(data or self.server.data, *arguments, "--master-key-file", self.master, "--backup-dir", self.backups)

    def test_a_bit_of_a_backup(self):
        target = os.path.join(self.server.folder, "restored")
        harmless = 0
        for name, position, bit in self.places(self.backups, all_files=True):
            what = f"TTP_DAMAGE_SEED={self.SEED}: bit {bit} of byte {position} in backups/{name}"
            with self.subTest(what):
                self.flip(os.path.join(self.backups, name), position, bit)
                verified = self.ctl("backup", "verify")
                self.flip(os.path.join(self.backups, name), position, bit)
                self.assertIn(verified.returncode, (0, 1, 3), f"{what}: {verified.stderr}")
                if verified.returncode == 0:
                    harmless += 1
                    self.flip(os.path.join(self.backups, name), position, bit)
                    shutil.rmtree(target, ignore_errors=True)
                    self.good(self.ctl("backup", "restore", data=target))
                    self.good(self.ctl("fsck", data=target))
                    self.flip(os.path.join(self.backups, name), position, bit)
        print(f"damage_test: backups: {harmless} of no consequence", flush=True)
        self.good(self.ctl("backup", "verify"))

    def test_a_bit_of_an_export(self):
        for name, position, bit in self.places(self.bundle, all_files=True):
            what = f"TTP_DAMAGE_SEED={self.SEED}: bit {bit} of byte {position} in bundle/{name}"
            with self.subTest(what):
                self.flip(os.path.join(self.bundle, name), position, bit)
                verified = ttpctl("verify", "--export", self.bundle, "--key", self.key)
                target = os.path.join(self.server.folder, "imported")
                imported = ttpctl("import", self.bundle, "--key", self.key, "--sandbox", "--data-dir", target)
                self.flip(os.path.join(self.bundle, name), position, bit)
                self.assertEqual((verified.returncode, imported.returncode), (DAMAGED, DAMAGED), what)
                self.assertIn(b"FAILED  export:", verified.stdout)
                self.assertFalse(os.path.exists(target), "what was refused leaves nothing")
        self.good(ttpctl("verify", "--export", self.bundle, "--key", self.key))

    def test_the_comparison_sees_another_answer(self):
        """Control: the comparison notices a changed document and a missing one."""
        shutil.rmtree(self.server.data)
        shutil.copytree(self.base, self.server.data)
        self.server.start()
        self.assertEqual(self.compare("nothing is damaged"), 0)
        self.owner.put(self.company.here + "/profiles/company", {"answers": {"company_activities": "Otherwise"}})
        with self.assertRaises(AssertionError):
            self.compare("another answer")
        self.server.stop()


if __name__ == "__main__":
    unittest.main()

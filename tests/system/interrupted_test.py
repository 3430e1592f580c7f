"""After an operator's command is killed, the old state is still there, or the command can be run again.

Each command runs once to its end under strace, which lists the calls that change the disk. Then it is killed at some
of these calls, each time on a fresh copy. TTP_KILL_POINTS is the number of calls per command (5 by default); 0: all.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from client import TTPCTL, TTPD, Api, Unexpected, needs_ttpd, town, ttpctl

POINTS = int(os.environ.get("TTP_KILL_POINTS", "5"))
CALLS = ("fsync", "fdatasync", "rename", "mkdir", "unlink", "link", "rmdir")
PASSWORD = "cinq canards sous la pluie"
OK, DAMAGED, CONFLICT = 0, 3, 5

setUpModule = needs_ttpd


def traced(command, *options, timeout=300):
    return subprocess.run(["strace", "-f", "-qq", *options, *command], capture_output=True, timeout=timeout, check=False)


def points_of(command, folder):
    """The calls of the command's first thread: (name, number among the calls of this name, from 1)."""
    listing = os.path.join(folder, "calls")
    done = traced(command, "-o", listing, "-e", "trace=" + ",".join(CALLS))
    if done.returncode != OK:
        raise Unexpected(done.stderr.decode())
    with open(listing, encoding="utf-8", errors="replace") as file:
        lines = [line.split(None, 1) for line in file]
    first = lines[0][0]
    counts, points = {}, []
    for process, call in lines:
        name = call.split("(", 1)[0]
        if process == first and name in CALLS:
            counts[name] = counts.get(name, 0) + 1
            points.append((name, counts[name]))
    return points


def some_of(points):
    """The first and the last, and some between."""
    if not POINTS or len(points) <= POINTS:
        return points
    return [points[round(n * (len(points) - 1) / (POINTS - 1))] for n in range(POINTS)]


class InterruptedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ttp-system-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.sandbox.person()
        cls.server.stop()
        cls.base = cls.at("base")
        shutil.copytree(cls.server.data, cls.base)
        cls.key = os.path.join(cls.server.data, "keys", "master.key")
        for _ in range(2):
            cls.expect(OK, cls.ctl("backup", "create", "--backup-dir", cls.at("backups")))
            cls.server.start()
            cls.sandbox.person()
            cls.server.stop()
        cls.history = cls.replayed(cls.server.data)

    @classmethod
    def at(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def command(cls, *arguments, data=None):
        return [TTPCTL, *arguments, "--sandbox", "--master-key-file", cls.key, "--data-dir", data or cls.server.data]

    @classmethod
    def ctl(cls, *arguments, data=None):
        return subprocess.run(cls.command(*arguments, data=data), capture_output=True, timeout=300, check=False)

    @classmethod
    def expect(cls, code, done):
        if done.returncode != code:
            raise Unexpected(f"{done.args}: {done.returncode}: {done.stdout.decode()} {done.stderr.decode()}")
        return done

    @classmethod
    def replayed(cls, data):
        return cls.expect(OK, cls.ctl("replay", "--all", "-o", "json", "--personal", data=data)).stdout

    def killed_anywhere(self, command, prepare, check):
        """For some calls: calls `prepare`, kills the command at the call, and calls `check`."""
        prepare()
        points = points_of(command, self.folder)
        self.assertGreater(len(points), 2, "the command changes nothing on the disk")
        for name, nth in some_of(points):
            killed = False
            while not killed:  # a run can have fewer calls than the listed one
                prepare()
                done = traced(command, "-o", "/dev/null", "-e", "trace=" + name,
                              "-e", f"inject={name}:signal=SIGKILL:when={nth}")
                killed = done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
                self.assertTrue(killed or done.returncode == OK and nth > 1, done.stderr)
                nth -= 1
            with self.subTest(command=" ".join(command[1:3]), killed_at=f"{name} {nth + 1}"):
                check()

    def again(self, command, data):
        """Checks that the command succeeds, or that everything was in its place already."""
        done = subprocess.run(command, capture_output=True, timeout=300, check=False)
        if done.returncode == CONFLICT:
            self.assertIn(b"holds a log already", done.stderr)
        else:
            self.expect(OK, done)
        self.assertEqual([name for name in os.listdir(data) if name.endswith((".unfinished", ".whole"))], [])

    def refused_start(self, data):
        """The refusal of the server for a data folder that it must not use."""
        done = subprocess.run([TTPD, "--data-dir", data, "--master-key-file", self.key, "--port", "0"],
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, DAMAGED, done.stderr)
        self.assertIn(b"ttpctl", done.stderr)
        return done.stderr.decode()

    def whole(self, data, history):
        self.assertEqual(self.replayed(data), history)
        self.expect(OK, self.ctl("fsck", data=data))

    # ---- the commands -------------------------------------------------------------------------------------------------

    def test_restore(self):
        target = self.at("restored")
        kept = os.path.join(target, "checkpoint")
        restore = self.command("backup", "restore", "--backup-dir", self.at("backups"), data=target)
        note = pathlib.Path(self.base, "checkpoint", "checkpoint").read_bytes()

        def prepare():
            shutil.rmtree(target, ignore_errors=True)
            os.makedirs(kept)
            pathlib.Path(kept, "checkpoint").write_bytes(note)  # of fewer events: the restored log extends it

        def check():
            self.assertEqual(pathlib.Path(kept, "checkpoint").read_bytes(), note)
            if not os.path.exists(os.path.join(target, "log")):
                self.refused_start(target)
            self.again(restore, target)
            self.assertTrue(self.history.startswith(self.replayed(target)))
            self.expect(OK, self.ctl("fsck", data=target))
            self.assertEqual(pathlib.Path(kept, "checkpoint").read_bytes(), note)
        self.killed_anywhere(restore, prepare, check)

    def test_import(self):
        bundle, target = self.at("bundle"), self.at("imported")
        self.expect(OK, self.ctl("export", bundle))
        key = json.loads(self.ctl("checkpoint", "show", "-o", "json").stdout)["verifier_key"]
        command = self.command("import", bundle, "--key", key, data=target)

        def prepare():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(self.server.data, target, ignore=shutil.ignore_patterns("log", "views", "checkpoint"))

        def check():
            if not os.path.exists(os.path.join(target, "log")):
                self.refused_start(target)
            self.again(command, target)
            self.whole(target, self.history)
        self.killed_anywhere(command, prepare, check)

    def test_export(self):
        bundle = self.at("exported")
        key = json.loads(self.ctl("checkpoint", "show", "-o", "json").stdout)["verifier_key"]
        command = self.command("export", bundle)

        def check():
            if not os.path.exists(bundle):
                self.expect(OK, subprocess.run(command, capture_output=True, timeout=300, check=False))
            self.expect(OK, ttpctl("verify", "--export", bundle, "--key", key))
        self.killed_anywhere(command, lambda: shutil.rmtree(bundle, ignore_errors=True), check)

    def test_backup(self):
        folder = self.at("copied backups")
        create = self.command("backup", "create", "--backup-dir", folder)

        def prepare():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.at("backups"), folder)

        def check():
            listed = [json.loads(line) for line in
                      self.expect(OK, self.ctl("backup", "list", "-o", "json", "--backup-dir", folder)).stdout.splitlines()]
            self.assertEqual([row["id"] for row in listed if row["id"] < 3 and "fault" not in row], [1, 2])
            self.expect(OK, self.ctl("backup", "prune", "--keep", "2", "--yes", "--backup-dir", folder))
            self.restores(folder)
            self.expect(OK, subprocess.run(create, capture_output=True, timeout=300, check=False))
            self.restores(folder, self.history)
        self.killed_anywhere(create, prepare, check)

    def restores(self, folder, history=None):
        target = self.at("from backup")
        shutil.rmtree(target, ignore_errors=True)
        self.expect(OK, self.ctl("backup", "restore", "--backup-dir", folder, data=target))
        self.assertTrue(self.history.startswith(self.replayed(target)))
        if history:
            self.assertEqual(self.replayed(target), history)

    def test_prune(self):
        folder = self.at("pruned backups")
        command = self.command("backup", "prune", "--keep", "1", "--yes", "--backup-dir", folder)

        def prepare():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.at("backups"), folder)

        def check():
            self.restores(folder)
            self.expect(OK, subprocess.run(command, capture_output=True, timeout=300, check=False))
            listed = self.expect(OK, self.ctl("backup", "list", "-o", "json", "--backup-dir", folder)).stdout.splitlines()
            self.assertEqual([json.loads(line)["id"] for line in listed], [2])
            self.expect(OK, self.ctl("backup", "verify", "--backup-dir", folder))
        self.killed_anywhere(command, prepare, check)

    def test_rebuild(self):
        data = self.at("rebuilt")
        command = self.command("rebuild", "--all", "--switch", data=data)

        def prepare():
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(self.server.data, data)

        def check():
            self.whole(data, self.history)
            self.expect(OK, subprocess.run(command, capture_output=True, timeout=300, check=False))
            self.whole(data, self.history)
        self.killed_anywhere(command, prepare, check)

    def test_init(self):
        data, password = self.at("installed"), self.at("password")
        pathlib.Path(password).write_text(PASSWORD + "\n", encoding="utf-8")
        command = [TTPCTL, "init", "--data-dir", data, "--user-name", "operator7", "--family-name", "Roy", "--given-names",
                   "Alex", "--email", "operator@example.org", "--telephone", "+16135550100", "--password-file", password]

        def check():
            if not os.path.exists(os.path.join(data, "log")):
                done = subprocess.run([TTPD, "--data-dir", data, "--port", "0"], capture_output=True, timeout=60, check=False)
                self.assertEqual(done.returncode, DAMAGED, done.stderr)
                self.assertIn(b"ttpctl init", done.stderr)
            self.again(command, data)
            self.expect(OK, ttpctl("verify", "--data-dir", data))
            self.assertEqual(len(list(pathlib.Path(data, "mail").glob("*.eml"))), 1)
        self.killed_anywhere(command, lambda: shutil.rmtree(data, ignore_errors=True), check)

    def test_key_rotations(self):
        for key, points in (("master", (("fsync", 1), ("link", 1), ("fdatasync", 1), ("rename", 1), ("rename", 2))),
                            ("checkpoint_signing", (("fdatasync", 1), ("fsync", 1), ("rename", 1)))):
            for name, nth in points:
                with self.subTest(key=key, killed_at=f"{name} {nth}"):
                    self.kill_while_rotating(key, name, nth)

    def kill_while_rotating(self, key, name, nth):
        server, sandbox = town()
        self.addCleanup(server.discard)
        person = sandbox.person().sign_in()
        before = person.get("/v1/user")
        operator = sandbox.staff("operator")
        strace = subprocess.Popen(["strace", "-f", "-o", "/dev/null", "-p", str(server.process.pid), "-e", "trace=" + name,
                                   "-e", f"inject={name}:signal=SIGKILL:when={nth}"], stderr=subprocess.PIPE)
        self.addCleanup(strace.stderr.close)
        self.assertIn(b"attached", strace.stderr.readline())
        try:
            Api.ask(operator, "POST", f"/v1/operations/keys/{key}/rotations", {})
        except OSError:
            pass
        server.kill()
        strace.wait(timeout=60)
        server.start()
        self.assertEqual(person.get("/v1/user"), before)
        server.stop()
        keys = os.listdir(os.path.join(server.data, "keys"))
        self.assertEqual([each for each in keys if each.endswith((".next", ".making"))], [])
        self.expect(OK, ttpctl("fsck", "--sandbox", "--data-dir", server.data))
        self.expect(OK, ttpctl("verify", "--sandbox", "--data-dir", server.data))


if __name__ == "__main__":
    unittest.main()

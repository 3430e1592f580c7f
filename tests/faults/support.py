"""Helpers of the fault tests: the client of the system tests, and a server whose files fail as a test says."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

from client import Api, Sandbox, Server, Unexpected, fresh_key, ttpctl_on  # noqa: E402

__all__ = ["Api", "FaultyCase", "FaultyServer", "RepeatedCase", "Sandbox", "Unexpected", "build_shim", "fresh_key", "ttpctl_on"]


def build_shim():
    """Compiles shim.c; returns the path of the library, which is deleted with the test's folder."""
    library = os.path.join(tempfile.mkdtemp(prefix="ttp-shim-"), "shim.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library,
                    os.path.join(HERE, "shim.c"), "-ldl"], check=True)
    return library


class FaultyServer(Server):
    """A server whose calls on files below a folder of its data fail after `arm` was called."""

    def __init__(self, shim, *flags, data=None):
        super().__init__(*flags, data=data)
        self.shim = shim
        self.armed = os.path.join(self.folder, "armed")
        self.told = os.path.join(self.folder, "told")
        self.space = os.path.join(self.folder, "space")

    def start(self, sandbox=True, fault=None, below=""):
        """`fault`: the settings of shim.c by their short names; without any the server is a normal one."""
        if fault is None:
            return super().start(sandbox)
        named = {"BELOW": os.path.realpath(os.path.join(self.data, below)), "ARMED": self.armed, "TOLD": self.told,
                 "SPACE": self.space, **fault}
        with self._environment({"LD_PRELOAD": self.shim, **{f"TTP_FAULT_{name}": str(each)
                                                            for name, each in named.items()}}):
            return super().start(sandbox)

    @staticmethod
    @contextlib.contextmanager
    def _environment(changes):
        before = dict(os.environ)
        os.environ.update(changes)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def arm(self):
        with open(self.armed, "w", encoding="utf-8"):
            pass

    def disarm(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.armed)

    def calls(self):
        """The number of counted calls, and whether one failed."""
        try:
            with open(self.told, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return 0, False
        return len(lines), any(line.endswith(" failed") for line in lines)

    def set_space(self, available_mib, all_mib):
        with open(self.space + ".new", "w", encoding="utf-8") as file:
            file.write(f"{available_mib} {all_mib}\n")
        os.replace(self.space + ".new", self.space)


class FaultyCase(unittest.TestCase):
    """A test with the shim."""

    @classmethod
    def setUpClass(cls):
        cls.shim = build_shim()
        cls.addClassCleanup(shutil.rmtree, os.path.dirname(cls.shim))


class RepeatedCase(FaultyCase):
    """A test that repeats a fault on the same data: `prepare` makes them once, `put_back` restores them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = FaultyServer(cls.shim)
        cls.addClassCleanup(cls.server.discard)
        cls.server.start()
        cls.prepare(Sandbox(cls.server))
        cls.server.stop()
        cls.base = os.path.join(cls.server.folder, "base")
        shutil.copytree(cls.server.data, cls.base)

    def tearDown(self):
        if self.server.is_running():
            self.server.kill()

    def put_back(self):
        shutil.rmtree(self.server.data, ignore_errors=True)
        shutil.copytree(self.base, self.server.data)
        for path in (self.server.armed, self.server.told, self.server.log_name):
            if os.path.exists(path):
                os.remove(path)

"""The host's clock jumps while the server runs, or is wrong when it starts: nothing expires early or lives longer.

A small library stands between ttpd and the system's clocks. It lets time pass on all of them, or sets the host's clock
alone, as a shared file says. A code lives ten minutes and a session fifteen idle ones, whatever the host's clock shows;
log, metrics and readiness report the fault and its end.
"""

import mmap
import os
import pathlib
import struct
import subprocess
import unittest

from client import Api, Sandbox, Server, eventually, needs_ttpd

DAY, MINUTE = 86_400, 60
SHIM = pathlib.Path(__file__).with_name("moved_clocks.c")

setUpModule = needs_ttpd


class MovedServer(Server):
    """A server whose clocks the test moves."""

    def __init__(self, *flags):
        super().__init__(*flags)
        self.library = os.path.join(self.folder, "moved_clocks.so")
        self.moved_name = os.path.join(self.folder, "moved_clocks")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, SHIM], check=True)
        with open(self.moved_name, "wb") as file:
            file.write(bytes(16))
        with open(self.moved_name, "r+b") as file:
            self.moved = mmap.mmap(file.fileno(), 16)
        self.passed = self.host_is_off = 0

    def command(self, sandbox=True):
        return ["env", f"LD_PRELOAD={self.library}", f"TTP_MOVED_CLOCKS={self.moved_name}", *super().command(sandbox)]

    def discard(self):
        self.moved.close()
        super().discard()

    def _move(self):
        self.moved[:] = struct.pack("=qq", self.passed, self.host_is_off)

    def pass_time(self, seconds):
        self.passed += seconds
        self._move()

    def set_host_clock(self, off):
        """Sets the host's clock this many seconds ahead or behind; returns when the service has noticed."""
        self.host_is_off = off
        self._move()
        if self.is_running():
            eventually(lambda: abs(self.deviation() - off) < 30)

    def deviation(self):
        text = Api(self).ask("GET", "/metrics").body.decode()
        return float(next(line for line in text.splitlines() if line.startswith("ttp_clock_deviation_seconds ")).split()[1])



class ClockTest(unittest.TestCase):
    def setUp(self):
        self.server = MovedServer()
        self.addCleanup(self.server.discard)
        self.server.start()
        self.sandbox = Sandbox(self.server)
        self.person = self.sandbox.person()
        self.person.sign_in()

    def begin_sign_in(self):
        """A sign-in that waits for its code, and the code."""
        after = self.sandbox.newest_mail_key(self.person.email)
        sign_in = self.person.start_sign_in()
        return sign_in, sign_in.code(after)

    def assert_lives_are_exact(self):
        sign_in, code = self.begin_sign_in()
        self.server.pass_time(9 * MINUTE)
        sign_in.enter(code)
        sign_in, code = self.begin_sign_in()
        self.server.pass_time(11 * MINUTE)
        sign_in.refused("one_time_code_expired", "POST", "/v1/sign-in/code", {"code": code})

        self.person.sign_in()
        self.server.pass_time(14 * MINUTE)
        self.assertEqual(self.person.ask("GET", "/v1/user").status, 200)
        self.server.pass_time(16 * MINUTE)
        self.assertEqual(self.person.ask("GET", "/v1/user").status, 401)

    def assert_wrong(self, where):
        status, text = self.server.readiness()
        self.assertEqual(status, 503, text)
        self.assertIn("the host clock differs from the service's time", text)
        self.assertIn(where, self.server.log_text())

    def assert_right(self):
        eventually(lambda: self.server.readiness()[0] == 200)
        self.assertIn("the host clock and the service's time differ: this is over", self.server.log_text())

    def jumps_and_comes_home(self, off, where):
        sign_in, code = self.begin_sign_in()
        before = self.sandbox.now()
        self.server.set_host_clock(off)
        self.assertLess(abs((self.sandbox.now() - before).total_seconds()), 5 * MINUTE)
        self.assert_wrong(where)
        self.assertEqual(self.person.ask("GET", "/v1/user").status, 200)
        sign_in.enter(code)
        self.assert_lives_are_exact()

        self.server.set_host_clock(0)
        self.assert_right()
        self.assert_lives_are_exact()

    def test_nothing_expires_by_a_jump_forward_and_nothing_lives_longer_after_it(self):
        self.jumps_and_comes_home(3 * DAY, "the host clock is 3 days ahead of the service's time")

    def test_a_jump_back_makes_nothing_live_longer(self):
        self.jumps_and_comes_home(-3 * DAY, "the host clock is 3 days behind the service's time")

    def test_time_runs_on_where_the_host_clock_is_behind_the_log_at_the_start(self):
        before = self.sandbox.now()
        self.server.stop()
        self.server.set_host_clock(-3 * DAY)
        self.server.start()
        self.assertGreaterEqual(self.sandbox.now(), before)
        self.assert_wrong("days behind the last event of the log")
        self.assert_lives_are_exact()
        self.server.set_host_clock(0)
        self.assert_right()

    def test_a_restart_takes_a_host_clock_over_that_is_ahead(self):
        """Control: the library really moves the clock that the service reads."""
        before = self.sandbox.now()
        self.server.stop()
        self.server.set_host_clock(2 * DAY)
        self.server.start()
        self.assertGreater((self.sandbox.now() - before).total_seconds(), 2 * DAY - MINUTE)
        self.assertEqual(self.server.readiness()[0], 200)
        self.assertEqual(self.person.ask("GET", "/v1/user").status, 401)


if __name__ == "__main__":
    unittest.main()

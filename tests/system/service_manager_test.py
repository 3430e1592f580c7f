"""Beside a service manager: sockets that it hands over, readiness, reload, watchdog, and a restart that refuses no
connection. The manager is played by this test, with real sockets."""

import fcntl
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from certificates import Authority
from client import TTPD, eventually, needs_ttpd
from installed import Installed
from tls_test import LIVE, Connection

ROOT = pathlib.Path(__file__).resolve().parents[2]

setUpModule = needs_ttpd


class Manager:
    """Starts ttpd as systemd does: sockets from descriptor 3 on, a socket for messages, a watchdog."""

    def __init__(self, installed, sockets, flags=(), watchdog_seconds=2):
        self.folder = tempfile.mkdtemp(prefix="ttp-system-")
        self.installed = installed
        self.messages = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.messages.bind(os.path.join(self.folder, "notify"))
        self.messages.settimeout(60)
        self.sockets = sockets
        self.flags = flags
        self.watchdog = str(int(watchdog_seconds * 1_000_000))
        self.process = None

    def start(self):
        high = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, 100) for each in self.sockets.values()]
        places = " ".join(f"{3 + index}<&{descriptor}" for index, descriptor in enumerate(high))
        command = [TTPD, "--data-dir", self.installed.data, "--port", "0", "--drain-ready-seconds", "0", *self.flags]
        environment = {**os.environ, "NOTIFY_SOCKET": os.path.join(self.folder, "notify"), "LISTEN_FDS": str(len(high)),
                       "LISTEN_FDNAMES": ":".join(self.sockets), "WATCHDOG_USEC": self.watchdog}
        with open(self.installed.log_name, "ab") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", f'export LISTEN_PID=$$ WATCHDOG_PID=$$; exec "$@" {places}', "bash", *command],
                env=environment, pass_fds=high, stdout=subprocess.DEVNULL, stderr=log)
        for each in high:
            os.close(each)
        return self

    def await_message(self, wanted):
        """The next message that begins with this, whatever comes before it."""
        while True:
            message = self.messages.recv(4096).decode()
            if message.startswith(wanted):
                return message

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def discard(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.messages.close()
        for each in self.sockets.values():
            each.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def listening():
    return socket.create_server(("127.0.0.1", 0))


class ServiceManagerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.discard)
        certificate, key = cls.authority.issue("served")
        cls.tls = ("--tls-certificate-file", str(certificate), "--tls-key-file", str(key))

    def manager(self, *names, flags=(), **more):
        installed = Installed()
        self.addCleanup(installed.discard)
        manager = Manager(installed, {name: listening() for name in names}, flags, **more)
        self.addCleanup(manager.discard)
        return manager

    def ask(self, manager, name):
        with socket.create_connection(manager.sockets[name].getsockname(), timeout=60) as connection:
            connection.sendall(LIVE)
            return connection.recv(4096)

    def test_it_serves_on_handed_over_sockets_and_tells_what_it_does(self):
        manager = self.manager("http", "https", flags=self.tls).start()
        ready = manager.await_message("READY=1")
        self.assertRegex(ready, r"STATUS=Serving; the certificate is valid until 20\d\d-\d\d-\d\d")
        self.assertTrue(self.ask(manager, "http").startswith(b"HTTP/1.1 200"))
        port = manager.sockets["https"].getsockname()[1]
        with Connection(port, self.authority.client_context()) as connection:
            self.assertEqual(connection.ask()[0], 200)
        manager.process.send_signal(signal.SIGHUP)
        self.assertRegex(manager.await_message("RELOADING=1"), r"MONOTONIC_USEC=\d+")
        manager.await_message("READY=1")
        manager.process.send_signal(signal.SIGTERM)
        manager.await_message("STOPPING=1")
        self.assertEqual(manager.process.wait(timeout=60), 0)

    def test_the_watchdog_hears_of_it_as_long_as_it_works(self):
        manager = self.manager("http").start()
        manager.await_message("READY=1")
        for _ in range(3):
            began = time.monotonic()
            manager.await_message("WATCHDOG=1")
            self.assertLess(time.monotonic() - began, 5)
        manager.process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        manager.messages.settimeout(0.1)
        with self.assertRaises(TimeoutError):  # what was sent before may still be there
            for _ in range(20):
                manager.messages.recv(4096)
        manager.messages.settimeout(2)
        with self.assertRaises(TimeoutError):
            manager.messages.recv(4096)
        manager.process.send_signal(signal.SIGCONT)
        manager.messages.settimeout(60)
        manager.await_message("WATCHDOG=1")

    def test_a_restart_refuses_no_connection(self):
        manager = self.manager("http").start()
        manager.await_message("READY=1")
        self.assertTrue(self.ask(manager, "http").startswith(b"HTTP/1.1 200"))
        self.assertEqual(manager.stop(), 0)
        waiting = socket.create_connection(manager.sockets["http"].getsockname(), timeout=60)
        self.addCleanup(waiting.close)
        waiting.sendall(LIVE)
        manager.start()
        self.assertTrue(waiting.recv(4096).startswith(b"HTTP/1.1 200"))

    def test_a_socket_that_it_cannot_use_is_refused_with_a_sentence(self):
        for name, flags, sentence in (("web", (), "FileDescriptorName= must be http"),
                                      ("https", (), "which needs tls_certificate_file"),
                                      ("staff", self.tls, "which needs staff_ca_file"),
                                      ("proxy", (), "which needs trusted_proxies")):
            manager = self.manager(name, flags=flags).start()
            self.assertEqual(manager.process.wait(timeout=60), 1)
            self.assertIn(sentence, manager.installed.log_text())

    def test_systemd_hands_sockets_over(self):
        activate = shutil.which("systemd-socket-activate")
        if not activate:
            self.skipTest("there is no systemd-socket-activate")
        installed = Installed()
        self.addCleanup(installed.discard)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        with open(installed.log_name, "ab") as log:
            process = subprocess.Popen([activate, "--listen", f"127.0.0.1:{port}", "--fdname", "http", TTPD, "--data-dir",
                                        installed.data, "--drain-ready-seconds", "0"], stderr=log, stdout=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def connected():
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=60)
            except ConnectionRefusedError:
                return None
        with eventually(connected) as connection:
            connection.sendall(LIVE)
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200"))


class UnitTest(unittest.TestCase):
    UNITS = ROOT / "packaging" / "systemd"

    def analyze(self, *arguments):
        program = shutil.which("systemd-analyze")
        if not program:
            self.skipTest("there is no systemd-analyze")
        done = subprocess.run([program, *arguments], capture_output=True, timeout=120, check=False, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_it_is_hardened(self):
        code, said = self.analyze("security", "--offline=true", "--threshold=15", "--no-pager",
                                  str(self.UNITS / "ttpd.service"))
        self.assertEqual(code, 0, said[-3000:])

    def test_the_units_can_be_read(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ttp-system-"))
        self.addCleanup(shutil.rmtree, folder)
        for unit in self.UNITS.iterdir():
            if unit.suffix in (".service", ".socket"):
                text = unit.read_text(encoding="utf-8").replace("/usr/bin/ttpd", TTPD).replace("/usr/bin/ttpctl", TTPD)
                (folder / unit.name).write_text(text, encoding="utf-8")
        code, said = self.analyze("verify", "--man=no", *(str(each) for each in sorted(folder.iterdir())))
        ours = [line for line in said.splitlines() if "ttp" in line]
        self.assertEqual((code, ours), (0, []), said)

    def test_background_threads_may_lower_their_priority(self):
        text = (self.UNITS / "ttpd.service").read_text(encoding="utf-8")
        self.assertNotIn("~@resources", text)  # it would take sched_setattr away


if __name__ == "__main__":
    unittest.main()

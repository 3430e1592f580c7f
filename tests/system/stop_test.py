"""A stop by signal: first the server is not ready but serves requests, then it closes without resetting connections; a
second signal ends it at once."""

import http.client
import signal
import threading
import time
import unittest

from client import Server, eventually, needs_ttpd

CLIENTS = 12


def setUpModule():
    needs_ttpd()


def ask(server, path):
    """Status and headers of one request on a new connection."""
    connection = http.client.HTTPConnection(*server.host_and_port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


class Load:
    """Clients that send the next request after each answer, half of them on a new connection each time."""

    def __init__(self, server):
        self.address = server.host_and_port
        self.answered = self.not_begun = self.reset = self.cut = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.client, args=(number % 2 == 0,)) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def count(self, what):
        with self.lock:
            setattr(self, what, getattr(self, what) + 1)

    def client(self, keeps):
        while True:
            connection = http.client.HTTPConnection(*self.address, timeout=60)
            try:
                connection.connect()
            except OSError:  # the server no longer listens
                return
            try:
                while True:
                    connection.request("GET", "/health/live")
                    answer = connection.getresponse()
                    answer.read()
                    self.count("answered")
                    if not keeps or answer.headers["Connection"] == "close":
                        break
            except http.client.RemoteDisconnected:  # closed in order, before any byte of an answer
                self.count("not_begun")
            except (ConnectionResetError, BrokenPipeError):
                self.count("reset")
            except http.client.HTTPException:
                self.count("cut")
            finally:
                connection.close()

    def await_answers(self, more):
        before = self.answered
        while self.answered < before + more:
            time.sleep(0.005)

    def join(self):
        for thread in self.threads:
            thread.join()


class Stop(unittest.TestCase):
    def start(self, ready_seconds):
        server = Server("--drain-ready-seconds", str(ready_seconds))
        self.addCleanup(server.discard)
        return server.start()

    def test_it_is_not_ready_first_and_a_second_signal_ends_it(self):
        server = self.start(600)
        self.assertEqual(ask(server, "/health/ready")[0], 200)
        server.ask_to_stop()
        eventually(lambda: ask(server, "/health/ready")[0] == 503)
        status, headers = ask(server, "/health/live")
        self.assertEqual((status, headers["Connection"]), (200, "close"))
        self.assertEqual(server.stop(), 0)
        self.assertIn("because of a second signal", server.log_text())

    def test_ctrl_c_is_the_same(self):
        server = self.start(0)
        server.process.send_signal(signal.SIGINT)
        self.assertEqual(server.process.wait(60), 0)

    def test_no_connection_is_reset(self):
        server = self.start(1)
        load = Load(server)
        load.await_answers(200)
        self.assertEqual(server.stop(), 0)
        load.join()
        self.assertEqual((load.reset, load.cut), (0, 0), f"of {load.answered} answered, {load.not_begun} not begun")
        self.assertLessEqual(load.not_begun, CLIENTS)

    def test_control_an_end_without_a_drain_is_noticed(self):
        server = self.start(1)
        load = Load(server)
        load.await_answers(200)
        server.kill()
        load.join()
        self.assertGreater(load.reset + load.cut + load.not_begun, 0)


if __name__ == "__main__":
    unittest.main()

"""The limit on open files is raised as far as possible; when it is reached, new clients get a refusal and do not wait."""

import re
import socket
import unittest
import urllib.request

from client import Server, needs_ttpd

LIMIT = 96
CLIENTS = 80  # more than fit beside the files of the stores
QUERY = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


def setUpModule():
    needs_ttpd()


class Limited(Server):
    """A server whose limit is set as by a shell."""

    def __init__(self, ulimit):
        super().__init__()
        self.ulimit = ulimit

    def command(self, sandbox=True):
        return ["sh", "-c", f'{self.ulimit} && exec "$@"', "sh", *super().command(sandbox)]


def answer_on(client):
    """Status line and headers of the next answer; empty if the connection has ended."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = client.recv(65536)
        if not part:
            return ""
        received += part
    return received.decode()


class Descriptors(unittest.TestCase):
    def start(self, ulimit):
        server = Limited(ulimit)
        self.addCleanup(server.discard)
        return server.start()

    def connect(self, server):
        client = socket.create_connection(server.host_and_port, timeout=60)
        self.addCleanup(client.close)
        client.sendall(QUERY)
        return client

    def test_the_soft_limit_is_raised_to_the_hard_one(self):
        server = self.start("ulimit -Hn 20000 && ulimit -Sn 200")
        with open(f"/proc/{server.process.pid}/limits", encoding="ascii") as limits:
            soft, hard = re.search(r"Max open files\s+(\d+)\s+(\d+)", limits.read()).groups()
        self.assertEqual(soft, hard)
        self.assertNotIn("limit of open files", server.log_text())

    def test_new_clients_are_refused_with_a_reason_when_none_is_left(self):
        server = self.start(f"ulimit -n {LIMIT}")
        self.assertEqual(server.log_text().count(f"the limit of open files is {LIMIT}"), 1)
        served = []
        refused = 0
        for _ in range(CLIENTS):
            client = self.connect(server)
            answer = answer_on(client)
            if answer.startswith("HTTP/1.1 200 "):
                served.append(client)
                continue
            self.assertTrue(answer.startswith("HTTP/1.1 503 "), answer)
            self.assertIn("\r\nRetry-After: ", answer)
            refused += 1
            client.close()
        self.assertGreater(refused, 0)
        self.assertGreater(len(served), 0)
        for client in served:
            client.sendall(QUERY)
            self.assertTrue(answer_on(client).startswith("HTTP/1.1 200 "), "those connected are served")
        self.assertEqual(server.log_text().count("accepting connections on "), 1, "one line, not one for each client")

        for client in served:
            client.close()
        with urllib.request.urlopen(server.base + "/metrics", timeout=60) as answer:
            counted = re.search(r"(?m)^ttp_connections_refused_total (\d+)", answer.read().decode()).group(1)
        self.assertEqual(int(counted), refused)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()

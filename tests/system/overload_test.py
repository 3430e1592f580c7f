"""Ten times the load that the server can take: its memory stays bounded, excess requests are refused at once with a time
to come back, readers are served meanwhile, and afterwards the server works as before.

The load lasts some seconds; TTP_OVERLOAD_SECONDS makes it longer. The control removes the bound and must see no refusal.
"""

import json
import os
import re
import select
import socket
import time
import unittest
import uuid

from client import Sandbox, Server, needs_ttpd

SECONDS = float(os.environ.get("TTP_OVERLOAD_SECONDS", "3"))
QUEUE_MAX = 16
CONNECTIONS = 10 * QUEUE_MAX
MEMORY_MIB_MAX = 200  # of growth


def setUpModule():
    needs_ttpd()


def memory_mib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


class Asker:
    """One connection that asks again as soon as it is answered."""

    def __init__(self, address, request):
        self.address = address
        self.request = request
        self.statuses = {}
        self.without_a_time = 0
        self.begin()

    def begin(self):
        self.input = b""
        self.socket = socket.create_connection(self.address, timeout=30)
        self.socket.setblocking(False)
        self.send()

    def send(self):
        self.socket.send(self.request())

    def take(self):
        """Reads available bytes; sends the next request after an answer."""
        part = self.socket.recv(65536)
        self.input += part
        head, found, body = self.input.partition(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        if found and len(body) >= (int(length.group(1)) if length else 0):
            self.count(int(head[9:12]), head)
            self.input = b""
            if b"\r\nConnection: close" not in head:
                return self.send()
        elif part:
            return None
        self.socket.close()
        return self.begin()

    def count(self, status, head):
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status in (429, 503) and b"\r\nRetry-After: " not in head:
            self.without_a_time += 1


def run(askers, seconds, watch=lambda: None):
    """Lets all clients send requests for this long."""
    poll = select.epoll()
    ends = time.monotonic() + seconds
    by_descriptor = {}
    for asker in askers:
        poll.register(asker.socket, select.EPOLLIN)
        by_descriptor[asker.socket.fileno()] = asker
    while time.monotonic() < ends:
        for descriptor, _ in poll.poll(0.1):
            asker = by_descriptor.pop(descriptor)
            before = asker.socket
            asker.take()
            if asker.socket is not before:
                poll.register(asker.socket, select.EPOLLIN)
            by_descriptor[asker.socket.fileno()] = asker
        watch()
    for asker in askers:
        asker.socket.close()
    poll.close()


def total(askers):
    statuses = {}
    for asker in askers:
        for status, count in asker.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    return statuses


class Overload(unittest.TestCase):
    def load(self, queue_max):
        """Runs a reader and ten times as many commands as the queue holds; returns the answers and the memory."""
        server = Server("--queue-max", str(queue_max), "--rate-limit-per-user", "4000000000")
        self.addCleanup(server.discard)
        server.start()
        sandbox = Sandbox(server)
        owner = sandbox.person().sign_in()
        target = sandbox.authorised_company(owner).here + "/profiles/company"
        common = f"Host: localhost\r\nAuthorization: Bearer {owner.token}\r\n"

        def command():
            body = json.dumps({"answers": {"company_activities": f"Sawn timber, catalogue {uuid.uuid4()}."}})
            return (f"PATCH {target} HTTP/1.1\r\n{common}Idempotency-Key: {uuid.uuid4()}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

        def query():
            return f"GET /v1/user HTTP/1.1\r\n{common}\r\n".encode()

        address = server.host_and_port
        reader = Asker(address, query)
        writers = [Asker(address, command) for _ in range(CONNECTIONS)]
        memory = [memory_mib(server.process)]
        run([reader, *writers], SECONDS, lambda: memory.append(memory_mib(server.process)))
        ends = time.monotonic()
        after = Asker(address, command)
        while 200 not in after.statuses:  # queued requests are done first
            self.assertLess(time.monotonic(), ends + 60)
            run([after], 0.1)
            after.begin()
        after.statuses.clear()
        run([after], 0.5)
        self.assertEqual(server.stop(), 0, server.log_text())
        return reader, writers, after, max(memory) - memory[0]

    def test_excess_requests_are_refused_and_the_rest_goes_on(self):
        reader, writers, after, grown = self.load(QUEUE_MAX)
        told = total(writers)
        self.assertEqual(set(told), {200, 503}, "some are taken, the others are told that it is too much")
        self.assertEqual(sum(writer.without_a_time for writer in writers), 0, "when to come back")
        self.assertEqual(set(reader.statuses), {200}, "readers are served meanwhile")
        self.assertEqual(set(after.statuses), {200}, "and afterwards writers are")
        self.assertLess(grown, MEMORY_MIB_MAX)

    def test_control_without_the_bound_nothing_is_refused(self):
        _, writers, _, _ = self.load(100 * CONNECTIONS)
        self.assertEqual(set(total(writers)), {200})


if __name__ == "__main__":
    unittest.main()

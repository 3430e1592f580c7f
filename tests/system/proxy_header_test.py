"""The PROXY protocol, version 2: on listeners that require it, each connection must come from a trusted proxy and begin
with a whole and valid header; clients then count as themselves."""

import re
import socket
import struct
import time
import unittest

from certificates import Authority
from client import Server, needs_ttpd
from tls_test import LIVE, metric
from installed import KINDS

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
PROXY = "127.0.0.2"
TERMS = b"GET /v1/terms/portal HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

setUpModule = needs_ttpd


def header(content, command=0x21, family=0x11, length=None):
    return SIGNATURE + bytes([command, family]) + struct.pack(">H", len(content) if length is None else length) + content


def v4(source="203.0.113.7"):
    return socket.inet_aton(source) + socket.inet_aton("192.0.2.1") + struct.pack(">HH", 51234, 443)


def v6(source="2001:db8::7"):
    return (socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, "2001:db8::1") +
            struct.pack(">HH", 51234, 443))


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def with_checksum(right=True):
    whole = header(v4() + b"\x03\x00\x04" + bytes(4))
    return whole[:-4] + struct.pack(">I", crc32c(whole) ^ (not right))


class ProxyHeaderTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.discard)
        certificate, key = cls.authority.issue("served")
        cls.server = Server("--proxy-listen", "127.0.0.1:0", "--https-proxy-listen", "127.0.0.1:0", "--trusted-proxies",
                            PROXY, "--tls-certificate-file", str(certificate), "--tls-key-file", str(key),
                            "--connections-per-address", "20")
        cls.addClassCleanup(cls.server.discard)
        cls.server.start()

    def port(self, kind):
        return int(re.search(rf'listening on 127\.0\.0\.1:(\d+) {KINDS[kind]}"', self.server.log_text()).group(1))

    def connect(self, first, from_address=PROXY, kind="proxy"):
        connection = socket.create_connection(("127.0.0.1", self.port(kind)), timeout=60, source_address=(from_address, 0))
        connection.sendall(first)
        return connection

    def answer(self, first, **more):
        """The bytes that come after these, until the end of the connection; none after a reset."""
        with self.connect(first, **more) as connection:
            data = b""
            try:
                while piece := connection.recv(65536):
                    data += piece
            except ConnectionResetError:
                pass
            return data

    def test_a_valid_header_is_taken(self):
        for taken in (header(v4()), header(v6(), family=0x21), header(b"", 0x20, 0x00), header(v4(), 0x20, 0x11),
                      header(b"\xff" * 100, 0x20, 0x31), header(v4() + b"\x04\x00\x03abc" + b"\xee\x00\x00"),
                      header(v4() + b"\x01\x01\xf5" + bytes(0x1F5 + 12)[:0x1F5]), with_checksum()):
            self.assertTrue(self.answer(taken + TERMS).startswith(b"HTTP/1.1 200"), taken)

    def test_every_other_header_ends_the_connection_without_an_answer(self):
        refused = metric(self.server, "proxy_headers_refused_total")
        wrong = {
            "none": b"", "text of version 1": b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n",
            "another version": header(v4(), 0x11), "another command": header(v4(), 0x22),
            "UDP": header(v4(), family=0x12), "UNIX": header(bytes(216), family=0x31), "unknown": header(b"", family=0x00),
            "IPv6 with the length of IPv4": header(v4(), family=0x21), "cut off": header(v4()[:-1]),
            "longer than the limit": header(v4() + bytes(525)), "as long as it can say": header(v4(), length=65535),
            "an extension past the end": header(v4() + b"\x04\x00\x04abc"),
            "half an extension": header(v4() + b"\x04\x00"),
            "a wrong checksum": with_checksum(False), "a short checksum": header(v4() + b"\x03\x00\x03abc"),
            "another signature": header(v4()).replace(b"QUIT", b"QUiT"), "two headers": header(v4()) + header(v4()),
        }
        for name, first in wrong.items():
            answer = self.answer(first + TERMS)
            if name == "two headers":  # the second one is no request
                self.assertTrue(answer.startswith(b"HTTP/1.1 400"), answer)
            else:
                self.assertEqual(answer, b"", name)
        self.assertGreaterEqual(metric(self.server, "proxy_headers_refused_total"), refused + len(wrong) - 1)

    def test_a_header_from_elsewhere_is_not_even_read(self):
        self.assertEqual(self.answer(header(v4()) + TERMS, from_address="127.0.0.3"), b"")

    def test_half_a_header_ends_after_a_second(self):
        for half in (b"", SIGNATURE, header(v4())[:-1]):
            began = time.monotonic()
            self.assertEqual(self.answer(half), b"")
            self.assertGreater(time.monotonic() - began, 0.9)
            self.assertLess(time.monotonic() - began, 20)

    def test_a_header_may_come_byte_by_byte(self):
        with self.connect(b"") as connection:
            for byte in header(v4()):
                connection.sendall(bytes([byte]))
            connection.sendall(TERMS)
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200"))

    def remaining(self, first):
        return int(re.search(rb"(?i)\r\nratelimit:.*?\br=(\d+)", self.answer(first + TERMS)).group(1))

    def test_clients_count_as_themselves(self):
        first = self.remaining(header(v4("203.0.113.20")))
        self.assertEqual(self.remaining(header(v4("203.0.113.20"))), first - 1)
        self.assertEqual(self.remaining(header(v4("203.0.113.21"))), first)
        forged = TERMS.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 203.0.113.99\r\n\r\n")
        self.assertEqual(int(re.search(rb"(?i)\r\nratelimit:.*?\br=(\d+)",
                                       self.answer(header(v4("203.0.113.21")) + forged)).group(1)), first - 1)

    def test_a_client_has_its_share_of_connections_and_no_more(self):
        held = [self.connect(header(v4("203.0.113.50")) + LIVE) for _ in range(20)]
        for each in held:
            self.assertTrue(each.recv(4096).startswith(b"HTTP/1.1 200"))
        self.assertTrue(self.answer(header(v4("203.0.113.50")) + TERMS).startswith(b"HTTP/1.1 429"))
        self.assertTrue(self.answer(header(v4("203.0.113.51")) + TERMS).startswith(b"HTTP/1.1 200"))
        for each in held:
            each.close()

    def test_tls_begins_after_the_header(self):
        with self.connect(header(v4()), kind="https-proxy") as plain:
            with self.authority.client_context().wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(TERMS)
                self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200"))
        self.assertEqual(self.answer(TERMS, kind="https-proxy"), b"")


if __name__ == "__main__":
    unittest.main()

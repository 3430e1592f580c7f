"""TLS in the server itself, with clients that others wrote: what is accepted and refused, slow clients and floods, new
certificates without a lost connection, staff with certificates."""

import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

from certificates import Authority, replace
from client import Api, Server, Unexpected, eventually, needs_ttpd, ttpctl
from installed import Installed

LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"

setUpModule = needs_ttpd


def metric(server, name):
    text = Api(server).ask("GET", "/metrics").body.decode()
    found = re.search(rf"(?m)^ttp_{name} (\S+)$", text)
    return float(found.group(1)) if found else None


class Connection:
    """A TLS connection that sends exactly the given bytes."""

    def __init__(self, port, context, from_address="127.0.0.1"):
        plain = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(from_address, 0))
        try:
            self.socket = context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
        except BaseException:
            plain.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def answer(self):
        """The next answer: status, headers, body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head).group(1))
        while len(body) < length:
            body += self._more()
        assert len(body) == length, "more than one answer"
        return int(head.split(b" ")[1]), head.decode(), body

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Unexpected("the connection ended")
        return data

    def ask(self, request=LIVE):
        self.socket.sendall(request)
        return self.answer()

    def serial(self):
        return self.socket.getpeercert()["serialNumber"].lower()


def openssl_client(port, *arguments, sends=b"", timeout=60):
    """Runs openssl s_client; what it says."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *arguments], input=sends,
                          capture_output=True, timeout=timeout, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


class TlsCase(unittest.TestCase):
    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.discard)
        cls.certificate, cls.key = cls.authority.issue("served")
        cls.server = Installed("--https-listen", "127.0.0.1:0", "--tls-certificate-file", str(cls.certificate),
                               "--tls-key-file", str(cls.key), *cls.more_flags())
        cls.addClassCleanup(cls.server.discard)
        cls.server.start()
        cls.port = cls.server.port("https")
        cls.context = cls.authority.client_context()

    @classmethod
    def more_flags(cls):
        return cls.FLAGS

    def connect(self, **more):
        return Connection(self.port, self.context, **more)


class Accepted(TlsCase):
    def test_curl_is_served_by_both_versions_and_told_to_stay_with_tls(self):
        for version in ("1.2", "1.3"):
            done = subprocess.run(["curl", "-sSi", f"--tlsv{version}", "--tls-max", version, "--cacert",
                                   str(self.authority.certificate), f"https://localhost:{self.port}/health/live"],
                                  capture_output=True, timeout=60, check=True)
            head = done.stdout.decode()
            self.assertTrue(head.startswith("HTTP/1.1 200"), head)
            self.assertIn("Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n", head)
        self.assertIsNone(Api(self.server).ask("GET", "/health/live").headers["Strict-Transport-Security"])

    def test_a_long_answer_and_requests_in_pieces_or_in_a_row_arrive_whole(self):
        description = Api(self.server).ask("GET", "/openapi.json").body
        request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with self.connect() as connection:
            self.assertEqual(connection.ask(request)[2], description)
            for byte in request:
                connection.socket.sendall(bytes([byte]))
            self.assertEqual(connection.answer()[2], description)
            connection.socket.sendall(LIVE)
            self.assertEqual(connection.answer()[0], 200)

    def test_a_client_that_reads_slowly_gets_all_of_it(self):
        request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        with self.connect() as connection:
            connection.socket.sendall(request * 1)
            total = 0
            while True:
                time.sleep(0.001)
                data = connection.socket.recv(4096)
                if not data:
                    break
                total += len(data)
        self.assertGreater(total, 100_000)

    def test_an_end_is_announced_so_that_no_answer_can_be_cut_off_unnoticed(self):
        with self.connect() as connection:
            connection.socket.sendall(LIVE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            self.assertEqual(connection.answer()[0], 200)
            self.assertEqual(connection.socket.recv(1), b"")  # not an exception: suppress_ragged_eofs is off

    def test_a_large_body_is_read_and_refused_like_without_tls(self):
        body = b'{"email": "' + b"a" * 200_000 + b'"}'
        head = (b"POST /v1/registrations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body))
        with self.connect() as connection:
            self.assertIn(connection.ask(head + body)[0], (400, 422))

    def test_http_1_1_is_agreed_on_where_a_client_offers_more(self):
        context = self.authority.client_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with Connection(self.port, context) as connection:
            self.assertEqual(connection.socket.selected_alpn_protocol(), "http/1.1")


class Refused(TlsCase):
    def test_old_versions_weak_suites_and_another_protocol(self):
        for arguments in (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
                          ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"), ("-tls1_2", "-cipher", "AES128-GCM-SHA256"),
                          ("-alpn", "h2"), ("-groups", "P-521")):
            said = openssl_client(self.port, *arguments)
            self.assertRegex(said, "alert|no cipher match|unsupported protocol", arguments)
        self.assertIn("New, TLSv1.3", openssl_client(self.port, "-tls1_3"))

    def test_renegotiation_is_refused_and_no_session_is_kept(self):
        said = openssl_client(self.port, "-tls1_2", sends=b"R\n")
        self.assertIn("no renegotiation", said)
        again = openssl_client(self.port, "-tls1_2", "-reconnect")
        self.assertNotIn("Reused", again)
        self.assertIn("New, TLSv1.2", again)

    def test_a_request_without_tls_gets_no_answer(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as plain:
            plain.sendall(LIVE)
            answer = b""
            try:
                answer = plain.recv(4096)
            except ConnectionResetError:
                pass
        self.assertNotIn(b"HTTP/1.1", answer)

    def test_half_a_handshake_ends_in_time_and_hurts_nobody(self):
        failed = metric(self.server, "tls_handshakes_failed_total")
        began = time.monotonic()
        halves = []
        for sends in (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"):
            half = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            half.sendall(sends)
            halves.append(half)
        with self.connect() as connection:
            self.assertEqual(connection.ask()[0], 200)
        for half in halves:
            self.assertEqual(half.recv(1), b"")
            half.close()
        self.assertGreater(time.monotonic() - began, 4)
        self.assertLess(time.monotonic() - began, 30)
        eventually(lambda: metric(self.server, "tls_handshakes_failed_total") >= failed + 2)

    def test_a_flood_of_connections_is_ended_without_handshakes_and_others_are_served(self):
        before = metric(self.server, "connections_refused_total")
        flood = [socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=("127.0.0.9", 0))
                 for _ in range(230)]
        ended = 0
        for each in flood[200:]:
            each.settimeout(2)
            try:
                ended += each.recv(1) == b""
            except ConnectionResetError:
                ended += 1
        with self.connect() as connection:
            self.assertEqual(connection.ask()[0], 200)
        for each in flood:
            each.close()
        self.assertGreaterEqual(ended, 20)
        self.assertGreaterEqual(metric(self.server, "connections_refused_total"), before + 20)


class Reload(TlsCase):
    def setUp(self):
        replace(self.certificate, self.certificate.with_name("kept.pem"))
        replace(self.key, self.key.with_name("kept.key"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copy(cls.certificate, cls.certificate.with_name("kept.pem"))
        shutil.copy(cls.key, cls.key.with_name("kept.key"))

    def put(self, identity):
        replace(self.certificate, identity[0])
        replace(self.key, identity[1])

    def reload(self):
        lines = self.server.log_text().count("read again: ")
        self.server.signal(signal.SIGHUP)
        self.server.await_log("read again: ", lines + 1)

    def test_new_connections_see_the_new_certificate_and_old_ones_live_on(self):
        new = self.authority.issue("renewed")
        with self.connect() as old:
            self.assertEqual(old.ask()[0], 200)
            before = old.serial()
            self.put(new)
            self.reload()
            self.assertEqual(old.ask()[0], 200)
            with self.connect() as fresh:
                self.assertEqual(fresh.serial(), self.authority.serial(new[0]))
                self.assertNotEqual(fresh.serial(), before)

    def test_files_that_do_not_fit_are_refused_and_the_old_ones_stay(self):
        other = self.authority.issue("other")
        with self.connect() as connection:
            before = connection.serial()
        for number, wrong in enumerate((other[1], other[0]), 1):  # another's key; no key at all
            replace(self.key, wrong)
            self.server.signal(signal.SIGHUP)
            eventually(lambda: self.fault("faults_total") >= number and self.fault("fault_lasts"))
            with self.connect() as connection:
                self.assertEqual(connection.serial(), before)
        self.assertIn("reading the certificate or its key again: ", self.server.log_text())
        replace(self.key, self.key.with_name("kept.key"))
        eventually(lambda: not self.fault("fault_lasts"))

    def fault(self, name):
        text = Api(self.server).ask("GET", "/metrics").body.decode()
        return int(re.search(rf'(?m)^ttp_{name}\{{fault="certificate_not_read"\}} (\d+)', text).group(1))

    def test_changed_files_are_noticed_without_a_signal(self):
        new = self.authority.issue("noticed")
        self.put(new)

        def is_new():
            with self.connect() as connection:
                return connection.serial() == self.authority.serial(new[0])
        eventually(is_new, seconds=30)

    def test_no_connection_is_lost_while_certificates_change(self):
        renewed = [self.authority.issue(f"changing{number}") for number in range(4)]
        stop, lost, served = threading.Event(), [], []

        def client(number):
            while not stop.is_set():
                try:
                    with self.connect(from_address=f"127.0.1.{number}") as connection:
                        for _ in range(5):
                            served.append(connection.ask()[0])
                except (OSError, Unexpected) as fault:
                    lost.append(fault)
                time.sleep(0.05)
        clients = [threading.Thread(target=client, args=(number,)) for number in range(1, 5)]
        for each in clients:
            each.start()
        for identity in renewed:
            self.put(identity)
            self.reload()
            time.sleep(0.3)
        stop.set()
        for each in clients:
            each.join()
        self.assertEqual(lost, [])
        self.assertEqual(set(served), {200})
        self.assertGreater(len(served), 40)


class Staff(TlsCase):
    @classmethod
    def more_flags(cls):
        cls.staff = cls.authority.issue("staff", "client")
        cls.left = cls.authority.issue("left", "client")
        crl = cls.authority.revoke(cls.left[0])
        return ("--staff-listen", "127.0.0.1:0", "--staff-ca-file", str(cls.authority.certificate), "--staff-crl-file",
                str(crl))

    def admitted(self, identity, version=None):
        context = self.authority.client_context(identity)
        if version:
            context.maximum_version = version
        try:
            with Connection(self.server.port("staff"), context) as connection:
                return connection.ask()[0] == 200
        except (ssl.SSLError, ConnectionResetError, BrokenPipeError):
            return False

    def test_only_clients_with_a_good_certificate_are_admitted(self):
        stranger = Authority("stranger")
        self.addCleanup(stranger.discard)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.assertTrue(self.admitted(self.staff, version))
            self.assertFalse(self.admitted(None, version), "no certificate")
            self.assertFalse(self.admitted((self.certificate, self.key), version), "a server's certificate")
            self.assertFalse(self.admitted(self.left, version), "revoked")
            self.assertFalse(self.admitted(stranger.issue("staff", "client"), version), "another authority")

    def test_a_certificate_that_is_revoked_later_is_refused_after_a_reload(self):
        leaving = self.authority.issue("leaving", "client")
        self.assertTrue(self.admitted(leaving))
        self.authority.revoke(leaving[0])
        self.server.signal(signal.SIGHUP)
        self.server.await_log("read again: ")
        self.assertFalse(self.admitted(leaving))
        self.assertTrue(self.admitted(self.staff))


class AtTheStart(unittest.TestCase):
    def setUp(self):
        self.authority = Authority()
        self.addCleanup(self.authority.discard)
        self.certificate, self.key = self.authority.issue("served")

    def flags(self):
        return ("--https-listen", "127.0.0.1:0", "--tls-certificate-file", str(self.certificate), "--tls-key-file",
                str(self.key))

    def test_what_cannot_be_used_is_refused_with_a_sentence(self):
        server = Installed(*self.flags())
        self.addCleanup(server.discard)
        other = self.authority.issue("other")
        shutil.copy(self.key, self.key.with_name("good"))

        def sentence():
            code, said = server.start_refused()
            self.assertEqual(code, 1, said)
            return said
        self.key.chmod(0o644)
        self.assertIn("is open to others than its owner", sentence())
        self.authority.openssl("ec", "-in", "good", "-out", self.key.name, "-aes256", "-passout", "pass:xyzzy")
        self.key.chmod(0o600)
        self.assertIn("has a pass phrase", sentence())
        replace(self.key, other[1])
        self.key.chmod(0o600)
        self.assertIn("does not belong to the first certificate", sentence())
        self.key.unlink()
        self.assertIn("there is no file", sentence())
        replace(self.key, self.key.with_name("good"))
        self.key.chmod(0o640)
        self.certificate.write_bytes(self.certificate.read_bytes() + other[0].read_bytes())
        self.assertIn("was not issued by the one after it", sentence())
        self.certificate.write_text("nonsense")
        self.assertIn("holds no certificate", sentence())

    def test_a_certificate_near_its_end_is_told_by_the_log_the_metrics_and_ttpctl(self):
        self.certificate, self.key = self.authority.issue("short", days=5)
        server = Installed(*self.flags())
        self.addCleanup(server.discard)
        server.start()
        server.await_log("Renew it: when it has ended")
        ends = metric(server, "certificate_expiry_timestamp_seconds")
        self.assertAlmostEqual(ends, time.time() + 5 * 86_400, delta=3600)
        done = ttpctl("tls", "check", "--tls-certificate-file", str(self.certificate), "--tls-key-file", str(self.key))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout.decode(), r"warning +certificate: .*localhost, 127\.0\.0\.1.*: 4 days left")
        self.key.chmod(0o604)
        done = ttpctl("tls", "check", "--tls-certificate-file", str(self.certificate), "--tls-key-file", str(self.key))
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"is open to others", done.stdout)

    def test_settings_that_lack_others_are_refused(self):
        server = Server("--https-listen", "127.0.0.1:0", "--staff-listen", "127.0.0.1", "--proxy-listen", "127.0.0.1:0")
        self.addCleanup(server.discard)
        code, said = server.start_refused()
        self.assertEqual(code, 2)
        for sentence in ("https_listen needs tls_certificate_file", "staff_listen needs staff_ca_file",
                         '"127.0.0.1" is no numeric address with a port', "proxy_listen needs trusted_proxies"):
            self.assertIn(sentence, said)


if __name__ == "__main__":
    unittest.main()

"""A certificate from an ACME server (pebble, of Debian) by certbot and our deploy hook: issued, served, renewed."""

import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

from certificates import Authority
from client import eventually, needs_ttpd
from in_front_test import free_port
from installed import Installed

HOOK = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "certbot-deploy-hook"
PROGRAMS = ("pebble", "pebble-challtestsrv", "certbot")

setUpModule = needs_ttpd


@unittest.skipUnless(all(map(shutil.which, PROGRAMS)), "pebble or certbot is missing")
class CertbotTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ttp-system-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.authority = Authority()
        self.addCleanup(self.authority.discard)
        self.tls = self.folder / "tls"
        self.tls.mkdir()
        for source, target in zip(self.authority.issue("first"), ("certificate.pem", "key.pem")):
            shutil.copy(source, self.tls / target)
        self.server = Installed("--https-listen", "127.0.0.1:0", "--tls-certificate-file", str(self.tls / "certificate.pem"),
                                "--tls-key-file", str(self.tls / "key.pem"))
        self.addCleanup(self.server.discard)
        self.server.start()

    def run_program(self, *command, **environment):
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, cwd=self.folder)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

    def start_pebble(self):
        self.acme, management, self.challenges, names, names_management = (free_port() for _ in range(5))
        certificate, key = self.authority.issue("pebble")
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.acme}", "managementListenAddress": f"127.0.0.1:{management}",
            "certificate": str(certificate), "privateKey": str(key), "httpPort": self.challenges, "tlsPort": free_port(),
            "ocspResponderURL": "", "externalAccountBindingRequired": False}}))
        self.run_program("pebble-challtestsrv", "-defaultIPv6", "", "-defaultIPv4", "127.0.0.1", "-dns01",
                         f"127.0.0.1:{names}", "-http01", "", "-https01", "", "-tlsalpn01", "", "-management",
                         f"127.0.0.1:{names_management}")
        self.run_program("pebble", "-config", "pebble.json", "-dnsserver", f"127.0.0.1:{names}", PEBBLE_VA_NOSLEEP="1",
                         PEBBLE_WFE_NONCEREJECT="0")

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.acme)) == 0
        eventually(answers, seconds=30)

    def certbot(self, command, *arguments):
        folders = [word for name in ("config", "work", "logs") for word in (f"--{name}-dir", str(self.folder / name))]
        done = subprocess.run(
            ["certbot", command, "--server", f"https://localhost:{self.acme}/dir", "--non-interactive", *folders,
             "--http-01-port", str(self.challenges), *arguments], capture_output=True, timeout=300, check=False,
            env={**os.environ, "REQUESTS_CA_BUNDLE": str(self.authority.certificate), "TTP_TLS_FOLDER": str(self.tls),
                 "TTP_PID": str(self.server.process.pid)})
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())

    def serial(self):
        """Of the certificate that is served."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.server.port("https")), timeout=60) as plain:
            with context.wrap_socket(plain, server_hostname="accounts.example.org") as connection:
                return self.authority.text(connection.getpeercert(binary_form=True))

    def test_a_certificate_is_issued_served_and_renewed(self):
        self.start_pebble()
        first = self.serial()
        self.assertIn("CN = first", first)
        self.certbot("certonly", "--standalone", "--agree-tos", "--register-unsafely-without-email", "-d",
                     "accounts.example.org", "--deploy-hook", str(HOOK))
        issued = eventually(lambda: (text := self.serial()) != first and text, seconds=30)
        self.assertIn("DNS:accounts.example.org", issued)
        self.assertEqual((self.tls / "key.pem").stat().st_mode & 0o007, 0)
        self.certbot("renew", "--force-renewal", "--no-random-sleep-on-renew", "--deploy-hook", str(HOOK))
        renewed = eventually(lambda: (text := self.serial()) != issued and text, seconds=30)
        self.assertIn("DNS:accounts.example.org", renewed)
        self.server.signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(timeout=60), 0)


if __name__ == "__main__":
    unittest.main()

"""The configurations for haproxy and nginx in packaging/, with the real programs in front of the real server: HTTP/2
outside, the client's own address inside, no word of a client about its address."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from certificates import Authority
from client import eventually, needs_ttpd
from installed import Installed

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
CLIENTS = ("127.0.5.1", "127.0.5.2")
REQUESTS = 40

setUpModule = needs_ttpd


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class InFrontCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.discard)
        cls.certificate, cls.key = cls.authority.issue("served")
        cls.server = Installed("--https-proxy-listen", "127.0.0.1:0", "--proxy-listen", "127.0.0.1:0",
                               "--trusted-proxies", "127.0.0.1", "--behind-tls", "--tls-certificate-file",
                               str(cls.certificate), "--tls-key-file", str(cls.key))
        cls.addClassCleanup(cls.server.discard)
        cls.server.start()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="ttp-system-"))
        cls.folder.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        both = cls.folder / "both.pem"
        both.write_bytes(cls.certificate.read_bytes() + cls.key.read_bytes())

    def curl(self, port, *arguments, source=CLIENTS[0]):
        done = subprocess.run(["curl", "-sSi", "--cacert", str(self.authority.certificate), "--interface", source,
                               *arguments, f"https://localhost:{port}/v1/terms/portal"], capture_output=True, timeout=60,
                              check=False)
        return done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")

    def remaining(self, port, *arguments, **more):
        return int(re.search(r"(?i)\nratelimit:.*?\br=(\d+)", self.curl(port, *arguments, **more)).group(1))

    def await_service(self, port):
        eventually(lambda: re.match(r"HTTP/\S+ 200", self.curl(port)), seconds=30)

    def check(self, port, protocol):
        self.await_service(port)
        said = self.curl(port)
        self.assertTrue(said.startswith(protocol + " 200"), said)
        self.assertIn("strict-transport-security: max-age=63072000; includesubdomains", said.lower())
        # The count grows again by one a second, so only a large difference tells two clients apart.
        self.curl(port, f"https://localhost:{port}/v1/terms/portal?[1-{REQUESTS}]")
        few = self.remaining(port, source=CLIENTS[1]) - REQUESTS // 2
        self.assertLess(self.remaining(port), few, "two clients count as one")
        forged = self.remaining(port, "-H", "X-Forwarded-For: 203.0.113.9", "-H", "Forwarded: for=203.0.113.9")
        self.assertLess(forged, few, "a client's own word is believed")
        for version in ("--tlsv1.1", "--http1.1"):
            self.assertRegex(self.curl(port, version, *(["--tls-max", "1.1"] if "tls" in version else [])),
                             "alert|unsupported|protocol version" if "tls" in version else "HTTP/1.1 200")

    def run_program(self, *command):
        log = open(self.folder / "program.log", "wb")
        self.addCleanup(log.close)
        process = subprocess.Popen(command, stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        time.sleep(0.2)
        self.assertIsNone(process.poll(), (self.folder / "program.log").read_text())

    def written(self, name, changes):
        """The configuration with other addresses and files, and nothing else changed."""
        text = (PACKAGING / name).read_text(encoding="utf-8")
        for old, new in changes.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        file = self.folder / os.path.basename(name)
        file.write_text(text, encoding="utf-8")
        return str(file)


@unittest.skipUnless(shutil.which("haproxy"), "there is no haproxy")
class Haproxy(InFrontCase):
    def haproxy(self, name, changes):
        port = free_port()
        file = self.written(name, {"0.0.0.0:443": f"127.0.0.1:{port}", "maxconn 20000": "maxconn 200", **changes})
        subprocess.run(["haproxy", "-c", "-q", "-f", file], check=True, timeout=60)
        self.run_program("haproxy", "-db", "-f", file)
        return port

    def test_tls_ends_there_and_a_header_names_the_client(self):
        port = self.haproxy("haproxy/tls-ends-here.cfg", {"/etc/haproxy/ttp.pem": str(self.folder / "both.pem"),
                                                          "127.0.0.1:8081": f"127.0.0.1:{self.server.port('proxy')}"})
        self.check(port, "HTTP/2")

    def test_tls_goes_through(self):
        port = self.haproxy("haproxy/tls-goes-through.cfg",
                            {"127.0.0.1:8444": f"127.0.0.1:{self.server.port('https-proxy')}"})
        self.check(port, "HTTP/1.1")

    def test_tls_ends_there_and_x_forwarded_for_names_the_client(self):
        port = self.haproxy("haproxy/forwarded-for.cfg",
                            {"/etc/haproxy/ttp.pem": str(self.folder / "both.pem"),
                             "127.0.0.1:8080": "{}:{}".format(*self.server.host_and_port)})
        self.check(port, "HTTP/2")


@unittest.skipUnless(shutil.which("nginx"), "there is no nginx")
class Nginx(InFrontCase):
    def test_tls_ends_there_and_x_forwarded_for_names_the_client(self):
        port = free_port()
        site = self.written("nginx/ttp.conf", {"0.0.0.0:443": f"127.0.0.1:{port}",
                                               "/etc/nginx/ttp.pem": str(self.certificate),
                                               "/etc/nginx/ttp.key": str(self.key),
                                               "127.0.0.1:8080": "{}:{}".format(*self.server.host_and_port)})
        main = self.folder / "nginx.conf"
        paths = "".join(f"  {name}_temp_path {self.folder}/{name};\n" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        main.write_text(f"pid {self.folder}/nginx.pid;\nerror_log stderr;\ndaemon off;\nmaster_process off;\n"
                        f"events {{ worker_connections 64; }}\nhttp {{\n  access_log off;\n{paths}  include {site};\n}}\n",
                        encoding="utf-8")
        subprocess.run(["nginx", "-t", "-q", "-c", str(main)], check=True, timeout=60)
        self.run_program("nginx", "-c", str(main))
        self.check(port, "HTTP/2")


if __name__ == "__main__":
    unittest.main()

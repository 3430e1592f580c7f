"""A service outside the sandbox, as `ttpctl init` makes it, with listeners beside its plain one."""

import os
import pathlib
import re
import subprocess

from client import Server, eventually, ttpctl

PASSWORD = "cinq canards sous la pluie"

KINDS = {"https": "by TLS", "https-proxy": "by TLS, after a PROXY header", "proxy": "without TLS, after a PROXY header",
         "staff": "by TLS, for clients with a certificate"}


class Installed(Server):
    """`port` tells where each kind of listener is."""

    def __init__(self, *flags):
        super().__init__(*flags)
        password = pathlib.Path(self.folder, "password")
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        done = ttpctl("init", "--data-dir", self.data, "--user-name", "operator7", "--family-name", "Roy", "--given-names",
                      "Alex", "--email", "operator@example.org", "--telephone", "+16135550100", "--password-file",
                      str(password))
        assert done.returncode == 0, done.stderr

    def start(self, sandbox=False):
        return super().start(sandbox)

    def start_refused(self):
        done = subprocess.run(self.command(sandbox=False), capture_output=True, timeout=60, check=False)
        return done.returncode, done.stderr.decode(errors="replace")

    def port(self, kind):
        """The newest port of this kind of listener."""
        return int(re.findall(rf'listening on 127\.0\.0\.1:(\d+) {re.escape(KINDS[kind])}"', self.log_text())[-1])

    def signal(self, number):
        os.kill(self.process.pid, number)

    def await_log(self, text, times=1):
        eventually(lambda: self.log_text().count(text) >= times)

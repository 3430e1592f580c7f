"""Newcomers can type word for word what README.md, docs/client.md and docs/first-session.sh tell them to."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from client import Api, needs_ttpd, town

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Programs that every Debian has, curl, and nothing else: no uuidgen, no jq.
PROGRAMS = ("bash", "cat", "curl", "grep", "head", "sed", "sleep", "tee")

setUpModule = needs_ttpd


class DocumentationTest(unittest.TestCase):
    def setUp(self):
        self.server, self.sandbox = town()
        self.addCleanup(self.server.discard)
        self.work = tempfile.TemporaryDirectory(prefix="ttp-system-")
        self.addCleanup(self.work.cleanup)
        programs = os.path.join(self.work.name, "bin")
        os.mkdir(programs)
        for name in PROGRAMS:
            found = next(os.path.join(folder, name) for folder in os.environ["PATH"].split(":")
                         if os.access(os.path.join(folder, name), os.X_OK))
            os.symlink(found, os.path.join(programs, name))
        self.environment = {"PATH": programs, "HOME": self.work.name}

    def bash(self, script, *arguments):
        done = subprocess.run(["bash", "-c", script, "bash", *arguments], cwd=self.work.name, env=self.environment,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def blocks(self, name):
        text = (ROOT / name).read_text(encoding="utf-8")
        found = [block for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", text) if "./run" not in block]
        self.assertTrue(found, name)
        # The address is that of a server of our own, and a refusal ends the block.
        script = "\n".join(found).replace("http://127.0.0.1:8080", self.server.base)
        return "set -euo pipefail\ncurl() { command curl --fail-with-body --show-error \"$@\"; }\n" + script

    def test_the_blocks_of_the_readme_register_a_person(self):
        output = self.bash(self.blocks("README.md"))
        self.assertIn("HTTP/1.1 201", output)
        Api(self.server).post("/v1/sign-ins", {"user_name": "martin42", "password": "quatre chevaux sur la colline"})

    def test_the_blocks_of_the_page_for_clients_work(self):
        output = self.bash(self.blocks("docs/client.md"))
        self.assertIn('"stage":"mail_factor_terms"', output)

    def test_the_script_goes_from_nothing_to_a_session(self):
        output = self.bash((ROOT / "docs/first-session.sh").read_text(encoding="utf-8"), self.server.base)
        anybody = Api(self.server)
        anybody.token = output.splitlines()[-1]
        self.assertEqual(len(anybody.get("/v1/sessions")["items"]), 1)

    def test_a_program_that_a_fresh_machine_lacks_is_noticed(self):
        with self.assertRaises(AssertionError):
            self.bash("set -e\nuuidgen")


if __name__ == "__main__":
    unittest.main()

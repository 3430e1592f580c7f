"""The files that are installed beside the programs, and the bill of materials."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from client import BIN, TTPCTL, TTPD, needs_ttpd

ROOT = pathlib.Path(__file__).resolve().parents[2]

setUpModule = needs_ttpd


class BillOfMaterials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = cls.made()
        cls.bill = json.loads(cls.text)
        cls.packages = {each["name"]: each for each in cls.bill["packages"]}

    @staticmethod
    def made():
        done = subprocess.run([sys.executable, ROOT / "scripts" / "sbom", "1.2.3", TTPD, TTPCTL], check=True, timeout=300,
                              capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
        return done.stdout.decode()

    def test_the_same_programs_give_the_same_bytes(self):
        self.assertEqual(self.made(), self.text)
        self.assertEqual(self.bill["creationInfo"]["created"], "2023-11-14T22:13:20Z")

    def test_every_library_of_the_programs_is_in_it_with_a_version(self):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", subprocess.run(["readelf", "-dW", TTPD], check=True, text=True,
                                                                    capture_output=True).stdout)
        self.assertGreater(len(needed), 10)
        listed = " ".join(self.packages)
        for name in ("libssl3", "libsodium23", "libstdc++6", "libsystemd0", "libcurl4", "libpq5", "libc6", "librocksdb-dev",
                     "libboost1.81-dev"):
            self.assertIn(name, self.packages, listed)
            self.assertTrue(self.packages[name]["versionInfo"])
        self.assertIn(f"pkg:deb/debian/libssl3@{self.packages['libssl3']['versionInfo'].replace('+', '%2B')}",
                      self.packages["libssl3"]["externalRefs"][0]["referenceLocator"])

    def test_its_references_are_whole(self):
        names = {each["SPDXID"] for each in self.bill["packages"]} | {"SPDXRef-DOCUMENT"}
        self.assertEqual(len(names), len(self.bill["packages"]) + 1)
        for link in self.bill["relationships"]:
            self.assertIn(link["spdxElementId"], names)
            self.assertIn(link["relatedSpdxElement"], names)
        described = {link["relatedSpdxElement"] for link in self.bill["relationships"]
                     if link["relationshipType"] == "DESCRIBES"}
        self.assertEqual(described, {"SPDXRef-ttpd", "SPDXRef-ttpctl"})


class Installation(unittest.TestCase):
    def test_units_hook_settings_and_pages_are_installed(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ttp-system-"))
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run(["cmake", "--install", BIN, "--prefix", folder], capture_output=True, check=True, timeout=120)
        for path in ("lib/systemd/system/ttpd.service", "lib/systemd/system/ttpd-https.socket",
                     "share/ttp/certbot-deploy-hook", "share/ttp/ttpd.toml", "share/doc/ttp/machine.md", "share/doc/ttp/mail.md",
                     "share/doc/ttp/haproxy/tls-ends-here.cfg", "share/doc/ttp/nginx/ttp.conf"):
            self.assertTrue((folder / path).exists(), path)
        checked = subprocess.run([TTPCTL, "config", "check", "--config", folder / "share/ttp/ttpd.toml"],
                                 capture_output=True, timeout=60, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)


if __name__ == "__main__":
    unittest.main()

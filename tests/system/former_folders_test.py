"""Data folders that earlier programs have written (data_folders/) open with the program of today: the Merkle root is the
recorded one, everything verifies, the people of the folder sign in, and the log goes on.
"""

import glob
import os
import shutil
import tarfile
import tempfile
import unittest

from client import Person, Sandbox, Server, needs_ttpd, ttpctl_on

FOLDERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data_folders")
OWNER = ("formerowner1", "quiet otters row north", "Tremblay")
MEMBER = ("formermember1", "seven herons fly south", "Okafor")
VISITOR = ("formerguest1", "one moose swims alone", "Dubois")
COMPANY = "Érablière du Nord inc."

setUpModule = needs_ttpd


class FormerFoldersTest(unittest.TestCase):
    def unpack(self, archive):
        folder = tempfile.mkdtemp(prefix="ttp-former-")
        self.addCleanup(shutil.rmtree, folder)
        with tarfile.open(archive) as packed:
            packed.extractall(folder)
        return os.path.join(folder, "data")

    @staticmethod
    def recorded(data):
        """The size and the root of the folder's signed checkpoint."""
        with open(os.path.join(data, "checkpoint", "checkpoint"), encoding="utf-8") as note:
            _, size, root = note.read().splitlines()[:3]
        return size, root

    def succeeds(self, data, check):
        done = ttpctl_on(data, check)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.decode()

    def test_open_verify_and_go_on(self):
        archives = sorted(glob.glob(os.path.join(FOLDERS, "*.tar.xz")))
        self.assertGreaterEqual(len(archives), 2)
        for archive in archives:
            with self.subTest(os.path.basename(archive)):
                self.open_and_go_on(self.unpack(archive))

    def open_and_go_on(self, data):
        size, root = self.recorded(data)
        self.assertIn(f"tree: root {root}", self.succeeds(data, "verify"))
        self.assertIn(f"of {size} events", self.succeeds(data, "fsck"))
        server = Server(data=data)
        self.addCleanup(server.discard)
        server.start()
        self.people_sign_in(Sandbox(server))
        server.stop()
        self.assertNotIn(f"tree: root {root}", self.succeeds(data, "verify"))
        self.succeeds(data, "fsck")

    def people_sign_in(self, sandbox):
        owner, member, visitor = (Person(sandbox, user_name, password, user_name + "@example.com").sign_in()
                                  for user_name, password, _ in (OWNER, MEMBER, VISITOR))
        (company,) = owner.get("/v1/accounts")["items"]
        self.assertEqual(company["legal_name"], COMPANY)
        here = f"/v1/accounts/{company['id']}"
        for reader in (owner, member):
            self.assertEqual(reader.get(here)["profiles_percent"], 100)
            self.assertEqual(len(reader.get(here + "/members")["items"]), 2)
        self.assertEqual(visitor.get("/v1/accounts")["items"], [])


if __name__ == "__main__":
    unittest.main()

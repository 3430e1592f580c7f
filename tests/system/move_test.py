"""ttpctl move: the log of a service goes into PostgreSQL and comes back, and every receipt of before stays valid."""

import base64
import json
import unittest

from audit_test import root_of_inclusion
from client import Server, needs_ttpd, town, ttpctl, ttpctl_on
from postgres import ThrowawayPostgres

OK, FAILURE, USAGE, VERIFICATION, NOT_FOUND, CONFLICT = range(6)

setUpModule = needs_ttpd


class MoveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = ThrowawayPostgres()
        cls.addClassCleanup(cls.postgres.discard)

    def move(self, data, way, database, *more):
        done = ttpctl_on(data, "move", way, "--database", database, "-o", "json", *more)
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)

    def test_a_log_goes_into_postgres_and_comes_back_with_its_receipts(self):
        server, sandbox = town()
        self.addCleanup(server.discard)
        owner = sandbox.person().sign_in()
        company = sandbox.authorised_company(owner)
        auditor = sandbox.staff("auditor").signed_in()
        receipts = {position: auditor.ask("GET", f"/v1/audit/receipts/{position}").body for position in (0, 5, 20)}
        self.assertEqual(server.stop(), OK)
        database = self.postgres.new_database("one")

        moved = self.move(server.data, "in", database, "--without-standby")
        self.assertGreater(moved["copied"], 20)
        self.assertEqual(moved["copied"], moved["size"])
        self.assertEqual(int(self.postgres.sql("SELECT count(*) FROM es.event", "one")), moved["size"])
        self.assertTrue(self.move(server.data, "in", database, "--without-standby")["was_done_before"])
        code, said = server.start_refused()
        self.assertNotEqual(code, OK)
        self.assertIn("ttpctl move out", said)

        back = self.move(server.data, "out", database)
        self.assertEqual((back["size"], back["root"]), (moved["size"], moved["root"]))
        self.assertTrue(self.move(server.data, "out", database)["was_done_before"])
        verified = ttpctl_on(server.data, "verify")
        self.assertEqual(verified.returncode, OK, verified.stdout)
        checked = ttpctl_on(server.data, "fsck")
        self.assertEqual(checked.returncode, OK, checked.stdout)

        server.start()
        for position, receipt in receipts.items():
            proof, note = receipt.split(b"\n\n", 1)
            _, size, root = note.splitlines()[:3]
            told = auditor.get(f"/v1/audit/proofs/consistency?from_size={int(size)}")
            self.assertEqual(told["from_root"].encode(), root, "the log of now extends the one that was signed")
            leaf = base64.b64decode(auditor.get(f"/v1/audit/proofs/inclusion?position={position}")["leaf"])
            steps = [base64.b64decode(each) for each in proof.splitlines()[2:]]
            self.assertEqual(base64.b64encode(root_of_inclusion(position, int(size), leaf, steps)), root)
        company.add_site("After the move")

    def test_wrong_ways_there_change_nothing(self):
        server = Server()
        self.addCleanup(server.discard)
        server.start()
        self.assertEqual(server.stop(), OK)
        nowhere = ttpctl_on(server.data, "move", "in", "--database", "host=/nowhere dbname=x")
        self.assertEqual(nowhere.returncode, FAILURE)
        self.assertIn(b"cannot be reached", nowhere.stderr)
        in_clear = ttpctl_on(server.data, "move", "in", "--database", "host=db.example password=secret sslmode=disable")
        self.assertEqual(in_clear.returncode, USAGE)
        self.assertIn(b"sslmode=verify-full", in_clear.stderr)
        self.assertNotIn(b"secret", in_clear.stderr)
        server.start()

    def test_the_schema_is_prepared_step_by_step(self):
        database = self.postgres.new_database("prepared")
        for before in (0, None):
            done = ttpctl("move", "prepare", "--database", database, "-o", "json")
            self.assertEqual(done.returncode, OK, done.stderr)
            told = json.loads(done.stdout)
            self.assertEqual(told["schema_version_before"], told["schema_version"] if before is None else before)


if __name__ == "__main__":
    unittest.main()

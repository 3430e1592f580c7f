"""Erasing a person over the API: none of their personal data can be read any more, the log still verifies, and neither
a rebuild nor an older vault or log brings the data back.
"""

import os
import shutil
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "faults"))

import stored_text
from audit_test import entries_of, leaf_hash, open_checkpoint, tile_path, tree_hash, verifying_key
from client import Api, Person, needs_ttpd, town, ttpctl_on

FAMILY, GIVEN, EMAIL_PART = "Quillfeather", "Zephyrine", "zephyrine.q"
# Not searched: delivered mails and letters have left the service.
LEFT_OUT = ("mail", "letters")

setUpModule = needs_ttpd


class ErasureTest(unittest.TestCase):
    def setUp(self):
        self.server, self.sandbox = town()
        self.addCleanup(self.server.discard)
        self.one, self.two = self.sandbox.staff("operator", 0), self.sandbox.staff("operator", 1)
        self.person = Person(self.sandbox, "zephyrine1", "nineteen quiet lanterns", f"{EMAIL_PART}@example.com")
        self.person.register(FAMILY, GIVEN)
        self.person.sign_in()
        self.company = self.sandbox.authorised_company(self.sandbox.person().sign_in())
        self.here = f"/v1/staff/users/{self.person.id}"

    def propose(self):
        return self.one.post(self.here + "/erasures",
                             {"ground": "request_of_the_person", "reason": f"{FAMILY} asked for it."})["id"]

    def erase(self):
        self.two.post(f"{self.here}/erasures/{self.propose()}/approval")

    def check_gone(self):
        one, privacy = self.sandbox.staff("operator", 0), self.sandbox.staff("privacy_auditor")
        document = one.get("/v1/users/" + self.person.id)
        self.assertTrue(document["erased"])
        answers = (
            one.ask("GET", "/v1/users/" + self.person.id), one.ask("GET", "/v1/staff/work"),
            privacy.ask("GET", "/v1/audit/events?personal=true&limit=200"),
            privacy.ask("GET", f"/v1/audit/users/{self.person.id}/events?personal=true"),
            privacy.ask("GET", f"/v1/audit/users/{self.person.id}/state?personal=true"),
            privacy.ask("GET", f"/v1/audit/users/{self.person.id}/state?personal=true&position={self.before}"),
            self.company.owner.signed_in().ask("GET", self.company.here + "/members"))
        for answer in answers:
            self.assertEqual(answer.status, 200, answer)
            for word in (FAMILY, GIVEN, EMAIL_PART, self.person.urn):
                self.assertNotIn(word, answer.body.decode())
        Api(self.server).refused("credential_rejected", "POST", "/v1/sign-ins", self.person.credential())

    def root_of_tiles(self):
        """The root that auditors compute from the entries, and the one that was signed for it."""
        auditor = self.sandbox.staff("auditor")
        head = auditor.get("/v1/audit/proofs/inclusion?position=0")["size"]
        auditor.ask("GET", f"/v1/audit/receipts/{head - 1}")
        origin, size, root = open_checkpoint(auditor.ask("GET", "/checkpoint").body, self.key)
        leaves = []
        for index in range((size + 255) // 256):
            width = min(256, size - index * 256)
            leaves += [leaf_hash(each) for each in
                       entries_of(auditor.ask("GET", tile_path("entries", index, width)).body)]
        return tree_hash(leaves), root

    def test_nothing_of_the_person_is_left_to_read_and_the_log_still_verifies(self):
        auditor = self.sandbox.staff("auditor")
        self.before = auditor.pages("/v1/audit/events")[-1]["position"]
        old_vault = os.path.join(self.server.folder, "old-vault")
        self.server.stop()
        self.key = verifying_key(self.server)
        shutil.copytree(os.path.join(self.server.data, "vault"), old_vault)
        self.server.start()
        self.erase()
        self.check_gone()
        computed, signed = self.root_of_tiles()
        self.assertEqual(computed, signed)
        self.server.stop()
        done = ttpctl_on(self.server.data, "verify")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = ttpctl_on(self.server.data, "rebuild", "--all")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        export = os.path.join(self.server.folder, "export")
        done = ttpctl_on(self.server.data, "replay", "--all", "-o", "json")
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(FAMILY.encode(), done.stdout)
        self.assertEqual(ttpctl_on(self.server.data, "export", export).returncode, 0)
        # An older vault has the key; it is destroyed again before any read can use it.
        shutil.rmtree(os.path.join(self.server.data, "vault"))
        shutil.copytree(old_vault, os.path.join(self.server.data, "vault"))
        shutil.rmtree(os.path.join(self.server.data, "views"))
        self.server.start()
        self.check_gone()

    def words_below(self, folder, leave_out=LEFT_OUT):
        """Files that contain personal texts of the person."""
        words = [each.encode() for each in (FAMILY, GIVEN, EMAIL_PART)]
        return [name for name, data in stored_text.below(folder, leave_out) if any(word in data for word in words)]

    def secrets_below(self, vault):
        """Counts the rows of the person's data key and verifiers in a vault, by their keys.

        Manifests are not counted: they name the first and last key of a table file, and no values.
        """
        held = b"".join(data for name, data in stored_text.below(vault) if "MANIFEST" not in name)
        return held.count(b"user:" + self.person.id.encode()), held.count(uuid.UUID(self.person.id).bytes)

    def test_no_file_and_no_later_backup_holds_anything_of_the_person(self):
        vault = os.path.join(self.server.data, "vault")
        for again in range(2):  # some rows in the write-ahead log, then all in table files
            self.server.stop()
            self.assertTrue(all(self.secrets_below(vault)), "the search finds what is there")
            self.server.start()
        self.person.signed_in()
        self.erase()
        self.server.kill()  # so that no cleanup of a normal stop helps
        self.assertEqual(self.secrets_below(vault), (0, 0))
        self.assertEqual(self.words_below(self.server.data), [])
        for folder in (f"backup-{n}" for n in range(2)):
            backup = os.path.join(self.server.folder, folder)
            done = ttpctl_on(self.server.data, "backup", "create", "--backup-dir", backup)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(self.words_below(backup), [])
            self.assertEqual(self.secrets_below(os.path.join(backup, "vault")), (0, 0))
            self.server.start()
            self.server.stop()
        export = os.path.join(self.server.folder, "export")
        self.assertEqual(ttpctl_on(self.server.data, "export", export).returncode, 0)
        self.assertEqual(self.words_below(export), [])
        self.control_a_planted_word_is_found(vault)

    def control_a_planted_word_is_found(self, vault):
        with open(os.path.join(vault, "planted"), "w", encoding="utf-8") as file:
            file.write("a note of " + FAMILY)
        self.assertEqual(self.words_below(self.server.data), ["vault/planted"])

    def test_a_log_from_before_erases_the_person_again(self):
        auditor = self.sandbox.staff("auditor")
        self.before = auditor.pages("/v1/audit/events")[-1]["position"]
        self.server.stop()
        kept = os.path.join(self.server.folder, "kept")
        for part in ("log", "vault"):
            shutil.copytree(os.path.join(self.server.data, part), os.path.join(kept, part))
        shutil.copy(os.path.join(self.server.data, "checkpoint", "checkpoint"), kept)
        self.server.start()
        self.erase()
        self.server.stop()
        for part in ("log", "vault", "views"):
            shutil.rmtree(os.path.join(self.server.data, part))
        for part in ("log", "vault"):
            shutil.copytree(os.path.join(kept, part), os.path.join(self.server.data, part))
        shutil.copy(os.path.join(kept, "checkpoint"), os.path.join(self.server.data, "checkpoint", "checkpoint"))
        self.server.start()
        self.check_gone()
        erased = self.sandbox.staff("auditor").pages("/v1/audit/events?type=user.erased")
        self.assertEqual([(each["data"]["user"], each["data"]["ground"], each["actor_kind"]) for each in erased],
                         [(self.person.id, "request_of_the_person", "system")])

    def test_it_takes_two_operators_and_a_ground(self):
        self.one.refused("not_a_choice", "POST", self.here + "/erasures", {"ground": "because", "reason": "x"})
        self.one.refused("missing", "POST", self.here + "/erasures", {"reason": "No ground."})
        erasure = self.propose()
        rows = self.two.pages("/v1/staff/work?kind=erasure")
        self.assertEqual([(row["id"], row["user_id"]) for row in rows], [(erasure, self.person.id)])
        self.one.refused("second_officer_required", "POST", f"{self.here}/erasures/{erasure}/approval", {}, status=409)
        self.sandbox.staff("service_desk").refused("staff_role_required", "POST",
                                                   f"{self.here}/erasures/{erasure}/approval", {}, status=403)
        self.one.post(f"{self.here}/erasures/{erasure}/withdrawal", {"reason": "A mistake."})
        self.two.refused("erasure_not_found", "POST", f"{self.here}/erasures/{erasure}/approval", {}, status=404)
        self.person.get("/v1/user")

    def test_a_member_leaves_every_account_first(self):
        self.company.add(self.person, "full_access")
        erasure = self.propose()
        self.two.refused("erasure_of_member", "POST", f"{self.here}/erasures/{erasure}/approval", {}, status=409)
        self.company.owner.delete(f"{self.company.here}/members/{self.person.id}")
        self.two.post(f"{self.here}/erasures/{erasure}/approval")
        self.person.refused("session_expired", "GET", "/v1/user", status=401)

    def test_name_and_address_are_free_again(self):
        self.erase()
        again = Person(self.sandbox, self.person.user_name, "twenty loud lanterns here", self.person.email)
        mails = len(self.sandbox.mails(self.person.email))
        again.id = Api(self.server).post("/v1/credentials", again.registration("Roy", "Anne"))["id"]
        self.assertNotEqual(again.id, self.person.id)
        self.assertGreaterEqual(len(self.sandbox.mails(self.person.email)), mails)


if __name__ == "__main__":
    unittest.main()

"""Every key of the service is rotated while people work: no request fails, and values made with earlier keys stay
valid, also after a kill and a start.
"""

import base64
import os
import shutil
import threading
import unittest

from audit_test import open_checkpoint
from client import Api, Company, enrolment, eventually, fresh_key, needs_ttpd, town, ttpctl_on

KEYS = "/v1/operations/keys"

setUpModule = needs_ttpd


class Load:
    """People who work in separate threads and note every answer that is not a success."""

    def __init__(self, *works):
        self.faults, self.done = [], [0] * len(works)
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.repeat, args=(n, work)) for n, work in enumerate(works)]

    def repeat(self, number, work):
        while not self.over.is_set():
            try:
                work()
            except Exception as fault:  # pylint: disable=broad-except; whatever it is, the test shows it
                self.faults.append(fault)
            self.done[number] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def goes_on(self):
        """Waits until each person has done a complete round of work."""
        before = list(self.done)
        eventually(lambda: all(now >= then + 2 for now, then in zip(self.done, before)), 60)


class KeyRotationTest(unittest.TestCase):
    def setUp(self):
        self.server, self.sandbox = town()
        self.addCleanup(self.server.discard)
        self.operator = self.sandbox.staff("operator")

    def since(self):
        return {row["id"]: row["began_at"] for row in self.operator.get(KEYS)["items"]}

    def rotate(self, name):
        return self.operator.post(f"{KEYS}/{name}/rotations")

    def verifier_keys(self):
        return [base64.b64decode(row["verifier_key"].split("+", 2)[2])[1:]
                for row in Api(self.server).get("/checkpoint/keys")["items"]]

    def opens(self, note, key):
        try:
            return open_checkpoint(note, key)
        except AssertionError:
            return None

    def master_key_file(self, end=""):
        return os.path.join(self.server.data, "keys", "master.key" + end)

    def test_no_request_fails_and_values_made_before_stay_valid(self):
        sandbox, operator = self.sandbox, self.operator
        owner = sandbox.person().sign_in()
        company = sandbox.authorised_company(owner)
        waiting = Company(sandbox.person().sign_in())
        waiting.confirm_address()
        half_way = sandbox.person()
        half_way.sign_in()
        after = sandbox.newest_mail_key(half_way.email)
        sign_in = half_way.start_sign_in()
        code = sign_in.code(after)
        history = company.here + "/history?limit=2"
        cursor = owner.get(history)["next"]
        second_page = owner.get(history + "&cursor=" + cursor)["items"]
        draft = company.here + "/profiles/company"
        key = fresh_key()
        answer = owner.ask("PUT", draft, {"answers": {"company_activities": "Syrup"}}, key=key)
        self.assertEqual(answer.status, 200)
        auditor = sandbox.staff("auditor")
        receipt = auditor.ask("GET", "/v1/audit/receipts/0").body
        first_key = self.verifier_keys()[0]

        def write():
            mine = fresh_key()
            body = {"answers": {"company_activities": "Syrup and sugar " + mine}}
            once, again = (owner._accepted("PUT", draft, body, key=mine) for _ in range(2))
            assert once == again, f"{once} came twice as {again}"

        def read():
            first = owner.get(history)
            owner.get(history + "&cursor=" + first["next"])

        def arrive():
            sandbox.person().sign_in().get("/v1/user")

        def enrol():
            founder = sandbox.person().sign_in()
            Company(founder).confirm_address()
            founder.refused("user_name_taken", "POST", "/v1/credentials", {
                **sandbox.stranger().registration("Roy", "Luc"), "user_name": owner.user_name}, status=409)

        names = list(self.since())
        with Load(write, read, arrive, enrol) as load:
            load.goes_on()
            for _ in range(2):
                for name in names:
                    self.rotate(name)
                load.goes_on()
                sandbox.advance(seconds=11)
                load.goes_on()
        self.assertEqual(load.faults, [])

        rotated = self.since()
        self.assertEqual({name: len(times) for name, times in rotated.items()},
                         {name: 1 if name == "master" else 3 for name in names})
        for times in rotated.values():
            self.assertEqual(times, sorted(times))

        def stays_good():
            self.assertEqual(owner.get(history + "&cursor=" + cursor)["items"], second_page)
            again = owner.ask("PUT", draft, {"answers": {"company_activities": "Syrup"}}, key=key)
            self.assertTrue(again.replayed)
            self.assertEqual(again.body, answer.body)
            owner.refused("idempotency_key_reused", "PUT", draft, {"answers": {}}, key=key)
            Api(self.server).refused("user_name_taken", "POST", "/v1/credentials", {
                **sandbox.stranger().registration("Roy", "Luc"), "user_name": owner.user_name})
            waiting.owner.refused("business_number_taken", "POST", "/v1/accounts", {
                **enrolment(), "business_number": company.enrolment["business_number"]})
            keys = self.verifier_keys()
            self.assertEqual((len(keys), keys[-1]), (3, first_key))
            note = Api(self.server).ask("GET", "/checkpoint").body
            self.assertEqual([self.opens(note, each) is not None for each in keys], [True, True, False])
            self.assertIsNotNone(self.opens(receipt[receipt.index(b"\n\n") + 2:], first_key))

        stays_good()
        self.server.kill()
        self.server.start()
        stays_good()
        sign_in.enter(code)
        half_way.token = sign_in.accept_portal_terms()["token"]
        waiting.activate()
        for each in (owner, half_way):  # with the verifiers of the first pepper, and of the newest
            each.another_session()
            each.another_session()
        rejected = Api(self.server).refused("credential_rejected", "POST", "/v1/sign-ins", owner.credential("quiet otters sank"))
        self.assertEqual(rejected.status, 401)
        self.server.stop()
        done = ttpctl_on(self.server.data, "fsck", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_interrupted_rotation_of_the_master_key_leaves_a_vault_that_opens(self):
        person = self.sandbox.person().sign_in()
        before = person.get("/v1/user")
        self.rotate("master")
        self.server.kill()
        with open(self.master_key_file(), encoding="ascii") as file:
            new = file.read()
        (until,) = [name for name in os.listdir(os.path.dirname(self.master_key_file())) if ".until-" in name]
        old = os.path.join(os.path.dirname(self.master_key_file()), until)

        # The state after an interruption before the new key's file replaced the old one.
        shutil.move(self.master_key_file(), self.master_key_file(".next"))
        shutil.copy2(old, self.master_key_file())
        self.server.start()
        self.assertEqual(person.get("/v1/user"), before)
        self.server.kill()
        with open(self.master_key_file(), encoding="ascii") as file:
            self.assertEqual(file.read(), new)
        self.assertFalse(os.path.exists(self.master_key_file(".next")))

        # The state after an interruption before the vault was wrapped with the next key.
        shutil.copy2(old, self.master_key_file(".next"))
        self.server.start()
        self.assertEqual(person.get("/v1/user"), before)
        self.assertFalse(os.path.exists(self.master_key_file(".next")))

        # The old key no longer opens the vault.
        self.server.stop()
        shutil.copy2(old, self.master_key_file())
        self.assertIn("not the master key", self.server.start_refused()[1])

    def test_a_rotation_that_cannot_be_done_changes_nothing(self):
        before = self.since()
        self.operator.refused("key_not_found", "POST", KEYS + "/nothing/rotations", {}, status=404)
        self.sandbox.staff("auditor").refused("staff_role_required", "POST", KEYS + "/session/rotations", {}, status=403)
        folder = os.path.dirname(self.master_key_file())
        if os.geteuid() != 0:
            os.chmod(folder, 0o500)
        else:
            os.mkdir(self.master_key_file(".next"))  # the superuser may write anywhere, so a folder blocks the file
        self.operator.refused("master_key_not_replaced", "POST", KEYS + "/master/rotations", {}, status=409)
        os.chmod(folder, 0o700)
        if os.path.isdir(self.master_key_file(".next")):
            os.rmdir(self.master_key_file(".next"))
        self.assertEqual(self.since(), before)
        self.server.stop()
        self.server.start()
        self.assertEqual(self.operator.signed_in().get("/v1/user")["user_name"], self.operator.user_name)


if __name__ == "__main__":
    unittest.main()

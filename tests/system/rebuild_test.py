"""Views can be deleted: views rebuilt from the log equal the old ones.

A random busy history is played (its seed is printed; TTP_REBUILD_SEED repeats it); then the views are rebuilt by
ttpctl, deleted, or damaged, and every document that people can read must be the same, byte for byte. The running server
also rebuilds them while people work.
"""

import os
import random
import shutil
import threading
import time
import unittest

from client import DAY, Api, Company, eventually, needs_ttpd, town, ttpctl_can, ttpctl_on, wrong

SEED = int(os.environ.get("TTP_REBUILD_SEED", str(random.SystemRandom().randrange(1_000_000))))
STEPS = 250

setUpModule = needs_ttpd


class BusyHistory:
    """People and companies that act in a random order; some acts are refused."""

    def __init__(self, sandbox, seed):
        self.sandbox = sandbox
        self.random = random.Random(seed)
        self.sites = []
        self.people = [sandbox.person(family, "Ada") for family in ("Côté", "Roy", "Okafor", "Tremblay", "Singh")]
        for person in self.people:
            person.sign_in()
        self.companies = [Company(person, legal_name=f"Compagnie {n} ltée")
                          for n, person in enumerate(self.people[:3])]
        for company in self.companies:
            company.confirm_address()
        for company in self.companies[:2]:
            company.activate()
            company.accept_terms()
        self.companies[0].fill_profiles()

    def play(self, steps):
        acts = [self.draft, self.draft, self.add_site, self.remove_site, self.submit, self.decide, self.add_member,
                self.change_member, self.offer, self.answer_offer, self.mistype, self.sign_in_again, self.details,
                self.request_code, self.post_letter, self.pass_time]
        for _ in range(steps):
            self.random.choice(acts)()

    def somebody(self):
        return self.random.choice(self.people).signed_in()

    def somewhere(self):
        return self.random.choice(self.companies).here

    def draft(self):
        answers = {"company_activities": f"Activities {self.random.random()}", "company_employees":
                   str(self.random.randrange(100))}
        self.somebody().ask("PUT", self.somewhere() + "/profiles/company", {"answers": answers})

    def add_site(self):
        made = self.somebody().ask("POST", self.somewhere() + "/profiles/security", {"name": "A site"})
        if made.status == 201:
            self.sites.append(made.headers["Location"])

    def remove_site(self):
        if self.sites:
            self.somebody().ask("DELETE", self.random.choice(self.sites))

    def submit(self):
        self.somebody().ask("POST", self.somewhere() + "/submissions")

    def decide(self):
        officer = self.sandbox.staff("programme_officer")
        for row in officer.pages("/v1/staff/work?kind=submission")[:1]:
            here = f"/v1/staff/accounts/{row['account_id']}/submissions/{row['id']}"
            officer.ask("POST", here + "/review")
            what, body = self.random.choice((("acceptance", None), ("return", {"remarks": "Say more."})))
            officer.ask("POST", f"{here}/{what}", body)

    def add_member(self):
        role = self.random.choice(("proxy_owner", "full_access", "administrative"))
        self.somebody().ask("POST", self.somewhere() + "/members",
                            {**self.random.choice(self.people).identity(), "role": role})

    def change_member(self):
        member = f"{self.somewhere()}/members/{self.random.choice(self.people).id}"
        method, path, body = self.random.choice((
            ("PUT", "/role", {"role": self.random.choice(("full_access", "administrative"))}),
            ("PATCH", "", {"job_title": f"Title {self.random.randrange(99)}"}), ("POST", "/suspension", None),
            ("DELETE", "/suspension", None), ("DELETE", "", None)))
        self.somebody().ask(method, member + path, body)

    def offer(self):
        self.somebody().ask("POST", self.somewhere() + "/ownership-offers", {
            **self.random.choice(self.people).identity(),
            "previous_owner": self.random.choice(("becomes_proxy_owner", "leaves"))})

    def answer_offer(self):
        person = self.somebody()
        for row in person.get("/v1/user")["ownership_offers"]:
            here = f"/v1/accounts/{row['account_id']}/ownership-offers/{row['id']}"
            if self.random.random() < 0.5:
                person.ask("POST", here + "/acceptance", {"signing_authority_attested": True})
            else:
                person.ask("POST", here + "/refusal")

    def mistype(self):
        person = self.random.choice(self.people)
        Api(person.server).ask("POST", "/v1/sign-ins", person.credential("not the password"))
        company = self.companies[2]
        code = company.activation()["activation_code"]
        company.owner.signed_in().ask("POST", "/v1/activations",
                                      {**company.activation(), "activation_code": code[:-1] + "?"})
        company.owner.ask("POST", "/v1/user/email-changes/confirmation", {"code": wrong("123456"), "present_address_code": "123456"})
        self.sandbox.advance(hours=1)

    def sign_in_again(self):
        self.sandbox.advance(minutes=16)
        self.somebody().another_session()

    def details(self):
        self.somebody().ask("PATCH", "/v1/user/contact-details", {"given_names": f"Ada {self.random.choice('ABC')}."})

    def request_code(self):
        self.companies[2].owner.signed_in().ask("POST", self.companies[2].here + "/activation-codes")

    def post_letter(self):
        mail_room = self.sandbox.staff("mail_room")
        for row in mail_room.pages("/v1/staff/work")[:1]:
            here = f"/v1/staff/letters/{row['id']}"
            mail_room.ask("POST", here + "/printing")
            mail_room.ask("POST", here + "/posting", {"registered_mail_number": "RN123456785CA"})

    def pass_time(self):
        self.sandbox.advance(days=self.random.choice((0, 1, 3)), seconds=self.random.randrange(1, DAY))

    def documents(self):
        """All documents, by reader and path; sessions are opened before, because opening them is recorded."""
        staff = {role: self.sandbox.staff(role) for role in
                 ("service_desk", "mail_room", "programme_officer", "auditor")}
        for person in self.people:
            person.signed_in()
        seen = {}

        def look(reader, path):
            answer = reader.ask("GET", path)
            seen[reader.user_name, path] = (answer.status, answer.headers.get("ETag"),
                                            answer.body if answer.status == 200 else answer.code)
        for person in self.people:
            for path in ("/v1/user", "/v1/accounts", "/v1/user/history?limit=200"):
                look(person, path)
            look(staff["service_desk"], "/v1/users/" + person.id)
            look(staff["auditor"], f"/v1/audit/users/{person.id}/events?limit=200")
            for company in self.companies:
                for path in ("", "/members", "/profiles", "/profiles/company", "/membership", "/submissions",
                             "/notifications?limit=200", "/history?limit=200"):
                    look(person, company.here + path)
        for company in self.companies:
            look(staff["programme_officer"], f"/v1/staff/accounts/{company.id}/profiles")
            look(staff["auditor"], f"/v1/audit/accounts/{company.id}/events?limit=200")
        for role in ("service_desk", "mail_room", "programme_officer"):
            look(staff[role], "/v1/staff/work?limit=200")
        return seen


class RebuildTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        print(f"rebuild_test: seed {SEED}", flush=True)
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.monitor = cls.sandbox.monitor()
        cls.history = BusyHistory(cls.sandbox, SEED)
        cls.history.play(STEPS)
        cls.views = os.path.join(cls.server.data, "views")

    def setUp(self):
        if not self.server.is_running():
            self.server.start()
        self.before = self.history.documents()
        self.position = self.monitor.get("/health/ready")["position"]

    def check_same(self):
        ready = self.monitor.get("/health/ready")
        self.assertEqual((ready["status"], ready["position"]), ("ready", self.position))
        after = self.history.documents()
        self.assertEqual(after.keys(), self.before.keys())
        for where, document in self.before.items():
            self.assertEqual(after[where], document, where)

    def test_the_history_was_busy(self):
        events = self.sandbox.staff("auditor").pages("/v1/audit/events")
        self.assertGreater(len({each["type"] for each in events}), 15)
        self.assertGreater(len(events), 100)
        self.assertGreater(sum(status == 200 for status, _, _ in self.before.values()), 30)

    def test_after_a_restart_documents_are_the_same(self):
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.check_same()

    def test_deleted_views_are_built_anew_at_the_start(self):
        self.server.stop()
        shutil.rmtree(self.views)
        self.server.start()
        self.check_same()

    def test_views_that_lag_behind_catch_up(self):
        """Uses an older copy of the views, as a crash of the machine or a restored backup can leave."""
        self.server.stop()
        older = self.views + ".older"
        shutil.copytree(self.views, older)
        self.addCleanup(shutil.rmtree, older, ignore_errors=True)
        self.server.start()
        self.history.play(20)
        self.before = self.history.documents()
        self.position = self.monitor.get("/health/ready")["position"]
        self.server.stop()
        shutil.rmtree(self.views)
        shutil.copytree(older, self.views)
        self.server.start()
        self.check_same()

    @unittest.skipUnless(ttpctl_can("rebuild"), "ttpctl cannot rebuild")
    def test_rebuilt_by_ttpctl_they_are_equal(self):
        self.server.stop()
        done = ttpctl_on(self.server.data, "rebuild", "--all")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.server.start()
        self.check_same()


PROJECTIONS = "/v1/operations/projections"


class Work(threading.Thread):
    """A person who saves drafts and reads each back at once, until the block ends; no request may fail."""

    def __init__(self, company):
        super().__init__()
        self.owner, self.here = company.owner.signed_in(), company.here
        self.saved, self.failed, self.done = 0, [], threading.Event()

    def run(self):
        while not self.done.is_set() and not self.failed:
            text = f"Draft number {self.saved}"
            saved = self.owner.ask("PUT", self.here + "/profiles/company", {"answers": {"company_activities": text}})
            if saved.status != 200:
                self.failed.append(saved)
                return
            reached = saved.document["position"]
            read = self.owner.ask("GET", f"{self.here}/profiles/company?min_position={reached}")
            if read.status != 200 or text not in read.body.decode():
                self.failed.append(read)
            self.saved += 1
            self.done.wait(0.01)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()


class OnlineRebuildTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # A page of events at a time and a pause of a quarter of a second after each.
        cls.server, cls.sandbox = town("--rebuild-pace", "2000")
        cls.addClassCleanup(cls.server.discard)
        cls.history = BusyHistory(cls.sandbox, SEED)
        cls.history.play(STEPS)
        cls.company = cls.sandbox.authorised_company(cls.sandbox.person().sign_in())
        for number in range(1200):
            cls.company.owner.put(f"{cls.company.here}/profiles/company",
                                  {"answers": {"company_activities": f"Draft {number}"}})

    def setUp(self):
        self.operator = self.sandbox.staff("operator")
        self.projections = [each["id"] for each in self.operator.get(PROJECTIONS)["items"]]

    def standing(self, projection):
        return next(each for each in self.operator.get(PROJECTIONS)["items"] if each["id"] == projection)

    def level(self, projection):
        """Waits until the standby can serve; it must equal the view that serves."""
        def compared():
            standby = self.standing(projection)["standby"]
            return "equal" in standby and standby
        standby = eventually(compared, 60)
        self.assertTrue(standby["equal"], standby)
        return standby

    def rebuild(self, projection):
        self.assertEqual(self.operator.ask("POST", f"{PROJECTIONS}/{projection}/rebuilds").status, 202)

    def switch(self, projection):
        return self.operator.post(f"{PROJECTIONS}/{projection}/switches")

    def drop(self, projection):
        self.operator.delete(f"{PROJECTIONS}/{projection}/standby")

    def test_every_projection_is_rebuilt_and_switched_back_and_forth_while_people_work(self):
        rows = {}
        with Work(self.company) as work:
            for projection in self.projections:
                serving = self.standing(projection)["family"]
                self.rebuild(projection)
                standby = self.level(projection)
                rows[projection] = standby["rows"]
                before = work.saved
                self.assertEqual(self.switch(projection)["family"], standby["family"])
                eventually(lambda: work.saved > before + 20 or work.failed)
                self.assertEqual(self.switch(projection)["family"], serving)
                eventually(lambda: work.saved > before + 40 or work.failed)
                self.assertEqual(self.switch(projection)["family"], standby["family"])
                self.drop(projection)
        self.assertEqual(work.failed, [])
        self.assertGreater(rows["user_view@5"], 0)
        self.assertGreater(rows["account_view@6"], 0)
        documents = self.history.documents()
        self.server.stop()
        shutil.rmtree(os.path.join(self.server.data, "views"))
        self.server.start()
        self.assertEqual(self.history.documents(), documents)

    def test_it_reports_its_progress(self):
        projection = self.projections[0]
        self.rebuild(projection)
        self.operator.refused("standby_exists", "POST", f"{PROJECTIONS}/{projection}/rebuilds", status=409)
        self.operator.refused("standby_not_level", "POST", f"{PROJECTIONS}/{projection}/switches", status=409)
        seen = eventually(lambda: "seconds_left" in self.standing(projection)["standby"] and
                          self.standing(projection)["standby"])
        self.assertGreater(seen["events_per_second"], 0)
        self.assertLess(seen["percent"], 100)
        self.drop(projection)
        self.assertNotIn("standby", self.standing(projection))
        self.operator.refused("standby_not_found", "POST", f"{PROJECTIONS}/{projection}/switches", status=404)
        self.operator.refused("projection_not_found", "POST", f"{PROJECTIONS}/nothing/rebuilds", status=404)

    def test_killed_at_any_point_it_continues(self):
        projection = self.projections[0]
        pauses = random.Random(SEED)
        self.rebuild(projection)
        for _ in range(3):
            time.sleep(pauses.uniform(0, 0.3))
            self.server.kill()
            self.server.start()
            self.assertIn("standby", self.standing(projection))
        self.level(projection)
        documents = self.history.documents()
        serving = self.switch(projection)["family"]
        self.assertEqual(self.history.documents(), documents)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.standing(projection)["family"], serving)
        self.assertEqual(self.history.documents(), documents)
        self.drop(projection)


if __name__ == "__main__":
    unittest.main()

"""The shape of the API: what was made has an address and is the answer, and every list is paged by the same rules.

Names and parameters of all routes are checked in tests/http/conventions_test.cpp; here is what only a running server shows.
"""

import unittest

from client import Company, eventually, needs_ttpd, town

setUpModule = needs_ttpd


class Shape(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.owner = cls.sandbox.person("Owner").sign_in()
        cls.colleague = cls.sandbox.person("Colleague").sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner, legal_name="Les Élévateurs du Fleuve ltée")

    def made(self, who, path, body=None):
        """Sends a command that makes something; checks that its answer is what its address answers, and returns it."""
        answer = who.ask("POST", path, {} if body is None else body)
        self.assertEqual(answer.status, 201, f"{path}: {answer}")
        shown = who.get(answer.headers["Location"])
        document = answer.document
        self.assertIsInstance(document.pop("position"), int, path)
        self.assertEqual(document, shown, f"{path}: {answer.headers['Location']}")
        return shown

    def test_what_was_made_is_the_answer(self):
        owner, company, sandbox = self.owner, self.company, self.sandbox
        made = self.made(owner, company.here + "/members", {**self.colleague.identity(), "role": "administrative"})
        self.assertEqual((made["id"], made["user_id"], made["account_id"]), (self.colleague.id, self.colleague.id, company.id))
        member = f"{company.here}/members/{self.colleague.id}"
        self.assertTrue(self.made(owner, member + "/suspension")["suspended"])
        owner.delete(member + "/suspension")
        self.assertEqual(self.made(owner, company.here + "/profiles/security", {"name": "Quai 3"})["name"], "Quai 3")
        other = Company(owner)
        self.made(owner, other.here + "/address-confirmations")
        letter = sandbox.letter(other.id)
        printed = self.made(sandbox.staff("mail_room"), f"/v1/staff/letters/{letter['id']}/printing")
        self.assertEqual((printed["id"], printed["state"]), (letter["id"], "printed"))

    def test_an_offer_is_readable_by_both_and_after_its_end(self):
        heir, stranger = self.sandbox.person("Heir").sign_in(), self.sandbox.person("Stranger").sign_in()
        offers = self.company.here + "/ownership-offers"
        offer = self.made(self.owner, offers, {**heir.identity(), "previous_owner": "leaves"})
        self.assertEqual((offer["new_owner_id"], offer["state"]), (heir.id, "open"))
        self.assertEqual(heir.get(f"{offers}/{offer['id']}"), offer)
        stranger.refused("account_not_found", "GET", offers, status=404)
        declined = self.made(heir, f"{offers}/{offer['id']}/refusal")
        self.assertEqual(declined["state"], "declined")
        self.assertIn(declined, self.owner.get(offers)["items"])
        self.assertEqual([each["id"] for each in heir.get(offers)["items"]], [offer["id"]])

    def test_a_list_goes_both_ways_and_its_link_leads_on(self):
        sites = [self.owner.post(self.company.here + "/profiles/security", {"name": f"Quai {n}"})["id"] for n in range(4)]
        for path in (self.company.here + "/profiles", self.company.here + "/history", "/v1/user/history"):
            whole = self.owner.pages(path, limit=200)
            newest = self.owner.pages(path + "?order=newest", limit=3)
            self.assertEqual(newest, whole[::-1], path)
            first = self.owner.ask("GET", path + "?limit=2&order=newest")
            target, relation = first.headers["Link"].split(">")
            self.assertEqual(relation, '; rel="next"')
            self.assertEqual(self.owner.get(target[1:])["items"], whole[::-1][2:4], path)
        self.assertTrue(set(sites) <= {each["id"] for each in self.owner.pages(self.company.here + "/profiles", limit=1)})
        auditor = self.sandbox.staff("auditor")
        forwards = auditor.pages("/v1/audit/events?to_position=40&from_position=5", limit=7)
        self.assertEqual(auditor.pages("/v1/audit/events?to_position=40&from_position=5&order=newest", limit=7), forwards[::-1])

    def test_a_cursor_serves_one_list_in_one_order(self):
        cursor = self.owner.get(self.company.here + "/history?limit=1")["next"]
        for path in ("/v1/user/history?cursor=", self.company.here + "/history?order=newest&cursor=",
                     self.company.here + "/history?cursor=A"):
            answer = self.owner.refused("cursor_not_of_list", "GET", path + cursor, status=422)
            self.assertEqual(answer.document["errors"][0]["parameter"], "cursor")
        self.owner.refused("not_a_choice", "GET", self.company.here + "/history?order=random", status=422)

    def test_a_removed_item_neither_repeats_nor_skips_another(self):
        company = self.sandbox.authorised_company(self.owner)
        sites = sorted(self.owner.post(company.here + "/profiles/security", {"name": f"Quai {n}"})["id"] for n in range(6))
        listed, cursor = [], ""
        while cursor is not None:
            page = self.owner.get(company.here + "/profiles?limit=2" + ("&cursor=" + cursor if cursor else ""))
            listed += [each["id"] for each in page["items"] if each["kind"] == "security"]
            for seen in listed[-1:]:
                self.owner.ask("DELETE", f"{company.here}/profiles/security/{seen}")
            cursor = page.get("next")
        self.assertEqual(listed, sites)

    def test_staff_search_companies(self):
        officer = self.sandbox.staff("programme_officer")

        def found(query):
            return [each["id"] for each in officer.pages("/v1/staff/accounts?" + query, limit=1)]

        for name in ("elevateurs fleuve", "ÉLÉVATEURS", "ltee"):
            self.assertIn(self.company.id, found("name=" + name.replace(" ", "%20").replace("É", "%C3%89")), name)
        self.assertNotIn(self.company.id, found("name=elevateurs%20montagne"))
        self.assertIn(self.company.id, found("stage=authorised&membership_status=none"))
        self.assertNotIn(self.company.id, found("stage=awaiting_activation"))
        waiting = Company(self.owner, legal_name="Attente ltée")
        waiting.confirm_address()
        due = self.owner.get(waiting.here)["letters"][0]["due_at"]
        self.assertNotIn(waiting.id, found("due_until=" + due))
        self.assertIn(waiting.id, found("due_until=2999-01-01T00:00:00Z"))
        letters = self.sandbox.staff("mail_room").pages("/v1/staff/letters?state=ordered&overdue=false", limit=1)
        self.assertIn((waiting.letter["id"], waiting.id), [(each["id"], each["account_id"]) for each in letters])
        self.owner.delete(waiting.here)
        officer.refused("not_a_choice", "GET", "/v1/staff/accounts?stage=asleep", status=422)

    def test_the_desk_reads_what_became_of_mails_and_sends_one_again(self):
        desk, person = self.sandbox.staff("service_desk"), self.sandbox.person("Reader")
        mails, key = f"/v1/staff/users/{person.id}/mails", self.sandbox.newest_mail_key(person.email)

        def rows(count):
            found = desk.get(mails)["items"]
            return found if len(found) == count else None

        first, = eventually(lambda: rows(1))
        self.assertEqual((first["id"], first["user_id"], first["occasion"], first["state"]),
                         (key, person.id, "user.urn_issued", "handed_over"))
        self.assertEqual(desk.ask("POST", f"{mails}/{key}/resends", {}).status, 202)
        both = eventually(lambda: rows(2))
        self.assertEqual(both[1], first)
        self.assertEqual(both[0]["id"], self.sandbox.newest_mail_key(person.email))
        self.assertEqual(desk.pages(mails, limit=1), both)
        self.assertEqual(desk.pages(mails + "?order=oldest", limit=1), both[::-1])
        self.assertEqual([each["href"] for each in first["actions"]], [f"{mails}/{key}/resends"])
        self.assertEqual(self.sandbox.staff("auditor").get(f"{mails}/{key}"), {**first, "actions": []})
        desk.refused("mail_not_found", "POST", f"/v1/staff/users/{self.owner.id}/mails/{key}/resends", {}, status=404)
        desk.refused("mail_not_found", "GET", f"{mails}/0", status=404)

    def test_auditors_find_by_what_people_write_down(self):
        auditor, number = self.sandbox.staff("auditor"), self.company.enrolment["business_number"]
        account, = auditor.get("/v1/audit/accounts?business_number=" + number)["items"]
        self.assertEqual(account["id"], self.company.id)
        self.assertNotIn("legal_name", account)
        for query in ("urn=" + self.owner.urn, "user_name=" + self.owner.user_name.upper()):
            self.assertEqual([each["id"] for each in auditor.get("/v1/audit/users?" + query)["items"]], [self.owner.id])
        self.owner.refused("staff_role_required", "GET", "/v1/audit/users?urn=" + self.owner.urn, status=403)

    def test_the_work_list_is_in_order_of_time_across_kinds(self):
        mail_room = self.sandbox.staff("mail_room")
        rows = mail_room.pages("/v1/staff/work", limit=2)
        self.assertEqual([each["opened_at"] for each in rows], sorted(each["opened_at"] for each in rows))
        self.assertEqual(mail_room.pages("/v1/staff/work?order=newest", limit=2), rows[::-1])
        answer = mail_room.refused("not_a_choice", "GET", "/v1/staff/work?kind=zzz", status=422)
        self.assertEqual(answer.document["errors"][0]["parameter"], "kind")


if __name__ == "__main__":
    unittest.main()

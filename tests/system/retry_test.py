"""Every command of the API is sent again with the same key: at once, and after the server was killed and restarted.

The retry gets the first answer: status, body and cookies are equal, and nothing is done twice. That holds for each step of
a sign-in and for opening and ending a session, although the sign-in or the session is over by then.
"""

import unittest

from client import Company, Person, SignIn, eventually, fresh_business_number, fresh_key, needs_ttpd, town, wrong

setUpModule = needs_ttpd

# Headers that differ in each answer.
OF_THE_MOMENT = {"date", "ratelimit", "ratelimit-policy", "idempotency-replayed", "retry-after", "x-request-id",
                 "connection", "x-position"}


def lasting(answer):
    """The parts of an answer that must be equal in a retry."""
    headers = sorted((name.lower(), value) for name, value in answer.headers.items()
                     if name.lower() not in OF_THE_MOMENT)
    document = dict(answer.document)
    document.pop("request_id", None)
    return answer.status, document, headers


class Retries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.asked = []  # every command: the caller, the request and the first answer

    def twice(self, who, method, path, body=None, status=None):
        """Sends the request twice; returns the first answer."""
        key = fresh_key()
        first = who.ask(method, path, body, key=key)
        if status is None:
            self.assertLess(first.status, 300, f"{method} {path}: {first}")
        else:
            self.assertEqual(first.status, status, f"{method} {path}: {first}")
        token = who.token
        self.asked.append((who, token, method, path, body, key, first))
        self.check_again(*self.asked[-1])
        return first

    def check_again(self, who, token, method, path, body, key, first):
        kept, who.token = who.token, token
        try:
            again = who.ask(method, path, body, key=key)
        finally:
            who.token = kept
        self.assertEqual(lasting(again), lasting(first), f"{method} {path}")

    def sign_in(self, person):
        """Signs in with every step sent twice; returns the session's token."""
        after = self.sandbox.newest_mail_key(person.email)
        anybody = Person(self.sandbox, person.user_name, person.password, person.email)
        started = self.twice(anybody, "POST", "/v1/sign-ins", person.credential()).document
        sign_in = SignIn(person, started)
        if started["stage"] == "mail_factor_terms":
            self.twice(sign_in, "POST", "/v1/sign-in/mail-factor", {"terms_version": started["mail_factor_terms"]})
        code = sign_in.code(after)
        self.twice(sign_in, "POST", "/v1/sign-in/code", {"code": wrong(code)}, status=422)
        after = self.sandbox.newest_mail_key(person.email)
        self.twice(sign_in, "POST", "/v1/sign-in/codes", {})
        code = sign_in.code(after)
        self.twice(sign_in, "POST", "/v1/sign-in/code", {"code": code})
        return self.twice(sign_in, "POST", "/v1/sessions", {"terms_version": started["portal_terms"]}).document

    def test_every_command_asked_twice_is_done_once_and_answered_the_same(self):
        sandbox, twice = self.sandbox, self.twice
        mail_room, operator = sandbox.staff("mail_room"), sandbox.staff("operator")
        second_operator = sandbox.staff("operator", 1)
        owner, colleague, leaver = sandbox.person("Owner"), sandbox.person("Colleague"), sandbox.person("Leaver")
        owner.token = self.sign_in(owner)["token"]
        colleague.sign_in()
        leaver.sign_in()

        registered = Person(sandbox, "retried1name", "quiet otters row north again", "retried1@example.com")
        twice(Person(sandbox, "", "", ""), "POST", "/v1/credentials", registered.registration("Again", "Twice"))

        # The user.
        twice(owner, "PATCH", "/v1/user/contact-details", {"telephone": "+1 819 555 0143"})
        twice(owner, "PATCH", "/v1/user/contact-details", {"telephone": "+1 819 555 0143"})
        after = sandbox.newest_mail_key(owner.email)
        twice(owner, "POST", "/v1/user/email-changes",
              {"email": "owner-new@example.com", "current_password": owner.password})
        codes = owner.email_codes("owner-new@example.com", after)
        twice(owner, "POST", "/v1/user/email-changes/confirmation", {**codes, "code": wrong(codes["code"])}, status=422)
        twice(owner, "POST", "/v1/user/email-changes/confirmation", codes)
        owner.email = "owner-new@example.com"
        twice(owner, "POST", "/v1/user/password",
              {"current_password": owner.password, "new_password": "seven herons wade at dawn"})
        owner.password = "seven herons wade at dawn"
        twice(owner, "DELETE", "/v1/sessions")

        # A company.
        company = Company(owner)
        twice(owner, "PUT", company.here + "/mailing-address",
              {"mailing_address": dict(company.enrolment["mailing_address"], line1="124 rue Principale")})
        twice(owner, "POST", company.here + "/address-confirmations", {})
        letter = sandbox.letter(company.id)
        twice(mail_room, "POST", f"/v1/staff/letters/{letter['id']}/printing", {})
        twice(mail_room, "POST", f"/v1/staff/letters/{letter['id']}/posting",
              {"registered_mail_number": "RN123456785CA"})
        twice(mail_room, "PUT", f"/v1/staff/letters/{letter['id']}/registered-mail-number",
              {"registered_mail_number": "RN473124829CA", "reason": "The label was misread."})
        twice(owner, "POST", f"{company.here}/letters/{letter['id']}/arrival", {})
        twice(owner, "POST", "/v1/activations", company.activation(letter))
        version = owner.get("/v1/terms/programme")["version"]
        twice(owner, "POST", company.here + "/terms", {"terms_version": version})
        for member in (colleague, leaver):
            twice(owner, "POST", company.here + "/members", {**member.identity(), "role": "administrative"})
        member = f"{company.here}/members/{leaver.id}"
        twice(owner, "DELETE", member)
        twice(owner, "PUT", company.here + "/profiles/company", {"answers": {"company_activities": "Once."}})
        twice(owner, "PUT", company.here + "/profiles/company", {"answers": {"company_activities": "Once."}})
        twice(owner, "PATCH", company.here + "/profiles/company", {"answers": {"company_activities": None}})
        site = twice(owner, "POST", company.here + "/profiles/security", {"name": "One"}).document["id"]
        twice(owner, "DELETE", f"{company.here}/profiles/security/{site}")
        company.fill_profiles()
        twice(owner, "POST", company.here + "/submissions", {})

        twice(owner, "PUT", company.here + "/notifications/read-mark", {"position": 5})

        # Enrolments that end.
        withdrawn = Company(owner)
        twice(owner, "DELETE", withdrawn.here)
        released = f"/v1/staff/accounts/{Company(owner).id}/enrolment-releases"
        desk, second_desk = sandbox.staff("service_desk"), sandbox.staff("service_desk", 1)
        proposal = twice(desk, "POST", released, {"reason": "Another company owns the number."}).document["id"]
        twice(desk, "POST", f"{released}/{proposal}/withdrawal", {"reason": "Not proven yet."})
        proposal = twice(desk, "POST", released, {"reason": "Proven in writing."}).document["id"]
        twice(second_desk, "POST", f"{released}/{proposal}/approval", {})

        # Staff.
        newcomer = sandbox.person("Newcomer").sign_in()
        here = f"/v1/staff/users/{newcomer.id}"
        mails = eventually(lambda: desk.get(here + "/mails")["items"])
        twice(desk, "POST", f"{here}/mails/{mails[0]['id']}/resends", {})
        change = twice(operator, "POST", here + "/roles", {"role": "auditor", "reason": "for a week"}).document["id"]
        twice(second_operator, "POST", f"{here}/role-changes/{change}/approval", {})
        change = twice(operator, "POST", here + "/role-revocations",
                       {"role": "auditor", "reason": "the week is over"}).document["id"]
        twice(second_operator, "POST", f"{here}/role-changes/{change}/withdrawal", {"reason": "not yet over"})
        twice(operator, "POST", "/v1/operations/keys/cursor/rotations", {})
        erasure = twice(operator, "POST", f"/v1/staff/users/{leaver.id}/erasures",
                        {"ground": "request_of_the_person", "reason": "asked in writing"}).document
        twice(second_operator, "POST", f"/v1/staff/users/{leaver.id}/erasures/{erasure['id']}/withdrawal",
              {"reason": "withdrawn in writing"})

        # A recovery, and a member from before the portal.
        recoveries = f"/v1/staff/users/{colleague.id}/recoveries"
        recovery = twice(desk, "POST", recoveries, {"account_id": company.id, "reason": "Passport shown."}).document
        twice(desk, "POST", f"{recoveries}/{recovery['id']}/withdrawal", {"reason": "Found the password."})
        officer = sandbox.staff("programme_officer")
        recorded = twice(officer, "POST", "/v1/staff/members", {
            "client_number": "70001235", "business_number": fresh_business_number(), "legal_name": "Vieux Port ltée",
            "mailing_address": company.enrolment["mailing_address"], "member_since": "2019-04-01",
            "address_confirmed": True}).document["id"]
        here = f"/v1/staff/accounts/{recorded}"
        twice(officer, "POST", here + "/member-letters", {"reason": "It did not come."})
        twice(officer, "POST", here + "/member-record-withdrawals", {"reason": "A typing error."})

        # Sessions that end.
        twice(colleague.another_session(), "DELETE", "/v1/session")

        # The sign-ins and sessions are over, and the process is another one.
        self.server.kill()
        self.server.start()
        for each in self.asked:
            with self.subTest(f"{each[2]} {each[3]}"):
                self.check_again(*each)
        counted = [event for event in owner.pages("/v1/user/history") if event["type"] == "user.session_opened"]
        self.assertEqual(len(counted), 1, "a session is opened once")

    def test_a_change_that_changed_nothing_does_not_come_back_later(self):
        owner = self.sandbox.person("Nothing").sign_in()
        company = self.sandbox.authorised_company(owner)
        path, lost = company.here + "/profiles/company", fresh_key()

        def draft(text):
            return {"answers": {"company_activities": text}}

        owner.put(path, draft("X"))
        first = owner.ask("PUT", path, draft("X"), key=lost)  # its answer is lost
        self.assertFalse(first.replayed)
        owner.put(path, draft("Y"))
        again = owner.ask("PUT", path, draft("X"), key=lost)
        self.assertTrue(again.replayed)
        self.assertEqual(lasting(again), lasting(first))
        self.server.kill()
        self.server.start()
        self.assertTrue(owner.ask("PUT", path, draft("X"), key=lost).replayed)
        self.assertIn('"Y"', owner.ask("GET", path).body.decode(), "the other's change stands")

    def test_another_sign_in_has_no_part_in_a_stored_answer(self):
        person, key = self.sandbox.person("Apart"), fresh_key()
        first = person.start_sign_in()
        first.accept_mail_factor_terms()
        first.ask("POST", "/v1/sign-in/code", {"code": first.code()}, key=key)
        opened = first.ask("POST", "/v1/sessions", {"terms_version": first.portal_terms}, key=key)
        self.assertEqual(opened.status, 422, "the same key with another request")
        opened = first.ask("POST", "/v1/sessions", {"terms_version": first.portal_terms}, key=key + "2")
        self.assertEqual(opened.status, 201)
        second = person.start_sign_in()
        answer = second.ask("POST", "/v1/sessions", {"terms_version": first.portal_terms}, key=key + "2")
        self.assertNotEqual(answer.status, 201)
        first.refused("sign_in_not_found", "POST", "/v1/sessions", {"terms_version": first.portal_terms},
                      key=fresh_key(), status=401)
        first.refused("sign_in_not_found", "POST", "/v1/sessions", {"terms_version": first.portal_terms}, status=401)


if __name__ == "__main__":
    unittest.main()

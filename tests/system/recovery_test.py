"""A person without password and mailbox gets back in with the service desk's permit, which comes by registered letter.

Also members from before the portal: an officer records a company, and the person who holds its letter and attests
becomes its owner.
"""

import unittest

from client import (ADDRESS, Api, Person, eventually, fresh_business_number, fresh_key, luhn_digit, needs_ttpd,
                    parse_time, town, wrong_registration_code)

WORDS = "seven herons wade at dawn"
OF_THE_MOMENT = {"date", "ratelimit", "x-request-id", "content-length"}

setUpModule = needs_ttpd


def fresh_client_number(lead=[7000000]):
    lead[0] += 1
    return str(lead[0]) + luhn_digit(str(lead[0]))


class TownTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.desk, cls.second = cls.sandbox.staff("service_desk"), cls.sandbox.staff("service_desk", 1)
        cls.officer, cls.mail_room = cls.sandbox.staff("programme_officer"), cls.sandbox.staff("mail_room")

    def setUp(self):
        self.anybody = Api(self.server)
        for each in (self.desk, self.second, self.officer, self.mail_room):
            each.signed_in()


class Recovery(TownTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.sandbox.person("Owner").sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner)

    def setUp(self):
        super().setUp()
        self.owner.signed_in()

    def member(self, name="Lost"):
        person = self.sandbox.person(name)
        return self.company.add(person, "administrative")

    def recoveries(self, person):
        return f"/v1/staff/users/{person.id}/recoveries"

    def propose(self, person, by=None):
        return (by or self.desk).post(self.recoveries(person), {
            "account_id": self.company.id, "reason": "Passport shown at the counter."})["id"]

    def permit(self, person):
        """The permit from the person's newest letter."""
        recovery = self.desk.get(f"/v1/users/{person.id}")["recovery_id"]
        letter = self.desk.get(f"{self.recoveries(person)}/{recovery}")["letter_id"]
        row = eventually(lambda: next((each for each in self.sandbox.get("/v1/sandbox/letters")["items"]
                                       if each["id"] == letter), None))
        return letter, row["permit"]

    def redemption(self, person, permit, **more):
        return {"urn": person.urn, "family_name": person.family_name, "permit": permit, "new_password": WORDS, **more}

    def redeem(self, person, permit, **more):
        return self.anybody.ask("POST", "/v1/recoveries", self.redemption(person, permit, **more))

    def test_the_permit_of_the_letter_sets_a_new_password_and_ends_all_sessions(self):
        person = self.member()
        person.sign_in()
        recovery = self.propose(person)
        letter, permit = self.permit(person)
        shown = self.mail_room.ask("GET", f"/v1/staff/letters/{letter}/document")
        self.assertEqual((shown.status, shown.headers["Content-Type"]), (200, "application/pdf"))
        self.mail_room.post(f"/v1/staff/letters/{letter}/printing")
        self.mail_room.post(f"/v1/staff/letters/{letter}/posting", {"registered_mail_number": "RN123456785CA"})
        answer = self.redeem(person, f" {permit[:5].lower()} - {permit[5:]} ")
        self.assertEqual(answer.status, 200, answer)
        self.assertIsNone(answer.headers["X-Position"])
        self.assertEqual(person.ask("GET", "/v1/user").status, 401, "its sessions are over")
        self.assertEqual(self.desk.get(self.recoveries(person) + "/" + recovery)["state"], "used")
        Api(self.server).refused("credential_rejected", "POST", "/v1/sign-ins", person.credential())
        person.password, person.token = WORDS, None
        person.sign_in()
        self.sandbox.mail(person.email, "a new password was set")
        self.assertEqual(self.redeem(person, permit).code, "recovery_permit_void", "it works once")

    def test_a_new_address_is_proven_and_the_old_one_is_told(self):
        person, new = self.member(), self.sandbox.stranger()
        self.propose(person)
        _, permit = self.permit(person)
        proof = new.proof()
        bad = {**proof, "code": wrong_registration_code(proof["code"])}
        self.assertEqual(self.redeem(person, permit, **bad).code, "one_time_code_wrong")
        self.assertEqual(self.redeem(person, permit, registration_token=proof["registration_token"]).code, "missing")
        self.assertEqual(self.redeem(person, permit, **proof).status, 200)
        for email in (person.email, new.email):
            self.sandbox.mail(email, "a new password was set")
        person.password, person.email = WORDS, new.email
        person.sign_in()
        self.assertEqual(person.get("/v1/user")["email"], new.email)

    def test_an_address_that_was_moved_lately_hears_of_a_recovery(self):
        person = self.member()
        self.propose(person)
        old, moved, again = person.email, self.sandbox.stranger(), self.member("Again")
        _, permit = self.permit(person)
        self.assertEqual(self.redeem(person, permit, **moved.proof()).status, 200)
        after = self.sandbox.newest_mail_key(old)
        self.propose(person)
        self.sandbox.mail(old, "sending a permit by registered mail", after)
        after = self.sandbox.newest_mail_key(again.email)
        self.propose(again)
        self.sandbox.mail(again.email, "sending a permit by registered mail", after)

    def test_everybody_without_the_permit_gets_the_same_answer(self):
        person, other = self.member(), self.member("Other")
        self.propose(person)
        _, permit = self.permit(person)
        wrong = permit[:-1] + ("7" if permit[-1] != "7" else "8")
        stranger = self.sandbox.stranger()
        stranger.urn, stranger.family_name = "400000000" + luhn_digit("400000000"), "Nobody"
        person_by_another_name = Person(self.sandbox, "", "", "")
        person_by_another_name.urn, person_by_another_name.family_name = person.urn, "Somebody"

        def shape(answer):
            document = {key: value for key, value in answer.document.items() if key != "request_id"}
            return answer.status, document, sorted((name.lower(), value) for name, value in answer.headers.items()
                                                   if name.lower() not in OF_THE_MOMENT)

        answers = [shape(self.redeem(who, wrong)) for who in (person, other, stranger, person_by_another_name)]
        answers.append(shape(self.redeem(person_by_another_name, permit)))
        self.assertEqual(answers[0][1]["code"], "recovery_refused")
        self.assertTrue(all(each == answers[0] for each in answers), answers)
        for _ in range(4):
            self.redeem(person, wrong)
        self.assertEqual(shape(self.redeem(person, wrong)), answers[0], "also after the fifth")
        self.assertEqual(self.redeem(person, permit).code, "recovery_permit_void", "who holds the letter is told")
        self.sandbox.mail(person.email, "A wrong permit was entered five times")

    def test_the_owners_permit_takes_two_officers(self):
        owner = self.sandbox.person("Single").sign_in()
        company = self.sandbox.authorised_company(owner)
        here = f"/v1/staff/users/{owner.id}/recoveries"
        recovery = self.desk.post(here, {"account_id": company.id, "reason": "Two cards shown."})["id"]
        self.assertEqual(self.desk.get(f"{here}/{recovery}")["state"], "proposed")
        self.sandbox.mail(owner.email, "If a second officer agrees")
        waiting = [each for each in self.second.pages("/v1/staff/work?kind=recovery") if each["id"] == recovery]
        self.assertEqual([each["user_id"] for each in waiting], [owner.id])
        self.desk.refused("second_officer_required", "POST", f"{here}/{recovery}/approval", {})
        offered = [each["name"] for each in self.second.get(f"{here}/{recovery}")["actions"]]
        self.assertEqual(offered, ["approve_recovery", "withdraw_recovery"])
        self.second.post(f"{here}/{recovery}/approval")
        shown = self.desk.get(f"{here}/{recovery}")
        self.assertEqual((shown["state"], shown["approved_by_id"]), ("permitted", self.second.get("/v1/user")["id"]))

    def test_the_person_can_object(self):
        person = self.member()
        recovery = self.propose(person)
        person.sign_in()
        action = next(each for each in person.get("/v1/user")["actions"] if each["name"] == "object_to_recovery")
        self.assertEqual(person.get(f"/v1/user/recoveries/{recovery}")["state"], "permitted")
        self.assertNotIn("officer_id", person.get(f"/v1/user/recoveries/{recovery}"))
        person.post(action["href"])
        self.assertEqual(self.desk.get(f"{self.recoveries(person)}/{recovery}")["state"], "ended")
        self.sandbox.mail(person.email, "You objected to it")
        person.refused("recovery_not_found", "POST", action["href"], {})

    def test_a_person_without_a_company_has_no_address_on_file(self):
        person = self.sandbox.person("Alone")
        self.desk.refused("not_a_member", "POST", self.recoveries(person),
                          {"account_id": self.company.id, "reason": "Passport shown."})
        self.owner.refused("staff_role_required", "POST", self.recoveries(person),
                           {"account_id": self.company.id, "reason": "x"})

    def test_a_repeat_with_its_key_gets_the_first_answer(self):
        person, key = self.member(), fresh_key()
        self.propose(person)
        _, permit = self.permit(person)
        body = self.redemption(person, permit, **self.sandbox.stranger().proof())
        first = self.anybody.ask("POST", "/v1/recoveries", body, key=key)
        self.sandbox.advance(minutes=40)
        again = self.anybody.ask("POST", "/v1/recoveries", body, key=key)
        self.assertEqual((again.status, again.document), (first.status, first.document))
        self.assertTrue(again.replayed)


class Members(TownTest):
    def record(self, **changes):
        return {"client_number": fresh_client_number(), "business_number": fresh_business_number(),
                "legal_name": "Vieux Port ltée", "lines_of_business": ["importer"], "mailing_address": ADDRESS,
                "member_since": "2019-04-01", "address_confirmed": True, **changes}

    def recorded(self, **changes):
        body = self.record(**changes)
        return body, self.officer.post("/v1/staff/members", body)["id"]

    def test_whoever_holds_the_letter_and_attests_becomes_the_owner_of_a_member(self):
        body, account = self.recorded()
        shown = self.officer.get(f"/v1/staff/accounts/{account}")
        self.assertEqual((shown["stage"], shown["membership_status"]), ("awaiting_activation", "member"))
        self.assertNotIn("owner", shown)
        letter = self.sandbox.letter(account)
        self.assertEqual(letter["client_number"], body["client_number"])
        shown = self.mail_room.ask("GET", f"/v1/staff/letters/{letter['id']}/document")
        self.assertEqual(shown.status, 200, "the mail room prints it")
        person = self.sandbox.person("Heir").sign_in()
        entry = {"client_number": letter["client_number"], "activation_code": letter["activation_code"]}
        person.refused("activation_refused", "POST", "/v1/activations", {**entry, "activation_code": "0000000000"})
        person.refused("attestation_required", "POST", "/v1/activations", entry)
        person.post("/v1/activations", {**entry, "signing_authority_attested": True})
        here = f"/v1/accounts/{account}"
        self.assertEqual(person.get(here)["role"], "owner")
        person.post(here + "/terms", {"terms_version": person.get("/v1/terms/programme")["version"]})
        membership = person.get(here + "/membership")
        self.assertEqual((membership["status"], membership["became_member_at"][:10]), ("member", "2019-04-01"))
        person.post(here + "/client-number-letters")
        other = self.sandbox.person("Late").sign_in()
        other.refused("activation_refused", "POST", "/v1/activations", {**entry, "signing_authority_attested": True})

    def test_strangers_entries_count_against_the_strangers(self):
        _, account = self.recorded()
        letter = self.sandbox.letter(account)
        entry = {"client_number": letter["client_number"], "signing_authority_attested": True}
        stranger = self.sandbox.person("Guesser").sign_in()
        for _ in range(5):
            stranger.refused("activation_refused", "POST", "/v1/activations",
                             {**entry, "activation_code": "0000000000"})
        stranger.refused("too_many_attempts", "POST", "/v1/activations",
                         {**entry, "activation_code": letter["activation_code"]})
        self.sandbox.person("Heir").sign_in().post("/v1/activations",
                                                   {**entry, "activation_code": letter["activation_code"]})

    def test_the_officer_sees_the_address_before_confirming_it(self):
        answer = self.officer.refused("address_not_confirmed", "POST", "/v1/staff/members",
                                      self.record(address_confirmed=False))
        self.assertEqual(answer.document["errors"][0]["details"], ["123 RUE PRINCIPALE", "GATINEAU QC J8X 1A1", "CA"])

    def test_numbers_that_are_taken_are_refused_where_they_stand(self):
        body, _ = self.recorded()
        for name in ("business_number", "client_number"):
            answer = self.officer.refused(name + "_taken", "POST", "/v1/staff/members",
                                          self.record(**{name: body[name]}), status=409)
            self.assertEqual(answer.document["errors"][0]["pointer"], "/" + name)
        enrolled = self.sandbox.person().sign_in()
        enrolled.refused("business_number_taken", "POST", "/v1/accounts",
                         {"business_number": body["business_number"], "legal_name": "Double inc.",
                          "mailing_address": ADDRESS, "signing_authority_attested": True,
                          "eligibility": {"base": "canada", "lines_of_business": ["importer"],
                                          "facilities_in_canada_or_us": True, "traded_in_past_12_months": True,
                                          "movement_in_past_90_days": True, "solvent": True, "no_debt_to_crown": True,
                                          "no_undischarged_bankruptcy": True, "no_convictions": True}})

    def test_the_letter_goes_again_with_another_code_and_a_record_can_be_taken_back(self):
        body, account = self.recorded()
        first = self.sandbox.letter(account)
        here = f"/v1/staff/accounts/{account}"
        names = [each["name"] for each in self.officer.get(here)["actions"]]
        self.assertEqual([each for each in names if "member" in each],
                         ["send_member_letter_again", "withdraw_member_record"])
        self.officer.post(here + "/member-letters", {"reason": "It did not come."})
        second = self.sandbox.letter(account, but_not=(first["id"],))
        self.assertNotEqual(second["activation_code"], first["activation_code"])
        person = self.sandbox.person("Heir").sign_in()
        person.refused("activation_code_replaced", "POST", "/v1/activations",
                       {"client_number": first["client_number"], "activation_code": first["activation_code"],
                        "signing_authority_attested": True})
        self.officer.post(here + "/member-record-withdrawals", {"reason": "A typing error."})
        self.officer.post("/v1/staff/members", self.record(client_number=body["client_number"],
                                                           business_number=body["business_number"]))

    def test_a_day_to_come_is_refused(self):
        day = (parse_time(self.sandbox.get("/v1/sandbox/clock")["now"])).date().replace(year=2190).isoformat()
        self.officer.refused("out_of_range", "POST", "/v1/staff/members", self.record(member_since=day))
        self.desk.refused("staff_role_required", "POST", "/v1/staff/members", self.record())


if __name__ == "__main__":
    unittest.main()

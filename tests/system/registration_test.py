"""Registration begins with the mailbox: strangers can ask for a mail, and the answer tells them nothing.

Each refusal has a control beside it that is accepted. The clock of one server runs by itself, that of the other is moved.
"""

import re
import unittest

from client import (REGISTRATION_CODE, Api, fresh_key, needs_ttpd, parse_time, town, wrong_registration_code)

OF_THE_MOMENT = {"date", "ratelimit", "x-request-id"}
ZERO_WIDTH = "\u200b"

servers = {}


def setUpModule():
    needs_ttpd()
    for name in ("calm", "moving"):
        servers[name] = town()
        unittest.addModuleCleanup(servers[name][0].discard)


class MailboxTest(unittest.TestCase):
    which = "calm"

    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = servers[cls.which]

    def setUp(self):
        self.anybody = Api(self.server)

    def begin(self, email, language="en"):
        return self.anybody.ask("POST", "/v1/registrations", {"email": email, "language": language})

    def remind(self, email):
        return self.anybody.ask("POST", "/v1/user-name-reminders", {"email": email})

    def mail_text(self, email, pattern, after=""):
        return self.sandbox.mail(email, pattern, after).string

    def shape(self, answer):
        """The parts of an answer that do not differ in each."""
        document = {name: len(value) if isinstance(value, str) else value for name, value in answer.document.items()}
        headers = sorted((name.lower(), value) for name, value in answer.headers.items()
                         if name.lower() not in OF_THE_MOMENT)
        return answer.status, document, headers

    def position(self):
        """The end of the log, as a signed-in person sees it."""
        return self.sandbox.staff("auditor").ask("GET", "/v1/user").headers["X-Position"]


class Secrecy(MailboxTest):
    def test_the_answer_for_a_taken_address_is_that_for_a_free_one(self):
        taken, free = self.sandbox.person().email, self.sandbox.stranger().email
        self.assertEqual(len(taken), len(free))
        answers = [self.begin(email) for email in (taken, free)]
        self.assertEqual(self.shape(answers[0]), self.shape(answers[1]))
        self.assertEqual(answers[0].status, 202)
        self.assertIsNone(answers[0].headers["X-Position"])
        self.assertNotEqual(answers[0].document["registration_token"], answers[1].document["registration_token"])

    def test_the_mail_for_a_free_address_holds_the_code_and_that_for_a_taken_one_does_not(self):
        person, stranger = self.sandbox.person(), self.sandbox.stranger()
        after = self.sandbox.newest_mail_key(person.email)
        for email in (person.email, stranger.email):
            self.begin(email)
        self.assertRegex(self.mail_text(stranger.email, "enter this code"), REGISTRATION_CODE)
        told = self.mail_text(person.email, "already belongs to a credential", after)
        self.assertIsNone(re.search(REGISTRATION_CODE, told))
        self.assertIn("Quelqu'un a demandé", told)

    def test_the_mail_holds_the_request_word_of_the_answer_and_no_link(self):
        stranger = self.sandbox.stranger("fr")
        word = self.begin(stranger.email, "fr").document["request_word"]
        text = self.mail_text(stranger.email, "entrez ce code")
        self.assertIn(word, text)
        self.assertNotIn("http", text)
        self.assertNotIn(stranger.email, text)

    def test_nothing_that_a_stranger_wrote_is_taken(self):
        answer = self.anybody.refused("unknown_member", "POST", "/v1/registrations", {
            "email": self.sandbox.stranger().email, "language": "en", "given_names": "https://evil.example/pip"})
        self.assertEqual([each["pointer"] for each in answer.document["errors"]], ["/given_names"])

    def test_nothing_is_recorded_before_the_code_is_entered(self):
        stranger, person = self.sandbox.stranger(), self.sandbox.person()
        proof = stranger.proof()
        before = self.position()
        for email in (person.email, stranger.email, self.sandbox.stranger().email):
            self.assertEqual(self.begin(email).status, 202)
            self.assertEqual(self.remind(email).status, 202)
        body = {**proof, **stranger.details("Roy", "Ada")}
        self.anybody.refused("one_time_code_wrong", "POST", "/v1/credentials",
                             {**body, "code": wrong_registration_code(proof["code"])})
        self.assertEqual(self.position(), before)
        self.anybody.post("/v1/credentials", body)
        self.assertNotEqual(self.position(), before)

    def test_no_code_opens_a_taken_address(self):
        person, stranger = self.sandbox.person(), self.sandbox.stranger()
        token = self.begin(person.email).document["registration_token"]
        code = stranger.proof()["code"]
        self.anybody.refused("one_time_code_wrong", "POST", "/v1/credentials",
                             {"registration_token": token, "code": code, **stranger.details("Roy", "Ada")})

    def test_a_message_id_does_not_say_what_others_do(self):
        stranger = self.sandbox.stranger()
        stranger.proof()
        (key,) = [each["id"] for each in self.sandbox.mails(stranger.email)]
        eml = self.sandbox.ask("GET", "/v1/sandbox/mails/" + key).body.decode()
        (message_id,) = re.findall(r"(?m)^Message-ID: <(.*)@", eml)
        self.assertIn(message_id, key)
        self.assertNotIn(key[:20], message_id)

    def test_the_forgotten_user_name_is_mailed_and_the_answer_is_always_the_same(self):
        person, stranger = self.sandbox.person(), self.sandbox.stranger()
        after = self.sandbox.newest_mail_key(person.email)
        answers = [self.remind(email) for email in (person.email.upper(), stranger.email)]
        self.assertEqual(self.shape(answers[0]), self.shape(answers[1]))
        self.assertEqual(answers[0].status, 202)
        self.assertIn(person.user_name, self.mail_text(person.email, "It is:", after))
        self.assertNotIn("It is:", self.mail_text(stranger.email, "No credential is registered"))


class Codes(MailboxTest):
    def test_only_the_code_of_this_registration_is_right(self):
        one, other = self.sandbox.stranger(), self.sandbox.stranger()
        mine, theirs = one.registration("Roy", "Ada"), other.registration("Roy", "Luc")
        crossed = {**mine, "registration_token": theirs["registration_token"]}
        answer = self.anybody.refused("one_time_code_wrong", "POST", "/v1/credentials", crossed, status=422)
        self.assertEqual(answer.document["errors"][0]["pointer"], "/code")
        made = self.anybody.ask("POST", "/v1/credentials", mine)
        self.assertEqual((made.status, made.headers["Location"]), (201, "/v1/users/" + made.document["id"]))

    def test_the_address_is_the_one_that_the_code_was_mailed_to(self):
        person = self.sandbox.person()
        self.assertEqual(person.sign_in().get("/v1/user")["email"], person.email)
        stranger = self.sandbox.stranger()
        self.anybody.refused("unknown_member", "POST", "/v1/credentials",
                             {**stranger.registration("Roy", "Ada"), "email": "victim@example.com"})

    def test_five_wrong_entries_void_a_code_and_four_do_not(self):
        for wrong_entries, end in ((4, ""), (5, "one_time_code_void")):
            stranger = self.sandbox.stranger()
            body = stranger.registration("Roy", "Ada")
            mistyped = {**body, "code": wrong_registration_code(body["code"])}
            for entry in range(wrong_entries):
                answer = self.anybody.refused("one_time_code_wrong", "POST", "/v1/credentials", mistyped)
                self.assertEqual(answer.document["tries_left"], 4 - entry)
            self.assertEqual(self.anybody.ask("POST", "/v1/credentials", body).code or "", end)

    def test_a_fault_in_the_form_costs_no_try(self):
        body = self.sandbox.stranger().registration("Roy", "Ada")
        for _ in range(6):
            self.anybody.refused("too_short", "POST", "/v1/credentials", {**body, "password": "short"})
        self.anybody.post("/v1/credentials", body)

    def test_a_code_works_once(self):
        stranger = self.sandbox.stranger()
        body = stranger.registration("Roy", "Ada")
        self.anybody.post("/v1/credentials", body)
        self.anybody.refused("one_time_code_void", "POST", "/v1/credentials", {**body, "user_name": "otherperson2"})

    def test_a_code_is_taken_as_people_paste_it(self):
        stranger = self.sandbox.stranger()
        body = stranger.registration("Roy", "Ada")
        code = body["code"].lower()
        self.anybody.post("/v1/credentials", {**body, "code": f"\t{ZERO_WIDTH}{code[:5]} – {code[6:]}\n"})
        person = self.sandbox.person()
        after = self.sandbox.newest_mail_key(person.email)
        sign_in = person.start_sign_in()
        sign_in.accept_mail_factor_terms()
        code = sign_in.code(after)
        sign_in.enter(f"{ZERO_WIDTH}{code[:3]}-{code[3:]}\u00a0")

    def test_a_token_of_somebody_else_is_none(self):
        body = self.sandbox.stranger().registration("Roy", "Ada")
        token = body["registration_token"]
        for changed in ("A" * 100, token[:50] + ("A" if token[50] != "A" else "B") + token[51:], "B" + token[1:]):
            answer = self.anybody.refused("registration_not_found", "POST", "/v1/credentials",
                                          {**body, "registration_token": changed}, status=422)
            self.assertEqual(answer.document["errors"][0]["pointer"], "/registration_token")
        self.anybody.post("/v1/credentials", body)

    def test_a_change_of_address_answers_with_the_request_word_of_its_mail(self):
        person = self.sandbox.person().sign_in()
        address = "new." + person.email
        answer = person.post("/v1/user/email-changes", {"email": address, "current_password": person.password})
        for mailbox in (address, person.email):
            self.assertIn("Request word: " + answer["request_word"],
                          self.mail_text(mailbox, "To confirm|To permit"))
        self.assertEqual(person.get("/v1/user")["pending_email_request_word"], answer["request_word"])

    def test_a_password_is_the_same_however_its_accents_are_written(self):
        person = self.sandbox.stranger()
        person.password = "été\u00a0à la plage ö"
        person.register("Roy", "Ada")
        person.password = "e\u0301te\u0301 a\u0300 la plage o\u0308"
        person.sign_in()
        person.refused("current_password_wrong", "POST", "/v1/user/password",
                       {"current_password": "ete a la plage o", "new_password": "twelve herons wade west"})


class Limits(MailboxTest):
    which = "moving"

    def test_a_mailbox_gets_three_mails_an_hour_whoever_owns_it(self):
        taken, free = self.sandbox.person(), self.sandbox.stranger()
        self.sandbox.advance(hours=1)
        for person, pattern in ((taken, "already belongs"), (free, "enter this code")):
            name, domain = person.email.split("@")
            addresses = [person.email, f"{name}+one@{domain}", person.email.upper()]
            if person is taken:
                addresses[1] = person.email
            for address in addresses:
                self.assertEqual(self.begin(address).status, 202, address)
            for address in (person.email, f"{name}+two@{domain}"):
                answer = self.anybody.refused("too_many_attempts", "POST", "/v1/registrations",
                                              {"email": address, "language": "en"}, status=429)
                self.assertLessEqual(int(answer.headers["Retry-After"]), 3600)
            self.assertEqual(self.remind(person.email).status, 202, "another kind of mail")
            self.assertEqual(self.begin(self.sandbox.stranger().email).status, 202, "another mailbox")
            self.sandbox.mail(person.email, pattern)
        self.sandbox.advance(hours=1)
        self.assertEqual(self.begin(free.email).status, 202)

    def test_reminders_have_the_same_limit(self):
        person, stranger = self.sandbox.person(), self.sandbox.stranger()
        for email in (person.email, stranger.email):
            self.assertEqual([self.remind(email).status for _ in range(4)], [202, 202, 202, 429])

    def test_a_code_expires_after_half_an_hour_to_the_second(self):
        early, late, done = (self.sandbox.stranger() for _ in range(3))
        expires_at = parse_time(late.begin_registration()["expires_at"])
        self.assertAlmostEqual((expires_at - self.sandbox.now()).total_seconds(), 1800, delta=5)
        bodies = [person.registration("Roy", "Ada") for person in (early, late, done)]
        key = fresh_key()
        first = self.anybody.ask("POST", "/v1/credentials", bodies[2], key=key)
        self.assertEqual(first.status, 201)
        self.sandbox.advance_to(expires_at, -10)
        self.anybody.post("/v1/credentials", bodies[0])
        self.sandbox.advance(minutes=2)
        self.anybody.refused("one_time_code_expired", "POST", "/v1/credentials", bodies[1], status=409)
        self.anybody.refused("one_time_code_expired", "POST", "/v1/credentials", bodies[1], status=409, key=fresh_key())
        # A retry of what was accepted in time still gets its answer.
        again = self.anybody.ask("POST", "/v1/credentials", bodies[2], key=key)
        self.assertEqual((again.status, again.document, again.replayed), (201, first.document, True))


if __name__ == "__main__":
    unittest.main()

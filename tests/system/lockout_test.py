"""Waits, locks, devices and sessions (SPEC 3.2): strangers never keep the owner out, and whatever ends the trust in a
session ends it."""

import unittest

from client import Api, Server, Sandbox, eventually, needs_ttpd, parse_time, town, ttpctl_on, wrong

LOCKED = 100

setUpModule = needs_ttpd


class LockoutTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)

    def setUp(self):
        self.anybody = Api(self.server)

    def mistypes(self, credential, times, **more):
        """So many wrong passwords, each as soon as it counts."""
        for _ in range(times):
            answer = self.anybody.refused("credential_rejected", "POST", "/v1/sign-ins",
                                          {**credential, "password": "not the password", **more})
            if "Retry-After" in answer.headers:
                self.sandbox.advance(seconds=int(answer.headers["Retry-After"]))

    def subjects(self, email):
        return [each["subject"] for each in self.sandbox.mails(email)]


class Strangers(LockoutTest):
    def test_a_locked_credential_lets_the_owners_device_in_until_an_unlock_ends_all_sessions(self):
        person = self.sandbox.person().sign_in()
        self.mistypes(person.credential(), LOCKED)
        self.anybody.refused("credential_locked", "POST", "/v1/sign-ins", person.credential(), status=423)
        person.sign_in(known=True).get("/v1/user")
        self.anybody.refused("credential_locked", "POST", "/v1/sign-ins", person.credential(), status=423)
        self.sandbox.staff("service_desk").post(f"/v1/staff/users/{person.id}/unlocks", {"reason": "Identity checked."})
        person.refused("session_expired", "GET", "/v1/user")
        self.anybody.post("/v1/sign-ins", person.credential())

    def test_a_wait_of_strangers_does_not_hold_up_the_owners_device(self):
        person = self.sandbox.person().sign_in()
        for _ in range(4):
            self.anybody.ask("POST", "/v1/sign-ins", person.credential("not the password"))
        self.anybody.refused("too_many_attempts", "POST", "/v1/sign-ins", person.credential(), status=429)
        person.sign_in(known=True).get("/v1/user")

    def test_an_open_session_goes_on_while_strangers_lock_the_credential(self):
        person = self.sandbox.person().sign_in()
        for _ in range(4):
            self.anybody.ask("POST", "/v1/sign-ins", person.credential("not the password"))
        person.get("/v1/user")

    def test_the_third_failure_says_until_when_to_wait(self):
        person = self.sandbox.person()
        answers = [self.anybody.refused("credential_rejected", "POST", "/v1/sign-ins", person.credential("wrong it is"))
                   for _ in range(3)]
        self.assertEqual(["Retry-After" in answer.headers for answer in answers], [False, False, True])
        wait = parse_time(answers[2].document["retry_at"]) - self.sandbox.now()
        self.assertAlmostEqual(wait.total_seconds(), 30, delta=10)

    def test_a_wrong_code_says_how_many_tries_are_left(self):
        person = self.sandbox.person().sign_in()
        after = self.sandbox.newest_mail_key(person.email)
        sign_in = person.start_sign_in()
        answer = sign_in.refused("one_time_code_wrong", "POST", "/v1/sign-in/code", {"code": wrong(sign_in.code(after))})
        self.assertEqual(answer.document["tries_left"], 4)
        self.assertEqual(answer.document["errors"][0]["pointer"], "/code")

    def test_the_tenth_failure_is_mailed_once(self):
        person = self.sandbox.person().sign_in()
        self.mistypes(person.credential(), 12)
        eventually(lambda: "Failed attempts to sign in" in self.subjects(person.email))
        self.assertEqual(self.subjects(person.email).count("Failed attempts to sign in"), 1)

    def test_anonymous_answers_do_not_show_how_the_log_grows(self):
        person = self.sandbox.person()
        for body in (person.credential("not the password"), {"user_name": "nobody4321", "password": "whatever it is"}):
            self.assertIsNone(self.anybody.ask("POST", "/v1/sign-ins", body).headers["X-Position"])
        for path in ("/v1/terms/portal", "/problems"):
            self.assertIsNone(self.anybody.ask("GET", path).headers["X-Position"])
        self.assertIsNotNone(person.sign_in().ask("GET", "/v1/user").headers["X-Position"])


class Restarts(unittest.TestCase):
    def test_an_unknown_name_still_waits_after_a_restart_as_a_known_one_does(self):
        server, sandbox = town()
        self.addCleanup(server.discard)
        person = sandbox.person()
        credentials = (person.credential("not the password"), {"user_name": "nobody4321", "password": "whatever it is"})
        for failure in range(1, 8):
            answers = [Api(server).refused("credential_rejected", "POST", "/v1/sign-ins", body) for body in credentials]
            self.assertEqual(*("Retry-After" in answer.headers for answer in answers))
            if failure < 7:  # after the seventh the wait is eight minutes
                sandbox.advance(seconds=1 + max(int(answer.headers.get("Retry-After", 0)) for answer in answers))
        server.kill()
        server.start()
        for body in credentials:
            Api(server).refused("too_many_attempts", "POST", "/v1/sign-ins", body)


class Devices(LockoutTest):
    def test_a_device_has_waits_and_a_lock_of_its_own_until_the_service_desk_unlocks_it(self):
        person = self.sandbox.person().sign_in()
        token = {"device_token": person.device_token}
        self.mistypes(person.credential(), LOCKED, **token)
        self.anybody.refused("credential_locked", "POST", "/v1/sign-ins", {**person.credential(), **token})
        person.another_session()
        eventually(lambda: "Your credential is locked on one device" in self.subjects(person.email))
        desk = self.sandbox.staff("service_desk")
        found = desk.get(f"/v1/staff/users?user_name={person.user_name}")["items"][0]
        self.assertIn("unlock_credential", [action["name"] for action in found["actions"]])
        desk.post(f"/v1/staff/users/{person.id}/unlocks", {"reason": "Identity checked by telephone."})
        person.sign_in(known=True)

    def test_devices_are_listed_and_one_can_be_forgotten(self):
        person = self.sandbox.person().sign_in()
        other = person.another_session()
        rows = person.get("/v1/devices")["items"]
        self.assertEqual([row["current"] for row in rows], [True, False])
        theirs = next(row["id"] for row in rows if not row["current"])
        person.delete("/v1/devices/" + theirs)
        other.refused("session_expired", "GET", "/v1/user")
        person.refused("device_not_found", "DELETE", "/v1/devices/" + theirs, status=404)
        for _ in range(4):
            self.anybody.ask("POST", "/v1/sign-ins", person.credential("not the password"))
        self.anybody.refused("too_many_attempts", "POST", "/v1/sign-ins",
                             {**other.credential(), "device_token": other.device_token})

    def test_a_browser_keeps_the_token_as_a_cookie(self):
        person = self.sandbox.person().sign_in()
        after = self.sandbox.newest_mail_key(person.email)
        sign_in = person.start_sign_in(known=True)
        sign_in.enter(sign_in.code(after))
        answer = sign_in.ask("POST", "/v1/sessions", {"terms_version": sign_in.portal_terms})
        cookies = answer.headers.get_all("Set-Cookie")
        device = next(each for each in cookies if each.startswith("__Host-ttp_device="))
        self.assertIn(person.device_token, device)
        for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(attribute, device)
        for _ in range(4):
            self.anybody.ask("POST", "/v1/sign-ins", person.credential("not the password"))
        answer = self.anybody.ask("POST", "/v1/sign-ins", person.credential(), headers={"Cookie": device.split(";")[0]})
        self.assertEqual(answer.status, 201, answer)

    def test_a_changed_password_gives_the_present_device_a_new_token_and_forgets_all_others(self):
        person = self.sandbox.person().sign_in()
        other, former = person.another_session(), person.device_token
        changed = person.post("/v1/user/password", {"current_password": person.password,
                                                    "new_password": "twelve herons wade west"})
        person.password = other.password = "twelve herons wade west"
        person.device_token = changed["device_token"]
        for _ in range(4):
            self.anybody.ask("POST", "/v1/sign-ins", person.credential("not the password"))
        for token in (former, other.device_token):
            self.anybody.refused("too_many_attempts", "POST", "/v1/sign-ins",
                                 {**person.credential(), "device_token": token})
        person.sign_in(known=True)


class Sessions(LockoutTest):
    def test_a_new_sign_in_of_the_same_device_ends_its_earlier_session(self):
        person = self.sandbox.person().sign_in()
        before, other = person.token, person.another_session()
        person.sign_in(known=True)
        after, person.token = person.token, before
        person.refused("session_expired", "GET", "/v1/user")
        person.token = after
        self.assertEqual(len(person.get("/v1/sessions")["items"]), 2)
        other.get("/v1/user")

    def test_an_earlier_session_names_its_device(self):
        person = self.sandbox.person().sign_in()
        answer = person.ask("POST", "/v1/sign-ins", person.credential())
        self.assertEqual(answer.status, 201, answer)
        row = person.get("/v1/sessions")["items"][0]
        self.assertEqual((row["opened_from"], row["device_id"]), ("127.0.0.1", person.get("/v1/devices")["items"][0]["id"]))

    def test_a_page_that_polls_does_not_keep_a_session(self):
        person, poller = self.sandbox.person().sign_in(), self.sandbox.person().sign_in()
        for _ in range(3):
            self.sandbox.advance(minutes=6)
            person.get("/v1/user")
            polled = poller.ask("GET", "/v1/user", headers={"X-Background": "1"})
        self.assertEqual(polled.code, "session_expired")
        person.get("/v1/user")

    def test_the_service_desk_ends_sessions_with_a_reason(self):
        person = self.sandbox.person().sign_in()
        other, desk = person.another_session(), self.sandbox.staff("service_desk")
        here = f"/v1/staff/users/{person.id}"
        rows = desk.get(here + "/sessions")["items"]
        self.assertEqual([row.get("opened_from") for row in rows], [None, None], "that is personal")
        reason = {"reason": "The laptop was stolen, by telephone."}
        desk.post(here + "/session-closures", {**reason, "session_id": rows[0]["id"]})
        person.refused("session_expired", "GET", "/v1/user")
        other.get("/v1/user")
        desk.post(here + "/session-closures", reason)
        other.refused("session_expired", "GET", "/v1/user")
        desk.refused("session_not_found", "POST", here + "/session-closures", reason, status=404)
        text = self.sandbox.mail(person.email, "The laptop was stolen").string
        self.assertIn("Reason:", text)
        self.sandbox.person().sign_in().refused("staff_role_required", "POST", here + "/session-closures", reason,
                                                status=403)
        seen = self.sandbox.staff("privacy_auditor").get(f"/v1/audit/users/{person.id}/events?personal=true&limit=200")
        self.assertIn("user.sessions_ended", [each["type"] for each in seen["items"]])


class EmailChanges(LockoutTest):
    confirmation = "/v1/user/email-changes/confirmation"

    def test_an_address_moves_only_with_the_password_and_the_codes_of_both_mailboxes(self):
        person = self.sandbox.person().sign_in()
        other, address = person.another_session(), "new." + person.email
        for body, code in (({"email": address}, "missing"),
                           ({"email": address, "current_password": "not this one"}, "current_password_wrong")):
            answer = person.refused(code, "POST", "/v1/user/email-changes", body, status=422)
            self.assertEqual(answer.document["errors"][0]["pointer"], "/current_password")
        codes = person.begin_email_change(address)
        answer = person.refused("one_time_code_wrong", "POST", self.confirmation,
                                {**codes, "present_address_code": wrong(codes["present_address_code"])})
        self.assertEqual(answer.document["errors"][0]["pointer"], "/present_address_code")
        self.assertEqual(answer.document["tries_left"], 4)
        person.post(self.confirmation, codes)
        self.assertEqual(person.get("/v1/user")["email"], address)
        other.refused("session_expired", "GET", "/v1/user")
        for mailbox in (person.email, address):
            eventually(lambda at=mailbox: any("was changed" in each for each in self.subjects(at)))

    def test_a_former_address_hears_of_a_changed_password_for_thirty_days(self):
        person = self.sandbox.person().sign_in()
        former, address = person.email, "new." + person.email
        person.post(self.confirmation, person.begin_email_change(address))
        person.email = address
        for days, is_told in ((29, True), (2, False)):
            self.sandbox.advance(days=days)
            after, after_own = self.sandbox.newest_mail_key(former), self.sandbox.newest_mail_key(address)
            wanted = f"twelve herons wade west {days}"
            person.sign_in().post("/v1/user/password", {"current_password": person.password, "new_password": wanted})
            person.password = wanted
            self.sandbox.mail(address, "Changed: your password", after_own)
            if is_told:
                self.sandbox.mail(former, "Changed: your password", after)
            else:
                person.sign_in()  # its code leaves after whatever the change had to tell
                self.assertEqual([each for each in self.sandbox.mails(former) if each["id"] > after], [])


class Operators(unittest.TestCase):
    def test_ttpctl_unlocks_an_operator_while_the_server_is_stopped(self):
        server = Server()
        self.addCleanup(server.discard)
        server.start()
        sandbox = Sandbox(server)
        rows = {row["role"]: row for row in sandbox.get("/v1/sandbox/staff")["items"]}
        name = rows["operator"]["user_name"]
        for _ in range(LOCKED):
            answer = Api(server).refused("credential_rejected", "POST", "/v1/sign-ins",
                                         {"user_name": name, "password": "not the password"})
            if "Retry-After" in answer.headers:
                sandbox.advance(seconds=int(answer.headers["Retry-After"]))
        reason = ["--reason", "Locked by strangers"]
        running = ttpctl_on(server.data, "unlock", "--user-name", name, *reason)
        self.assertEqual(running.returncode, 5)
        self.assertIn(b"stop the server", running.stderr)
        server.stop()
        other = ttpctl_on(server.data, "unlock", "--user-name", rows["auditor"]["user_name"], *reason)
        self.assertEqual((other.returncode, b"service desk" in other.stderr), (4, True))
        self.assertEqual(ttpctl_on(server.data, "unlock", "--user-name", "nobody4321", *reason).returncode, 4)
        done = ttpctl_on(server.data, "unlock", "--user-name", name, *reason)
        self.assertEqual(done.returncode, 0, done.stderr)
        again = ttpctl_on(server.data, "unlock", "--user-name", name, *reason)
        self.assertEqual((again.returncode, b"not locked" in again.stderr), (5, True))
        server.start()
        Api(server).post("/v1/sign-ins", {"user_name": name, "password": rows["operator"]["password"]})


if __name__ == "__main__":
    unittest.main()

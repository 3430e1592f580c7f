"""No secret exists outside the places that are meant for it.

The test plays a company's way with known passwords, reads the codes and tokens that the service issued, and then
searches everything that the service leaves behind: every file under the data directory except mails and letters (which
carry codes on purpose), the server's log, the metrics, and the replay of the whole log. Files are read by their format
(tests/faults/stored_text.py). Each secret is searched in clear, in hex and in base64 at any alignment. Controls prove
that the search finds texts that must be found.
"""

import base64
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "faults"))

import stored_text
from client import (Api, Company, fresh_key, needs_ttpd, town, ttpctl_can, ttpctl_on, with_query, wrong,
                    wrong_registration_code)

MEANT_FOR_CODES = ("mail", "letters")  # folders of the data directory
CODES_OF_A_WAY = 2
SHOWN_NAME = "Quincaillerie Kanari et filles ltée"

setUpModule = needs_ttpd


def base64_forms(secret):
    """The forms of the secret in base64 of any surrounding text: three alignments, two alphabets.

    The characters that also depend on the bytes before and after are cut off.
    """
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret)
        first = -(-before * 8 // 6)
        last = (before + len(secret)) * 8 // 6
        yield encoded[first:last]
        yield encoded[first:last].replace(b"+", b"-").replace(b"/", b"_")


class Secret:
    """A secret that must not be found, with all forms that it could have."""

    def __init__(self, name, value):
        self.name = name
        raw = value if isinstance(value, bytes) else value.encode()
        self.forms = {raw, raw.hex().encode(), raw.hex().upper().encode(), *base64_forms(raw)}
        self.patterns = [self.pattern(form, raw) for form in self.forms]

    @staticmethod
    def pattern(form, raw):
        escaped = re.escape(form)
        if form == raw and re.fullmatch(rb"[0-9]+(?:[ -][0-9]+)*", raw):
            # The same digits can occur by chance in identifiers, also three on each side of a hyphen, and in the
            # fraction of a time; a leaked code would stand alone.
            return re.compile(rb"(?<![0-9A-Za-z_.-])" + escaped + rb"(?![0-9A-Za-z_-])")
        return re.compile(escaped)

    def is_in(self, data):
        return any(pattern.search(data) for pattern in self.patterns)


def code_forms(name, code):
    """A code as it is printed and as it is typed."""
    half = len(code) // 2
    return [Secret(name, form) for form in
            {code, code.lower(), code[:half] + " " + code[half:], code[:half] + "-" + code[half:]}]


def token_forms(name, token):
    """A token as it is sent, and the sixteen bytes at its end, which nobody can guess."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return [Secret(name, token), Secret(name + " (bytes)", raw[-16:])]


class CanaryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town("--log-level", "debug")
        cls.addClassCleanup(cls.server.discard)
        cls.secrets = []
        cls.places = {}  # name -> bytes
        cls.codes = []
        cls.one_time_codes = {}  # way -> forms of each of its codes
        cls.plant()
        cls.gather()

    @classmethod
    def plant(cls):
        """A history in which every kind of secret is used, rightly and wrongly."""
        owner = cls.sandbox.person("Kanari", "Odile")
        cls.password_of(owner)
        for _ in range(CODES_OF_A_WAY):
            cls.watch_a_sign_in(owner)
        cls.sandbox.staff("auditor")
        company = Company(owner, legal_name=SHOWN_NAME)
        cls.account = company.id
        company.confirm_address()
        code = company.letter["activation_code"]
        cls.codes.append(code)
        cls.secrets += code_forms("activation code", code)
        mistyped = code[:-1] + ("7" if code[-1] != "7" else "8")
        cls.secrets += code_forms("mistyped activation code", mistyped)
        owner.ask("POST", "/v1/activations", {**company.activation(), "activation_code": mistyped}, key=fresh_key())
        owner.ask("POST", "/v1/activations", {**company.activation(), "activation_code": code + "?"})
        company.activate()
        company.accept_terms()

        stranger = cls.sandbox.stranger()
        registration = cls.watch_a_registration(stranger)
        for attempt in ("wrong purple elephants dance", 'forbidden <purple> "elephants"', "short purple"):
            cls.secrets.append(Secret("rejected password", attempt))
            anybody = Api(cls.server)
            anybody.ask("POST", "/v1/sign-ins", owner.credential(attempt), key=fresh_key())
            anybody.ask("POST", "/v1/credentials", {**registration, "user_name": owner.user_name, "password": attempt})
        cls.sandbox.advance(minutes=5)  # the wait after three failures
        changed = "another twelve herons wade"
        cls.secrets.append(Secret("changed password", changed))
        owner.post("/v1/user/password", {"current_password": owner.password, "new_password": changed})
        owner.password = changed

        for nth in range(CODES_OF_A_WAY):
            cls.watch_an_email_change(owner, f"odile.kanari.{nth}@example.com")
        # Secrets in places where none belong: in a path, a query, a header.
        owner.ask("GET", "/v1/user" + with_query("", token=owner.token))
        Api(cls.server).ask("GET", "/v1/users/" + owner.token)
        Api(cls.server).ask("GET", "/v1/user", headers={"Cookie": "__Host-ttp_session=" + owner.token + "x"})
        for row in cls.sandbox.get("/v1/sandbox/staff")["items"]:
            cls.secrets.append(Secret("staff password", row["password"]))

    @classmethod
    def password_of(cls, person):
        cls.secrets.append(Secret("password", person.password))

    @classmethod
    def one_time_code(cls, way, code):
        cls.codes.append(f"{code[:3]} {code[3:]}")
        cls.one_time_codes.setdefault(way, []).append(code_forms(f"one-time code of {way}", code))

    @classmethod
    def watch_a_registration(cls, person):
        """A registration that stops before the credential, and one that goes on."""
        for each in (cls.sandbox.stranger(), person):
            registration = each.registration("Kanari", "Odile")
            cls.secrets += token_forms("registration token", registration["registration_token"])
            code = registration["code"].replace("-", "")
            cls.secrets += code_forms("registration code", code)
            mistyped = wrong_registration_code(code)
            cls.secrets += code_forms("mistyped registration code", mistyped)
            Api(cls.server).ask("POST", "/v1/credentials", {**registration, "code": mistyped}, key=fresh_key())
        Api(cls.server).ask("POST", "/v1/user-name-reminders", {"email": person.email})
        return registration

    @classmethod
    def watch_a_sign_in(cls, person):
        after = cls.sandbox.newest_mail_key(person.email)
        sign_in = person.start_sign_in()
        cls.secrets += token_forms("sign-in token", sign_in.token)
        sign_in.accept_mail_factor_terms()
        code = sign_in.code(after)
        cls.one_time_code("a sign-in", code)
        sign_in.ask("POST", "/v1/sign-in/code", {"code": wrong(code)})
        sign_in.enter(code)
        session = sign_in.accept_portal_terms()
        person.token = session["token"]
        cls.secrets += token_forms("session token", person.token)
        cls.secrets += token_forms("device token", session["device_token"])

    @classmethod
    def watch_an_email_change(cls, person, email):
        codes = person.begin_email_change(email)
        cls.one_time_code("an e-mail change", codes["code"])
        cls.one_time_code("the permission of an e-mail change", codes["present_address_code"])
        person.post("/v1/user/email-changes/confirmation", codes)
        person.email = email

    @classmethod
    def gather(cls):
        """Everything that could hold a secret: while it runs, after it stopped, after it ran again."""
        cls.keep("running", stored_text.below(cls.server.data, MEANT_FOR_CODES, running=True))
        cls.places["metrics"] = cls.sandbox.monitor().ask("GET", "/metrics").body
        events = cls.sandbox.staff("auditor").ask("GET", "/v1/audit/events?limit=200")
        cls.places["events that the auditor sees"] = events.body
        cls.server.stop()
        cls.keep("stopped", stored_text.below(cls.server.data, MEANT_FOR_CODES))
        cls.server.start()
        cls.server.stop()
        cls.keep("started again", stored_text.below(cls.server.data, MEANT_FOR_CODES))
        cls.places["the server's log"] = cls.server.log_text().encode()
        cls.mails = b"".join(data for _, data in stored_text.below(os.path.join(cls.server.data, "mail")))
        if ttpctl_can("replay"):
            replay = ttpctl_on(cls.server.data, "replay", "--all", "-o", "json")
            cls.replayed = replay
            cls.places["replay"] = replay.stdout + replay.stderr

    @classmethod
    def keep(cls, when, files):
        for name, data in files:
            cls.places[f"{when}: {name}"] = data

    @staticmethod
    def kind_of(place):
        """The name of a place without its numbers, because one leak can be in several files of a kind."""
        return re.sub(r"\d+", "#", place)

    def found_in(self, secret):
        return sorted(name for name, data in self.places.items() if secret.is_in(data))

    def test_no_secret_is_in_any_file_log_metric_or_replay(self):
        found = {secret.name: places for secret in self.secrets if (places := self.found_in(secret))}
        self.assertEqual(found, {})

    def test_no_one_time_code_is_in_any_file_log_metric_or_replay(self):
        """Six digits can occur by chance in an engine's files; a real leak would show every code of one kind there."""
        for way, codes in self.one_time_codes.items():
            self.assertEqual(len(codes), CODES_OF_A_WAY)
            found = [{self.kind_of(place) for form in forms for place in self.found_in(form)} for forms in codes]
            self.assertEqual(set.intersection(*found), set(), way)

    def test_the_search_finds_what_the_log_says_openly(self):
        places = self.found_in(Secret("account", self.account))
        for when, kind in (("stopped", "log"), ("started again", "sst")):
            self.assertTrue([each for each in places if each.startswith(f"{when}: log/") and each.endswith("." + kind)],
                            places)

    def test_the_search_finds_every_form(self):
        secret = Secret("sample", "seven slow barges?>~ drift")
        for before in range(4):
            text = b"x" * before + b"seven slow barges?>~ drift" + b"yz"
            for encoded in (text, text.hex().encode(), text.hex().upper().encode(), base64.b64encode(text),
                            base64.urlsafe_b64encode(text)):
                self.assertTrue(secret.is_in(b"\x00" + encoded + b"\xff"), encoded)
        self.assertFalse(secret.is_in(base64.b64encode(b"seven slow barges?>~ dance")))
        code = Secret("sample", "482913")
        self.assertTrue(code.is_in(b'{"code":"482913"}'))
        self.assertFalse(code.is_in(b"01a208b6-482913bd58"))
        self.assertTrue(Secret("sample", "482-913").is_in(b'"482-913"'))
        self.assertFalse(Secret("sample", "482-913").is_in(b"01a20482-9137-7bd5"))

    def test_codes_are_where_they_belong(self):
        """The mails do hold the codes that were searched for: they were the right ones."""
        mailed = [code for code in self.codes if " " in code]
        self.assertEqual(len(mailed), len(self.one_time_codes) * CODES_OF_A_WAY)
        plain = self.mails.replace(b"=\r\n", b"")
        for code in mailed:
            self.assertIn(code.encode(), plain)

    def test_the_places_searched_are_the_ones_that_exist(self):
        for needed in ("log", "views", "vault", "checkpoint"):
            # A running server signs its first checkpoint only after a while.
            for when in ("running", "stopped", "started again")[needed == "checkpoint":]:
                held = [len(data) for name, data in self.places.items() if name.startswith(f"{when}: {needed}/")]
                self.assertGreater(sum(held), 0, f"{when}: {needed}")
        self.assertIn(b"ttp_log_next_position", self.places["metrics"])
        self.assertIn(b"listening on", self.places["the server's log"])
        self.assertIn(b"account.activation_code_issued", self.places["events that the auditor sees"])

    @unittest.skipUnless(ttpctl_can("replay"), "ttpctl cannot replay")
    def test_the_replay_searched_is_the_whole_log(self):
        self.assertEqual(self.replayed.returncode, 0, self.replayed.stderr)
        for named in (b"user.credential_registered", b"user.one_time_code_issued", b"account.activation_code_issued",
                      b"user.password_changed", b"user.email_changed"):
            self.assertIn(named, self.replayed.stdout)


if __name__ == "__main__":
    unittest.main()

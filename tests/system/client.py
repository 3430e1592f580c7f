"""Helpers of the tests against the real server: the server process, the API as one person uses it, and people.

Every server runs on loopback with temporary data and any free port. A test ends only the processes it started. The
folder of ttpd and ttpctl is named by the environment variable TTP_BIN.
"""

import datetime
import functools
import http.client
import itertools
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid

BIN = os.environ.get("TTP_BIN", "")
TTPD = os.path.join(BIN, "ttpd")
TTPCTL = os.path.join(BIN, "ttpctl")

REQUEST_SECONDS = 60  # a debug build on a busy machine
START_SECONDS = 60
STOP_SECONDS = 60
MAIL_SECONDS = 20
DAY = 86_400
REGISTRATION_CODE = r"(?m)^([0-9A-HJKMNP-TV-Z]{5})-([0-9A-HJKMNP-TV-Z]{5})$"


class Unexpected(AssertionError):
    """The service answered differently than the test expects."""


def needs_ttpd():
    """For setUpModule: skips the module if the binary does not exist."""
    if not os.access(TTPD, os.X_OK):
        raise unittest.SkipTest("TTP_BIN does not name a folder with ttpd")


@functools.cache
def ttpctl_can(command):
    """Whether there is a ttpctl with this command."""
    if not os.access(TTPCTL, os.X_OK):
        return False
    return bool(re.search(rf"(?m)^\s+{command}\b", ttpctl("--help").stdout.decode()))


def ttpctl(*arguments, timeout=120):
    """Runs ttpctl; its exit code, output and errors."""
    return subprocess.run([TTPCTL, *arguments], capture_output=True, timeout=timeout, check=False)


def ttpctl_on(folder, *arguments, timeout=120):
    """The same on a sandbox's data directory, which must be stopped."""
    return ttpctl(*arguments, "--sandbox", "--data-dir", folder, timeout=timeout)


# ---- the server process -----------------------------------------------------------------------------------------------


class Server:
    """A ttpd of our own in a temporary folder. `stop` and `kill` end it; `start` starts it again on the same data."""

    def __init__(self, *flags, data=None):
        self.folder = tempfile.mkdtemp(prefix="ttp-system-")
        self.data = data or os.path.join(self.folder, "data")
        self.flags = flags
        self.log_name = os.path.join(self.folder, "ttpd.log")
        self.process = None
        self.base = None
        self._description = None

    def command(self, sandbox=True):
        drain = [] if "--drain-ready-seconds" in self.flags else ["--drain-ready-seconds", "0"]
        return [TTPD, *(["--sandbox"] if sandbox else []), "--data-dir", self.data, "--port", "0", *drain, *self.flags]

    def start(self, sandbox=True):
        with open(self.log_name, "ab") as log:
            self.process = subprocess.Popen(self.command(sandbox), stdout=subprocess.PIPE, stderr=log)
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline() if ready else b""
        self.base = line.decode().strip()
        if not self.base:
            self.kill()
            raise Unexpected("the server did not start:\n" + self.log_text()[-2000:])
        return self

    def start_refused(self):
        """For a start that must fail: returns the exit code and the output."""
        done = subprocess.run(self.command(), capture_output=True, timeout=START_SECONDS, check=False)
        return done.returncode, done.stderr.decode(errors="replace")

    def readiness(self):
        """Status and text of /health/ready, also for answers that the API's description does not have."""
        try:
            with urllib.request.urlopen(self.base + "/health/ready", timeout=REQUEST_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def ask_to_stop(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """Asks it to stop and waits; the exit code."""
        if self.process.poll() is None:
            self.ask_to_stop()
        return self._wait()

    def kill(self):
        """Ends the process as a power cut would, without any cleanup."""
        if self.process.poll() is None:
            self.process.kill()
        return self._wait()

    def _wait(self):
        try:
            return self.process.wait(timeout=STOP_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def discard(self):
        """Ends it and removes its data; never fails."""
        if self.is_running():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_text(self):
        with open(self.log_name, encoding="utf-8", errors="replace") as log:
            return log.read()

    def description(self):
        """The server's own description, read once; it is the same after a restart."""
        if not self._description:
            with urllib.request.urlopen(self.base + "/openapi.json", timeout=REQUEST_SECONDS) as answer:
                self._description = Description(json.load(answer))
        return self._description

    @property
    def host_and_port(self):
        parts = urllib.parse.urlsplit(self.base)
        return parts.hostname, parts.port


# ---- the API ----------------------------------------------------------------------------------------------------------


class Answer:
    """A response: status, headers (names in any case) and body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def document(self):
        return json.loads(self.body) if self.body else {}

    @property
    def code(self):
        """The stable code of a problem, else nothing."""
        if "problem+json" not in (self.headers.get("Content-Type") or ""):
            return None
        return self.document.get("code")

    @property
    def replayed(self):
        return self.headers.get("Idempotency-Replayed") == "true"

    def __repr__(self):
        return f"{self.status} {self.body[:600].decode(errors='replace')}"


class Description:
    """The server's own description of its API, with which every answer is compared."""

    KINDS = {"string": str, "object": dict, "array": list, "boolean": bool, "integer": int, "null": type(None)}
    FORMATS = {"uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
               "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"}

    def __init__(self, document):
        self.document = document
        self.rows = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), rows)
                     for path, rows in sorted(document["paths"].items(), key=lambda each: each[0].count("{"))]

    def resolved(self, node):
        while "$ref" in node:
            reference, node = node["$ref"], self.document
            for part in reference[2:].split("/"):
                node = node[part]
        return node

    def operation(self, method, path):
        for pattern, rows in self.rows:
            if pattern.fullmatch(path.split("?")[0]):
                return rows.get(method.lower())
        return None

    def check(self, method, path, answer):
        operation = self.operation(method, path)
        if operation is None:
            return
        responses = operation["responses"]
        described = self.resolved(responses.get(str(answer.status)) or responses["default"])
        if str(answer.status) not in responses and answer.status < 400:
            raise Unexpected(f"{method} {path}: {answer.status} is not described")
        if answer.status == 304:
            return
        kind = (answer.headers.get("Content-Type") or "").split(";")[0]
        if kind not in described["content"]:
            raise Unexpected(f"{method} {path}: {answer.status} with {kind} is not described")
        if answer.code and answer.status not in (405, 408, 421, 431) and answer.code not in ("route_not_found", "framing_refused"):
            if str(answer.status) not in responses or answer.code not in (self.codes(described) or []):
                raise Unexpected(f"{method} {path}: the code {answer.code} with {answer.status} is not described")
        if kind.endswith(("/json", "+json")):
            for fault in self.faults(described["content"][kind]["schema"], answer.document):
                raise Unexpected(f"{method} {path}: {fault} in {answer}")

    def codes(self, described):
        """The codes that a described response can have; nothing where it names none."""
        for part in described["content"]["application/problem+json"]["schema"].get("allOf", []):
            if "code" in part.get("properties", {}):
                return part["properties"]["code"]["enum"]
        return None

    def merged(self, schema):
        """The schema of an object that is described in parts, as one."""
        schema = self.resolved(schema)
        if "allOf" not in schema:
            return schema
        parts = [self.merged(each) for each in schema["allOf"]]
        if any("anyOf" in each for each in parts):
            raise Unexpected("a choice of schemas inside allOf")
        return {"type": "object", "properties": {name: each for part in parts for name, each in part.get("properties", {}).items()},
                "required": [name for part in parts for name in part.get("required", [])]}

    def faults(self, schema, value, at=""):
        """Yields the places where the value does not match the schema; an undescribed member is a fault, too."""
        schema = self.merged(schema)
        if "anyOf" in schema:
            found = [list(self.faults(each, value, at)) for each in schema["anyOf"]]
            yield from min(found, key=len)
            return
        kind = schema.get("type")
        if kind and (not isinstance(value, self.KINDS[kind]) or (kind == "integer" and isinstance(value, bool))):
            yield f"{at} is not of type {kind}"
            return
        if value not in schema.get("enum", [value]):
            yield f"{at} is none of the choices"
        if kind == "integer" and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{at} is out of range"
        if kind == "string":
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                yield f"{at} is too long or too short"
            if not re.fullmatch(self.FORMATS.get(schema.get("format"), "(?s:.*)"), value):
                yield f"{at} is no {schema['format']}"
        for each in value if kind == "array" else []:
            yield from self.faults(schema.get("items", {}), each, at + "/*")
        if kind == "object":
            known, others = schema.get("properties", {}), schema.get("additionalProperties")
            yield from (f"{at}/{name} is missing" for name in schema.get("required", []) if name not in value)
            for name, each in value.items():
                if name in known:
                    yield from self.faults(known[name], each, f"{at}/{name}")
                elif isinstance(others, dict):
                    yield from self.faults(others, each, f"{at}/{name}")
                elif known:
                    yield f"{at}/{name} is not described"


class Api:
    """The REST API as one person uses it: JSON in and out, a bearer token once signed in."""

    def __init__(self, server, language="en"):
        self.server = server
        self.language = language
        self.token = None

    def ask(self, method, path, body=None, headers=None, key=None, raw=None):
        """One request on a new connection; any answer is accepted. `raw` is a body that is sent as it is."""
        sent = {"Accept-Language": self.language, "Connection": "close"}
        if self.token:
            sent["Authorization"] = "Bearer " + self.token
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        if key:
            sent["Idempotency-Key"] = key
        if method == "PUT" and "/profiles/" in path:
            sent["If-Match"] = "*"  # drafts of tests overwrite whatever is there
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        connection = http.client.HTTPConnection(*self.server.host_and_port, timeout=REQUEST_SECONDS)
        try:
            connection.request(method, path, body=data, headers=sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
            if method != "HEAD":
                self.server.description().check(method, path, answer)
            return answer
        finally:
            connection.close()

    def _accepted(self, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        if not 200 <= answer.status < 300:
            raise Unexpected(f"{method} {path}: {answer}")
        return answer.document

    def get(self, path):
        return self._accepted("GET", path)

    def post(self, path, body=None, **more):
        return self._accepted("POST", path, {} if body is None else body, **more)

    def put(self, path, body, **more):
        return self._accepted("PUT", path, body, **more)

    def patch(self, path, body, **more):
        return self._accepted("PATCH", path, body, **more)

    def delete(self, path, **more):
        return self._accepted("DELETE", path, **more)

    def refused(self, code, method, path, body=None, status=None, **more):
        """Checks that the request is refused with this problem; returns the answer."""
        answer = self.ask(method, path, body, **more)
        if answer.code != code or (status is not None and answer.status != status):
            raise Unexpected(f"{method} {path}: expected {status or ''} {code}, got {answer}")
        return answer

    def pages(self, path, limit=200):
        """All items of a list, page by page."""
        items, cursor = [], None
        while True:
            page = self.get(path + with_query(path, limit=limit, cursor=cursor))
            items += page["items"]
            cursor = page.get("next")
            if not cursor:
                return items


def with_query(path, **parameters):
    given = {name: value for name, value in parameters.items() if value is not None}
    return ("&" if "?" in path else "?") + urllib.parse.urlencode(given) if given else ""


def fresh_key():
    return str(uuid.uuid4())


def parse_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def eventually(find, seconds=MAIL_SECONDS):
    """Waits until `find` returns something; mails and letters come shortly after the answer."""
    deadline = time.monotonic() + seconds
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Unexpected("it did not come in time")
        time.sleep(0.02)


# ---- the sandbox ------------------------------------------------------------------------------------------------------

_numbers = itertools.count(1)


def luhn_digit(digits):
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def fresh_business_number():
    digits = f"{12345678 + next(_numbers):08d}"
    return digits + luhn_digit(digits)


class Sandbox(Api):
    """The routes of sandbox mode: the clock, mails, letters, and the seeded programme staff."""

    def __init__(self, server):
        super().__init__(server)
        self._staff = {}

    def now(self):
        return parse_time(self.get("/v1/sandbox/clock")["now"])

    def advance(self, days=0, hours=0, minutes=0, seconds=0):
        by = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        self.post("/v1/sandbox/clock", {"advance_seconds": int(by)})

    def advance_to(self, moment, seconds=0):
        """Moves the clock to this many seconds after the time (negative: before it); never back."""
        by = (moment - self.now()).total_seconds() + seconds
        if by > 0:
            self.advance(seconds=int(by) + (by > int(by)))

    def mails(self, to, limit=50):
        """Newest first."""
        return self.get("/v1/sandbox/mails" + with_query("", to=to, limit=limit))["items"]

    def newest_mail_key(self, to):
        newest = self.mails(to, limit=1)
        return newest[0]["id"] if newest else ""

    def mail(self, to, pattern, after=""):
        """The match of the pattern in the newest mail that has one."""
        def find():
            for each in self.mails(to):
                found = re.search(pattern, each["text"]) if each["id"] > after else None
                if found:
                    return found
            return None
        return eventually(find)

    def letters(self, account):
        """The account's letters that were not cancelled, in order."""
        found = [each for each in self.get("/v1/sandbox/letters")["items"]
                 if each["account_id"] == account and each["state"] != "cancelled"]
        return sorted(found, key=lambda each: (each["ordered_at"], each["id"]))

    def letter(self, account, but_not=()):
        """The account's newest letter, once it is written."""
        def find():
            letters = [each for each in self.letters(account) if each["id"] not in but_not]
            return letters[-1] if letters else None
        return eventually(find)

    def staff(self, role, nth=0):
        """A seeded member of staff with an open session."""
        key = (role, nth)
        if key not in self._staff:
            rows = [each for each in self.get("/v1/sandbox/staff")["items"] if each["role"] == role]
            row = rows[nth]
            self._staff[key] = Person(self, row["user_name"], row["password"], row["email"])
        return self._staff[key].signed_in()

    def monitor(self):
        """The API as the operators' monitoring uses it, which sees all figures and positions."""
        return self.staff("operator").monitor()

    def person(self, family_name="Tremblay", given_names="Marie-Ève", language="en"):
        """A new person, registered and not signed in."""
        person = self.stranger(language)
        person.register(family_name, given_names)
        return person

    def stranger(self, language="en"):
        """A new person, not registered yet."""
        number = next(_numbers)
        return Person(self, f"person{number:05d}", f"quiet otters row north {number}",
                      f"person{number}@example.com", language)

    def authorised_company(self, owner, **enrolment):
        """A new company after enrolment, letter, activation and terms."""
        company = Company(owner, **enrolment)
        company.confirm_address()
        company.activate()
        company.accept_terms()
        return company


class Person(Api):
    """A person with a credential, who reads their own mail."""

    def __init__(self, sandbox, user_name, password, email, language="en"):
        super().__init__(sandbox.server, language)
        self.sandbox = sandbox
        self.user_name, self.password, self.email = user_name, password, email
        self.family_name = self.given_names = self.urn = self.id = None
        self.device_token = None  # of the last sign-in

    def begin_registration(self):
        """Has the code mailed; the answer."""
        return Api(self.server).post("/v1/registrations", {"email": self.email, "language": self.language})

    def proof(self):
        """The members of a registration that show that this person reads the mailbox."""
        after = self.sandbox.newest_mail_key(self.email)
        token = self.begin_registration()["registration_token"]
        return {"registration_token": token, "code": self.sandbox.mail(self.email, REGISTRATION_CODE, after).group()}

    def details(self, family_name, given_names):
        return {"user_name": self.user_name, "password": self.password, "family_name": family_name,
                "given_names": given_names, "telephone": "+1 819 555 0142"}

    def registration(self, family_name, given_names):
        """The body that registers this person, with the code from the mail."""
        return {**self.proof(), **self.details(family_name, given_names)}

    def register(self, family_name, given_names):
        self.family_name, self.given_names = family_name, given_names
        self.id = Api(self.server).post("/v1/credentials", self.registration(family_name, given_names))["id"]
        self.urn = self.sandbox.mail(self.email, r"\b(4\d{9})\b").group(1)

    def identity(self):
        return {"family_name": self.family_name, "urn": self.urn, "email": self.email}

    def credential(self, password=None):
        return {"user_name": self.user_name, "password": password or self.password}

    def start_sign_in(self, known=False):
        """Enters the credential; returns the sign-in, whose code is mailed or whose first terms must be accepted.
        `known`: with the device that this person signed in with last, else as from a strange one."""
        device = {"device_token": self.device_token} if known else {}
        return SignIn(self, Api(self.server).post("/v1/sign-ins", {**self.credential(), **device}))

    def sign_in(self, known=False):
        """All the steps of a sign-in, as a person takes them."""
        after = self.sandbox.newest_mail_key(self.email)
        sign_in = self.start_sign_in(known)
        sign_in.accept_mail_factor_terms()
        sign_in.enter(sign_in.code(after))
        session = sign_in.accept_portal_terms()
        self.token, self.device_token = session["token"], session["device_token"]
        return self

    def begin_email_change(self, address):
        """Has the codes mailed; the body that confirms the change, as the owner of both mailboxes sends it."""
        after = max(self.sandbox.newest_mail_key(each) for each in (address, self.email))
        self.post("/v1/user/email-changes", {"email": address, "current_password": self.password})
        return self.email_codes(address, after)

    def email_codes(self, address, after):
        code, permission = ("".join(self.sandbox.mail(each, r"\b(\d{3}) (\d{3})\b", after).groups())
                            for each in (address, self.email))
        return {"code": code, "present_address_code": permission}

    def monitor(self):
        """The API as the monitoring of this operator uses it, which sees all figures and positions."""
        monitor = Api(self.server)
        monitor.token = self.get("/v1/operations/monitoring-token")["token"]
        return monitor

    def signed_in(self):
        """Signs in if the session has ended."""
        if not self.token or self.ask("GET", "/v1/user").status == 401:
            self.token = None
            self.sign_in()
        return self

    def another_session(self):
        """The same person at another computer."""
        other = Person(self.sandbox, self.user_name, self.password, self.email, self.language)
        other.family_name, other.given_names, other.urn, other.id = (
            self.family_name, self.given_names, self.urn, self.id)
        return other.sign_in()


class SignIn(Api):
    """A sign-in under way, which only the holder of its token can continue."""

    def __init__(self, person, document):
        super().__init__(person.server, person.language)
        self.person = person
        self.first = document
        self.token = document["token"]
        self.portal_terms = document["portal_terms"]

    def accept_mail_factor_terms(self):
        """Accepts the terms for which only the first sign-in asks."""
        if self.first["stage"] == "mail_factor_terms":
            self.post("/v1/sign-in/mail-factor", {"terms_version": self.first["mail_factor_terms"]})

    def code(self, after=""):
        """The code that was mailed after the mail with that key."""
        return "".join(self.person.sandbox.mail(self.person.email, r"\b(\d{3}) (\d{3})\b", after).groups())

    def enter(self, code):
        return self.post("/v1/sign-in/code", {"code": code})

    def accept_portal_terms(self):
        return self.post("/v1/sessions", {"terms_version": self.portal_terms})


def wrong(code):
    """Another six-digit code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def wrong_registration_code(code):
    """Another registration code."""
    return code[:-1] + ("7" if code[-1] != "7" else "8")


# ---- a company ----------------------------------------------------------------------------------------------------------

ELIGIBLE = {"base": "canada", "lines_of_business": ["importer"], "facilities_in_canada_or_us": True,
            "traded_in_past_12_months": True, "movement_in_past_90_days": True, "solvent": True,
            "no_debt_to_crown": True, "no_undischarged_bankruptcy": True, "no_convictions": True}
ADDRESS = {"line1": "123 rue Principale", "city": "Gatineau", "region": "qc", "postal_code": "j8x1a1", "country": "CA"}


def enrolment(legal_name="Érablière du Nord inc.", **changes):
    """A body that enrols a company."""
    return {"business_number": fresh_business_number(), "legal_name": legal_name,
            "operating_names": ["Sirop du Nord"], "eligibility": ELIGIBLE, "signing_authority_attested": True,
            "mailing_address": ADDRESS, **changes}


def answer_for(question):
    if question["type"] == "yes_no":
        return "yes"
    if question["type"] == "choice":
        return question["choices"][0]["id"]
    if question["type"] == "number":
        return "1998" if "year_" in question["id"] else "10"
    return {"date": "2024-05-01", "email": "info@example.com",
            "telephone": "+18195550142"}.get(question["type"], "As described in our procedures, reviewed each January.")


class Company:
    """A company's account and its way to being authorised."""

    def __init__(self, owner, **changes):
        self.owner = owner
        self.sandbox = owner.sandbox
        self.enrolment = enrolment(**changes)
        self.id = owner.post("/v1/accounts", self.enrolment)["id"]
        self.here = "/v1/accounts/" + self.id
        self.letter = None
        self.site = None

    def confirm_address(self):
        self.owner.post(self.here + "/address-confirmations")
        self.letter = self.sandbox.letter(self.id)

    def activation(self, letter=None):
        letter = letter or self.letter
        return {"client_number": letter["client_number"], "activation_code": letter["activation_code"]}

    def activate(self):
        self.owner.post("/v1/activations", self.activation())

    def accept_terms(self):
        version = self.owner.get("/v1/terms/programme")["version"]
        self.owner.post(self.here + "/terms", {"terms_version": version})

    def add(self, person, role, by=None):
        (by or self.owner).post(self.here + "/members", {**person.identity(), "role": role})
        return person

    def add_site(self, name="Entrepôt nº 2, Gatineau", by=None):
        """A new site; the path of its security profile."""
        made = (by or self.owner).post(self.here + "/profiles/security", {"name": name})
        return f"{self.here}/profiles/security/{made['id']}"

    def complete_answers(self, questions):
        rows = self.owner.get("/v1/profile-questions/" + questions)["items"]
        return {row["id"]: answer_for(row) for row in rows if row["required"]}

    def fill_profiles(self, by=None):
        """Fills in everything that the company needs in order to submit."""
        by = by or self.owner
        self.site = self.site or self.add_site(by=by)
        for path, questions in ((self.here + "/profiles/company", "company"),
                                (self.here + "/profiles/application/importer", "application/importer"),
                                (self.site, "security")):
            by.put(path, {"answers": self.complete_answers(questions)})


def town(*flags):
    """A running server and its sandbox."""
    server = Server(*flags)
    try:
        server.start()
    except BaseException:
        server.discard()
        raise
    return server, Sandbox(server)

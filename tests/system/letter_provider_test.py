"""Letters by a company that prints and posts them, over HTTP: a double that refuses, repeats, delays and reorders."""

import base64
import email
import email.policy
import http.server
import json
import os
import pathlib
import re
import shutil
import tempfile
import threading
import unittest

from client import Company, Person, Server, eventually, needs_ttpd, ttpctl
from relay import plain_text

setUpModule = needs_ttpd

PASSWORD = "cinq canards sous la pluie"
TOKEN = "a token that nobody guesses"
NUMBER = "RN123456785CA"


class Printer:
    """The double. `refusals` are statuses for the next orders; `reports` are told in the order of the list."""

    def __init__(self):
        self.refusals, self.orders, self.cancelled, self.reports, self.calls = [], {}, [], [], 0
        self.repeats = 0
        printer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, document=None):
                body = json.dumps(document or {}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def allowed(self):
                printer.calls += 1
                if self.headers["Authorization"] == "Bearer " + TOKEN:
                    return True
                self.answer(401)
                return False

            def do_PUT(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not self.allowed():
                    return
                if printer.refusals:
                    self.answer(printer.refusals.pop(0))
                    return
                letter = self.path.rsplit("/", 1)[-1]
                printer.repeats += letter in printer.orders
                printer.orders[letter] = body
                self.answer(201)

            def do_DELETE(self):
                if self.allowed():
                    printer.cancelled.append(self.path.rsplit("/", 1)[-1])
                    self.answer(204)

            def do_GET(self):
                if not self.allowed():
                    return
                after = int((re.search(r"after=(\d+)", self.path) or [0, 0])[1])
                self.answer(200, {"items": printer.reports[after:after + 100], "next": str(len(printer.reports))})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def tell(self, letter, status, **more):
        self.reports.append({"letter_id": letter, "status": status, "at": "2026-05-01T12:00:00Z", **more})

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Mailbox:
    """Reads a mail folder as client.Person reads the sandbox's mails."""

    def __init__(self, server):
        self.server = server

    def mails(self, to):
        found = []
        for file in sorted(pathlib.Path(self.server.data, "mail").glob("*.eml")):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.SMTP)
            if to in message["To"]:
                found.append((file.stem, message))
        return found

    def newest_mail_key(self, to):
        found = self.mails(to)
        return found[-1][0] if found else ""

    def mail(self, to, pattern, after=""):
        def find():
            for key, message in reversed(self.mails(to)):
                found = re.search(pattern, plain_text(message)) if key > after else None
                if found:
                    return found
            return None
        return eventually(find)


class LetterProviderTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ttp-system-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.printer = Printer()
        self.addCleanup(self.printer.close)
        self.data = os.path.join(self.folder, "data")
        done = ttpctl("init", "--data-dir", self.data, "--user-name", "operator7", "--family-name", "Roy", "--given-names",
                      "Alex", "--email", "operator@reader.example", "--telephone", "+16135550100", "--password-file",
                      self.secret("password", PASSWORD))
        self.assertEqual(done.returncode, 0, done.stderr)

    def secret(self, name, text):
        path = pathlib.Path(self.folder, name)
        path.write_text(text + "\n")
        path.chmod(0o600)
        return str(path)

    def start(self):
        server = Server("--letter-provider-url", self.printer.url, "--letter-provider-token-file",
                        self.secret("token", TOKEN), "--letter-reports-seconds", "1", data=self.data)
        self.addCleanup(server.discard)
        return server.start(sandbox=False)

    def letter_of(self, company):
        return eventually(lambda: company.owner.get(company.here)["letters"])[0]

    def test_a_letter_is_ordered_once_and_its_reports_are_recorded_in_whatever_order_they_come(self):
        self.printer.refusals = [503, 429]
        server = self.start()
        owner = Person(Mailbox(server), "tremblay12", PASSWORD, "tremblay@reader.example")
        owner.server = server
        owner.register("Tremblay", "Marie")
        owner.sign_in()
        company = Company(owner)
        company.owner.post(company.here + "/address-confirmations")
        letter, order = eventually(lambda: next(iter(self.printer.orders.items()), None))
        self.assertEqual(order["to"]["name"], company.enrolment["legal_name"])
        self.assertTrue(base64.b64decode(order["pdf"]).startswith(b"%PDF"))
        self.assertTrue(order["registered"])
        self.assertNotIn(TOKEN, server.log_text())
        self.printer.tell(letter, "delivered")
        self.printer.tell("01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f", "posted", registered_mail_number=NUMBER)
        self.printer.tell(letter, "posted", registered_mail_number=NUMBER)
        self.printer.tell(letter, "printing")
        self.printer.tell(letter, "posted", registered_mail_number=NUMBER)
        eventually(lambda: self.letter_of(company)["state"] == "arrived")
        self.assertEqual(self.letter_of(company)["registered_mail_number"], NUMBER)
        operator = Person(Mailbox(server), "operator7", PASSWORD, "operator@reader.example").sign_in()
        metrics = operator.monitor().ask("GET", "/metrics").body.decode()
        self.assertIn('ttp_letter_reports_total{result="impossible"} 1', metrics)
        server.stop()

    def test_the_doctor_tries_it_and_tells_of_a_token_that_is_refused(self):
        flags = ("--data-dir", self.data, "--letter-provider-url", self.printer.url, "--letter-provider-token-file")
        done = ttpctl("doctor", *flags, self.secret("token", TOKEN))
        self.assertIn(b"the letter provider answers", done.stdout)
        done = ttpctl("doctor", *flags, self.secret("token", "not-the-token"))
        self.assertIn(b"the provider answers 401", done.stdout)
        self.assertNotIn(b"not-the-token", done.stdout)


if __name__ == "__main__":
    unittest.main()

"""Mail by SMTP: what each reply of a relay means, a real relay from registration to bounce, and what a dead one holds up."""

import json
import os
import pathlib
import re
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import time
import unittest

from client import TTPCTL, Api, Person, Server, eventually, needs_ttpd, ttpctl
from relay import DROP, EXIM, GARBAGE, STALL, Exim, ScriptedRelay, certificate, plain_text, start_tls

setUpModule = needs_ttpd

OK, FAILURE, USAGE = 0, 1, 2
PASSWORD = "cinq canards sous la pluie"


def mail_test(port, *flags, to="reader@reader.example", host="127.0.0.1"):
    """The words of `ttpctl mail test` about one mail."""
    done = ttpctl("mail", "test", "--to", to, "--smtp-url", f"smtp://{host}:{port}/host.example", "--mail-from-domain",
                  "ttp.example", "--smtp-reply-seconds", "1", "-o", "json", *flags)
    if not done.stdout:
        raise AssertionError(done.stderr.decode())
    return {**json.loads(done.stdout), "exit": done.returncode}


class RepliesTest(unittest.TestCase):
    """Every row of the table that docs/mail.md has."""

    ROWS = (
        ("taken", {}, "delivered", 250),
        ("taken, in several lines", {"dot": "250-2.0.0 Ok\r\n250 queued as 4ABC"}, "delivered", 250),
        ("taken, without a word", {"dot": "250"}, "delivered", 250),
        ("closed for good", {"banner": "554 no service here"}, "try_later", 554),
        ("closed for now", {"banner": "421 come back later"}, "try_later", 421),
        ("only an old greeting", {"EHLO": "502 what?"}, "delivered", 250),
        ("silence", {"banner": STALL}, "try_later", None),
        ("gone before the greeting", {"banner": DROP}, "try_later", None),
        ("sender: closed", {"MAIL": "421 4.3.2 closing"}, "try_later", 421),
        ("sender: not now", {"MAIL": "451 4.3.0 not now"}, "try_later", 451),
        ("sender: log in", {"MAIL": "530 5.7.0 log in first"}, "misconfigured", 530),
        ("sender: no", {"MAIL": "550 5.7.1 not from you"}, "misconfigured", 550),
        ("reader: busy", {"RCPT": "450 4.2.1 mailbox busy"}, "try_later", 450),
        ("reader: greylisted", {"RCPT": "451 4.7.1 greylisted"}, "try_later", 451),
        ("reader: no room here", {"RCPT": "452 4.3.1 no room"}, "try_later", 452),
        ("reader: unknown", {"RCPT": "550 5.1.1 <reader@reader.example> unknown"}, "refused", 550),
        ("reader: too much", {"RCPT": "552 too much"}, "refused", 552),
        ("reader: mailbox full", {"RCPT": "552 5.2.2 mailbox full"}, "try_later", 552),
        ("reader: no such name", {"RCPT": "553 5.1.3 not a name"}, "refused", 553),
        ("reader: we may not relay", {"RCPT": "554 5.7.1 <reader@reader.example>: Relay access denied"},
         "misconfigured", 554),
        ("data: not now", {"DATA": "451 4.3.0 not now"}, "try_later", 451),
        ("data: no", {"DATA": "554 5.5.1 no"}, "refused", 554),
        ("content: not now", {"dot": "451 4.3.0 not now"}, "try_later", 451),
        ("content: too large", {"dot": "552 5.3.4 too large"}, "refused", 552),
        ("content: no", {"dot": "554 5.6.0 no"}, "refused", 554),
        ("gone after the content", {"dot": DROP}, "unknown", None),
        ("silence after the content", {"dot": STALL}, "unknown", None),
        ("nonsense after the content", {"dot": GARBAGE}, "unknown", None),
    )

    def test_each_reply_has_its_meaning(self):
        for name, script, verdict, reply in self.ROWS:
            with self.subTest(name), ScriptedRelay(**script) as relay:
                told = mail_test(relay.port, "--smtp-plain")
                self.assertEqual(told["verdict"], verdict, told)
                self.assertEqual(told["exit"], OK if verdict == "delivered" else FAILURE)
                if reply:
                    self.assertEqual(told["reply"], reply, told)
                self.assertNotIn("reader", told["words"])

    def test_tls_is_demanded_and_checked(self):
        with tempfile.TemporaryDirectory() as folder:
            tls, authority = start_tls(folder), os.path.join(folder, "relay.crt")
            offers = "250-relay.example\r\n250 STARTTLS"
            with ScriptedRelay() as relay:
                self.assertEqual(mail_test(relay.port)["verdict"], "misconfigured")
                self.assertFalse([line for line in relay.lines if line.startswith("MAIL")])
            with ScriptedRelay(EHLO=offers) as relay:  # its TLS is no TLS
                self.assertEqual(mail_test(relay.port, host="localhost")["verdict"], "misconfigured")
            with ScriptedRelay(tls, EHLO=offers) as relay:
                self.assertEqual(mail_test(relay.port, host="localhost")["verdict"], "misconfigured")
                told = mail_test(relay.port, "--smtp-ca-file", authority, host="localhost")
                self.assertEqual(told["verdict"], "delivered", told)
                other, _ = certificate(folder, "other")
                told = mail_test(relay.port, "--smtp-ca-file", other, host="localhost")
                self.assertEqual(told["verdict"], "misconfigured")
                self.assertEqual(len(relay.messages), 1)

    def test_the_password_comes_from_a_file_and_shows_nowhere(self):
        with tempfile.TemporaryDirectory() as folder:
            secret = pathlib.Path(folder, "password")
            secret.write_text("geheim und lang\n")
            secret.chmod(0o600)
            flags = ("--smtp-plain", "--smtp-user", "post", "--smtp-password-file", str(secret))
            with ScriptedRelay(EHLO="250-relay.example\r\n250 AUTH PLAIN") as relay:
                told = mail_test(relay.port, *flags)
                self.assertEqual(told["verdict"], "delivered", told)
            with ScriptedRelay(EHLO="250-relay.example\r\n250 AUTH PLAIN", AUTH="535 5.7.8 no") as relay:
                told = mail_test(relay.port, *flags)
                self.assertEqual(told["verdict"], "misconfigured")
                self.assertNotIn("geheim", json.dumps(told))
            with ScriptedRelay() as relay:  # who offers no log-in is not the relay of the settings
                told = mail_test(relay.port, *flags)
                self.assertEqual(told["verdict"], "misconfigured", told)
                self.assertFalse(relay.messages)
            secret.chmod(0o644)
            done = ttpctl("mail", "test", "--to", "a@b.example", "--smtp-url", "smtp://127.0.0.1:1",
                          "--mail-from-domain", "ttp.example", *flags)
            self.assertEqual(done.returncode, FAILURE)
            self.assertIn(b"is open to others than its owner", done.stderr)
            self.assertNotIn(b"geheim", done.stderr)

    def test_no_address_brings_a_command_along(self):
        with ScriptedRelay() as relay:
            for address in ("a@b.example>\r\nRCPT TO:<victim@b.example", "a@b.example\nDATA", "a b@c.example", "é@c.example"):
                done = ttpctl("mail", "test", "--to", address, "--smtp-url", f"smtp://127.0.0.1:{relay.port}",
                              "--smtp-plain", "--mail-from-domain", "ttp.example")
                self.assertEqual(done.returncode, USAGE, address)
            told = mail_test(relay.port, "--smtp-plain", to="marie@exämple.example")
            self.assertEqual(told["verdict"], "delivered", told)
            self.assertIn("RCPT TO:<marie@xn--exmple-cua.example>", relay.lines)
            self.assertEqual(relay.lines[0], "EHLO host.example")

    def test_the_mail_has_both_forms_and_both_languages(self):
        with ScriptedRelay() as relay:
            mail_test(relay.port, "--smtp-plain", "--language", "fr")
            _, _, message = relay.mails("reader@reader.example")[0]
        self.assertEqual(message.get_content_type(), "multipart/alternative")
        self.assertIn("\n.\n", plain_text(message))
        html = message.get_body(("html",)).get_content()
        self.assertIn('<html lang="fr"', html)
        self.assertLess(html.index('<section lang="fr">'), html.index('<section lang="en">'))
        self.assertNotRegex(html, r"<img|<script|https?:|<a\b")


class Mailbox:
    """Reads what the relay passed on, as client.Person reads the sandbox's mails."""

    def __init__(self, server, sink, relay=None):
        self.server, self.sink, self.relay = server, sink, relay

    def newest_mail_key(self, to):
        found = self.sink.mails(to)
        return found[-1][0] if found else ""

    def mail(self, to, pattern, after=""):
        def find():
            if self.relay:
                self.relay.deliver()
            for key, _, message in reversed(self.sink.mails(to)):
                found = re.search(pattern, plain_text(message)) if key > after else None
                if found:
                    return found
            return None
        return eventually(find)


class ServiceTest(unittest.TestCase):
    """A service outside the sandbox, whose mails leave by a relay."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ttp-system-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = os.path.join(self.folder, "data")
        self.flags = ["--mail-from-domain", "ttp.example", "--bounce-domain", "bounces.example", "--smtp-reply-seconds", "2"]

    def secret(self, name, text):
        path = pathlib.Path(self.folder, name)
        path.write_text(text + "\n")
        path.chmod(0o600)
        return str(path)

    def start(self, *flags):
        done = ttpctl("init", "--data-dir", self.data, "--user-name", "operator7", "--family-name", "Roy", "--given-names",
                      "Alex", "--email", "operator@reader.example", "--telephone", "+16135550100", "--password-file",
                      self.secret("password", PASSWORD))
        self.assertEqual(done.returncode, OK, done.stderr)
        server = Server(*self.flags, *flags, data=self.data)
        self.addCleanup(server.discard)
        return server.start(sandbox=False)

    def register(self, server, mailbox, name="tremblay", domain="reader.example"):
        person = Person(mailbox, name + "12", PASSWORD, f"{name}@{domain}")
        person.server = server
        person.register(name.capitalize(), "Marie")
        return person

    def operator(self, mailbox):
        """The person whom `ttpctl init` registered, signed in."""
        return Person(mailbox, "operator7", PASSWORD, "operator@reader.example").sign_in()

    def metric(self, api, line):
        answer = api.ask("GET", "/metrics")
        return re.search(rf"(?m)^{re.escape(line)} (\S+)$", answer.body.decode()).group(1)

    @unittest.skipUnless(os.access(EXIM, os.X_OK) and os.geteuid() == 0, "needs exim4, and root to start it")
    def test_a_person_registers_and_signs_in_by_a_real_relay_and_a_bounce_shows(self):
        with ScriptedRelay() as sink:
            exim = Exim(sink)
            self.addCleanup(exim.close)
            server = self.start("--smtp-url", f"smtp://localhost:{exim.port}/portal.ttp.example", "--smtp-ca-file",
                                exim.certificate, "--smtp-user", exim.USER, "--smtp-password-file",
                                self.secret("relay", exim.PASSWORD))
            mailbox = Mailbox(server, sink, exim)
            person = self.register(server, mailbox).sign_in()
            self.assertNotIn("mail_became_unreachable_at", person.get("/v1/user"))

            _, sender, message = sink.mails(person.email)[-1]
            self.assertRegex(sender, r"^b\+\d+-\d+\.[0-9a-hjkmnp-tv-z]{16}@bounces\.example$")
            self.assertRegex(message["Message-ID"], r"^<\d{20}-\d+@ttp\.example>$")
            self.assertIn("no-reply@ttp.example", message["From"])
            content = sink.messages[-1][2]
            self.assertTrue(exim.dkim_verdict(content), exim.log_text())
            self.assertFalse(exim.dkim_verdict(content.replace(b"portal", b"p0rtal").replace(b"Portal", b"P0rtal")))
            monitor = self.operator(mailbox).monitor()
            self.assertGreaterEqual(int(self.metric(monitor, 'ttp_mail_relay_mails_total{verdict="delivered"}')), 3)
            self.assertIn(b"esmtpsa", content)

            self.bounce(monitor, exim, sink, mailbox)
            server.stop()

    def bounce(self, monitor, exim, sink, mailbox):
        """The mailbox of another person is gone: the relay takes the mail, and then a bounce comes."""
        person = self.register(mailbox.server, mailbox, "gauthier")
        _, sender, _ = sink.mails(person.email)[-1]
        report = self.exim_bounce(exim, sender)
        self.leave_bounce(sender, report)
        self.leave_bounce(sender.replace(".", ".0", 1), report)  # forged
        self.leave_bounce(sender, b"Subject: I am on vacation\r\n\r\nBack on Monday.\r\n")
        eventually(lambda: self.metric(monitor, 'ttp_mail_bounces_total{result="recorded"}') == "1")
        eventually(lambda: self.metric(monitor, 'ttp_mail_bounces_total{result="foreign"}') == "1")
        sign_in = person.start_sign_in()
        self.assertIn("mail_became_unreachable_at", sign_in.first)
        person.sign_in()  # the code was read after all
        self.assertNotIn("mail_became_unreachable_at", person.get("/v1/user"))

    def leave_bounce(self, recipient, message):
        """As the relay's pipe does it."""
        done = subprocess.run([TTPCTL, "bounce", "--data-dir", self.data], input=message, capture_output=True, timeout=60,
                              env={**os.environ, "RECIPIENT": recipient}, check=False)
        self.assertEqual(done.returncode, OK, done.stderr)

    def exim_bounce(self, exim, sender):
        """The message that exim4 sends to this address about a mailbox that is gone."""
        with smtplib.SMTP("localhost", exim.port, timeout=20) as client:
            client.starttls(context=ssl.create_default_context(cafile=exim.certificate))
            client.login(exim.USER, exim.PASSWORD)
            client.sendmail(sender, ["gone@reader.example"], b"Subject: x\r\nFrom: a@ttp.example\r\n\r\nhello\r\n")

        def find():
            exim.deliver()
            return exim.bounce()
        recipient, report = eventually(find)
        self.assertEqual(recipient, sender)
        return report

    def test_a_dead_relay_delays_nothing_but_mail(self):
        with ScriptedRelay() as sink:
            port = sink.port
            sink.close()
            server = self.start("--smtp-url", f"smtp://127.0.0.1:{port}", "--smtp-plain")
            began = time.monotonic()
            for i in range(20):
                Api(server).post("/v1/registrations", {"email": f"a{i}@reader.example", "language": "en"})
            self.assertLess(time.monotonic() - began, 10)
            eventually(lambda: self.metric(Api(server), "ttp_mail_relay_breaker_open") == "1")
            self.assertEqual(self.metric(Api(server), 'ttp_worker_faulty{worker="mailbox_mails"}'), "1")
            self.assertEqual(server.readiness()[0], 200)
            began = time.monotonic()
            server.stop()
            self.assertLess(time.monotonic() - began, 15)

    def test_a_refused_address_is_recorded_and_an_unacknowledged_mail_comes_again(self):
        with ScriptedRelay() as relay:
            server = self.start("--smtp-url", f"smtp://127.0.0.1:{relay.port}/portal.example", "--smtp-plain")
            mailbox = Mailbox(server, relay)
            person = self.register(server, mailbox).sign_in()
            relay.script["dot"] = DROP
            before, key = len(relay.offered), mailbox.newest_mail_key(person.email)
            sign_in = person.start_sign_in()
            eventually(lambda: len(relay.offered) > before)
            relay.script["dot"] = relay.USUAL["dot"]
            sign_in.enter(sign_in.code(key))
            # The same bytes, Message-ID included: a reader's program can tell that they are one.
            self.assertEqual(len(set(relay.offered[before:])), 1)
            self.assertGreater(len(relay.offered[before:]), 1)
            relay.script["RCPT"] = "550 5.1.1 no such mailbox"
            person.start_sign_in()
            eventually(lambda: "mail_became_unreachable_at" in person.start_sign_in().first)
            server.stop()


if __name__ == "__main__":
    unittest.main()

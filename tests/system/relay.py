"""Mail relays of the tests, all on loopback: one that plays a script, and Debian's exim4 with STARTTLS, a log-in and
DKIM. Each is started and ended by the test that uses it."""

import contextlib
import email
import email.policy
import os
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
import time

EXIM = shutil.which("exim4") or "/usr/sbin/exim4"
DEBIAN_PYTHON = "/usr/bin/python3"  # python3-dkim is a package of Debian's Python

DROP, STALL, GARBAGE = object(), object(), object()


def certificate(folder, name="relay"):
    """A self-signed certificate for localhost; the paths of certificate and key."""
    paths = os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
                   check=True, capture_output=True, timeout=60)
    return paths


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class ScriptedRelay:
    """Answers each stage (banner, EHLO, HELO, STARTTLS, AUTH, MAIL, RCPT, DATA, dot) as the script says, else as a good
    relay does. An answer is a text, or DROP, STALL or GARBAGE. `messages` has what it took, `offered` also what it did
    not acknowledge."""

    USUAL = {"banner": "220 relay.example ESMTP", "EHLO": "250-relay.example\r\n250-SIZE 10000000\r\n250 8BITMIME",
             "HELO": "250 relay.example", "STARTTLS": "220 go on", "AUTH": "235 welcome", "MAIL": "250 2.1.0 ok",
             "RCPT": "250 2.1.5 ok", "DATA": "354 go on", "dot": "250 2.0.0 Ok: queued as 4ABC", "RSET": "250 ok",
             "NOOP": "250 ok", "QUIT": "221 bye"}

    def __init__(self, tls=None, **script):
        self.script = {**self.USUAL, **script}
        self.tls = tls
        self.lines, self.messages, self.offered, self.connections = [], [], [], 0
        self.closes_after_mail = False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        # A thread that blocks in accept() would keep the port open.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _answer(self, peer, stage):
        """Whether the conversation goes on."""
        answer = self.script[stage]
        if answer is STALL:
            time.sleep(30)
            answer = DROP
        if answer is DROP:
            return False
        peer.sendall(b"\x00\xff what?\r\n" if answer is GARBAGE else answer.encode() + b"\r\n")
        return not str(answer).startswith("421")

    def _serve(self, peer):
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.closing(peer):
            if not self._answer(peer, "banner"):
                return
            reader, sender, recipients = peer.makefile("rb"), None, []
            while True:
                line = reader.readline()
                if not line:
                    return
                text = line.decode(errors="replace").rstrip("\r\n")
                self.lines.append(text)
                verb = text.split(" ")[0].upper()
                if verb not in self.script:
                    peer.sendall(b"500 what?\r\n")
                    continue
                if verb == "AUTH" and len(text.split(" ")) < 3:
                    peer.sendall(b"334 \r\n")
                    reader.readline()
                if not self._answer(peer, verb) or verb == "QUIT":
                    return
                good = str(self.script[verb]).startswith(("2", "3"))
                if verb == "STARTTLS" and good and self.tls:
                    peer = self.tls.wrap_socket(peer, server_side=True)
                    reader = peer.makefile("rb")
                elif verb == "MAIL" and good:
                    sender, recipients = re.search(r"<(.*?)>", text).group(1), []
                elif verb == "RCPT" and good:
                    recipients.append(re.search(r"<(.*?)>", text).group(1))
                elif verb == "DATA" and good:
                    content = self._read_content(reader)
                    if content is not None:
                        self.offered.append(content)
                    if content is None or not self._answer(peer, "dot"):
                        return
                    if str(self.script["dot"]).startswith("250"):
                        self.messages.append((sender, recipients, content))
                    if self.closes_after_mail:
                        return

    @staticmethod
    def _read_content(reader):
        lines = []
        while True:
            line = reader.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    # A mailbox of the tests needs this (client.Person reads its mail here).

    def mails(self, to):
        """Index, envelope sender and message of the mails to an address, oldest first."""
        return [(f"{i:06}", sender, email.message_from_bytes(content, policy=email.policy.SMTP))
                for i, (sender, recipients, content) in enumerate(list(self.messages)) if to in recipients]


def plain_text(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def start_tls(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))
    return context


class Exim:
    """exim4 with a configuration of its own: STARTTLS, a log-in, mailboxes that are unknown, greylisted or gone, and
    DKIM. Relayed mails go to `sink`, a ScriptedRelay; bounces go into a file."""

    USER, PASSWORD = "post", "geheim und lang"

    def __init__(self, sink):
        self.folder = tempfile.mkdtemp(prefix="ttp-exim-")
        os.chmod(self.folder, 0o755)
        self.port, self.tls_port = free_port(), free_port()
        self.certificate, key = certificate(self.folder)
        self.dkim_key = self._path("dkim.key")
        subprocess.run(["openssl", "genrsa", "-out", self.dkim_key, "2048"], check=True, capture_output=True, timeout=60)
        self.bounces = self._path("bounces")
        with open(self.bounces, "wb"):
            pass
        with open(self._path("exim.conf"), "w", encoding="utf-8") as file:
            file.write(self._configuration(sink, key))
        os.mkdir(self._path("spool"))
        os.mkdir(self._path("log"))
        for name in (".", "spool", "log", "bounces", "relay.crt", "relay.key", "dkim.key"):
            shutil.chown(self._path(name), "Debian-exim", "Debian-exim")
        os.chmod(self._path("exim.conf"), 0o644)
        self.process = subprocess.Popen([EXIM, "-C", self._path("exim.conf"), "-bdf"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self._wait()

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _configuration(self, sink, key):
        return f"""
spool_directory = {self._path("spool")}
log_file_path = {self._path("log")}/%slog
pid_file_path = {self._path("exim.pid")}
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {self.port} : {self.tls_port}
tls_on_connect_ports = {self.tls_port}
tls_advertise_hosts = *
tls_certificate = {self.certificate}
tls_privatekey = {key}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
primary_hostname = relay.example
acl_smtp_mail = check_mail
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
begin acl
check_mail:
  deny !authenticated = *
       message = authenticate first
  accept
check_rcpt:
  deny local_parts = unknown
       message = 5.1.1 there is no such mailbox: $local_part@$domain
  defer local_parts = grey
       message = 4.7.1 come back later
  accept
begin routers
bounced:
  driver = accept
  domains = bounces.example
  transport = to_file
gone:
  driver = redirect
  local_parts = gone
  allow_fail
  data = :fail: this mailbox is gone
relayed:
  driver = accept
  transport = to_sink
begin transports
to_sink:
  driver = smtp
  hosts = 127.0.0.1
  port = {sink.port}
  allow_localhost
  hosts_avoid_tls = *
  dkim_domain = ttp.example
  dkim_selector = test
  dkim_private_key = {self.dkim_key}
to_file:
  driver = appendfile
  file = {self.bounces}
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{self.USER}}}}}{{eq{{$auth3}}{{{self.PASSWORD}}}}}}}}}
  server_set_id = $auth2
"""

    def _wait(self):
        for _ in range(200):
            with contextlib.suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", self.port, timeout=5):
                return
            time.sleep(0.05)
        raise AssertionError("exim4 did not start:\n" + self.log_text())

    def deliver(self):
        """Delivers what is in the queue: with a configuration of one's own the daemon does not."""
        subprocess.run([EXIM, "-C", self._path("exim.conf"), "-qff"], capture_output=True, timeout=120, check=False)

    def bounce(self):
        """The last bounce, its envelope recipient first; nothing if there is none."""
        with open(self.bounces, "rb") as file:
            text = file.read()
        found = text.rsplit(b"\nFrom MAILER-DAEMON ", 1)[-1]
        recipient = re.search(rb"(?m)^\tfor (\S+@\S+);", found)
        return (recipient.group(1).decode(), found.split(b"\n", 1)[1]) if recipient else None

    def dkim_verdict(self, content):
        """Whether the message bears a signature of the relay's key, checked by python3-dkim."""
        public = subprocess.run(["openssl", "rsa", "-in", self.dkim_key, "-pubout", "-outform", "DER"], check=True,
                                capture_output=True, timeout=60).stdout
        program = ("import base64,dkim,sys\n"
                   "record=b'v=DKIM1; k=rsa; p='+base64.b64encode(bytes.fromhex(sys.argv[1]))\n"
                   "print(dkim.verify(sys.stdin.buffer.read(),dnsfunc=lambda name,timeout=5: record))")
        done = subprocess.run([DEBIAN_PYTHON, "-c", program, public.hex()], input=content, capture_output=True,
                              timeout=60, check=True)
        return done.stdout.strip() == b"True"

    def log_text(self):
        with contextlib.suppress(OSError), open(self._path("log/mainlog"), encoding="utf-8") as file:
            return file.read()
        return ""

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

"""The data directories of the measurements; each is made when it is first needed."""

import http.client
import json
import shutil
import time

from . import processes

OWNERS_MAX = 20_000
SESSION_SECONDS = 10 * 60  # a session ends after fifteen idle minutes


class Data:
    """Histories of different sizes, with owners who can sign in."""

    def __init__(self, programs, folder, sizes):
        self.programs = programs
        self.folder = folder
        self.sizes = sizes  # number of accounts by name
        self.events = {}
        self.signed_in_at = {}
        self.made = folder / "made.json"  # name -> accounts and events of the complete directories

    def targets(self, name, count=None):
        """The file of signed-in owners; with `count`, a file of that many of them, chosen evenly."""
        file = self.folder / f"{name}.targets"
        if not count:
            return file
        lines = file.read_text(encoding="ascii").splitlines(keepends=True)
        chosen = self.folder / f"{name}.{count}.targets"
        chosen.write_text("".join(lines[i * len(lines) // count] for i in range(min(count, len(lines)))), encoding="ascii")
        return chosen

    def owners(self, name):
        """The number of signed-in owners."""
        return len(self.targets(name).read_text(encoding="ascii").splitlines())

    def directory(self, name):
        """The data directory of that size; generated at first use."""
        directory = self.folder / name
        made = json.loads(self.made.read_text()) if self.made.exists() else {}
        if name not in self.events and made.get(name, [0])[0] == self.sizes[name]:
            self.events[name] = made[name][1]
            self.signed_in_at[name] = float("-inf")
        if name not in self.events:
            shutil.rmtree(directory, ignore_errors=True)  # left by a failed attempt
            accounts = self.sizes[name]
            text = processes.run(self.programs / "bench/generate", "--data-dir", directory, "--targets", self.targets(name),
                                 "--accounts", accounts, "--owners", min(accounts, OWNERS_MAX), "--all-types", timeout=3600)
            self.events[name] = int(text.split()[0])
            self.made.write_text(json.dumps(made | {name: [accounts, self.events[name]]}))
            self.signed_in_at[name] = time.monotonic()
        return directory

    def sign_in(self, name):
        """Ensures that the owners of that size have fresh sessions."""
        directory = self.directory(name)
        if time.monotonic() - self.signed_in_at[name] > SESSION_SECONDS:
            processes.run(self.programs / "bench/sign_in", "--data-dir", directory, "--targets", self.targets(name))
            self.signed_in_at[name] = time.monotonic()

    def first_target(self, name):
        with open(self.targets(name), encoding="ascii") as file:
            return file.readline().split()


def exchange(port, token, method, path, body=""):
    """Sends one request and returns the raw bytes of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    if method == "PUT":
        head += "If-Match: *\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    connection.sock.sendall((head + "\r\n" + body).encode())
    answer = b""
    while not is_whole(answer):
        part = connection.sock.recv(65536)
        if not part:
            raise processes.Failed(f"{method} {path} was not answered whole")
        answer += part
    connection.close()
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise processes.Failed(f"{method} {path}: {answer.decode(errors='replace')}")
    return answer


def is_whole(answer):
    head, found, rest = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(rest) >= sum(lengths)

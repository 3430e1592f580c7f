"""The processes that the suite starts. It ends all of them by their ids, also after a failure."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import time
import urllib.request

READY_SECONDS = 120
STOP_SECONDS = 120


class Failed(Exception):
    """A program failed."""


def settle():
    """Writes pending data of earlier measurements to the disk before the next one begins."""
    os.sync()


def run(*command, timeout=600, **options):
    """Runs a program to its end and returns its standard output."""
    done = start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    try:
        out, errors = done.communicate(timeout=timeout)
    except BaseException:
        end(done)
        raise
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{errors[-2000:]}{out[-2000:]}")
    return out


def start(*command, **options):
    """Starts a program in a session of its own, so that Ctrl-C reaches only the suite, which then ends the program."""
    return subprocess.Popen([str(each) for each in command], text=True, start_new_session=True, **options)


def end(process, how=signal.SIGTERM):
    """Ends a process that was started here, and the other processes of its session."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_SECONDS)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def measured(*command, timeout=3600, stdout=subprocess.DEVNULL):
    """Runs a program to its end; returns its seconds and its peak memory in MiB."""
    began = time.monotonic()
    process = start(*command, stdout=stdout, stderr=subprocess.DEVNULL)
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - began > timeout:
                raise Failed(f"{command[0]} did not end in {timeout} s")
            time.sleep(0.02)
    except BaseException:
        end(process)
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return time.monotonic() - began, usage.ru_maxrss / 1024


class Listening:
    """A server that writes its URL to standard output when it listens."""

    def __init__(self, *command, errors=None):
        with open(errors or os.devnull, "ab") as file:
            self.process = start(*command, stdout=subprocess.PIPE, stderr=file)
        try:
            readable, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS)
            line = self.process.stdout.readline() if readable else ""
            if not line.startswith("http://"):
                raise Failed(f"{command[0]} does not listen; see {errors or 'its errors'}")
        except BaseException:
            end(self.process)
            raise
        self.url = line.strip()
        self.port = int(self.url.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process)

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.005)
        raise Failed(f"{self.url} is not ready after {READY_SECONDS} s")

    def kill(self):
        """Ends the server as a crash would."""
        end(self.process, signal.SIGKILL)

    def memory_mib(self):
        """The resident memory in MiB: present and peak."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            text = file.read()
        return tuple(int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) / 1024 for name in ("VmRSS", "VmHWM"))

    def bytes_written(self):
        """The number of bytes it has written to the disk."""
        with open(f"/proc/{self.process.pid}/io", encoding="ascii") as file:
            return int(re.search(r"(?m)^write_bytes: (\d+)", file.read())[1])


def json_of(*command, timeout=600):
    """The last line of a program's output, which is JSON."""
    return json.loads(run(*command, timeout=timeout).strip().splitlines()[-1])

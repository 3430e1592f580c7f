"""The peers: message-db and Emmett on a PostgreSQL server of the suite's own, with default durability."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from . import processes

SOCKET_PATH_MAX = 90


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_can_reach(folder):
    """Whether PostgreSQL's own user can reach the folder; PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return True
    return subprocess.run(["runuser", "-u", "postgres", "--", "test", "-x", str(folder)], check=False).returncode == 0


class Peers:
    """A PostgreSQL server with message-db, for the duration of the context."""

    def __init__(self, root, folder):
        self.root = root
        self.scratch = None
        if len(str(folder)) > SOCKET_PATH_MAX or not postgres_can_reach(folder):
            self.scratch = Path(tempfile.mkdtemp(prefix="ttp-peers-", dir="/var/tmp"))
            self.scratch.chmod(0o755)
            folder = self.scratch
        self.folder = folder / "postgres"
        self.port = free_port()

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)  # left by an interrupted run
        processes.run(self.root / "bench/peers/postgres", "start", self.folder, self.port)
        try:
            processes.run("bash", self.root / "build/peers/node_modules/@eventide/message-db/database/install.sh",
                          env=self.environment())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        processes.run(self.root / "bench/peers/postgres", "stop", self.folder)
        shutil.rmtree(self.scratch or self.folder, ignore_errors=True)

    def environment(self, **more):
        return {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", **more}

    def message_db(self, clients, seconds):
        """Messages written per second by `clients` pgbench clients, with prepared statements."""
        processes.settle()
        text = processes.run("pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}",
                             f"--jobs={min(clients, 2)}", f"--time={max(int(seconds), 1)}",
                             f"--file={self.root / 'bench/peers/message-db.sql'}", "message_store",
                             env=self.environment(PGOPTIONS="-c search_path=message_store,public"))
        (rate,) = (line for line in text.splitlines() if line.startswith("tps = "))
        return float(rate.split()[2])

    def emmett(self, clients, seconds):
        """Events appended per second by Emmett, `clients` at a time."""
        processes.settle()
        return processes.json_of("node", self.root / "build/peers/emmett.mjs",
                                 f"postgresql://postgres@127.0.0.1:{self.port}/postgres", clients, seconds)["per_second"]

"""A PostgreSQL server of Debian for tests: in a temporary folder, on a Unix socket there. It ends with the test."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")


class ThrowawayPostgres:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="ttp-postgres-")
        # PostgreSQL refuses to run as root.
        self.user = {}
        if os.geteuid() == 0:
            postgres = pwd.getpwnam("postgres")
            os.chown(self.folder, postgres.pw_uid, postgres.pw_gid)
            self.user = {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}
        data = os.path.join(self.folder, "data")
        self.run(BIN / "initdb", f"--pgdata={data}", "--username=postgres", "--auth=trust", "--encoding=UTF8",
                 "--locale=C", "--no-sync")
        self.server = subprocess.Popen(
            [BIN / "postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.user)
        self.run(BIN / "pg_isready", "-h", self.folder, "-t", "30", attempts=100)
        self.sql("CREATE ROLE ttp_owner NOLOGIN")
        self.sql("CREATE ROLE ttp_node LOGIN")

    def run(self, program, *arguments, attempts=1):
        for left in reversed(range(attempts)):
            done = subprocess.run([program, *arguments], cwd="/", capture_output=True, text=True, check=False, timeout=300,
                                  **self.user)
            if done.returncode == 0:
                return done.stdout
            if left == 0:
                raise AssertionError(f"{program}: {done.stdout}{done.stderr}")
        return None

    def sql(self, text, database="postgres"):
        return self.run(BIN / "psql", "-h", self.folder, "-U", "postgres", "-d", database, "-Atqc", text, attempts=20)

    def new_database(self, name):
        """A database for one log; its connection string for the owner."""
        self.sql(f"CREATE DATABASE {name} OWNER ttp_owner")
        return f"host={self.folder} dbname={name} user=postgres"

    def discard(self):
        self.server.terminate()
        self.server.wait(timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)

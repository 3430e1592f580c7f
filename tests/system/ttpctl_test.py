"""ttpctl as an operator uses it: installation, verification, replay, rebuild, and the exit codes that scripts rely on."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from client import TTPCTL, TTPD, Api, Sandbox, Server, needs_ttpd, town, ttpctl, ttpctl_on

OK, FAILURE, USAGE, VERIFICATION, NOT_FOUND, CONFLICT = range(6)
PASSWORD = "cinq canards sous la pluie"
COMMANDS = (["init"], ["unlock"], ["rebuild"], ["replay"], ["verify"], ["checkpoint"], ["checkpoint", "show"], ["checkpoint", "renew"],
            ["export"], ["import"], ["fsck"], ["doctor"], ["tls"], ["tls", "check"],
            ["backup"], ["backup", "create"], ["backup", "list"], ["backup", "verify"], ["backup", "restore"],
            ["backup", "prune"], ["move"], ["move", "prepare"], ["move", "in"], ["move", "out"], ["config"], ["config", "check"],
            ["config", "explain"], ["mail"], ["mail", "test"], ["bounce"])

setUpModule = needs_ttpd


def json_lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


class InstallationTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ttp-system-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "data"
        (self.folder / "password").write_text(PASSWORD + "\n")

    def init(self, *more, email="operator@example.org"):
        return ttpctl("init", "--data-dir", str(self.data), "--user-name", "operator7", "--family-name", "Roy",
                      "--given-names", "Alex", "--email", email, "--telephone", "+16135550100", "--password-file",
                      str(self.folder / "password"), *more)

    def test_makes_keys_and_the_first_operator_and_nothing_twice(self):
        done = self.init("-o", "json")
        self.assertEqual(done.returncode, OK, done.stderr)
        made = json.loads(done.stdout)
        self.assertEqual(made["role"], "operator")
        key = self.data / "keys" / "master.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        mails = list(pathlib.Path(made["mails"]).glob("*.eml"))
        self.assertEqual(len(mails), 1)
        self.assertIn("operator@example.org", mails[0].read_text())
        before = key.read_bytes()
        again = self.init(email="other@example.org")
        self.assertEqual(again.returncode, CONFLICT)
        self.assertEqual(key.read_bytes(), before)
        self.assertEqual(ttpctl("verify", "--data-dir", str(self.data)).returncode, OK)

    def test_a_server_runs_on_the_new_data(self):
        self.assertEqual(self.init().returncode, OK)
        server = subprocess.Popen([TTPD, "--data-dir", str(self.data), "--port", "0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        try:
            self.assertTrue(server.stdout.readline().startswith(b"http://"))
            in_use = ttpctl("verify", "--data-dir", str(self.data))
            self.assertEqual(in_use.returncode, CONFLICT, in_use.stderr)
            self.assertIn(b"stop the server first", in_use.stderr)
        finally:
            server.terminate()
            self.assertEqual(server.wait(timeout=30), OK)
            server.stdout.close()

    def test_its_folder_is_refused_to_a_sandbox_and_has_no_routes_of_one(self):
        self.assertEqual(self.init().returncode, OK)
        done = subprocess.run([TTPD, "--sandbox", "--data-dir", str(self.data), "--port", "0"], capture_output=True,
                              timeout=30, check=False)
        self.assertEqual(done.returncode, FAILURE, done.stderr)
        self.assertIn(b"belongs to a service outside the sandbox", done.stderr)
        server = Server(data=str(self.data))
        self.addCleanup(server.discard)
        server.start(sandbox=False)
        anybody = Api(server)
        for method, path in (("GET", "/v1/sandbox/mails"), ("GET", "/v1/sandbox/staff"), ("POST", "/v1/sandbox/clock")):
            anybody.refused("route_not_found", method, path, status=404)
        self.assertFalse([path for path in anybody.get("/openapi.json")["paths"] if "sandbox" in path])
        server.stop()

    def test_a_refused_first_operator_leaves_no_log(self):
        refused = self.init(email="no address")
        self.assertEqual(refused.returncode, USAGE)
        self.assertIn(b"--email", refused.stderr)
        (self.folder / "password").write_text("password1234\n")
        common = self.init()
        self.assertEqual(common.returncode, USAGE, common.stdout)
        self.assertNotIn(b"password1234", common.stdout + common.stderr)
        self.assertFalse((self.data / "log").exists())

    def test_a_server_without_keys_says_what_to_do(self):
        done = subprocess.run([TTPD, "--data-dir", str(self.data), "--port", "0"], capture_output=True, timeout=30,
                              check=False)
        self.assertEqual(done.returncode, VERIFICATION)
        self.assertIn(b"ttpctl init", done.stderr)
        self.assertIn(b"mount it", done.stderr)
        self.assertFalse(self.data.exists())

    def test_a_server_without_one_of_its_parts_says_what_to_do_and_makes_none(self):
        self.assertEqual(self.init().returncode, OK)
        for part, said in (("log", b"ttpctl backup restore"), ("vault", b"no vault beside it"), ("keys", b"master key file"),
                           ("checkpoint", b"ttpctl checkpoint renew")):
            (self.data / part).rename(self.folder / "aside")
            done = subprocess.run([TTPD, "--data-dir", str(self.data), "--port", "0"], capture_output=True, timeout=30,
                                  check=False)
            self.assertEqual(done.returncode, VERIFICATION, (part, done.stderr))
            self.assertIn(said, done.stderr)
            self.assertFalse((self.data / part / "CURRENT").exists() or (self.data / part / "master.key").exists(), part)
            self.assertEqual(ttpctl("doctor", "--data-dir", str(self.data)).returncode, VERIFICATION, part)
            shutil.rmtree(self.data / part, ignore_errors=True)
            (self.folder / "aside").rename(self.data / part)
        self.assertEqual(ttpctl("verify", "--data-dir", str(self.data)).returncode, OK)


class ConfigurationTest(unittest.TestCase):
    def test_names_every_fault_and_where_a_setting_comes_from(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "ttpd.toml")
            file.write_text('port = 9000\norigin = "log.example.org/ttp"\n')
            told = ttpctl("config", "explain", "--config", str(file), "--io-threads", "3", "-o", "json")
            self.assertEqual(told.returncode, OK, told.stderr)
            settings = {each["name"]: each for each in json_lines(told)}
            self.assertEqual(settings["port"]["value"], "9000")
            self.assertEqual(settings["io_threads"]["value"], "3")
            self.assertEqual(settings["io_threads"]["source"], "flag")
            file.write_text('port = "many"\nprot = 3\n')
            wrong = ttpctl("config", "check", "--config", str(file))
            self.assertEqual(wrong.returncode, USAGE)
        both = ttpctl("config", "check", "--sandbox", "--smtp-url", "smtp://mail.example.org")
        self.assertEqual(both.returncode, USAGE)
        self.assertIn(b"sandbox", both.stderr)

    def test_every_command_helps(self):
        for command in COMMANDS:
            with self.subTest(command):
                done = ttpctl(*command, "--help")
                self.assertEqual(done.returncode, OK)
                self.assertIn(b"Usage", done.stdout)
        self.assertEqual(ttpctl().returncode, USAGE)
        self.assertEqual(ttpctl("verfy").returncode, USAGE)

    def test_nothing_is_made_where_no_log_is(self):
        with tempfile.TemporaryDirectory() as folder:
            nowhere = os.path.join(folder, "nowhere")
            for command in (["verify"], ["fsck"], ["replay", "--all"], ["rebuild", "--all"], ["checkpoint", "show"]):
                self.assertEqual(ttpctl(*command, "--data-dir", nowhere).returncode, NOT_FOUND, command)
            self.assertFalse(os.path.exists(nowhere))


class StoppedServerTest(unittest.TestCase):
    """Commands on the data of a server that has been used."""

    @classmethod
    def setUpClass(cls):
        cls.server, sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.owner = sandbox.person().sign_in()
        cls.company = sandbox.authorised_company(cls.owner)
        cls.company.fill_profiles()
        cls.account = cls.company.here.rsplit("/", 1)[1]
        cls.events = sandbox.staff("auditor").pages("/v1/audit/events")
        cls.server.stop()

    def on(self, *arguments):
        return ttpctl_on(self.server.data, *arguments)

    def checks(self, done):
        return {each["check"]: each for each in json_lines(done) if not each["ok"]}

    def test_verifies(self):
        done = self.on("verify", "-o", "json")
        self.assertEqual(done.returncode, OK, done.stdout)
        self.assertEqual({each["check"] for each in json_lines(done)},
                         {"checkpoint", "vault", "log", "tree", "claims", "streams", "bodies", "views", "snapshots"})

    def test_replays_the_history_that_the_auditor_sees(self):
        shown = json_lines(self.on("replay", "--all", "-o", "json"))
        self.assertEqual([each["position"] for each in shown], list(range(len(self.events))))
        self.assertEqual([each["type"] for each in shown], [each["type"] for each in self.events])
        some = json_lines(self.on("replay", "--all", "--from", "3", "--limit", "2", "-o", "json"))
        self.assertEqual(some, shown[3:5])

    def test_replays_one_account_and_one_user(self):
        account = json_lines(self.on("replay", "--account", self.account, "-o", "json"))
        self.assertEqual({each["stream"] for each in account},
                         {f"account-{self.account}", f"programme-{self.account}"})
        self.assertEqual(account, sorted(account, key=lambda each: each["position"]))
        user = json_lines(self.on("replay", "--user", self.owner.id, "-o", "json"))
        self.assertEqual({each["stream"] for each in user}, {f"user-{self.owner.id}"})
        text = self.on("replay", "--user", self.owner.id).stdout
        self.assertEqual(text.count(b"user.credential_registered"), 1)
        self.assertEqual(self.on("replay", "--user", "somebody").returncode, USAGE)
        self.assertEqual(self.on("replay", "--user", self.account).returncode, NOT_FOUND)
        self.assertEqual(self.on("replay").returncode, USAGE)

    def test_personal_fields_are_shown_only_when_asked_for(self):
        mail = self.owner.email.encode()
        self.assertNotIn(mail, self.on("replay", "--user", self.owner.id, "-o", "json").stdout)
        self.assertIn(mail, self.on("replay", "--user", self.owner.id, "-o", "json", "--personal").stdout)

    def test_rebuilds_to_the_same_and_switches(self):
        for more in ([], ["--switch"]):
            done = self.on("rebuild", "--all", "-o", "json", *more)
            self.assertEqual(done.returncode, OK, done.stderr)
            for each in json_lines(done):
                self.assertTrue(each["equal"], each)
                self.assertEqual(each["switched"], bool(more))
                self.assertEqual(each["rows_live"], each["rows_rebuilt"])
        self.assertEqual(self.on("rebuild", "account_view@6").returncode, OK)
        self.assertEqual(self.on("rebuild", "no_such_view").returncode, NOT_FOUND)
        self.assertEqual(self.on("rebuild").returncode, USAGE)

    def test_a_lost_checkpoint_is_noticed_and_signed_anew_only_for_the_known_root(self):
        file = pathlib.Path(self.server.data, "checkpoint", "checkpoint")
        note = file.read_text()
        self.addCleanup(file.write_text, note)
        root = note.splitlines()[2]
        file.unlink()
        code, said = self.server.start_refused()
        self.assertEqual(code, VERIFICATION, said)
        self.assertEqual(set(self.checks(self.on("verify", "-o", "json"))), {"checkpoint"})
        self.assertEqual(self.on("checkpoint", "show").returncode, NOT_FOUND)
        self.assertEqual(self.on("checkpoint", "renew", "--root", root[::-1]).returncode, USAGE)
        self.assertFalse(file.exists())
        self.assertEqual(self.on("checkpoint", "renew", "--root", root).returncode, OK)
        self.assertEqual(file.read_text(), note)
        self.assertEqual(self.on("checkpoint", "renew", "--root", root).returncode, CONFLICT)

    def test_a_checkpoint_of_more_events_than_there_are_is_reported(self):
        shorter = os.path.join(self.server.folder, "shorter")
        shutil.copytree(self.server.data, shorter)
        self.addCleanup(shutil.rmtree, shorter)
        shutil.rmtree(os.path.join(shorter, "log"))
        done = ttpctl("verify", "--sandbox", "--data-dir", shorter)
        self.assertEqual(done.returncode, NOT_FOUND)
        code = subprocess.run([TTPD, "--sandbox", "--data-dir", shorter, "--port", "0"], capture_output=True, timeout=30,
                              check=False)
        self.assertEqual(code.returncode, VERIFICATION)
        self.assertIn(b"it holds no log, but there is the vault of one", code.stderr)

    def test_an_export_verifies_offline_and_goes_on_elsewhere(self):
        bundle = os.path.join(self.server.folder, "bundle")
        done = self.on("export", bundle, "-o", "json")
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual(json.loads(done.stdout)["events"], len(self.events))
        self.assertEqual(self.on("export", bundle).returncode, CONFLICT)
        key = json.loads(self.on("checkpoint", "show", "-o", "json").stdout)["verifier_key"]
        self.assertEqual(ttpctl("verify", "--export", bundle, "--key", key).returncode, OK)
        other = key[:-3] + ("A" if key[-3] != "A" else "B") + key[-2:]
        self.assertEqual(ttpctl("verify", "--export", bundle, "--key", other).returncode, VERIFICATION)

        moved = os.path.join(self.server.folder, "moved")
        shutil.copytree(self.server.data, moved, ignore=shutil.ignore_patterns("log", "views", "checkpoint"))
        on_moved = ("--sandbox", "--data-dir", moved)
        self.assertEqual(ttpctl("import", bundle, "--key", key, *on_moved).returncode, OK)
        self.assertEqual(ttpctl("import", bundle, "--key", key, *on_moved).returncode, CONFLICT)
        self.assertEqual(ttpctl("verify", *on_moved).returncode, OK)
        shown = [ttpctl("replay", "--all", "-o", "json", "--personal", "--sandbox", "--data-dir", data).stdout
                 for data in (self.server.data, moved)]
        self.assertEqual(*shown)

        body = os.path.join(bundle, "bodies", os.listdir(os.path.join(bundle, "bodies"))[0])
        while os.path.isdir(body):
            body = os.path.join(body, os.listdir(body)[0])
        with open(body, "r+b") as file:
            file.seek(40)
            file.write(b"X")
        told = ttpctl("verify", "--export", bundle, "--key", key, "-o", "json")
        self.assertEqual(told.returncode, VERIFICATION)
        self.assertEqual(json.loads(told.stdout)["position"], 0)


def hexadecimal(data):
    return "0x" + data.hex().upper()


def stored_text(text):
    """A text as stored in a key: its length in one byte, then the text."""
    return bytes([len(text)]) + text.encode()


class FsckTest(unittest.TestCase):
    """Damage that RocksDB itself does not notice, because it was written with RocksDB's own tool."""

    @classmethod
    def setUpClass(cls):
        cls.server, sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.person = sandbox.person()
        cls.events = sandbox.staff("auditor").pages("/v1/audit/events")
        cls.server.stop()
        cls.stream = "user-" + cls.person.id
        cls.positions = [n for n, each in enumerate(cls.events) if each["stream"] == cls.stream]

    def setUp(self):
        self.data = os.path.join(self.server.folder, "damaged")
        shutil.copytree(self.server.data, self.data)
        self.addCleanup(shutil.rmtree, self.data)

    def ldb(self, family, *command):
        done = subprocess.run(["ldb", "--db=" + os.path.join(self.data, "log"), "--column_family=" + family, "--hex",
                               *command], capture_output=True, check=True, text=True)
        return [tuple(bytes.fromhex(each.strip()[2:]) for each in line.split(" : "))
                for line in done.stdout.splitlines() if " : " in line]

    def faults(self):
        done = ttpctl_on(self.data, "fsck", "-o", "json")
        lines = json_lines(done)
        faults = [(each["check"], each.get("position"), each.get("stream")) for each in lines if not each["ok"]]
        self.assertEqual(done.returncode, VERIFICATION if faults else OK, done.stderr)
        good = {each["check"] for each in lines if each["ok"]}
        self.assertEqual(good & {part for part, *_ in faults}, set(), "a part with a fault is not good")
        return faults, good

    def test_nothing_is_found_where_nothing_is_wrong(self):
        self.assertEqual(self.faults(), ([], {"events", "streams", "commands", "claims", "tiles", "views", "vault",
                                              "snapshots", "checkpoint"}))

    def test_a_deleted_claim_is_found_and_so_is_one_of_nobody(self):
        key, value = next(row for row in self.ldb("claims", "scan") if row[1][8:] == self.stream.encode())
        self.ldb("claims", "delete", hexadecimal(key))
        position = int.from_bytes(value[:8], "big")
        faults, good = self.faults()
        self.assertEqual(faults, [("claims", position, self.stream)])
        self.assertIn("streams", good)
        self.ldb("claims", "put", hexadecimal(key[:-1] + bytes([key[-1] ^ 1])), hexadecimal(value))
        self.assertEqual(len(self.faults()[0]), 2)

    def test_a_changed_row_of_the_stream_index_is_found(self):
        key = stored_text(self.stream) + (1).to_bytes(8, "big")
        self.ldb("streams", "put", hexadecimal(key), hexadecimal((3).to_bytes(8, "big")))
        self.assertEqual(self.faults()[0], [("streams", 3, self.stream), ("streams", self.positions[0], self.stream)])

    def test_a_removed_command_is_found(self):
        first = self.positions[0]
        key = next(key for key, value in self.ldb("commands", "scan") if value[:8] == first.to_bytes(8, "big"))
        self.ldb("commands", "delete", hexadecimal(key))
        self.assertEqual(self.faults()[0], [("commands", first, None)])

    def test_several_faults_are_reported_together(self):
        for family in ("claims", "streams", "commands"):
            self.ldb(family, "delete", hexadecimal(self.ldb(family, "scan", "--max_keys=1")[0][0]))
        self.assertEqual({part for part, *_ in self.faults()[0]}, {"claims", "streams", "commands"})

    def test_views_and_a_checkpoint_of_another_log_are_found(self):
        other, _ = town()
        self.addCleanup(other.discard)
        other.stop()
        for part in ("views", "checkpoint"):
            shutil.rmtree(os.path.join(self.data, part))
            shutil.copytree(os.path.join(other.data, part), os.path.join(self.data, part))
        faults, good = self.faults()
        self.assertEqual({part for part, *_ in faults}, {"views", "checkpoint"})
        self.assertNotIn("views", good)

    def test_a_checkpoint_of_more_events_than_the_log_has_is_found(self):
        later = Server(data=os.path.join(self.server.folder, "later"))
        self.addCleanup(later.discard)
        shutil.copytree(self.data, later.data)
        Sandbox(later.start()).person()
        later.stop()
        shutil.copy(os.path.join(later.data, "checkpoint", "checkpoint"), os.path.join(self.data, "checkpoint"))
        self.assertEqual(self.faults()[0], [("checkpoint", None, None)])

    def test_a_lost_master_key_is_reported_and_none_is_made(self):
        key = os.path.join(self.data, "keys", "master.key")
        os.remove(key)
        self.assertEqual(self.faults()[0], [("vault", None, None), ("checkpoint", None, None)])
        self.assertEqual(ttpctl_on(self.data, "doctor").returncode, VERIFICATION)
        self.assertFalse(os.path.exists(key))

    def test_an_older_vault_is_reported_by_every_tool_and_refused_at_the_start(self):
        later = Server(data=os.path.join(self.server.folder, "newer"))
        self.addCleanup(later.discard)
        shutil.copytree(self.data, later.data)
        sandbox = Sandbox(later.start())
        person = sandbox.person()
        later.stop()
        for command in ("verify", "fsck", "doctor"):
            self.assertEqual(ttpctl_on(later.data, command).returncode, OK, command)
        shutil.rmtree(os.path.join(later.data, "vault"))
        shutil.copytree(os.path.join(self.data, "vault"), os.path.join(later.data, "vault"))
        for views in (True, False):
            if not views:
                shutil.rmtree(os.path.join(later.data, "views"))
            code, said = later.start_refused()
            self.assertEqual(code, VERIFICATION, said)
            self.assertIn("user:" + person.id, said)
            self.assertIn("bring back the vault", said)
            for command in ("verify", "fsck", "doctor"):
                done = ttpctl_on(later.data, command)
                self.assertEqual(done.returncode, VERIFICATION, command)
                self.assertIn(b"user:" + person.id.encode(), done.stdout, command)

    def test_each_row_of_vault_and_views_is_read(self):
        for part, check in (("vault", "vault"), ("views", "views")):
            for name in sorted(os.listdir(os.path.join(self.data, part))):
                if not name.endswith(".sst"):
                    continue
                path = pathlib.Path(self.data, part, name)
                whole = path.read_bytes()
                path.write_bytes(whole[:20] + bytes([whole[20] ^ 1]) + whole[21:])  # in its first block of rows
                faults = self.faults()[0]
                self.assertIn(check, {each for each, *_ in faults}, path)
                path.write_bytes(whole)
        self.assertEqual(self.faults()[0], [])

    def test_a_damaged_store_is_reported_in_a_line(self):
        manifest = next(pathlib.Path(self.data, "log").glob("MANIFEST-*"))
        manifest.write_bytes(manifest.read_bytes()[:40] + b"XX" + manifest.read_bytes()[42:])
        self.assertEqual(self.faults()[0], [("store", None, None)])


class DoctorTest(unittest.TestCase):
    def setUp(self):
        self.server, self.sandbox = town()
        self.addCleanup(self.server.discard)
        self.data = pathlib.Path(self.server.data)

    def findings(self, *arguments, sandbox=True, code=None):
        done = ttpctl("doctor", "-o", "json", "--data-dir", str(self.data), *(["--sandbox"] if sandbox else []),
                      *arguments)
        lines = json_lines(done)
        for each in lines:
            self.assertEqual("advice" in each, "warning" in each or not each["ok"], each)
        faults = {each["check"] for each in lines if not each["ok"]}
        self.assertEqual(done.returncode, (VERIFICATION if faults else OK) if code is None else code, done.stderr)
        return faults, {each["check"] for each in lines if "warning" in each}, lines

    def test_a_sandbox_has_only_warnings_about_files_that_lie_together(self):
        faults, warnings, lines = self.findings()
        self.assertEqual((faults, warnings), (set(), {"master key", "checkpoint", "backups"}))
        self.assertIn("running server", next(each["what"] for each in lines if each["check"] == "stores"))
        self.assertIn("clock", {each["check"] for each in lines})
        self.server.stop()
        faults, warnings, lines = self.findings()
        self.assertEqual((faults, warnings), (set(), {"master key", "checkpoint", "backups"}))
        self.assertLessEqual({"shut-down", "views", "clock"}, {each["check"] for each in lines})

    def test_apart_is_better(self):
        self.server.stop()
        apart = pathlib.Path(self.server.folder, "apart")
        shutil.copytree(self.data / "checkpoint", apart)
        shutil.copy(self.data / "keys" / "master.key", apart)
        options = ("--master-key-file", str(apart / "master.key"), "--checkpoint-file", str(apart / "checkpoint"),
                   "--backup-dir", str(apart / "backups"))
        self.assertEqual(self.findings(*options)[:2], (set(), {"backups"}))
        self.assertEqual(ttpctl("backup", "create", "--sandbox", "--data-dir", str(self.data), *options).returncode, OK)
        self.assertEqual(self.findings(*options)[:2], (set(), set()))
        next((apart / "backups" / "log" / "shared_checksum").iterdir()).unlink()
        self.assertEqual(self.findings(*options)[0], {"backups"})
        (apart / "master.key").chmod(0o644)
        self.assertIn("master key", self.findings(*options)[0])

    def test_open_permissions_and_missing_or_blocked_paths_are_reported(self):
        self.server.stop()
        self.data.chmod(0o755)
        self.assertEqual(self.findings()[0], {"folders"})
        self.data.chmod(0o700)
        shutil.rmtree(self.data / "mail")
        (self.data / "mail").write_text("a file where a folder should be")
        shutil.rmtree(self.data / "checkpoint")
        self.assertEqual(self.findings()[0], {"delivery", "checkpoint"})
        shutil.rmtree(self.data / "keys")
        self.assertIn("master key", self.findings()[0])
        shutil.rmtree(self.data / "log")
        self.assertIn("folders", self.findings()[0])
        self.assertFalse((self.data / "log").exists())

    def test_views_that_lag_and_events_that_were_not_signed_are_reported(self):
        note = (self.data / "checkpoint" / "checkpoint").read_bytes()
        self.sandbox.person()
        self.server.stop()
        (self.data / "checkpoint" / "checkpoint").write_bytes(note)
        shutil.rmtree(self.data / "views")
        self.assertLessEqual({"views", "shut-down"}, self.findings()[1])

    def test_a_clock_behind_the_last_event_is_reported(self):
        self.sandbox.advance(hours=3)
        self.sandbox.person()
        self.server.stop()
        self.assertEqual(self.findings()[0], set(), "a sandbox may be ahead")
        self.assertEqual(self.findings(sandbox=False)[0], {"clock"})
        self.server.start()
        self.assertEqual(self.findings(sandbox=False)[0], {"clock"}, "also beside the running server")

    def test_a_wrong_configuration_is_reported_like_everything_else(self):
        self.assertEqual(self.findings("--address", "10.0.0.1", code=USAGE)[0], {"configuration"})


if __name__ == "__main__":
    unittest.main()

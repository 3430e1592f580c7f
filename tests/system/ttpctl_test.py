"""ttpctl as an operator uses it: installation, verification, replay, rebuild, and the exit codes that scripts rely on."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from client import TTPCTL, TTPD, needs_ttpd, town, ttpctl, ttpctl_on

OK, FAILURE, USAGE, VERIFICATION, NOT_FOUND, CONFLICT = range(6)
PASSWORD = "cinq canards sous la pluie"
COMMANDS = (["init"], ["rebuild"], ["replay"], ["verify"], ["checkpoint"], ["checkpoint", "show"], ["checkpoint", "renew"],
            ["export"], ["import"], ["config"], ["config", "check"], ["config", "explain"])

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

    def test_what_it_made_serves(self):
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
        self.assertEqual(done.returncode, FAILURE)
        self.assertIn(b"ttpctl init", done.stderr)
        self.assertFalse((self.data / "log").exists())


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
            for command in (["verify"], ["replay", "--all"], ["rebuild", "--all"], ["checkpoint", "show"]):
                self.assertEqual(ttpctl(*command, "--data-dir", nowhere).returncode, NOT_FOUND, command)
            self.assertFalse(os.path.exists(nowhere))


class StoppedServerTest(unittest.TestCase):
    """What can be done with the data of a server that had been at work."""

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
                         {"checkpoint", "log", "tree", "claims", "streams", "views"})

    def test_replays_what_the_auditor_sees(self):
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
        self.assertEqual(self.on("rebuild", "account_view@2").returncode, OK)
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

    def test_a_checkpoint_of_more_events_than_there_are_is_told(self):
        shorter = os.path.join(self.server.folder, "shorter")
        shutil.copytree(self.server.data, shorter)
        self.addCleanup(shutil.rmtree, shorter)
        shutil.rmtree(os.path.join(shorter, "log"))
        done = ttpctl("verify", "--sandbox", "--data-dir", shorter)
        self.assertEqual(done.returncode, NOT_FOUND)
        code = subprocess.run([TTPD, "--sandbox", "--data-dir", shorter, "--port", "0"], capture_output=True, timeout=30,
                              check=False)
        self.assertEqual(code.returncode, VERIFICATION)
        self.assertIn(b"acknowledged events are missing", code.stderr)

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


if __name__ == "__main__":
    unittest.main()

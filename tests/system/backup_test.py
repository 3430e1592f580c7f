"""The drill: backups are taken by the running service under load, checked, and restored elsewhere, whole and up to a
point in time; the restored service shows the same documents under the same signed root.
"""

import json
import os
import pathlib
import shutil
import threading
import unittest

from client import Api, Person, Server, Sandbox, eventually, needs_ttpd, town, ttpctl, ttpctl_on

BACKUPS = "/v1/operations/backups"

setUpModule = needs_ttpd


class BackupTest(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.discard)
        self.backups = os.path.join(self.server.folder, "backups")
        self.server.flags = ("--backup-dir", self.backups)
        self.server.start()
        self.sandbox = Sandbox(self.server)
        self.operator = self.sandbox.staff("operator")
        self.owner = self.sandbox.person().sign_in()
        self.company = self.sandbox.authorised_company(self.owner)
        self.paths = ["/v1/user", self.company.here, self.company.here + "/members", self.company.here + "/profiles",
                      self.company.here + "/history?limit=200", self.company.here + "/notifications?limit=200"]

    def ctl(self, *arguments, data=None):
        """Runs the command as an operator types it, with relative paths."""
        return ttpctl(*arguments, "--sandbox", "--backup-dir", os.path.relpath(self.backups), "--master-key-file",
                      os.path.join(self.server.data, "keys", "master.key"),
                      "--data-dir", os.path.relpath(data or self.server.data))

    def lines(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def back_up(self):
        known = len(self.operator.get(BACKUPS)["items"])
        self.assertEqual(self.operator.ask("POST", BACKUPS).status, 202)

        def taken():
            document = self.operator.get(BACKUPS)
            self.assertNotIn("fault", document)
            return not document["under_way"] and len(document["items"]) > known and document["items"][-1]
        return eventually(taken, 60)

    def draft(self, text):
        return self.owner.put(self.company.here + "/profiles/company",
                              {"answers": {"company_activities": text}})["position"]

    def documents(self, owner):
        return {path: owner.ask("GET", path).body for path in self.paths}

    def restored(self, *arguments):
        """A server on a new data directory, restored; the owner goes on with the session of before."""
        other = Server()
        self.addCleanup(other.discard)
        done = self.ctl("backup", "restore", *arguments, data=other.data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shutil.copytree(os.path.join(self.server.data, "keys"), os.path.join(other.data, "keys"))
        other.start()
        owner = Person(Sandbox(other), self.owner.user_name, self.owner.password, self.owner.email)
        owner.token = self.owner.token
        return other, owner

    def test_the_drill(self):
        first = self.back_up()
        before = self.documents(self.owner)
        stopped = threading.Event()
        written = []

        def write():
            while not stopped.is_set():
                written.append(self.draft(f"Draft {len(written)}"))
        writer = threading.Thread(target=write)
        writer.start()
        second = self.back_up()
        eventually(lambda: len(written) > 50)
        stopped.set()
        writer.join()
        self.assertGreater(second["id"], first["id"])
        self.assertGreaterEqual(second["events"], first["events"])

        other, owner = self.restored("--id", str(first["id"]))
        self.assertEqual(self.documents(owner), before)
        head = int(owner.ask("GET", "/v1/user").headers["X-Position"])
        self.assertGreaterEqual(head + 1, first["events"])
        other.stop()

        last = self.back_up()
        now = self.documents(self.owner)
        origin = Api(self.server).ask("GET", "/checkpoint").body.decode().splitlines()[0]
        _, owner = self.restored()
        self.assertEqual(self.documents(owner), now)
        # The event that says that this backup was begun is recorded while it begins, so it may be the first one after it.
        self.assertEqual(Api(owner.server).ask("GET", "/checkpoint").body.decode().splitlines()[:3],
                         [origin, str(last["events"]), last["root"]])

    def test_the_drill_of_a_stopped_service(self):
        def stop_and_back_up():
            documents = self.documents(self.owner)
            self.server.stop()
            taken, = self.lines(self.ctl("backup", "create", "-o", "json"))
            with open(os.path.join(self.server.data, "checkpoint", "checkpoint"), encoding="utf-8") as file:
                checkpoint = file.read().splitlines()[:3]
            self.assertEqual(checkpoint[1:], [str(taken["events"]), taken["root"]])
            return taken, documents, checkpoint
        for n in range(40):
            self.draft(f"Draft {n}")
        first = stop_and_back_up()
        self.server.start()
        self.draft("The last")
        second = stop_and_back_up()
        self.assertLess(second[0]["bytes_new"], second[0]["bytes"], "what the first holds is not copied again")
        self.assertNotEqual(first[1], second[1])
        for taken, documents, checkpoint in (first, second):
            other, owner = self.restored("--id", str(taken["id"]))
            self.assertEqual(Api(other).ask("GET", "/checkpoint").body.decode().splitlines()[:3], checkpoint)
            self.assertEqual(self.documents(owner), documents)
            other.stop()
            self.assertEqual(ttpctl_on(other.data, "fsck").returncode, 0)
            self.assertEqual(ttpctl_on(other.data, "verify").returncode, 0)

    def test_old_backups_are_deleted_only_on_request(self):
        self.server.stop()
        for _ in range(3):
            self.assertEqual(self.ctl("backup", "create").returncode, 0)

        def kept():
            return [row["id"] for row in self.lines(self.ctl("backup", "list", "-o", "json"))]
        doomed = [(part, n) for part in ("log", "vault") for n in (1, 2)]
        for more, deleted in ((), False), (("--yes",), True):
            rows = self.lines(self.ctl("backup", "prune", "--keep", "1", "-o", "json", *more))
            self.assertEqual([(row["part"], row["id"]) for row in rows], doomed)
            self.assertEqual({row["deleted"] for row in rows}, {deleted})
            self.assertEqual(kept(), [3] if deleted else [1, 2, 3])
        self.assertEqual(self.lines(self.ctl("backup", "prune", "--keep", "1", "--yes", "-o", "json")), [])
        self.assertEqual(self.ctl("backup", "prune", "--keep", "0", "--yes").returncode, 2)
        self.assertEqual(self.ctl("backup", "verify").returncode, 0)
        self.restored()

    def test_a_backup_of_the_log_needs_one_of_the_vault_taken_after_it(self):
        self.server.stop()
        self.assertEqual(self.ctl("backup", "create").returncode, 0)
        before = os.path.join(self.server.folder, "vault of before")
        shutil.copytree(os.path.join(self.backups, "vault"), before)
        self.assertEqual(self.ctl("backup", "create").returncode, 0)
        shutil.rmtree(os.path.join(self.backups, "vault"))
        shutil.copytree(before, os.path.join(self.backups, "vault"))
        self.expect_the_second_is_not_whole()

    def test_an_interrupted_backup_does_not_count(self):
        """The backup is killed between its part of the log and its part of the vault."""
        self.server.stop()
        for _ in range(2):
            self.assertEqual(self.ctl("backup", "create").returncode, 0)
        os.remove(os.path.join(self.backups, "entries", "2"))
        for part in ("meta", "sums", "private"):
            left = os.path.join(self.backups, "vault", part, "2")
            shutil.rmtree(left) if os.path.isdir(left) else os.remove(left)
        self.expect_the_second_is_not_whole()
        self.server.flags = ("--backup-dir", self.backups)
        self.server.start()
        items = self.operator.signed_in().get(BACKUPS)["items"]
        self.assertEqual([each["id"] for each in items if "fault" not in each], [1])
        self.assertEqual([each["id"] for each in items if "fault" in each], [2])

    def test_an_interrupted_backup_of_earlier_releases_does_not_count(self):
        self.server.stop()
        for _ in range(2):
            self.assertEqual(self.ctl("backup", "create").returncode, 0)
        shutil.rmtree(os.path.join(self.backups, "entries"))
        self.assertEqual([row["id"] for row in self.lines(self.ctl("backup", "list", "-o", "json")) if "fault" not in row],
                         [1, 2], "a folder without entries is judged by the times of its parts")
        for part in ("meta", "sums", "private"):
            left = os.path.join(self.backups, "vault", part, "2")
            shutil.rmtree(left) if os.path.isdir(left) else os.remove(left)
        self.expect_the_second_is_not_whole()
        self.assertEqual(self.ctl("backup", "create").returncode, 0)
        self.restored("--id", "1")
        self.restored("--id", "3")

    def expect_the_second_is_not_whole(self):
        """Checks that list, verify, prune, restore and doctor agree; the first backup is kept and restored."""
        rows = self.lines(self.ctl("backup", "list", "-o", "json"))
        self.assertEqual([row["id"] for row in rows if "fault" not in row], [1])
        self.assertIn("vault" if "part of the vault" in rows[1]["fault"] else "cut off", rows[1]["fault"])
        self.assertEqual(self.ctl("backup", "verify").returncode, 3)
        doctor = self.ctl("doctor")
        self.assertEqual(doctor.returncode, 3)
        self.assertIn(b"FAILED  backups: backup 2", doctor.stdout)
        pruned = self.ctl("backup", "prune", "--keep", "1", "--yes")
        self.assertEqual((pruned.returncode, pruned.stdout), (0, b""), "the only whole one is never deleted")
        self.assertIn(b"backup 2", pruned.stderr)
        other = os.path.join(self.server.folder, "other")
        refused = self.ctl("backup", "restore", "--id", "2", data=other)
        self.assertEqual(refused.returncode, 3)
        self.assertIn(b"the newest that is whole is backup 1", refused.stderr.lower())
        self.assertFalse(os.path.exists(other))
        done = self.ctl("backup", "restore", data=other)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"Restored backup 1", done.stdout)
        self.assertIn(b"warning: backup 2 is newer but damaged, so it was skipped", done.stderr)

    def test_a_refused_restore_changes_nothing(self):
        """The signed checkpoint of a lost log refuses an older backup each time, and its list of erasures is used."""
        person = self.sandbox.person("Quillfeather", "Zephyrine")
        self.back_up()
        erasure = self.operator.post(f"/v1/staff/users/{person.id}/erasures",
                                     {"ground": "court_order", "reason": "Ordered."})["id"]
        self.sandbox.staff("operator", 1).post(f"/v1/staff/users/{person.id}/erasures/{erasure}/approval")
        self.server.stop()
        lost = os.path.join(self.server.folder, "lost")
        shutil.copytree(os.path.join(self.server.data, "checkpoint"), os.path.join(lost, "checkpoint"))

        def kept():
            return {name: pathlib.Path(lost, "checkpoint", name).read_bytes()
                    for name in os.listdir(os.path.join(lost, "checkpoint"))}
        before = kept()
        self.assertEqual(set(before), {"checkpoint", "erasures"})
        for _ in range(2):
            refused = self.ctl("backup", "restore", data=lost)
            self.assertEqual(refused.returncode, 3)
            self.assertIn(b"acknowledged events are missing", refused.stderr)
            self.assertEqual(kept(), before)
            self.assertEqual(os.listdir(lost), ["checkpoint"])
        # The operator gives up the events since, and moves the note away: the erased person stays erased.
        os.remove(os.path.join(lost, "checkpoint", "checkpoint"))
        done = self.ctl("backup", "restore", data=lost)
        self.assertEqual(done.returncode, 0, done.stderr)
        replayed = ttpctl("replay", "--all", "--personal", "--sandbox", "--data-dir", lost, "--master-key-file",
                          os.path.join(self.server.data, "keys", "master.key"))
        self.assertEqual(replayed.returncode, 0, replayed.stderr)
        self.assertNotIn(b"Quillfeather", replayed.stdout)

    def test_a_backup_is_exported_while_the_service_runs(self):
        bundle = os.path.join(self.server.folder, "bundle")
        self.assertEqual(self.ctl("export", bundle, "--backup", "newest").returncode, 4)
        info = self.back_up()
        self.draft("Later")
        (told,) = self.lines(self.ctl("export", bundle, "--backup", "newest", "-o", "json"))
        self.assertEqual((told["events"], told["root"]), (info["events"], info["root"]))
        key = self.operator.get("/checkpoint/keys")["items"][0]["verifier_key"]
        self.assertEqual(ttpctl("verify", "--export", bundle, "--key", key).returncode, 0)
        self.assertEqual(self.ctl("export", bundle, "--backup", "newest").returncode, 5)
        for wanted, code in (("2", 4), ("4294967297", 2), ("oldest", 2)):
            self.assertEqual(self.ctl("export", bundle + "2", "--backup", wanted).returncode, code, wanted)

    def test_backups_from_before_a_new_master_key_are_distinguished(self):
        self.back_up()
        self.operator.post("/v1/operations/keys/master/rotations")
        done = self.ctl("backup", "verify", "-o", "json")
        self.assertEqual(done.returncode, 1, "no backup opens with the new key yet")
        self.assertIn(b"master key", done.stderr)
        self.back_up()
        rows = self.lines(self.ctl("backup", "verify", "-o", "json"))
        self.assertEqual([row["id"] for row in rows if "id" in row], [1, 2])
        self.assertEqual([row["vault"] for row in rows if "vault" in row], [1])
        self.restored()

    def test_a_damaged_vault_is_reported_beside_whole_backups(self):
        self.server.stop()
        for _ in range(2):
            self.assertEqual(self.ctl("backup", "create").returncode, 0)
        private = os.path.join(self.backups, "vault", "private", "1")
        manifest = next(name for name in os.listdir(private) if name.startswith("MANIFEST"))
        with open(os.path.join(private, manifest), "r+b") as file:
            file.write(b"XX")
        done = self.ctl("backup", "verify", "-o", "json")
        self.assertEqual(done.returncode, 3, done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row.get("id") for row in rows if "fault" not in row and "id" in row], [1, 2])
        self.assertEqual([row["vault"] for row in rows if "vault" in row], [1])

    def test_where_nothing_is_there_is_nothing_to_do(self):
        self.server.stop()
        for command in (["list"], ["verify"], ["prune", "--keep", "1"]):
            self.assertEqual(self.ctl("backup", *command).returncode, 4, command)
        self.assertEqual(ttpctl_on(self.server.data, "backup", "list").returncode, 2, "no folder is named")
        for path in ("backups", "other"):
            self.assertFalse(os.path.exists(os.path.join(self.server.folder, path)), path)

    def test_restores_to_a_position_and_to_a_time(self):
        kept = self.draft("To be kept")
        self.sandbox.advance(minutes=1)
        moment = self.sandbox.get("/v1/sandbox/clock")["now"]
        self.sandbox.advance(minutes=1)
        self.draft("A mistake")
        self.back_up()
        for option in (("--to-position", str(kept)), ("--to-time", moment)):
            other, owner = self.restored(*option)
            document = owner.get(self.company.here + "/profiles/company")
            self.assertEqual(document["answers"]["company_activities"], "To be kept", option)
            other.stop()
        other = os.path.join(self.server.folder, "nowhere")
        for option, code in ((("--to-position", "99999999"), 4), (("--to-time", "soon"), 2), (("--id", "77"), 4),
                             (("--to-position", "1", "--to-time", moment), 2)):
            self.assertEqual(self.ctl("backup", "restore", *option, data=other).returncode, code, option)
            self.assertFalse(os.path.exists(os.path.join(other, "log")))
        self.assertEqual(self.ctl("backup", "restore").returncode, 5, "there is a log already")

    def test_persons_erased_since_stay_erased(self):
        person = self.sandbox.person("Quillfeather", "Zephyrine")
        self.back_up()
        erasure = self.operator.post(f"/v1/staff/users/{person.id}/erasures",
                                     {"ground": "court_order", "reason": "Ordered."})["id"]
        self.sandbox.staff("operator", 1).post(f"/v1/staff/users/{person.id}/erasures/{erasure}/approval")
        _, owner = self.restored("--erasures", os.path.join(self.server.data, "checkpoint", "erasures"))
        operator = Sandbox(owner.server).staff("operator")
        document = operator.get("/v1/users/" + person.id)
        self.assertTrue(document["erased"])
        self.assertNotIn("family_name", document)

    def test_a_damaged_backup_is_reported_and_not_restored(self):
        self.back_up()
        self.assertEqual(len(self.lines(self.ctl("backup", "list", "-o", "json"))), 1)
        self.lines(self.ctl("backup", "verify", "-o", "json"))
        self.damage(self.largest(self.backups, "log", "shared_checksum"))
        self.assertEqual(self.ctl("backup", "verify").returncode, 3)
        other = os.path.join(self.server.folder, "other")
        self.assertIn(self.ctl("backup", "restore", data=other).returncode, (1, 3))
        self.assertFalse(os.path.exists(os.path.join(other, "log")))

    @staticmethod
    def damage(file):
        with open(file, "r+b") as opened:
            opened.seek(os.path.getsize(file) // 2)
            byte = opened.read(1)
            opened.seek(-1, os.SEEK_CUR)
            opened.write(bytes([byte[0] ^ 4]))

    @staticmethod
    def largest(*folder):
        files = [path for path in pathlib.Path(*folder).rglob("*") if path.is_file()]
        return max(files, key=os.path.getsize)

    def test_a_copy_of_damaged_files_is_no_backup_and_deletes_no_older_one(self):
        for part in ("log", "vault"):
            with self.subTest(part):
                self.server.stop()
                shutil.rmtree(self.backups, ignore_errors=True)
                self.server.flags = ("--backup-dir", self.backups, "--backups-keep", "1")
                whole = os.path.join(self.server.folder, "before " + part)
                shutil.copytree(self.server.data, whole)
                self.server.start()
                self.operator.signed_in()
                self.back_up()
                tables = set(pathlib.Path(self.server.data, part).glob("*.sst"))
                self.sandbox.person()
                self.server.stop()
                self.server.start()  # writes a new table, which no backup has
                new = set(pathlib.Path(self.server.data, part).glob("*.sst")) - tables
                self.operator.signed_in()
                self.damage(max(new, key=os.path.getsize))
                self.assertEqual(self.operator.ask("POST", BACKUPS).status, 202)
                document = eventually(lambda: (lambda each: not each["under_way"] and each)(self.operator.get(BACKUPS)))
                self.assertIn("fault", document)
                self.assertEqual([each["id"] for each in document["items"] if "fault" not in each], [1])
                self.server.kill()
                _, owner = self.restored()
                self.assertEqual(owner.ask("GET", "/v1/user").status, 200)
                shutil.rmtree(self.server.data)
                os.rename(whole, self.server.data)
                self.server.start()

    def test_where_the_newest_is_damaged_the_one_before_is_restored_and_kept(self):
        self.back_up()
        self.draft("Something more")
        self.back_up()
        self.server.stop()
        for part in ("log", "vault"):
            with self.subTest(part):
                newest = self.largest(self.backups, part, "private", "2")
                before = newest.read_bytes()
                self.damage(newest)
                other = Server()
                self.addCleanup(other.discard)
                done = self.ctl("backup", "restore", data=other.data)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(b"Restored backup 1", done.stdout)
                self.assertIn(b"backup 2 is newer but damaged", done.stderr)
                done = self.ctl("backup", "prune", "--keep", "1", "--yes")
                self.assertEqual(done.stdout, b"")
                self.assertIn(b"backup 2 is damaged and does not count", done.stderr)
                newest.write_bytes(before)

    def test_a_backup_whose_part_is_gone_is_named(self):
        self.back_up()
        self.back_up()
        os.remove(os.path.join(self.backups, "log", "meta", "2"))
        rows = self.lines(self.ctl("backup", "list", "-o", "json"))
        self.assertEqual([row["id"] for row in rows], [1, 2])
        self.assertIn("its part of the log", rows[1]["fault"])
        self.assertNotIn("fault", rows[0])

    def test_a_stopped_service_is_backed_up_by_hand(self):
        self.server.stop()
        self.assertEqual(self.ctl("backup", "create").returncode, 0)
        self.assertEqual(self.ctl("backup", "create").returncode, 0)
        rows = self.lines(self.ctl("backup", "list", "-o", "json"))
        self.assertEqual([row["id"] for row in rows], [1, 2])
        self.assertLess(rows[1]["bytes_new"], rows[0]["bytes_new"])
        self.assertEqual(self.ctl("backup", "verify").returncode, 0)


class WithoutAFolderTest(unittest.TestCase):
    def test_backups_are_refused_with_what_to_do(self):
        server, sandbox = town()
        self.addCleanup(server.discard)
        sandbox.staff("operator").refused("backups_not_configured", "POST", BACKUPS, status=409)


if __name__ == "__main__":
    unittest.main()

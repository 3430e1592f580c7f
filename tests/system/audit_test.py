"""An auditor who has only the API and public formats: tiles, proofs and receipts are checked by code in this file
(RFC 6962, C2SP signed-note and tlog-proof) and by openssl."""

import base64
import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest

from client import Api, fresh_key, needs_ttpd, town, ttpctl_on

ORIGIN = "ttp.invalid/audit/log1"
KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")  # an Ed25519 public key's DER before its 32 bytes

setUpModule = needs_ttpd


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_hash(leaves):
    """MTH of RFC 6962 section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def root_of_inclusion(index, size, leaf, proof):
    """RFC 9162 section 2.1.3.2."""
    last, value = size - 1, leaf
    for sibling in proof:
        if index % 2 == 1 or index == last:
            value = node_hash(sibling, value)
            while index % 2 == 0 and index != 0:
                index, last = index >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        index, last = index >> 1, last >> 1
    assert last == 0
    return value


def tile_path(kind, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"/tile/{kind}/" + "/".join(groups) + ("" if width == 256 else f".p/{width}")


def entries_of(bundle):
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2:2 + length])
        bundle = bundle[2 + length:]
    return entries


def verifying_key(server):
    """The Ed25519 key of the log of a server that is stopped."""
    shown = json.loads(ttpctl_on(server.data, "checkpoint", "show", "-o", "json").stdout)
    return base64.b64decode(shown["verifier_key"].split("+", 2)[2])[1:]


def open_checkpoint(note, key):
    """Origin, size and root of a note that openssl finds signed with the key."""
    text, signatures = note.rsplit(b"\n\n", 1)
    text += b"\n"
    mark = "— ".encode() + ORIGIN.encode() + b" "
    blobs = [base64.b64decode(line[len(mark):], validate=True) for line in signatures.splitlines()
             if line.startswith(mark)]
    key_hash = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + key).digest()[:4]
    blob = next((each for each in blobs if each[:4] == key_hash), None)
    assert blob, "this key has not signed the note"
    with tempfile.TemporaryDirectory() as folder:
        files = {"key": KEY_PREFIX + key, "text": text, "signature": blob[4:]}
        for name, content in files.items():
            pathlib.Path(folder, name).write_bytes(content)
        subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin", "-in",
                        "text", "-sigfile", "signature"], cwd=folder, check=True, capture_output=True)
    origin, size, root = text.decode().splitlines()
    return origin, int(size), base64.b64decode(root, validate=True)


class AuditTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.owner = cls.sandbox.person().sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner)
        for n in range(120):  # more than one tile
            cls.owner.delete(cls.company.add_site(f"Site {n}"))
        cls.server.stop()
        cls.key = verifying_key(cls.server)
        cls.server.start()
        cls.auditor = cls.sandbox.staff("auditor").signed_in()
        cls.anyone = Api(cls.server)
        # The events of the sign-in are signed within a second; a receipt signs at once.
        head = cls.auditor.get("/v1/audit/proofs/inclusion?position=0")["size"]
        cls.auditor.ask("GET", f"/v1/audit/receipts/{head - 1}")
        cls.note = cls.anyone.ask("GET", "/checkpoint").body
        cls.origin, cls.size, cls.root = open_checkpoint(cls.note, cls.key)

    def tiles(self, kind, asker):
        """All tiles of a kind up to the signed size, one after the other."""
        count = self.size if kind in (0, "entries") else self.size >> 8 * kind
        for index in range((count + 255) // 256):
            answer = asker.ask("GET", tile_path(kind, index, min(256, count - index * 256)))
            self.assertEqual(answer.status, 200, answer)
            yield answer.body

    def leaves(self):
        whole = b"".join(self.tiles(0, self.anyone))
        return [whole[at:at + 32] for at in range(0, len(whole), 32)]

    def test_the_tree_of_the_tiles_is_the_signed_one(self):
        leaves = self.leaves()
        self.assertGreater(self.size, 260)
        self.assertEqual(len(leaves), self.size)
        self.assertEqual(tree_hash(leaves), self.root)
        above = b"".join(self.tiles(1, self.anyone))
        self.assertEqual(above, b"".join(tree_hash(leaves[at:at + 256]) for at in range(0, self.size - 255, 256)))

    def test_the_entries_are_those_of_the_tiles_and_of_the_history(self):
        entries = [entry for bundle in self.tiles("entries", self.auditor) for entry in entries_of(bundle)]
        self.assertEqual([leaf_hash(entry) for entry in entries], self.leaves())
        events = self.auditor.pages("/v1/audit/events")[:self.size]
        for entry, event in zip(entries, events):
            self.assertEqual(int.from_bytes(entry[:8], "big"), event["version"])
            self.assertIn(event["type"].encode(), entry)
            self.assertIn(event["stream"].encode(), entry)

    def test_only_auditors_see_entries(self):
        path = tile_path("entries", 0, 256)
        self.assertEqual(self.anyone.ask("GET", path).status, 401)
        self.assertEqual(self.owner.ask("GET", path).status, 403)
        for route in ("proofs/inclusion?position=0", "proofs/consistency?from_size=1", "receipts/0"):
            self.assertEqual(self.owner.ask("GET", f"/v1/audit/{route}").status, 403)

    def test_a_tile_of_one_width_never_changes_and_others_do_not_exist(self):
        whole = self.anyone.ask("GET", tile_path(0, 0, 256))
        part = self.anyone.ask("GET", tile_path(0, 0, 7))
        self.assertEqual(part.body, whole.body[:7 * 32])
        self.assertIn("immutable", part.headers["Cache-Control"])
        for path in ("/tile/0/999", "/tile/0/001", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/0", "/tile/9/000",
                     "/tile/3/000.p/1", "/tile/0/x000/000", "/tile/x/000"):
            self.assertEqual(self.anyone.ask("GET", path).status, 404, path)

    def test_every_inclusion_is_proved(self):
        leaves = self.leaves()
        for position in (0, 1, 100, 255, 256, self.size - 1):
            told = self.auditor.get(f"/v1/audit/proofs/inclusion?position={position}&size={self.size}")
            proof = [base64.b64decode(each) for each in told["proof"]]
            self.assertEqual(base64.b64decode(told["leaf"]), leaves[position])
            self.assertEqual(root_of_inclusion(position, self.size, leaves[position], proof), self.root)
        for query, status in ((f"position={self.size}&size={self.size}", 422), ("size=3", 422), ("position=x", 422),
                              ("position=0&size=99999999", 422)):
            self.assertEqual(self.auditor.ask("GET", f"/v1/audit/proofs/inclusion?{query}").status, status, query)

    def test_growth_is_proved_consistent(self):
        leaves = self.leaves()
        for before in (1, 2, 255, 256, 257, self.size):
            told = self.auditor.get(f"/v1/audit/proofs/consistency?from_size={before}&to_size={self.size}")
            self.assertEqual(base64.b64decode(told["from_root"]), tree_hash(leaves[:before]))
            self.assertEqual(base64.b64decode(told["to_root"]), self.root)
            self.assertEqual(bool(told["proof"]), before != self.size)

    def test_a_receipt_stands_by_itself(self):
        for position in (0, 200, self.size - 1):
            answer = self.auditor.ask("GET", f"/v1/audit/receipts/{position}")
            self.assertEqual(answer.status, 200, answer)
            head, note = answer.body.split(b"\n\n", 1)
            mark, index, *proof = head.decode().splitlines()
            self.assertEqual((mark, index), ("c2sp.org/tlog-proof@v1", f"index {position}"))
            _, size, root = open_checkpoint(note, self.key)
            self.assertEqual(root_of_inclusion(position, size, self.leaves()[position],
                                               [base64.b64decode(each) for each in proof]), root)
        self.assertEqual(self.auditor.ask("GET", "/v1/audit/receipts/99999999").status, 404)

    def test_a_commands_answer_brings_its_receipt_on_request(self):
        path = f"{self.company.here}/profiles/company"
        plain = self.owner.put(path, {"answers": {}})
        self.assertNotIn("receipt", plain)
        answer = self.owner.ask("PUT", path, {"answers": {}}, headers={"Prefer": "wait=5, receipt"}, key=fresh_key())
        self.assertEqual((answer.status, answer.headers["Preference-Applied"]), (200, "receipt"), answer)
        position = answer.document["position"]
        head, note = answer.document["receipt"].encode().split(b"\n\n", 1)
        _, index, *proof = head.decode().splitlines()
        self.assertEqual(index, f"index {position}")
        _, size, root = open_checkpoint(note, self.key)
        leaf = base64.b64decode(self.auditor.get(f"/v1/audit/proofs/inclusion?position={position}")["leaf"])
        self.assertEqual(root_of_inclusion(position, size, leaf, [base64.b64decode(each) for each in proof]), root)

    def test_the_history_is_filtered(self):
        everything = self.auditor.pages("/v1/audit/events")
        added = self.auditor.pages("/v1/audit/events?type=programme.security_profile_added")
        self.assertEqual(added, [each for each in everything if each["type"] == "programme.security_profile_added"])
        self.assertGreater(len(added), 100)
        by_owner = self.auditor.pages(f"/v1/audit/events?actor_id={self.owner.id}&type=account.account_activated,"
                                      "account.programme_terms_accepted")
        self.assertEqual([each for each in everything if each.get("actor_id") == self.owner.id and each["type"] in (
            "account.account_activated", "account.programme_terms_accepted")], by_owner)
        moment = everything[100]["recorded_at"]
        self.assertEqual(self.auditor.pages(f"/v1/audit/events?since={moment}"),
                         [each for each in everything if each["recorded_at"] >= moment])
        self.assertEqual(self.auditor.pages(f"/v1/audit/events?until={moment}"),
                         [each for each in everything if each["recorded_at"] < moment])
        self.assertEqual(self.auditor.pages("/v1/audit/events?from_position=7&to_position=9"), everything[7:10])
        for query in ("actor_id=me", "since=yesterday", "from_position=-1", "format=xml", "cursor=abc", "limit=0"):
            self.assertEqual(self.auditor.ask("GET", f"/v1/audit/events?{query}").status, 422, query)

    def test_the_history_comes_as_lines_and_as_cloud_events(self):
        page = self.auditor.get("/v1/audit/events?limit=20")["items"]
        lines = self.auditor.ask("GET", "/v1/audit/events?limit=20&format=ndjson")
        self.assertEqual([json.loads(line) for line in lines.body.splitlines()], page)
        events = self.auditor.ask("GET", "/v1/audit/events?limit=20&format=cloudevents")
        self.assertIn("application/cloudevents-batch+json", events.headers["Content-Type"])
        for event, plain in zip(events.document, page):
            self.assertEqual(event["specversion"], "1.0")
            self.assertEqual((event["id"], event["source"]), (str(plain["position"]), "//" + ORIGIN))
            self.assertEqual((event["type"], event["subject"], event["time"], event["data"]),
                             (plain["type"], plain["stream"], plain["recorded_at"], plain["data"]))
        link = lines.headers["Link"]
        self.assertTrue(link.endswith('; rel="next"'))
        following = self.auditor.ask("GET", link[1:link.index(">")])
        self.assertEqual(json.loads(following.body.splitlines()[0])["position"], 20)


if __name__ == "__main__":
    unittest.main()

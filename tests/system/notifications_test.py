"""The notifications of an account's users: sentences, links, read marks, and the stream."""

import http.client
import json
import unittest

from client import REQUEST_SECONDS, needs_ttpd, town

setUpModule = needs_ttpd


class Stream:
    """A stream of server-sent events, read as a browser's EventSource reads it."""

    def __init__(self, person, path, headers=None):
        self.connection = http.client.HTTPConnection(*person.server.host_and_port, timeout=REQUEST_SECONDS)
        self.connection.request("GET", path, headers={"Authorization": "Bearer " + person.token, **(headers or {})})
        self.response = self.connection.getresponse()

    def message(self):
        """The next event that has data: its id and its data. A named event would never reach `onmessage`."""
        fields = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                assert "event" not in fields, fields
                return fields["id"], json.loads(fields["data"])
            else:
                fields = {}

    def close(self):
        self.connection.close()


class NotificationsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)

    def setUp(self):
        self.owner = self.sandbox.person(language="fr").sign_in()
        self.company = self.sandbox.authorised_company(self.owner)
        self.path = self.company.here + "/notifications"

    def change_role(self, person):
        """Two things that are told: the role of a colleague changes twice."""
        self.owner.put(f"{self.company.here}/members/{person.id}/role", {"role": "full_access"})
        self.owner.put(f"{self.company.here}/members/{person.id}/role", {"role": "administrative"})

    def test_each_has_a_sentence_a_link_and_the_thing(self):
        rows = self.owner.pages(self.path)
        self.assertGreater(len(rows), 5)
        for row in rows:
            self.assertEqual(row["title"], row["titles"]["fr"], row)
            self.assertNotEqual(row["titles"]["fr"], row["titles"]["en"], row)
            self.assertEqual(row["id"], str(row["position"]))
            self.assertEqual(self.owner.ask("GET", row["href"]).status, 200, row)
        letter = next(row for row in rows if row["type"] == "account.letter_ordered")
        self.assertTrue(letter["href"].endswith("/letters/" + letter["letter_id"]), letter)

    def test_read_marks_are_the_persons_own_move_forward_and_survive(self):
        colleague = self.company.add(self.sandbox.person(), "administrative").sign_in()
        rows = self.owner.pages(self.path)
        self.assertFalse([row for row in rows if row["read"]])
        self.owner.put(self.path + "/read-mark", {"position": rows[2]["position"]})
        self.owner.put(self.path + "/read-mark", {"position": rows[5]["position"]})
        self.server.kill()
        self.server.start()
        expected = [False, False] + [True] * (len(rows) - 2)
        self.assertEqual([row["read"] for row in self.owner.pages(self.path)][-len(rows):], expected)
        self.assertFalse([row for row in colleague.pages(self.path) if row["read"]])

    def test_a_stranger_reads_nothing_and_marks_nothing(self):
        stranger = self.sandbox.person().sign_in()
        for method, path, body in (("GET", self.path, None), ("GET", self.path + "/stream", None),
                                   ("PUT", self.path + "/read-mark", {"position": 1})):
            stranger.refused("account_not_found", method, path, body)

    def test_a_stream_sends_what_comes_and_goes_on_after_the_last_event(self):
        colleague = self.company.add(self.sandbox.person(), "administrative")
        head = int(self.owner.ask("GET", self.path).headers["X-Position"])
        stream = Stream(self.owner, f"{self.path}/stream?from_position={head + 1}")
        self.addCleanup(stream.close)
        self.assertEqual(stream.response.status, 200)
        self.change_role(colleague)
        first, second = stream.message(), stream.message()
        self.assertEqual([each[1]["type"] for each in (first, second)], ["account.member_role_changed"] * 2)
        self.assertEqual(first[0], first[1]["id"])
        listed = self.owner.pages(self.path)
        self.assertEqual([listed[1], listed[0]], [first[1], second[1]])
        resumed = Stream(self.owner, self.path + "/stream", {"Last-Event-ID": first[0]})
        self.addCleanup(resumed.close)
        self.assertEqual(resumed.message(), second)
        self.owner.refused("out_of_range", "GET", self.path + "/stream", headers={"Last-Event-ID": "99999999"})

    def test_a_stream_ends_with_the_membership(self):
        colleague = self.company.add(self.sandbox.person(), "administrative").sign_in()
        stream = Stream(colleague, self.path + "/stream")
        self.addCleanup(stream.close)
        self.owner.delete(f"{self.company.here}/members/{colleague.id}")
        told = []
        while line := stream.response.readline():
            told.append(line)
        self.assertNotIn(b"event:", b"".join(told))

    def test_streams_are_bounded_for_each_person(self):
        streams = [Stream(self.owner, self.path + "/stream") for _ in range(8)]
        for each in streams:
            self.addCleanup(each.close)
            self.assertEqual(each.response.status, 200)
        ninth = Stream(self.owner, self.path + "/stream")
        self.addCleanup(ninth.close)
        self.assertEqual(ninth.response.status, 429)
        self.assertEqual(json.loads(ninth.response.read())["code"], "too_many_streams")

    def test_neither_the_list_nor_the_stream_keeps_a_session_from_idling(self):
        server, sandbox = town()
        self.addCleanup(server.discard)
        owner = sandbox.person().sign_in()
        path = sandbox.authorised_company(owner).here + "/notifications"
        for _ in range(2):
            sandbox.advance(minutes=7)
            owner.get(path)
            Stream(owner, path + "/stream").close()
        sandbox.advance(minutes=2)
        owner.refused("session_expired", "GET", path)


if __name__ == "__main__":
    unittest.main()

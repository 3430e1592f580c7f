"""The past: recorded live answers are compared with the documents that auditors see of that point, differences are
given in words, looks at personal data are recorded, and the history comes as server-sent events.
"""

import http.client
import json
import time
import unittest

from client import Api, Company, eventually, needs_ttpd, town

setUpModule = needs_ttpd

PERSONAL = ("Marie-Ève", "Tremblay", "Okafor", "Érablière", "Transports", "@example.com", "+1 819", "Principale",
            "Our very own words")


class PastTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.privacy = cls.sandbox.staff("privacy_auditor")
        cls.auditor = cls.sandbox.staff("auditor")
        cls.owner = cls.sandbox.person().sign_in()
        cls.member = cls.sandbox.person("Okafor", "Ada").sign_in()
        cls.company = Company(cls.owner)
        cls.seen = []
        cls.moments = {}
        cls.play()

    @classmethod
    def look(cls, name):
        """The company's documents as its users see them now, with the position in the log and the time."""
        now = cls.sandbox.get("/v1/sandbox/clock")["now"]
        for reader in (cls.owner, cls.member):
            paths = {"user": "/v1/user", "account": cls.company.here, "members": cls.company.here + "/members",
                     "membership": cls.company.here + "/membership", "profiles": cls.company.here + "/profiles",
                     "submissions": cls.company.here + "/submissions"}
            for what, path in paths.items():
                answer = reader.ask("GET", path)
                if answer.status == 200:
                    position = int(answer.headers["X-Position"])
                    document = answer.document
                    cls.seen.append((name, position, now, reader, what, document.get("items", document)))
        cls.moments[name] = position

    @classmethod
    def play(cls):
        cls.look("enrolled")
        cls.company.confirm_address()
        cls.look("letter ordered")
        cls.company.activate()
        cls.company.accept_terms()
        cls.company.add(cls.member, "administrative")
        cls.look("authorised")
        cls.owner.put(cls.company.here + f"/members/{cls.member.id}/role", {"role": "full_access"})
        cls.owner.put(cls.company.here + "/profiles/company", {"answers": {"company_activities": "Our very own words"}})
        cls.look("member promoted")
        cls.company.fill_profiles()
        cls.owner.post(cls.company.here + "/submissions")
        cls.look("submitted")
        cls.sandbox.advance(minutes=5)
        cls.owner.post(cls.company.here + "/ownership-offers",
                       {**cls.member.identity(), "previous_owner": "becomes_proxy_owner"})
        cls.look("ownership offered")
        offer = cls.member.get("/v1/user")["ownership_offers"][0]["id"]
        cls.member.post(f"{cls.company.here}/ownership-offers/{offer}/acceptance", {"signing_authority_attested": True})
        cls.look("handed on")
        cls.owner.delete(f"{cls.company.here}/members/{cls.owner.id}")
        cls.owner.patch("/v1/user/contact-details", {"given_names": "Ève"})
        cls.look("gone")

    def state(self, reader, what, **moment):
        (name, value), = moment.items()
        if what == "user":
            path = f"/v1/audit/users/{reader.id}/state"
        else:
            path = f"/v1/audit/accounts/{self.company.id}/state"
        shown = self.privacy.get(f"{path}?{name}={value}&reader_id={reader.id}&personal=true")
        return shown[what]

    def test_a_position_shows_the_documents_of_that_point(self):
        self.assertGreater(len(self.seen), 60)
        for name, position, _, reader, what, document in self.seen:
            with self.subTest(name=name, what=what, reader=reader.family_name):
                told = self.state(reader, what, position=position)
                if what == "profiles" and reader is self.member:
                    told = [each for each in told if each["id"] in
                            {one["id"] for one in document}]
                self.assertEqual(told, document)

    def test_a_time_shows_the_documents_of_that_point(self):
        """The clock is read just before, so only sign-ins of the same second can lie between."""
        for name, _, now, reader, what, document in self.seen:
            if what == "account":
                with self.subTest(name=name, reader=reader.family_name):
                    self.assertEqual(self.state(reader, what, at=now), document)

    def test_before_there_was_anything_there_is_nothing(self):
        for path in (f"accounts/{self.company.id}", f"users/{self.owner.id}"):
            self.assertEqual(self.auditor.ask("GET", f"/v1/audit/{path}/state?position=0").status, 404)
            self.assertEqual(self.auditor.ask("GET", f"/v1/audit/{path}/state?at=2001-01-01T00:00:00Z").status, 404)

    def test_invalid_points_in_time_are_refused(self):
        here = f"/v1/audit/accounts/{self.company.id}/state"
        for query in ("position=99999999", "position=x", "at=soon", "at=2999-01-01T00:00:00Z", "reader_id=me",
                      "position=3&at=2026-01-01T00:00:00Z", "personal=perhaps"):
            self.assertEqual(self.auditor.ask("GET", f"{here}?{query}").status, 422, query)

    # ---- personal data --------------------------------------------------------------------------------------------

    def test_without_permission_nothing_personal_is_shown(self):
        paths = [f"/v1/audit/accounts/{self.company.id}/state", f"/v1/audit/users/{self.owner.id}/state",
                 f"/v1/audit/accounts/{self.company.id}/differences?from_position=0",
                 f"/v1/audit/users/{self.owner.id}/differences?from_position=0",
                 "/v1/audit/events?limit=200", f"/v1/audit/accounts/{self.company.id}/events?limit=200"]
        for path in paths:
            for reader in (self.auditor, self.privacy):
                text = reader.ask("GET", path).body.decode()
                self.assertGreater(len(text), 100)
                self.assertEqual([each for each in PERSONAL if each in text], [], path)
            separator = "&" if "?" in path else "?"
            self.auditor.refused("staff_role_required", "GET", f"{path}{separator}personal=true", status=403)

    def looks(self):
        return [each["data"] for each in self.auditor.pages(
            f"/v1/audit/users/{self.privacy_id()}/events?type=user.personal_data_viewed")]

    def privacy_id(self):
        return self.privacy.get("/v1/user")["id"]

    def test_each_look_is_recorded_before_it_is_granted(self):
        before = len(self.looks())
        page = self.privacy.get(f"/v1/audit/users/{self.owner.id}/events?personal=true&limit=5")
        self.assertIn("Tremblay", json.dumps(page, ensure_ascii=False))
        self.privacy.get(f"/v1/audit/accounts/{self.company.id}/differences?from_position=0&personal=true")
        self.privacy.get(f"/v1/audit/accounts/{self.company.id}/state")
        looks = self.looks()[before:]
        self.assertEqual([(each["look"], each.get("of_user"), each.get("of_account")) for each in looks],
                         [("history", self.owner.id, None), ("differences", None, self.company.id)])

    def test_staff_of_other_roles_do_not_see_the_past(self):
        for role in ("service_desk", "operator", "programme_officer", "mail_room"):
            self.assertEqual(self.sandbox.staff(role).ask(
                "GET", f"/v1/audit/accounts/{self.company.id}/state").status, 403)

    # ---- differences ----------------------------------------------------------------------------------------------

    def differences(self, first, second, personal=False):
        path = (f"/v1/audit/accounts/{self.company.id}/differences?from_position={self.moments[first]}"
                f"&to_position={self.moments[second]}")
        document = self.privacy.get(path + ("&personal=true" if personal else ""))
        return {each["path"]: each for each in document["differences"]}

    def test_differences_are_said_in_words(self):
        found = self.differences("letter ordered", "authorised")
        stage = found["/account/stage"]
        self.assertEqual((stage["before"], stage["after"]), ("awaiting_activation", "authorised"))
        self.assertEqual(stage["titles"]["en"], "The stage: awaiting activation became authorised.")
        self.assertEqual(stage["titles"]["fr"], "L'étape : en attente d'activation est devenu autorisé.")
        self.assertIn(f"/members/{self.member.id}", found)
        role = self.differences("authorised", "member promoted")[f"/members/{self.member.id}/role"]
        self.assertEqual(role["titles"]["en"], f"The member {self.member.id}, the role: administrative user became "
                                     "full-access user.")
        self.assertIn("utilisateur à accès complet", role["titles"]["fr"])
        owner = self.differences("ownership offered", "handed on")["/account/owner_id"]
        self.assertEqual((owner["before"], owner["after"]), (self.owner.id, self.member.id))

    def test_values_are_shown_to_permitted_readers(self):
        paths = self.differences("authorised", "member promoted", personal=True)
        answers = [each for path, each in paths.items() if path.endswith("/answers/company_activities")]
        self.assertEqual([each["after"] for each in answers], ["Our very own words"])
        self.assertNotIn("Our very own words", json.dumps(self.differences("authorised", "member promoted")))

    def test_nothing_differs_from_itself(self):
        self.assertEqual(self.differences("submitted", "submitted"), {})
        path = f"/v1/audit/accounts/{self.company.id}/differences"
        last, first = self.moments["gone"], self.moments["enrolled"]
        self.assertEqual(self.auditor.ask("GET", f"{path}?from_position={last}&to_position={first}").status, 422)

    def test_every_member_that_can_differ_has_words(self):
        schemas = self.server.description().document["paths"]
        shown = schemas["/v1/audit/accounts/{account}/state"]["get"]["responses"]["200"]
        content = self.server.description().resolved(shown)["content"]["application/json"]["schema"]
        names = set()

        def walk(schema):
            schema = self.server.description().resolved(schema)
            for name, each in schema.get("properties", {}).items():
                if name != "actions":
                    names.add(name)
                    walk(each)
            if "items" in schema:
                walk(schema["items"])
        walk(content)
        self.assertGreater(len(names), 50)
        found = self.auditor.get(f"/v1/audit/accounts/{self.company.id}/differences?from_position=0")["differences"]
        said = " ".join(each["titles"]["en"] + each["titles"]["fr"] for each in found)
        for name in names:
            if "_" in name:
                self.assertNotRegex(said, rf"\b{name}\b")


class Stream:
    """Server-sent events as a browser reads them."""

    def __init__(self, person, path="/v1/audit/events/stream", seen=None):
        self.connection = http.client.HTTPConnection(*person.server.host_and_port, timeout=30)
        headers = {"Authorization": "Bearer " + person.token, "Accept": "text/event-stream"}
        if seen is not None:
            headers["Last-Event-ID"] = str(seen)
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.last = seen

    def next(self):
        """The next event; nothing at the end of the stream."""
        fields = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            line = line.rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if "id" in fields:
                self.last = int(fields["id"])
            if "data" in fields:
                assert "event" not in fields, "a browser's onmessage gets events without a name only"
                document = json.loads(fields["data"])
                return int(fields["id"]), document["type"], document
            fields = {}

    def take(self, count):
        return [self.next() for _ in range(count)]

    def close(self):
        self.connection.close()


class StreamTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.owner = cls.sandbox.person().sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner)

    def setUp(self):
        if not self.server.is_running():
            self.server.start()
        self.auditor = self.sandbox.staff("auditor")
        self.events = self.auditor.pages("/v1/audit/events")

    def stream(self, *arguments, **more):
        stream = Stream(self.auditor, *arguments, **more)
        self.addCleanup(stream.close)
        return stream

    def test_it_sends_the_whole_history_in_order(self):
        stream = self.stream()
        self.assertEqual(stream.response.headers["Content-Type"], "text/event-stream")
        told = stream.take(len(self.events))
        self.assertEqual([document for _, _, document in told], self.events)
        self.assertEqual([(number, kind) for number, kind, _ in told],
                         [(each["position"], each["type"]) for each in self.events])

    def test_new_events_come_at_once(self):
        stream = self.stream(seen=self.events[-1]["position"])
        position = self.owner.put(self.company.here + "/profiles/company", {"answers": {}})["position"]
        number, kind, _ = stream.next()
        self.assertEqual((number, kind), (position, "programme.profile_saved"))

    def test_it_is_taken_up_exactly_where_it_broke_off(self):
        whole = [each["position"] for each in self.events]
        got, seen = [], None
        while len(got) < len(whole):
            stream = Stream(self.auditor, seen=seen)
            got += [number for number, _, _ in stream.take(min(7, len(whole) - len(got)))]
            seen = got[-1]
            stream.close()
            if len(got) == 28:
                self.server.kill()
                self.server.start()
        self.assertEqual(got, whole)

    def test_it_is_filtered_as_the_history_is(self):
        kinds = "account.letter_ordered,user.session_opened"
        wanted = [each for each in self.events if each["type"] in kinds]
        stream = self.stream(f"/v1/audit/events/stream?type={kinds}")
        self.assertEqual([document for _, _, document in stream.take(len(wanted))], wanted)
        account = self.auditor.pages(f"/v1/audit/accounts/{self.company.id}/events")
        stream = self.stream(f"/v1/audit/accounts/{self.company.id}/events/stream")
        self.assertEqual([document for _, _, document in stream.take(len(account))], account)

    def test_it_ends_with_the_session(self):
        other = self.auditor.another_session()
        stream = Stream(other, seen=other.pages("/v1/audit/events")[-1]["position"])
        self.addCleanup(stream.close)
        other.delete("/v1/session")
        self.assertIsNone(stream.next())

    def test_a_start_beyond_the_log_is_refused(self):
        beyond = self.events[-1]["position"] + 1000
        refused = self.auditor.ask("GET", "/v1/audit/events/stream", headers={"Last-Event-ID": str(beyond)})
        self.assertEqual((refused.status, refused.code), (422, "out_of_range"))
        self.assertEqual(refused.document["errors"][0]["parameter"], "Last-Event-ID")
        for path in ("/v1/audit/events", "/v1/audit/events/stream"):
            refused = self.auditor.refused("out_of_range", "GET", f"{path}?from_position={beyond}", status=422)
            self.assertEqual(refused.document["errors"][0]["parameter"], "from_position")

    def test_one_auditor_cannot_take_the_streams_of_all(self):
        # The server notices soon, not at once, that the streams of other tests are closed.
        for _ in range(8):
            eventually(lambda: self.stream().response.status == 200)
        ninth = self.stream()
        self.assertEqual(ninth.response.status, 429)
        self.assertEqual(json.loads(ninth.response.read())["code"], "too_many_streams")
        other = Stream(self.sandbox.staff("privacy_auditor"))
        self.addCleanup(other.close)
        self.assertEqual(other.response.status, 200)

    def test_it_is_for_auditors(self):
        for person in (self.owner, self.sandbox.staff("operator")):
            stream = Stream(person)
            self.assertEqual(stream.response.status, 403)
            stream.close()
        self.assertEqual(self.auditor.ask("GET", "/v1/audit/events/stream", headers={"Last-Event-ID": "x"}).status, 422)

    def test_the_server_stops_under_an_open_stream(self):
        stream = self.stream()
        stream.take(3)
        began = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - began, 20)


if __name__ == "__main__":
    unittest.main()

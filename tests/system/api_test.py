"""The behaviour of the service as clients see it: one sentence per test, with real requests to a real server.

There are two servers: the clock of the first runs by itself, the clock of the second is moved. Each test has its own people.
"""

import base64
import concurrent.futures
import datetime
import http.client
import json
import re
import socket
import threading
import time
import unittest

from client import (ADDRESS, DAY, ELIGIBLE, REGISTRATION_CODE, Api, Company, Person, Unexpected, answer_for, enrolment,
                    eventually, fresh_key, needs_ttpd, parse_time, town, with_query, wrong, wrong_registration_code)

NOBODY = "00000000-0000-7000-8000-000000000000"
SESSION_COOKIE = "__Host-ttp_session"
SIGN_IN_COOKIE = "__Host-ttp_sign_in"
DEVICE_COOKIE = "__Host-ttp_device"

servers = {}


def setUpModule():
    needs_ttpd()
    for name in ("calm", "moving"):
        servers[name] = town()
        unittest.addModuleCleanup(servers[name][0].discard)


class ApiTest(unittest.TestCase):
    """Tests on one of the two servers."""

    which = "calm"
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = servers[cls.which]

    def setUp(self):
        self.anybody = Api(self.server)

    def owner_with_company(self):
        owner = self.sandbox.person().sign_in()
        return owner, self.sandbox.authorised_company(owner)

    def pointers(self, answer):
        return {(each["pointer"], each["code"]) for each in answer.document["errors"]}


def sentences(document):
    """The texts of a problem that a person reads."""
    return [document["title"], document.get("detail", "")] + [each.get("title", "") for each in document.get("errors", [])]


# ---- problem documents ------------------------------------------------------------------------------------------------


class ProblemDocuments(ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.sandbox.person().sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner)
        cls.proof = cls.sandbox.stranger().proof()

    def registration(self, **changes):
        return {**self.proof, "user_name": "otterfriend1", "password": "quiet otters row north", "family_name": "Roy",
                "given_names": "Ada", "telephone": "+18195550142", **changes}

    def test_a_problem_says_what_and_where_under_a_stable_code(self):
        answer = self.owner.refused("account_not_found", "GET", f"/v1/accounts/{NOBODY}", status=404,
                                    headers={"X-Request-Id": "7d0c9c1e-0000-4000-8000-000000000001"})
        problem = answer.document
        self.assertTrue(answer.headers["Content-Type"].startswith("application/problem+json"))
        self.assertEqual(problem["status"], 404)
        self.assertTrue(problem["type"].endswith("/problems/account_not_found"), problem["type"])
        self.assertTrue(problem["title"])
        self.assertIn(NOBODY, problem["instance"])
        self.assertEqual(problem["request_id"], "7d0c9c1e-0000-4000-8000-000000000001")
        self.assertEqual(answer.headers["X-Request-Id"], problem["request_id"])

    def test_a_problems_type_leads_to_its_description(self):
        problem = self.anybody.refused("not_signed_in", "GET", "/v1/user", status=401).document
        path = "/problems/" + problem["type"].rsplit("/", 1)[1]
        described = self.anybody.get(path)
        self.assertEqual(described["code"], "not_signed_in")
        self.anybody.refused("route_not_found", "GET", "/problems/no_such_code", status=404)

    def test_a_problem_speaks_english_and_french(self):
        body = self.registration(user_name="x")
        said = {}
        for wanted in ("en", "fr", "fr-CA;q=0.9, en;q=0.1", "en;q=0.2, fr;q=0.8", "de", "*"):
            answer = self.anybody.ask("POST", "/v1/credentials", body, headers={"Accept-Language": wanted})
            said[wanted] = sentences(answer.document)
            self.assertTrue(answer.headers["Content-Language"], answer.headers)
        self.assertTrue(all(one != other for one, other in zip(said["en"], said["fr"]) if one), said)
        self.assertEqual(said["fr-CA;q=0.9, en;q=0.1"], said["fr"])
        self.assertEqual(said["en;q=0.2, fr;q=0.8"], said["fr"])
        self.assertIn(said["de"], (said["en"], said["fr"]))

    def test_every_reason_has_its_sentence_in_both_languages(self):
        listed = {}
        for language in ("en", "fr"):
            rows = Api(self.server, language).get("/problems")
            rows = rows["items"] if isinstance(rows, dict) else rows
            listed[language] = {each["code"]: each for each in rows}
        self.assertEqual(listed["en"].keys(), listed["fr"].keys())
        self.assertGreater(len(listed["en"]), 100)
        for code, row in listed["en"].items():
            self.assertTrue(400 <= row["status"] < 600, row)
            self.assertTrue(row["titles"]["en"] and row["titles"]["fr"], code)
            self.assertNotEqual(row["titles"]["en"], row["titles"]["fr"], code)

    def test_an_unknown_member_is_refused_with_a_pointer(self):
        answer = self.anybody.refused("unknown_member", "POST", "/v1/credentials",
                                      self.registration(nick_name="Ady", **{"a/b~c": 1}))
        self.assertEqual(self.pointers(answer), {("/nick_name", "unknown_member"), ("/a~1b~0c", "unknown_member")})

    def test_an_unknown_member_deep_down_is_refused_with_a_pointer(self):
        body = enrolment(mailing_address={**ADDRESS, "galaxy": "Milky Way"}, eligibility={**ELIGIBLE, "rich": True})
        answer = self.owner.refused("unknown_member", "POST", "/v1/accounts", body)
        self.assertEqual(self.pointers(answer), {("/mailing_address/galaxy", "unknown_member"),
                                                 ("/eligibility/rich", "unknown_member")})

    def test_all_faults_are_reported_at_once(self):
        body = self.registration(user_name="short", telephone=5, code="7K4QX", registration_token="x" * 80)
        del body["family_name"]
        answer = self.anybody.ask("POST", "/v1/credentials", body)
        self.assertEqual(self.pointers(answer),
                         {("/user_name", "too_short"), ("/telephone", "wrong_type"), ("/code", "too_short"),
                          ("/registration_token", "registration_not_found"), ("/family_name", "missing")})
        answer = self.anybody.ask("POST", "/v1/registrations", {"email": "nowhere", "language": "de", "name": "Ada"})
        self.assertEqual(self.pointers(answer),
                         {("/email", "malformed"), ("/language", "not_a_choice"), ("/name", "unknown_member")})

    def test_wrong_types_are_refused_with_pointers(self):
        body = enrolment(legal_name=7, operating_names="Sirop", signing_authority_attested="yes", eligibility=[])
        answer = self.owner.refused("wrong_type", "POST", "/v1/accounts", body)
        self.assertEqual(self.pointers(answer), {(pointer, "wrong_type") for pointer in
                         ("/legal_name", "/operating_names", "/signing_authority_attested", "/eligibility")})

    def test_a_fault_within_a_list_names_the_item(self):
        body = enrolment(operating_names=["Sirop", 5, "x" * 500])
        answer = self.owner.ask("POST", "/v1/accounts", body)
        self.assertEqual(self.pointers(answer), {("/operating_names/1", "wrong_type"), ("/operating_names/2", "too_long")})

    def test_a_member_given_twice_is_refused_with_a_pointer(self):
        raw = json.dumps(self.registration())[:-1].encode() + b',"telephone":"+18195550143"}'
        answer = self.anybody.refused("duplicate_member", "POST", "/v1/credentials", raw=raw)
        self.assertIn(("/telephone", "duplicate_member"), self.pointers(answer))

    def test_an_answer_given_twice_is_refused_with_a_pointer(self):
        raw = b'{"answers":{"web_site":"https://a.example","web_site":"https://b.example"}}'
        answer = self.owner.refused("duplicate_member", "PUT", self.company.here + "/profiles/company", raw=raw)
        self.assertEqual(self.pointers(answer), {("/answers/web_site", "duplicate_member")})

    def test_bad_utf8_is_refused(self):
        for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
            raw = json.dumps(self.registration()).encode().replace(b"Ada", b"A" + bad)
            self.anybody.refused("body_not_utf8", "POST", "/v1/credentials", raw=raw, status=400)

    def test_a_body_that_is_not_json_is_refused(self):
        for raw in (b"", b"{", b"nonsense", b'{"a":1,}', b"{} {}", b"{'a':1}", b'{"a":NaN}'):
            self.anybody.refused("body_not_json", "POST", "/v1/credentials", raw=raw, status=400)

    def test_a_body_that_is_no_object_is_refused(self):
        for raw in (b"[]", b'"text"', b"7", b"null"):
            self.anybody.refused("wrong_type", "POST", "/v1/credentials", raw=raw)

    def test_a_body_too_deep_is_refused(self):
        for depth in (33, 500, 5_000):
            raw = b'{"user_name":' + b"[" * depth + b"]" * depth + b"}"
            self.anybody.refused("body_too_deep", "POST", "/v1/credentials", raw=raw, status=400)

    def test_a_body_too_large_is_refused(self):
        raw = b'{"user_name":"' + b"x" * (256 * 1024) + b'"}'
        self.anybody.refused("body_too_large", "POST", "/v1/credentials", raw=raw, status=413)

    def test_a_header_too_large_is_refused(self):
        self.anybody.refused("header_too_large", "GET", "/health/live", status=431, headers={"X-Long": "x" * 20_000})
        self.anybody.refused("header_too_large", "GET", "/" + "x" * 9_000, status=414)

    def test_only_json_is_taken(self):
        for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", None,
                           "application/json; charset=iso-8859-1"):
            self.anybody.refused("unsupported_media_type", "POST", "/v1/credentials", self.registration(), status=415,
                                 headers={"Content-Type": media_type})
        self.anybody.refused("unsupported_media_type", "POST", "/v1/credentials", self.registration(), status=415,
                             headers={"Content-Encoding": "gzip"})
        for media_type in ("application/json; charset=utf-8", 'Application/JSON;Charset="UTF-8"'):
            self.anybody.refused("missing", "POST", "/v1/credentials", {}, headers={"Content-Type": media_type})

    def test_an_unknown_query_parameter_is_refused(self):
        self.owner.refused("unknown_member", "GET", "/v1/user?colour=blue", status=422)
        self.owner.refused("duplicate_member", "GET", "/v1/user/history?limit=5&limit=6", status=422)
        for limit in ("0", "201", "-1", "many"):
            self.owner.refused("out_of_range", "GET", "/v1/user/history?limit=" + limit)
        self.owner.refused("cursor_not_of_list", "GET", "/v1/user/history?cursor=abc")

    def test_forbidden_characters_of_a_password_are_named(self):
        body = self.registration(password="a<b>c and some øre")
        answer = self.anybody.refused("forbidden_characters", "POST", "/v1/credentials", body)
        (fault,) = answer.document["errors"]
        self.assertEqual(fault["pointer"], "/password")
        self.assertEqual(set(fault["details"]), {"<", ">", "ø"})
        self.assertNotIn("some", answer.body.decode().replace("someone", ""))

    def test_rules_for_credentials_are_kept(self):
        for changes, code, pointer in (
                ({"user_name": "abc1234"}, "too_short", "/user_name"),
                ({"user_name": "a" * 17}, "too_long", "/user_name"),
                ({"user_name": "ab12345678"}, "user_name_too_many_digits", "/user_name"),
                ({"user_name": "otter friend"}, "forbidden_characters", "/user_name"),
                ({"password": "elevenchars"}, "too_short", "/password"),
                ({"password": "x y" * 43}, "too_long", "/password"),
                ({"password": "hello OtterFriend1 hello"}, "password_is_user_name", "/password"),
                ({"password": " " * 12}, "password_too_uniform", "/password"),
                ({"password": "abcd" * 4}, "password_too_uniform", "/password"),
                ({"password": "Ada-Roy-1990-Ada"}, "password_is_guessable", "/password"),
                ({"password": "Tru5ted-Tr4der-2026!"}, "password_is_guessable", "/password"),
                ({"password": "letmein1letmein1"}, "password_is_guessable", "/password"),
                ({"password": "iloveyou12345"}, "password_too_common", "/password")):
            answer = self.anybody.ask("POST", "/v1/credentials", self.registration(**changes))
            self.assertEqual(self.pointers(answer), {(pointer, code)}, changes)

    def test_a_business_number_with_a_wrong_check_digit_is_refused(self):
        answer = self.owner.refused("check_digit_wrong", "POST", "/v1/accounts", enrolment(business_number="123456789"))
        self.assertEqual(self.pointers(answer), {("/business_number", "check_digit_wrong")})

    def test_an_eligibility_refusal_names_each_rule_that_failed(self):
        bad = {**ELIGIBLE, "base": "elsewhere", "solvent": False, "no_convictions": False}
        answer = self.owner.refused("not_eligible", "POST", "/v1/accounts", enrolment(eligibility=bad))
        self.assertIn("solvent", json.dumps(answer.document))
        for rule in ("based_in_canada_or_united_states", "solvent", "no_convictions"):
            self.assertIn(rule, json.dumps(answer.document["details"]))

    def test_a_mailing_address_is_shown_back_as_the_post_prints_it(self):
        owner = self.sandbox.person().sign_in()
        company = Company(owner)
        shown = owner.get(company.here)["mailing_address"]
        self.assertEqual((shown["region"], shown["postal_code"], shown["city"]), ("QC", "J8X 1A1", "GATINEAU"))

    def test_a_postal_code_that_does_not_fit_the_country_is_refused(self):
        body = enrolment(mailing_address={**ADDRESS, "postal_code": "90210"})
        answer = self.owner.ask("POST", "/v1/accounts", body)
        self.assertIn("/mailing_address/postal_code", {pointer for pointer, _ in self.pointers(answer)})

    def test_a_postal_code_of_another_province_is_refused_with_those_that_have_it(self):
        body = enrolment(mailing_address={**ADDRESS, "postal_code": "v6b 1a1"})
        answer = self.owner.refused("postal_code_elsewhere", "POST", "/v1/accounts", body)
        (fault,) = answer.document["errors"]
        self.assertEqual((fault["pointer"], fault["details"]), ("/mailing_address/postal_code", ["BC"]))

    def test_a_malformed_value_is_answered_with_one_of_the_right_form(self):
        answer = self.owner.refused("malformed", "PATCH", "/v1/user/contact-details", {"telephone": "call me"})
        (fault,) = answer.document["errors"]
        self.assertEqual((fault["pointer"], fault["details"]), ("/telephone", ["+16135550123"]))

    def test_names_without_a_letter_or_with_invisible_characters_are_refused(self):
        for name, code in (("\u2800", "letter_missing"), ("N0 1\u2060x", "forbidden_characters"), ("\u3164", "missing")):
            answer = self.owner.refused(code, "PATCH", "/v1/user/contact-details", {"family_name": name})
            self.assertEqual(self.pointers(answer), {("/family_name", code)})

    def test_an_optional_line_that_is_blank_is_absent(self):
        owner = self.sandbox.person().sign_in()
        company = Company(owner, mailing_address={**ADDRESS, "line2": " \u200b"})
        self.assertNotIn("line2", owner.get(company.here)["mailing_address"])


# ---- conventions of the whole API -------------------------------------------------------------------------------------


class Conventions(ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.sandbox.person().sign_in()
        cls.company = cls.sandbox.authorised_company(cls.owner)
        cls.profile = cls.company.here + "/profiles/company"

    def draft(self, text):
        return {"answers": {"company_activities": text}}

    def events_of_company(self):
        return self.owner.pages(self.company.here + "/history")

    # Idempotency-Key

    def test_the_same_key_and_request_get_the_same_answer_and_do_nothing_twice(self):
        key, body = fresh_key(), self.draft("asked twice")
        first = self.owner.ask("PUT", self.profile, body, key=key)
        before = len(self.events_of_company())
        second = self.owner.ask("PUT", self.profile, body, key=key)
        self.assertEqual((second.status, second.document), (first.status, first.document))
        self.assertEqual((first.replayed, second.replayed), (False, True))
        self.assertEqual(len(self.events_of_company()), before)

    def test_a_created_thing_has_the_same_identifier_in_a_retry(self):
        owner, key, body = self.sandbox.person().sign_in(), fresh_key(), enrolment()
        first, second = (owner.ask("POST", "/v1/accounts", body, key=key) for _ in range(2))
        self.assertEqual((first.status, first.document), (201, second.document))
        self.assertEqual(first.headers["Location"], "/v1/accounts/" + first.document["id"])
        self.assertEqual(second.headers["Location"], first.headers["Location"])
        self.assertEqual(len(owner.get("/v1/accounts")["items"]), 1)

    def test_the_same_key_with_another_body_is_refused(self):
        key = fresh_key()
        self.owner.put(self.profile, self.draft("first"), key=key)
        self.owner.refused("idempotency_key_reused", "PUT", self.profile, self.draft("second"), key=key, status=422)
        self.owner.refused("idempotency_key_reused", "PUT", self.company.here + "/profiles/application/importer",
                           self.draft("first"), key=key, status=422)
        self.assertEqual(self.owner.get(self.profile)["answers"]["company_activities"], "first")

    def test_the_same_key_with_the_same_value_written_differently_is_the_same_request(self):
        key = fresh_key()
        answers = {"company_activities": "first", "web_site": "https://example.com"}
        first = self.owner.ask("PUT", self.profile, {"answers": answers}, key=key)
        turned = "{ " + json.dumps({"answers": dict(reversed(answers.items()))}, indent=3)[1:]
        second = self.owner.ask("PUT", self.profile, raw=turned.encode(), key=key)
        self.assertEqual((first.status, second.status, second.replayed), (200, 200, True))

    def test_the_key_of_one_stranger_is_not_in_the_way_of_another(self):
        people = [self.sandbox.person() for _ in range(2)]
        first, second = (self.anybody.ask("POST", "/v1/sign-ins", person.credential(), key="1") for person in people)
        self.assertEqual((first.status, second.status), (201, 201))
        self.assertNotEqual(first.document, second.document)

    def test_the_same_key_of_another_user_is_another_key(self):
        other, company = self.owner_with_company()
        key = fresh_key()
        self.owner.put(self.profile, self.draft("mine"), key=key)
        answer = other.ask("PUT", company.here + "/profiles/company", self.draft("theirs"), key=key)
        self.assertEqual((answer.status, answer.replayed), (200, False))

    def test_the_same_key_from_many_at_once_is_done_once(self):
        key, body = fresh_key(), {"name": "Asked by many"}
        path = self.company.here + "/profiles/security"
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: self.owner.ask("POST", path, body, key=key), range(24)))
        self.assertEqual({answer.status for answer in answers}, {201})
        self.assertEqual(len({answer.document["position"] for answer in answers}), 1)
        self.assertEqual(sum(not answer.replayed for answer in answers), 1)
        site = answers[0].document["id"]
        made = [each for each in self.events_of_company() if each["data"].get("site") == site]
        self.assertEqual(len(made), 1)

    def test_an_attempt_on_a_secret_is_counted_once_however_often_its_request_is_sent(self):
        person, key = self.sandbox.person(), fresh_key()
        answers = [self.anybody.ask("POST", "/v1/sign-ins", person.credential("not the password"), key=key)
                   for _ in range(5)]
        self.assertEqual({answer.code for answer in answers}, {"credential_rejected"})
        person.sign_in()
        rejected = [each for each in person.pages("/v1/user/history") if each["type"] == "user.credential_rejected"]
        self.assertEqual(len(rejected), 1)

    def test_a_key_too_long_or_given_twice_is_refused(self):
        self.owner.refused("idempotency_key_missing", "PUT", self.profile, self.draft("x"), key="k" * 256)
        connection = http.client.HTTPConnection(*self.server.host_and_port, timeout=30)
        body = json.dumps(self.draft("x")).encode()
        connection.putrequest("PUT", self.profile)
        for name, value in (("Authorization", "Bearer " + self.owner.token), ("Content-Type", "application/json"),
                            ("Content-Length", str(len(body))), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")):
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        self.assertEqual(json.loads(answer.read())["code"], "idempotency_key_missing")
        connection.close()

    # versions and positions

    def test_a_write_with_the_present_version_is_taken_and_with_an_old_one_refused(self):
        self.owner.put(self.profile, self.draft("version one"))
        tag = self.owner.ask("GET", self.profile).headers["ETag"]
        self.assertRegex(tag, r'^"\d+-[0-9a-f]{16}"$')
        first = self.owner.ask("PUT", self.profile, self.draft("version two"), headers={"If-Match": tag})
        self.assertEqual(first.status, 200)
        self.owner.refused("version_differs", "PUT", self.profile, self.draft("lost"), status=412,
                           headers={"If-Match": tag})
        self.assertEqual(self.owner.get(self.profile)["answers"]["company_activities"], "version two")
        self.assertNotEqual(self.owner.ask("GET", self.profile).headers["ETag"], tag)

    def test_an_unchanged_document_is_not_sent_again(self):
        for caller, path in ((self.owner, self.profile), (self.owner, "/v1/user"), (self.anybody, "/openapi.json"),
                             (self.anybody, "/v1/terms/portal")):
            tag = caller.ask("GET", path).headers["ETag"]
            for given in (tag, "W/" + tag, '"other", ' + tag, "*"):
                answer = caller.ask("GET", path, headers={"If-None-Match": given})
                self.assertEqual((answer.status, answer.body, answer.headers["ETag"]), (304, b"", tag))
            self.assertEqual(caller.ask("GET", path, headers={"If-None-Match": '"other"'}).status, 200)

    def test_a_user_whose_company_changed_is_sent_again(self):
        person = self.sandbox.person().sign_in()
        tag = person.ask("GET", "/v1/user").headers["ETag"]
        Company(person)
        self.assertEqual(person.ask("GET", "/v1/user", headers={"If-None-Match": tag}).status, 200)

    def test_an_if_match_that_names_no_version_is_refused(self):
        for tag in ('W/"1"', "1", '"abc"', '""', '"1", "2"', '"1-2"', '"-0123456789abcdef"'):
            self.owner.refused("version_differs", "PUT", self.profile, self.draft("x"), status=412,
                               headers={"If-Match": tag})
        self.assertEqual(self.owner.ask("PUT", self.profile, self.draft("any"), headers={"If-Match": "*"}).status, 200)

    def test_of_two_writes_on_the_same_version_one_wins(self):
        self.owner.put(self.profile, self.draft("start"))
        tag = self.owner.ask("GET", self.profile).headers["ETag"]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: self.owner.ask("PUT", self.profile, self.draft(f"by {n}"),
                                                             headers={"If-Match": tag}), range(8)))
        self.assertEqual(sorted(answer.status for answer in answers), [200] + [412] * 7)

    def test_a_read_sees_the_write_before_it(self):
        for n in range(20):
            position = self.owner.put(self.profile, self.draft(f"write {n}"))["position"]
            answer = self.owner.ask("GET", self.profile)
            self.assertEqual(answer.document["answers"]["company_activities"], f"write {n}")
            self.assertGreaterEqual(int(answer.headers["X-Position"]), position)

    def test_a_read_can_ask_for_a_position(self):
        position = self.owner.put(self.profile, self.draft("here"))["position"]
        self.owner.get(f"{self.profile}?min_position={position}")
        self.assertEqual(self.owner.ask("GET", self.profile, headers={"X-Min-Position": str(position)}).status, 200)

    def test_a_read_waits_for_a_position_that_comes(self):
        head = int(self.owner.ask("GET", self.profile).headers["X-Position"]) + 1
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.owner.ask, "GET", f"{self.profile}?min_position={head}")
            time.sleep(0.3)
            self.assertFalse(waiting.done())
            self.owner.put(self.profile, self.draft("what was waited for"))
            answer = waiting.result(timeout=30)
        self.assertEqual(answer.document["answers"]["company_activities"], "what was waited for")

    def test_a_position_that_does_not_come_is_reported(self):
        answer = self.owner.refused("position_not_reached", "GET", self.profile + "?min_position=999999999", status=503)
        self.assertTrue(answer.headers["Retry-After"])

    def test_a_position_that_is_no_number_is_refused(self):
        for text in ("abc", "-1", "1.5", "99999999999999999999999"):
            self.owner.refused("malformed", "GET", f"{self.profile}?min_position={text}")
            self.owner.refused("malformed", "GET", self.profile, headers={"X-Min-Position": text})

    # pages

    def pages_while_writing(self, reader, path, write):
        """The items page by page, with a write between any two pages."""
        items, cursor = [], None
        while True:
            page = reader.get(path + with_query(path, limit=3, cursor=cursor))
            self.assertLessEqual(len(page["items"]), 3)
            items += page["items"]
            cursor = page.get("next")
            if not cursor or len(items) > 60:
                return items
            write()

    def check_growing_list(self, reader, path, write):
        """Checks pages in the order of the log: no event is missing or repeated, and new ones come at the end."""
        before = reader.pages(path)
        self.assertGreater(len(before), 6)
        seen = self.pages_while_writing(reader, path, write)
        self.assertEqual(seen[:len(before)], before)
        positions = [each["position"] for each in seen]
        self.assertEqual(positions, sorted(set(positions)))

    def test_history_pages_are_stable_while_events_come(self):
        owner, company = self.owner_with_company()
        writes = iter(range(9))
        self.check_growing_list(owner, company.here + "/history",
                                lambda: next(writes, None) is not None and company.add_site())

    def test_audit_pages_are_stable_while_events_come(self):
        auditor = self.sandbox.staff("auditor")
        owner, company = self.owner_with_company()
        writes = iter(range(5))
        path = f"/v1/audit/accounts/{company.id}/events"
        self.check_growing_list(auditor, path, lambda: next(writes, None) is not None and company.add_site())
        everything = [each["position"] for each in auditor.pages("/v1/audit/events", limit=7)]
        self.assertEqual(everything, list(range(len(everything))))

    def test_notifications_newest_first_are_stable_while_more_come(self):
        owner, company = self.owner_with_company()
        colleague = company.add(self.sandbox.person(), "administrative")
        member = f"{company.here}/members/{colleague.id}"

        def write():
            owner.put(member + "/role", {"role": "full_access"})
            owner.put(member + "/role", {"role": "administrative"})
        write()
        before = owner.pages(company.here + "/notifications")
        self.assertGreater(len(before), 6)
        positions = [each["position"] for each in before]
        self.assertEqual(positions, sorted(positions, reverse=True))
        self.assertEqual(self.pages_while_writing(owner, company.here + "/notifications", write), before)

    def test_a_cursor_cannot_be_made_up(self):
        owner, company = self.owner_with_company()
        cursor = owner.get(company.here + "/history?limit=2")["next"]
        forged = cursor[:-2] + ("AA" if not cursor.endswith("AA") else "BB")
        owner.refused("cursor_not_of_list", "GET", company.here + "/history?cursor=" + forged)
        plain = base64.urlsafe_b64encode(b"0").decode().rstrip("=")
        owner.refused("cursor_not_of_list", "GET", company.here + "/history?cursor=" + plain)

    # methods, paths, headers

    def test_head_answers_as_get_without_a_body(self):
        for path in ("/health/live", "/v1/user", self.profile):
            head, get = self.owner.ask("HEAD", path), self.owner.ask("GET", path)
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(head.headers["Content-Length"], str(len(get.body)))
            self.assertEqual(head.headers["Content-Type"], get.headers["Content-Type"])
            self.assertEqual(head.headers.get("ETag"), get.headers.get("ETag"))

    def test_the_refusal_of_a_method_names_the_methods_of_the_path(self):
        for method, path, allowed in (("DELETE", "/v1/user", {"GET"}), ("POST", "/v1/terms/portal", {"GET"}),
                                      ("POST", self.profile, {"GET", "PUT", "PATCH"}), ("GET", "/v1/sign-ins", {"POST"})):
            answer = self.owner.refused("method_not_allowed", method, path, status=405)
            given = {each.strip() for each in answer.headers["Allow"].split(",")}
            self.assertEqual(given - {"HEAD", "OPTIONS"}, allowed)
            self.assertEqual(len(answer.headers["Allow"].split(",")), len(given), "a method twice")
            self.assertIn("OPTIONS", given)
            self.assertEqual("HEAD" in given, "GET" in given)

    def test_options_lists_the_methods_of_a_path(self):
        answer = self.anybody.ask("OPTIONS", self.profile)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual({each.strip() for each in answer.headers["Allow"].split(",")},
                         {"GET", "HEAD", "PUT", "PATCH", "OPTIONS"})
        self.assertEqual(self.anybody.ask("OPTIONS", "/nowhere").status, 404)

    def test_a_request_without_a_session_is_answered_with_how_to_sign_it(self):
        self.assertEqual(self.anybody.ask("GET", "/v1/user").headers["WWW-Authenticate"], "Bearer")
        other = self.owner.another_session()
        other.delete("/v1/session")
        self.assertIn("invalid_token", other.ask("GET", "/v1/user").headers["WWW-Authenticate"])

    def test_two_authorizations_on_one_request_are_refused(self):
        for first, second in ((self.owner.token, "x"), ("x", self.owner.token)):
            connection = http.client.HTTPConnection(*self.server.host_and_port, timeout=30)
            self.addCleanup(connection.close)
            connection.putrequest("GET", "/v1/user")
            connection.putheader("Authorization", "Bearer " + first)
            connection.putheader("Authorization", "Bearer " + second)
            connection.endheaders()
            response = connection.getresponse()
            self.assertEqual((response.status, json.loads(response.read())["code"]), (400, "two_credentials"))

    def test_a_parameter_that_is_not_utf8_is_malformed(self):
        for query in ("?limit=%ff", "?limit=%zz", "?limit=%2"):
            self.owner.refused("malformed", "GET", self.company.here + "/history" + query, status=422)

    def test_an_unknown_path_is_not_found(self):
        for path in ("/", "/v1", "/v1/users/", "/v2/user", "/v1//user", "/v1/user/", "/v1/%zz", "/.git/config",
                     "/v1/terms/magic", "/v1/profile-questions/application"):
            self.anybody.refused("route_not_found", "GET", path, status=404)

    def test_every_answer_carries_the_security_headers(self):
        for answer in (self.anybody.ask("GET", "/health/live"), self.owner.ask("GET", "/v1/user"),
                       self.anybody.ask("GET", "/nowhere"), self.anybody.ask("GET", "/v1/user")):
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(answer.headers["Cross-Origin-Resource-Policy"], "same-origin")
            self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
            self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])
            self.assertRegex(answer.headers["X-Request-Id"], r"^[0-9a-f-]{32,36}$")
            self.assertNotIn("Server", answer.headers)
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    def test_answers_show_how_much_of_the_rate_limit_is_left(self):
        for caller, name in ((self.owner, "user"), (self.anybody, "address")):
            path = "/v1/terms/portal" if caller is self.anybody else "/v1/user"
            first, second = caller.ask("GET", path), caller.ask("GET", path)
            self.assertRegex(first.headers["RateLimit-Policy"], rf'^"{name}";q=\d+;w=\d+$')
            left = [int(re.match(rf'^"{name}";r=(\d+);t=\d+$', each.headers["RateLimit"]).group(1))
                    for each in (first, second)]
            self.assertLess(left[1], left[0] + 1)

    # operation

    def test_health_says_live_and_ready_with_every_projection(self):
        self.assertEqual(self.anybody.get("/health/live"), {"status": "live"})
        ready = self.sandbox.monitor().get("/health/ready")
        self.assertEqual((ready["status"], ready["reasons"]), ("ready", []))
        self.assertGreaterEqual(len(ready["projections"]), 3)
        for row in ready["projections"]:
            self.assertEqual(row["next_position"], ready["position"])
            self.assertEqual(row.keys(), {"id", "next_position"}, "what is at fault is for operators")

    def test_the_checkpoint_is_a_signed_note(self):
        def signed():
            answer = self.anybody.ask("GET", "/checkpoint")
            return answer.body.decode() if answer.body.strip() else None
        lines = eventually(signed).split("\n")
        self.assertTrue(lines[0])
        self.assertGreater(int(lines[1]), 0)
        self.assertEqual(len(base64.b64decode(lines[2])), 32)
        self.assertEqual(lines[3], "")
        self.assertTrue(lines[4].startswith("\N{EM DASH} " + lines[0] + " "))

    def test_every_route_of_openapi_exists(self):
        document = self.anybody.get("/openapi.json")
        filled = {"account": NOBODY, "user": NOBODY, "session": NOBODY, "offer": NOBODY, "letter": NOBODY,
                  "case": NOBODY, "letter_case": NOBODY, "proposal": NOBODY, "recovery": NOBODY,
                  "submission": NOBODY,
                  "terms": "portal", "kind": "company", "line": "importer", "site": "gatineau",
                  "code": "not_signed_in", "key": "0"}
        operations = [(path, method, row) for path, rows in document["paths"].items() for method, row in rows.items()]
        self.assertGreater(len(operations), 80)
        for path, method, row in operations:
            if path.startswith(("/v1/sandbox/", "/tile/{level}/")) and "{" in path:
                continue  # open to anyone, and there is no such mail, letter or tile
            target = re.sub(r"\{(\w+)\}", lambda found: filled.get(found.group(1), "0"), path)
            body = {} if "requestBody" in row else None
            answer = self.anybody.ask(method.upper(), target, body)
            self.assertNotIn(answer.status, (404, 405), f"{method} {path}: {answer}")
            self.assertLess(answer.status, 500 if "sign-in-partner" not in path else 600, f"{method} {path}: {answer}")
            if row["security"]:
                self.assertEqual(answer.status, 401, f"{method} {path}: {answer}")

    def test_a_sign_in_partner_is_reported_as_unavailable(self):
        self.anybody.refused("sign_in_partner_unavailable", "POST", "/v1/credentials/sign-in-partner")


# ---- sessions ---------------------------------------------------------------------------------------------------------


class OneConnection(ApiTest):
    """The same request again and again on an open connection: each answer shows the current state."""

    def setUp(self):
        super().setUp()
        self.owner, self.company = self.owner_with_company()
        self.connection = http.client.HTTPConnection(*self.server.host_and_port, timeout=60)
        self.addCleanup(self.connection.close)

    def asked(self, path, by=None, **headers):
        """Sends the same bytes each time."""
        token = (by or self.owner).token
        self.connection.request("GET", path, headers={"Authorization": "Bearer " + token, **headers})
        return self.answer()

    def told(self, by=None):
        """Saves a draft; only the idempotency key differs in its head."""
        self.connection.request("PATCH", self.company.here + "/profiles/company", '{"answers":{"year_founded":"1998"}}',
                                headers={"Authorization": "Bearer " + (by or self.owner).token,
                                         "Content-Type": "application/json", "Idempotency-Key": fresh_key()})
        return self.answer()

    def answer(self):
        answer = self.connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read() or b"null")

    def test_each_answer_includes_the_previous_write(self):
        self.asked(self.company.here)  # the first draft changes the answer
        for n in range(30):
            profile = self.company.here + "/profiles/company"
            position = self.owner.put(profile, {"answers": {"company_activities": f"turn {n}"}})["position"]
            status, headers, document = self.asked(self.company.here)
            self.assertEqual(status, 200)
            self.assertGreaterEqual(int(headers["X-Position"]), position)
            fresh = self.owner.ask("GET", self.company.here)
            self.assertEqual((headers["ETag"], document), (fresh.headers["ETag"], fresh.document))

    def test_no_answer_is_given_after_the_session(self):
        for _ in range(3):
            self.assertEqual(self.asked(self.company.here)[0], 200)
        other = self.owner.another_session()
        other.delete("/v1/sessions")
        status, _, problem = self.asked(self.company.here)
        self.assertEqual((status, problem["code"]), (401, "session_expired"))

    def test_no_command_is_taken_after_the_session(self):
        for _ in range(3):
            self.assertEqual(self.told()[0], 200)
            self.assertEqual(self.asked(self.company.here)[0], 200)
        self.owner.another_session().delete("/v1/sessions")
        status, _, problem = self.told()
        self.assertEqual((status, problem["code"]), (401, "session_expired"))
        self.assertEqual(self.asked(self.company.here)[0], 401)

    def test_a_caller_admitted_before_a_change_gets_no_answer_after_the_session(self):
        member = self.company.add(self.sandbox.person(), "administrative").sign_in()
        for n in range(3):
            self.owner.put(self.company.here + "/profiles/company", {"answers": {"company_activities": f"turn {n}"}})
            self.assertEqual(self.asked(self.company.here, member)[0], 200)
        member.another_session().delete("/v1/sessions")
        self.assertEqual(self.asked(self.company.here, member)[0], 401)

    def test_an_answer_of_one_session_is_not_given_to_another_that_has_ended(self):
        other = self.owner.another_session()
        for by in (self.owner, other, self.owner):
            self.assertEqual(self.asked(self.company.here, by)[0], 200)
        other.delete("/v1/session")
        self.assertEqual(self.asked(self.company.here)[0], 200)
        self.assertEqual(self.asked(self.company.here, other)[0], 401)

    def test_a_suspended_member_gets_no_answer_from_then_on(self):
        member = self.company.add(self.sandbox.person(), "administrative").sign_in()
        shown = self.asked(self.company.here, member)
        self.assertEqual((shown[0], shown[2]["role"]), (200, "administrative"))
        self.assertEqual(self.asked(self.company.here)[2]["role"], "owner", "each reader has an answer of their own")
        self.asked(self.company.here, member)
        self.assertEqual(self.told(member)[0], 200)
        self.owner.post(f"{self.company.here}/members/{member.id}/suspension")
        self.assertEqual(self.asked(self.company.here, member)[0], 403)
        self.assertEqual(self.told(member)[0], 403)

    def test_each_answer_takes_one_request_from_the_limit_and_has_an_id_of_its_own(self):
        answers = [self.asked(self.company.here)[1] for _ in range(20)]
        self.assertEqual(len({answer["X-Request-Id"] for answer in answers}), 20)
        left = [int(re.search(r";r=(\d+)", answer["RateLimit"])[1]) for answer in answers]
        self.assertLess(left[-1], left[0])
        self.assertEqual({answer["RateLimit-Policy"].split(";")[0] for answer in answers}, {'"user"'})

    def test_a_conditional_request_is_checked_each_time(self):
        tag = self.asked(self.company.here)[1]["ETag"]
        for _ in range(3):
            self.assertEqual(self.asked(self.company.here, **{"If-None-Match": tag})[0], 304)
        self.owner.put(self.company.here + "/profiles/company", {"answers": {"company_activities": "something else"}})
        fresh = self.owner.ask("GET", self.company.here)
        again = self.asked(self.company.here, **{"If-None-Match": tag})
        self.assertEqual(again[0], 304 if fresh.headers["ETag"] == tag else 200)


class OneConnectionAndTime(OneConnection):
    """The same on the server whose clock tests move."""

    which = "moving"

    def test_no_answer_is_given_after_the_time_of_the_session(self):
        self.assertEqual(self.asked(self.company.here)[0], 200)
        self.assertEqual(self.asked(self.company.here)[0], 200)
        self.sandbox.advance(minutes=15)
        status, _, problem = self.asked(self.company.here)
        self.assertEqual((status, problem["code"]), (401, "session_expired"))

    def test_no_command_is_taken_after_the_time_of_the_session(self):
        self.assertEqual(self.told()[0], 200)
        self.assertEqual(self.told()[0], 200)
        self.sandbox.advance(minutes=15)
        status, _, problem = self.told()
        self.assertEqual((status, problem["code"]), (401, "session_expired"))


class Sessions(ApiTest):
    def cookie_session(self):
        """A browser's session: the cookie, and the Set-Cookie headers that led to it."""
        person = self.sandbox.person()
        after = self.sandbox.newest_mail_key(person.email)
        answer = self.anybody.ask("POST", "/v1/sign-ins", person.credential())
        set_cookies = answer.headers.get_all("Set-Cookie")
        crumb = {"Cookie": set_cookies[0].split(";")[0], "Sec-Fetch-Site": "same-origin"}
        started = answer.document
        browser = Api(self.server)
        self.assertEqual(browser.ask("POST", "/v1/sign-in/mail-factor",
                                     {"terms_version": started["mail_factor_terms"]}, headers=crumb).status, 200)
        code = "".join(self.sandbox.mail(person.email, r"\b(\d{3}) (\d{3})\b", after).groups())
        self.assertEqual(browser.ask("POST", "/v1/sign-in/code", {"code": code}, headers=crumb).status, 200)
        opened = browser.ask("POST", "/v1/sessions", {"terms_version": started["portal_terms"]}, headers=crumb)
        self.assertEqual(opened.status, 201, opened)
        set_cookies += opened.headers.get_all("Set-Cookie")
        session = next(each for each in set_cookies if each.startswith(SESSION_COOKIE + "="))
        return session.split(";")[0], set_cookies

    def test_browsers_get_cookies_that_scripts_and_other_sites_cannot_use(self):
        _, set_cookies = self.cookie_session()
        by_name = {}
        for each in set_cookies:
            by_name.setdefault(each.split("=")[0], []).append(each)
        self.assertEqual(set(by_name), {SESSION_COOKIE, SIGN_IN_COOKIE, DEVICE_COOKIE})
        for each in set_cookies:
            flags = {flag.strip().lower() for flag in each.split(";")[1:]}
            self.assertTrue({"path=/", "secure", "httponly", "samesite=strict"} <= flags, each)
            self.assertNotIn("domain", each.lower())
        self.assertIn("Max-Age=0", by_name[SIGN_IN_COOKIE][-1])

    def test_a_session_works_with_the_cookie(self):
        crumb, _ = self.cookie_session()
        self.assertEqual(self.anybody.ask("GET", "/v1/user", headers={"Cookie": crumb}).status, 200)
        self.assertEqual(self.anybody.ask("GET", "/v1/user", headers={"Cookie": "theme=dark; " + crumb + "; a=b"}).status,
                         200)
        answer = self.anybody.ask("PATCH", "/v1/user/contact-details", {"given_names": "Ève"},
                                  headers={"Cookie": crumb, "Sec-Fetch-Site": "same-origin"})
        self.assertEqual(answer.status, 200)

    def test_a_write_from_another_site_is_refused(self):
        crumb, _ = self.cookie_session()
        host = "%s:%d" % self.server.host_and_port
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"http://{host}.evil.example"},
                        {"Sec-Fetch-Site": "cross-site", "Origin": "http://" + host}):
            self.anybody.refused("cross_site_write", "PATCH", "/v1/user/contact-details", {"given_names": "Eve"},
                                 headers={"Cookie": crumb, **headers}, status=403)
            self.anybody.refused("cross_site_write", "DELETE", "/v1/session", headers={"Cookie": crumb, **headers})
        same = self.anybody.ask("PATCH", "/v1/user/contact-details", {"given_names": "Ada"},
                                headers={"Cookie": crumb, "Origin": "http://" + host})
        self.assertEqual(same.status, 200)

    def test_signing_in_from_another_site_is_refused(self):
        person = self.sandbox.person()
        self.anybody.refused("cross_site_write", "POST", "/v1/sign-ins", person.credential(),
                             headers={"Origin": "https://evil.example"})

    def test_two_credentials_on_one_request_are_refused(self):
        crumb, _ = self.cookie_session()
        person = self.sandbox.person().sign_in()
        person.refused("two_credentials", "GET", "/v1/user", headers={"Cookie": crumb}, status=400)

    def test_a_bearer_token_is_taken_in_any_spelling_of_its_scheme(self):
        person = self.sandbox.person().sign_in()
        for scheme in ("Bearer ", "bearer ", "BEARER "):
            answer = self.anybody.ask("GET", "/v1/user", headers={"Authorization": scheme + person.token})
            self.assertEqual(answer.document["id"], person.id)

    def test_an_invalid_token_is_not_signed_in(self):
        person = self.sandbox.person().sign_in()
        changed = person.token[:-1] + ("A" if person.token[-1] != "A" else "E")
        for header in ("Bearer " + changed, "Bearer x", "Bearer", "Basic " + person.token, person.token, "Bearer  "):
            self.anybody.refused("not_signed_in", "GET", "/v1/user", headers={"Authorization": header}, status=401)
        self.anybody.refused("not_signed_in", "GET", "/v1/user", headers={"Cookie": f"{SESSION_COOKIE}={changed}"},
                             status=401)

    def test_a_sign_ins_token_is_no_sessions_token_and_the_other_way_round(self):
        person = self.sandbox.person().sign_in()
        sign_in = person.start_sign_in()
        sign_in.refused("not_signed_in", "GET", "/v1/user", status=401)
        person.refused("sign_in_not_found", "GET", "/v1/sign-in", status=401)

    def test_signing_out_ends_the_session_at_once(self):
        person = self.sandbox.person().sign_in()
        answer = person.ask("DELETE", "/v1/session")
        self.assertEqual(answer.status, 200)
        self.assertIn("Max-Age=0", answer.headers["Set-Cookie"])
        self.assertNotIn('"cookies"', answer.headers["Clear-Site-Data"], "the device stays known")
        person.refused("session_expired", "GET", "/v1/user", status=401)

    def test_sessions_are_listed_and_one_can_be_ended(self):
        person = self.sandbox.person().sign_in()
        other = person.another_session()
        rows = person.get("/v1/sessions")["items"]
        self.assertEqual([row["current"] for row in rows], [True, False])
        theirs = next(row["id"] for row in rows if not row["current"])
        person.delete("/v1/sessions/" + theirs)
        other.refused("session_expired", "GET", "/v1/user")
        self.assertEqual([row["current"] for row in person.get("/v1/sessions")["items"]], [True])

    def test_all_other_sessions_can_be_ended_at_once(self):
        person = self.sandbox.person().sign_in()
        others = [person.another_session() for _ in range(2)]
        person.delete("/v1/sessions")
        for other in others:
            other.refused("session_expired", "GET", "/v1/user")
        person.get("/v1/user")

    def test_nobody_ends_somebody_elses_session(self):
        person, stranger = self.sandbox.person().sign_in(), self.sandbox.person().sign_in()
        session = person.get("/v1/sessions")["items"][0]["id"]
        stranger.refused("session_not_found", "DELETE", "/v1/sessions/" + session, status=404)
        person.get("/v1/user")

    def test_a_changed_password_ends_the_other_sessions_and_the_old_password(self):
        person = self.sandbox.person().sign_in()
        other = person.another_session()
        person.refused("current_password_wrong", "POST", "/v1/user/password",
                       {"current_password": "not this one", "new_password": "twelve herons wade west"})
        person.post("/v1/user/password", {"current_password": person.password, "new_password": "twelve herons wade west"})
        other.refused("session_expired", "GET", "/v1/user")
        person.get("/v1/user")
        self.anybody.refused("credential_rejected", "POST", "/v1/sign-ins", person.credential())
        person.password = "twelve herons wade west"
        person.another_session()

    def test_a_new_email_address_counts_once_its_code_is_entered(self):
        person = self.sandbox.person().sign_in()
        address = "new." + person.email
        codes = person.begin_email_change(address)
        shown = person.get("/v1/user")
        self.assertEqual((shown["email"], shown["pending_email"]), (person.email, address))
        person.refused("one_time_code_wrong", "POST", "/v1/user/email-changes/confirmation",
                       {**codes, "code": wrong(codes["code"])})
        person.post("/v1/user/email-changes/confirmation", codes)
        self.assertEqual(person.get("/v1/user")["email"], address)
        person.email = address
        person.another_session()


class SessionTimes(ApiTest):
    which = "moving"
    margin = 5  # seconds that the test itself may take

    def row(self, person):
        return next(row for row in person.get("/v1/sessions")["items"] if row["current"])

    def test_a_session_ends_after_15_minutes_without_use_and_not_before(self):
        early, late = self.sandbox.person().sign_in(), self.sandbox.person().sign_in()
        ends = parse_time(self.row(early)["idle_expires_at"])
        ends_late = parse_time(self.row(late)["idle_expires_at"])
        self.assertAlmostEqual((ends - self.sandbox.now()).total_seconds(), 900, delta=self.margin)
        self.sandbox.advance_to(ends, -self.margin)
        early.get("/v1/user")
        self.sandbox.advance_to(ends_late, 0)
        late.refused("session_expired", "GET", "/v1/user", status=401)
        early.get("/v1/user")

    def test_a_session_in_use_ends_after_12_hours_to_the_second(self):
        person = self.sandbox.person().sign_in()
        row = self.row(person)
        ends = parse_time(row["expires_at"])
        self.assertEqual(ends - parse_time(row["opened_at"]), datetime.timedelta(hours=12))
        while (ends - self.sandbox.now()).total_seconds() > 14 * 60 + self.margin:
            self.sandbox.advance(minutes=14)
            person.get("/v1/user")
        self.sandbox.advance_to(ends, -self.margin)
        person.get("/v1/user")
        self.sandbox.advance_to(ends)
        person.refused("session_expired", "GET", "/v1/user", status=401)

    def test_a_session_left_alone_is_not_listed_any_more(self):
        person = self.sandbox.person().sign_in()
        self.sandbox.advance(minutes=16)
        other = person.another_session()
        self.assertEqual([row["current"] for row in other.get("/v1/sessions")["items"]], [True])


# ---- signing in -------------------------------------------------------------------------------------------------------


class SigningIn(ApiTest):
    which = "moving"

    def enrolled(self):
        """A person who has signed in before, so that the code comes right after the credential."""
        person = self.sandbox.person().sign_in()
        self.sandbox.advance(minutes=16)
        return person

    def begin(self, person):
        """A sign-in under way and its code."""
        after = self.sandbox.newest_mail_key(person.email)
        sign_in = person.start_sign_in()
        return sign_in, sign_in.code(after)

    def enter_wrong(self, sign_in, code, times):
        """Enters wrong codes, waiting as long as one must between them."""
        for _ in range(times):
            answer = sign_in.ask("POST", "/v1/sign-in/code", {"code": wrong(code)})
            if answer.code == "too_many_attempts":
                self.sandbox.advance(seconds=self.retry_after(answer))
                answer = sign_in.ask("POST", "/v1/sign-in/code", {"code": wrong(code)})
            self.assertEqual(answer.code, "one_time_code_wrong", answer)

    def retry_after(self, answer):
        self.assertEqual(answer.status, 429, answer)
        return int(answer.headers["Retry-After"])

    def test_the_steps_come_in_their_order(self):
        person = self.sandbox.person()
        sign_in = person.start_sign_in()
        self.assertEqual(sign_in.get("/v1/sign-in")["stage"], "mail_factor_terms")
        sign_in.refused("mail_factor_terms_required", "POST", "/v1/sign-in/code", {"code": "123456"})
        sign_in.refused("sign_in_step_out_of_order", "POST", "/v1/sessions", {"terms_version": 1})
        sign_in.refused("terms_version_outdated", "POST", "/v1/sign-in/mail-factor", {"terms_version": 999})
        sign_in.accept_mail_factor_terms()
        sign_in.refused("sign_in_step_out_of_order", "POST", "/v1/sessions", {"terms_version": 1})
        sign_in.enter(sign_in.code(self.first_mail(person)))
        sign_in.refused("terms_version_outdated", "POST", "/v1/sessions", {"terms_version": 999})
        sign_in.refused("sign_in_step_out_of_order", "POST", "/v1/sign-in/codes", {})
        person.token = sign_in.accept_portal_terms()["token"]
        person.get("/v1/user")
        sign_in.refused("sign_in_not_found", "POST", "/v1/sessions", {"terms_version": 1}, status=401)

    def first_mail(self, person):
        return self.sandbox.mails(person.email)[-1]["id"]

    def test_an_unknown_user_name_and_a_wrong_password_answer_alike(self):
        person = self.sandbox.person()
        keys = fresh_key(), fresh_key()

        def told(body, key):
            answer = self.anybody.ask("POST", "/v1/sign-ins", body, key=key)
            self.assertEqual((answer.status, answer.code), (401, "credential_rejected"))
            document = {name: value for name, value in answer.document.items() if name != "request_id"}
            return document, sorted(answer.headers.keys())
        for _ in range(2):  # the second is a retry with the same key
            unknown = told({"user_name": "nobody1234", "password": "who knows that"}, keys[0])
            self.assertEqual(told(person.credential("who knows that"), keys[1]), unknown)

    def test_waits_do_not_distinguish_an_unknown_user_name_from_a_known_one(self):
        person = self.sandbox.person()
        told = []
        for body in ({"user_name": "nobody5678", "password": "who knows that"}, person.credential("who knows that")):
            told.append([self.anybody.ask("POST", "/v1/sign-ins", body).code for _ in range(6)])
        self.assertEqual(told[0], told[1])

    def test_five_wrong_codes_void_the_code(self):
        sign_in, code = self.begin(self.enrolled())
        self.enter_wrong(sign_in, code, 5)
        answer = sign_in.ask("POST", "/v1/sign-in/code", {"code": code})
        self.sandbox.advance(seconds=self.retry_after(answer))
        sign_in.refused("one_time_code_void", "POST", "/v1/sign-in/code", {"code": code})

    def test_waits_rise_with_the_failures(self):
        person = self.enrolled()
        sign_in, code = self.begin(person)
        waits = []
        for _ in range(5):
            answer = sign_in.ask("POST", "/v1/sign-in/code", {"code": wrong(code)})
            if answer.code == "too_many_attempts":
                waits.append(self.retry_after(answer))
                # Before that even the right code is refused.
                sign_in.refused("too_many_attempts", "POST", "/v1/sign-in/code", {"code": code})
                self.anybody.refused("too_many_attempts", "POST", "/v1/sign-ins", person.credential())
                self.sandbox.advance(seconds=waits[-1])
                sign_in.refused("one_time_code_wrong", "POST", "/v1/sign-in/code", {"code": wrong(code)})
        self.assertEqual([round(wait, -1) for wait in waits], [30, 60])
        answer = sign_in.ask("POST", "/v1/sign-in/code", {"code": wrong(code)})
        self.assertAlmostEqual(self.retry_after(answer), 120, delta=5)

    def test_a_new_code_kills_the_old_one(self):
        person = self.enrolled()
        sign_in, old = self.begin(person)
        after = self.sandbox.newest_mail_key(person.email)
        sign_in.post("/v1/sign-in/codes")
        new = sign_in.code(after)
        self.assertNotEqual(old, new)
        sign_in.refused("one_time_code_wrong", "POST", "/v1/sign-in/code", {"code": old})
        sign_in.enter(new)

    def test_a_new_code_does_not_reset_the_failures(self):
        person = self.enrolled()
        sign_in, code = self.begin(person)
        self.enter_wrong(sign_in, code, 5)
        self.sandbox.advance(minutes=2, seconds=1)
        after = self.sandbox.newest_mail_key(person.email)
        sign_in.post("/v1/sign-in/codes")
        code = sign_in.code(after)
        self.enter_wrong(sign_in, code, 1)
        # The sixth failure in a row: four minutes, not none.
        answer = sign_in.ask("POST", "/v1/sign-in/code", {"code": code})
        self.assertAlmostEqual(self.retry_after(answer), 240, delta=5)
        self.sandbox.advance(minutes=4, seconds=1)
        sign_in.enter(code)

    def test_a_success_resets_the_failures(self):
        person = self.enrolled()
        sign_in, code = self.begin(person)
        self.enter_wrong(sign_in, code, 2)
        sign_in.enter(code)
        sign_in.accept_portal_terms()
        sign_in, code = self.begin(person)
        self.enter_wrong(sign_in, code, 2)
        sign_in.enter(code)

    def test_a_code_serves_only_the_sign_in_that_asked_for_it(self):
        person, other = self.enrolled(), self.enrolled()
        sign_in, code = self.begin(person)
        others_sign_in, _ = self.begin(other)
        others_sign_in.refused("one_time_code_wrong", "POST", "/v1/sign-in/code", {"code": code})
        # A second sign-in of the same person, in another browser, ends the first; the first's code is no use to it.
        second, second_code = self.begin(person)
        sign_in.refused("sign_in_not_found", "POST", "/v1/sign-in/code", {"code": code})
        second.refused("one_time_code_wrong", "POST", "/v1/sign-in/code", {"code": code})
        second.enter(second_code)

    def test_a_code_works_once(self):
        sign_in, code = self.begin(self.enrolled())
        sign_in.enter(code)
        sign_in.refused("sign_in_step_out_of_order", "POST", "/v1/sign-in/code", {"code": code})

    def test_a_code_may_be_typed_with_spaces(self):
        sign_in, code = self.begin(self.enrolled())
        sign_in.enter(f" {code[:3]} {code[3:]} ")

    def test_a_code_lives_ten_minutes_and_not_longer(self):
        people = [self.sandbox.person().sign_in() for _ in range(2)]
        self.sandbox.advance(minutes=16)
        in_time, late = (self.begin(person) for person in people)
        ends = parse_time(in_time[0].get("/v1/sign-in")["code_expires_at"])
        ends_late = parse_time(late[0].get("/v1/sign-in")["code_expires_at"])
        self.sandbox.advance_to(ends, -5)
        in_time[0].enter(in_time[1])
        self.sandbox.advance_to(ends_late)
        late[0].refused("one_time_code_expired", "POST", "/v1/sign-in/code", {"code": late[1]})

    def test_a_code_mail_is_bilingual_without_links(self):
        person = self.enrolled()
        after = self.sandbox.newest_mail_key(person.email)
        sign_in = person.start_sign_in()
        code = sign_in.code(after)
        mail = next(each for each in self.sandbox.mails(person.email) if f"{code[:3]} {code[3:]}" in each["text"])
        self.assertIn("code", mail["text"])
        self.assertRegex(mail["text"], r"(?i)votre|vous")
        self.assertRegex(mail["text"], r"(?i)your|you")
        self.assertNotRegex(mail["text"], r"https?:")

    def test_code_mails_are_limited(self):
        person = self.enrolled()
        sign_in, _ = self.begin(person)
        for _ in range(4):
            sign_in.post("/v1/sign-in/codes")
        sign_in.refused("too_many_attempts", "POST", "/v1/sign-in/codes", {}, status=429)

    def test_100_failures_lock_the_credential_until_the_service_desk_unlocks_it(self):
        person = self.sandbox.person().sign_in()
        failures = 0
        while True:
            answer = self.anybody.ask("POST", "/v1/sign-ins", person.credential("not the password"))
            if answer.code == "too_many_attempts":
                self.sandbox.advance(seconds=self.retry_after(answer))
                continue
            if answer.code == "credential_locked":
                break
            self.assertEqual(answer.code, "credential_rejected")
            failures += 1
            self.assertLessEqual(failures, 100)
        self.assertEqual(failures, 100)
        self.sandbox.advance(days=1)
        self.anybody.refused("credential_locked", "POST", "/v1/sign-ins", person.credential())
        desk = self.sandbox.staff("service_desk")
        found = desk.get("/v1/staff/users?user_name=" + person.user_name)["items"]
        self.assertEqual([(row["id"], row["locked"]) for row in found], [(person.id, True)])
        desk.post(f"/v1/staff/users/{person.id}/unlocks", {"reason": "Identity checked by telephone."})
        person.sign_in().get("/v1/user")
        desk.refused("credential_not_locked", "POST", f"/v1/staff/users/{person.id}/unlocks", {"reason": "Again."})

    def test_a_sign_in_renews_the_urns_two_years(self):
        person = self.enrolled()
        before = parse_time(person.signed_in().get("/v1/user")["urn_expires_at"])
        self.sandbox.advance(days=30)
        after = parse_time(person.sign_in().get("/v1/user")["urn_expires_at"])
        self.assertAlmostEqual((after - before).total_seconds(), 30 * DAY, delta=2 * DAY)
        self.assertAlmostEqual((after - self.sandbox.now()).total_seconds(), 731 * DAY, delta=2 * DAY)


class Registration(ApiTest):
    def test_user_names_and_addresses_are_unique_whatever_their_case(self):
        person = self.sandbox.person()
        other = self.sandbox.stranger()
        registration = other.registration("Roy", "Ada")
        self.anybody.refused("user_name_taken", "POST", "/v1/credentials",
                             {**registration, "user_name": person.user_name.upper()}, status=409)
        self.anybody.post("/v1/credentials", registration)
        self.sandbox.mail(other.email, r"\b4\d{9}\b")
        # Two begin with one address; the second to finish is told, because the code shows that the mailbox is theirs.
        third = self.sandbox.stranger()
        early, late = third.registration("Roy", "Ada"), third.registration("Roy", "Ada")
        self.anybody.post("/v1/credentials", early)
        self.anybody.refused("email_taken", "POST", "/v1/credentials", {**late, "user_name": "latecomer1"}, status=409)

    def test_of_many_concurrent_requests_for_a_user_name_one_wins(self):
        def register(n):
            body = Person(self.sandbox, "wantedname1", "quiet otters row south", f"wanted{n}@example.com")
            return self.anybody.ask("POST", "/v1/credentials", body.registration("Roy", "Ada"))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(register, range(8)))
        self.assertEqual(sorted(answer.code or "" for answer in answers), [""] + ["user_name_taken"] * 7)

    def test_one_account_per_business_number(self):
        owner, other = self.sandbox.person().sign_in(), self.sandbox.person().sign_in()
        company = Company(owner)
        other.refused("business_number_taken", "POST", "/v1/accounts",
                      enrolment(business_number=company.enrolment["business_number"]), status=409)

    def test_a_user_without_an_account_is_offered_three_ways(self):
        person = self.sandbox.person().sign_in()
        offered = [action["name"] for action in person.get("/v1/user")["actions"]]
        self.assertEqual(offered[:3], ["enrol_company", "activate_company", "request_new_activation_code"])

    def test_people_keep_their_details_up_to_date(self):
        person = self.sandbox.person().sign_in()
        person.patch("/v1/user/contact-details", {"given_names": "Marie", "language": "fr"})
        shown = person.get("/v1/user")
        self.assertEqual((shown["given_names"], shown["language"], shown["family_name"]), ("Marie", "fr", "Tremblay"))

    def test_a_person_may_have_one_name(self):
        person = self.sandbox.person().sign_in()
        path = "/v1/user/contact-details"
        person.patch(path, {"given_names": None})
        self.assertNotIn("given_names", person.get("/v1/user"))
        person.patch(path, {"given_names": "Zoé"})
        person.patch(path, {"given_names": " "})
        self.assertNotIn("given_names", person.get("/v1/user"))
        for required in ("family_name", "telephone", "language"):
            answer = person.refused("missing", "PATCH", path, {required: None})
            self.assertEqual(answer.document["errors"][0]["pointer"], "/" + required)
        self.assertEqual(person.get("/v1/user")["family_name"], "Tremblay")

    def test_nobody_sees_another_users_page(self):
        person, other = self.sandbox.person().sign_in(), self.sandbox.person().sign_in()
        other.refused("user_not_found", "GET", "/v1/users/" + person.id, status=404)
        self.assertEqual(person.get("/v1/users/" + person.id)["id"], person.id)
        self.assertEqual(self.sandbox.staff("service_desk").get("/v1/users/" + person.id)["id"], person.id)
        self.sandbox.staff("mail_room").refused("user_not_found", "GET", "/v1/users/" + person.id)


# ---- who may do what --------------------------------------------------------------------------------------------------

# The table of SPEC section 4, and below it the actions of the owner alone.
ROLES = ("owner", "proxy_owner", "full_access", "administrative")
MATRIX = {
    "view users": "yyyy",
    "edit users": "yyyy",
    "add users": "yyyn",
    "view company profile": "yyyy",
    "update company profile": "yyyy",
    "view application profile": "yyyn",
    "update application profile": "yyyn",
    "view security profile": "yyyn",
    "update security profile": "yyyn",
    "view membership status": "yyyy",
    "view notifications": "yyyy",
    "transfer ownership": "ynnn",
    "activate": "ynnn",
    "accept the programme's terms": "ynnn",
    "request a code": "ynnn",
    "reactivate users": "ynnn",
    "submit changes": "ynnn",
}


class Permissions(ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        owner = cls.sandbox.person().sign_in()
        cls.company = cls.sandbox.authorised_company(owner)
        cls.company.fill_profiles()
        cls.people = {"owner": owner}
        for role in ROLES[1:]:
            cls.people[role] = cls.company.add(cls.sandbox.person(), role).sign_in()
        cls.target = cls.company.add(cls.sandbox.person(), "administrative")
        cls.stranger = cls.sandbox.person().sign_in()

    def request(self, action):
        """The request of the action, and the reason with which an allowed caller may be refused (nothing: accepted)."""
        here, target = self.company.here, f"{self.company.here}/members/{self.target.id}"
        profiles = here + "/profiles/"
        newcomer = self.sandbox.person() if action in ("add users", "transfer ownership") else None
        terms = {"terms_version": self.stranger.get("/v1/terms/programme")["version"]}
        return {
            "view users": ("GET", here + "/members", None, None),
            "edit users": ("PATCH", target, {"job_title": "Customs coordinator"}, None),
            "add users": ("POST", here + "/members", newcomer and {**newcomer.identity(), "role": "administrative"}, None),
            "view company profile": ("GET", profiles + "company", None, None),
            "update company profile": ("PUT", profiles + "company", {"answers": {}}, None),
            "view application profile": ("GET", profiles + "application/importer", None, None),
            "update application profile": ("PUT", profiles + "application/importer", {"answers": {}}, None),
            "view security profile": ("GET", self.company.site, None, None),
            "update security profile": ("PUT", self.company.site, {"answers": {}}, None),
            "view membership status": ("GET", here + "/membership", None, None),
            "view notifications": ("GET", here + "/notifications", None, None),
            "submit changes": ("POST", here + "/submissions", None, None),
            "transfer ownership": ("POST", here + "/ownership-offers",
                                   newcomer and {**newcomer.identity(), "previous_owner": "leaves"}, None),
            "activate": ("POST", "/v1/activations", self.company.activation(), "already_activated"),
            "accept the programme's terms": ("POST", here + "/terms", terms, "already_authorised"),
            "request a code": ("POST", here + "/activation-codes", None, "already_activated"),
            "reactivate users": ("POST", target + "/reactivation", None, "not_awaiting_reactivation"),
        }[action]

    def test_each_role_may_do_exactly_the_actions_of_the_table(self):
        for action, row in MATRIX.items():
            for role, may in zip(ROLES, row):
                with self.subTest(action=action, role=role):
                    method, path, body, later_refusal = self.request(action)
                    if action == "submit changes" and may == "y":
                        self.company.fill_profiles()
                    answer = self.people[role].ask(method, path, body)
                    if may == "y":
                        self.assertEqual(answer.code, later_refusal, answer)
                    else:
                        self.assertEqual((answer.status, answer.code), (403, "not_permitted"), answer)

    def test_to_a_stranger_an_account_does_not_exist(self):
        for action in MATRIX:
            with self.subTest(action=action):
                method, path, body, _ = self.request(action)
                answer = self.stranger.ask(method, path, body)
                if action == "activate":
                    self.assertEqual(answer.code, "activation_refused", answer)
                else:
                    self.assertEqual((answer.status, answer.code), (404, "account_not_found"), answer)

    def test_a_strangers_404_is_the_one_of_an_account_that_does_not_exist(self):
        known = self.stranger.ask("GET", self.company.here).document
        unknown = self.stranger.ask("GET", "/v1/accounts/" + NOBODY).document
        for member in ("type", "title", "status", "code", "detail"):
            self.assertEqual(known.get(member), unknown.get(member))

    def test_the_actions_that_a_page_lists_are_those_of_the_role(self):
        names = {"view users": "view_users", "add users": "add_users", "edit users": "edit_users",
                 "update company profile": "update_company_profile",
                 "update application profile": "update_application_profile",
                 "update security profile": "update_security_profile",
                 "view membership status": "view_membership"}
        for index, role in enumerate(ROLES):
            shown = {action["name"] for action in self.people[role].get(self.company.here)["actions"]}
            for action, name in names.items():
                # The two lower roles have at most one role below them, so there is none to change to another.
                has_a_choice = action != "edit users" or role in ("owner", "proxy_owner")
                is_open = MATRIX[action][index] == "y" and has_a_choice
                self.assertEqual(name in shown, is_open, f"{role}: {name}")
            self.assertEqual("leave" in shown, role != "owner")

    def test_nobody_raises_a_role_to_their_own_or_above(self):
        target = f"{self.company.here}/members/{self.target.id}/role"
        for role, wanted in (("proxy_owner", "proxy_owner"), ("full_access", "full_access"),
                             ("full_access", "proxy_owner"), ("administrative", "administrative"),
                             ("administrative", "full_access"), ("owner", "owner")):
            with self.subTest(role=role, wanted=wanted):
                self.people[role].refused("role_above_own", "PUT", target, {"role": wanted})
        for role, wanted in (("proxy_owner", "full_access"), ("proxy_owner", "administrative")):
            self.people[role].put(target, {"role": wanted})

    def test_nobody_touches_the_owner(self):
        owner = f"{self.company.here}/members/{self.people['owner'].id}"
        for role in ROLES:
            with self.subTest(role=role):
                for method, path, body in (("POST", "/suspension", None), ("DELETE", "", None),
                                           ("PUT", "/role", {"role": "administrative"})):
                    self.people[role].refused("owner_untouchable", method, owner + path, body)

    def test_only_the_owner_touches_a_proxy_owner(self):
        proxy = f"{self.company.here}/members/{self.people['proxy_owner'].id}"
        for role in ("full_access", "administrative"):
            self.people[role].refused("role_above_own", "POST", proxy + "/suspension")
            self.people[role].refused("role_above_own", "DELETE", proxy)

    def test_a_suspended_member_has_no_access_until_reinstated(self):
        member = self.company.add(self.sandbox.person(), "full_access").sign_in()
        path = f"{self.company.here}/members/{member.id}/suspension"
        self.people["owner"].post(path)
        member.refused("member_suspended", "GET", self.company.here, status=403)
        self.people["owner"].delete(path)
        self.assertEqual(member.get(self.company.here)["role"], "full_access")

    def test_the_lowest_role_overrules_nobody(self):
        owner, lowest = self.people["owner"], self.people["administrative"]
        for role in ("full_access", "administrative"):
            member = f"{self.company.here}/members/{self.company.add(self.sandbox.person(), role).id}"
            lowest.refused("role_above_own", "POST", member + "/suspension", status=403)
            lowest.refused("role_above_own", "DELETE", member, status=403)
            owner.post(member + "/suspension")
            for other in (lowest, self.people["full_access"], self.people["proxy_owner"]):
                other.refused("role_above_own", "DELETE", member + "/suspension", status=403)
            owner.delete(member + "/suspension")

    def test_a_suspended_member_can_leave(self):
        member = self.company.add(self.sandbox.person(), "full_access").sign_in()
        path = f"{self.company.here}/members/{member.id}"
        self.people["owner"].post(path + "/suspension")
        member.delete(path)
        member.refused("account_not_found", "GET", self.company.here, status=404)
        self.people["proxy_owner"].refused("member_suspended", "POST", self.company.here + "/members",
                                           {**member.identity(), "role": "full_access"}, status=403)

    def test_null_clears_a_detail_of_a_member(self):
        path = f"{self.company.here}/members/{self.people['full_access'].id}"
        shown = lambda: next(each for each in self.people["owner"].get(self.company.here + "/members")["items"]
                             if each["user_id"] == self.people["full_access"].id)
        self.people["owner"].patch(path, {"job_title": "Broker", "work_telephone": "+18195550199"})
        self.people["owner"].patch(path, {"job_title": None})
        self.assertEqual((shown().get("job_title"), shown()["work_telephone"]), (None, "+18195550199"))

    def test_a_telephone_number_and_a_domain_of_any_script_are_shown_in_their_form(self):
        path = f"{self.company.here}/members/{self.people['full_access'].id}"
        self.people["owner"].patch(path, {"work_telephone": "(819) 555-0199, poste 12",
                                          "work_email": "\ufeffInfo@QUÉBEC.example"})
        shown = next(each for each in self.people["owner"].get(self.company.here + "/members")["items"]
                     if each["user_id"] == self.people["full_access"].id)
        self.assertEqual((shown["work_telephone"], shown["work_email"]), ("+18195550199x12", "Info@québec.example"))

    def test_a_member_who_leaves_is_a_stranger(self):
        member = self.company.add(self.sandbox.person(), "full_access").sign_in()
        member.delete(f"{self.company.here}/members/{member.id}")
        member.refused("account_not_found", "GET", self.company.here, status=404)

    def test_company_people_have_no_staff_routes(self):
        paths = self.stranger.get("/openapi.json")["paths"]
        checked = 0
        for path, rows in paths.items():
            if not path.startswith(("/v1/staff/", "/v1/audit/")):
                continue
            for method in rows:
                target = re.sub(r"\{\w+\}", NOBODY, path)
                for caller in (self.people["owner"], self.stranger):
                    body = None if method == "get" else {}
                    caller.refused("staff_role_required", method.upper(), target, body, status=403)
                    checked += 1
        self.assertGreater(checked, 60)

    def test_staff_have_the_routes_of_their_role_and_no_others(self):
        account = self.company.id
        reads = {f"/v1/staff/accounts/{account}": "desk mail officer",
                 f"/v1/staff/accounts/{account}/profiles": "officer",
                 f"/v1/staff/accounts/{account}/submissions": "officer",
                 f"/v1/staff/accounts/{account}/membership": "desk officer",
                 "/v1/staff/work": "desk mail officer operator",
                 "/v1/staff/users?user_name=nobody123": "desk operator",
                 "/v1/staff/accounts?business_number=123456782": "desk mail officer",
                 f"/v1/staff/letters/{self.company.letter['id']}": "desk mail officer",
                 "/v1/audit/events": "auditor privacy",
                 f"/v1/audit/accounts/{account}/state": "auditor privacy",
                 f"/v1/audit/accounts/{account}/events": "auditor privacy",
                 f"/v1/audit/users/{self.stranger.id}/events": "auditor privacy"}
        short = {"desk": "service_desk", "mail": "mail_room", "officer": "programme_officer", "auditor": "auditor",
                 "operator": "operator", "privacy": "privacy_auditor"}
        for path, roles in reads.items():
            for name, role in short.items():
                with self.subTest(path=path, role=role):
                    answer = self.sandbox.staff(role).ask("GET", path)
                    expected = (200, None) if name in roles.split() else (403, "staff_role_required")
                    self.assertEqual((answer.status, answer.code), expected)

    def test_staff_hold_no_accounts_and_are_strangers_to_them(self):
        for role in ("service_desk", "mail_room", "programme_officer", "auditor", "operator"):
            person = self.sandbox.staff(role)
            person.refused("account_not_found", "GET", self.company.here, status=404)
            person.refused("staff_may_not_hold_account", "POST", "/v1/accounts", enrolment())

    def test_staff_do_not_give_themselves_roles(self):
        operator = self.sandbox.staff("operator")
        own = operator.get("/v1/user")["id"]
        operator.refused("own_staff_role", "POST", f"/v1/staff/users/{own}/roles",
                         {"role": "auditor", "reason": "Curious."})

    def test_two_operators_give_and_take_a_staff_role(self):
        first, second = self.sandbox.staff("operator"), self.sandbox.staff("operator", 1)
        person = self.sandbox.person().sign_in()
        here = f"/v1/staff/users/{person.id}"
        answer = first.ask("POST", here + "/roles", {"role": "auditor", "reason": "New in the team."})
        proposal = answer.headers["Location"]
        self.assertEqual(proposal, f"{here}/role-changes/{answer.document['id']}")
        person.refused("staff_role_required", "GET", "/v1/audit/events?limit=1")
        person.refused("staff_may_not_hold_account", "POST", "/v1/accounts", enrolment())
        first.refused("second_officer_required", "POST", proposal + "/approval", {})
        seen = second.get(proposal)
        self.assertEqual((seen["change"], seen["role"], seen["user_id"], seen["officer_id"], seen["reason"]),
                         ("grant", "auditor", person.id, first.get("/v1/user")["id"], "New in the team."))
        self.assertEqual({action["name"] for action in seen["actions"]},
                         {"approve_staff_role_change", "withdraw_staff_role_change"})
        self.assertIn(seen["id"], [row["id"] for row in second.pages("/v1/staff/work?kind=staff_role_change")])
        second.post(proposal + "/approval")
        self.sandbox.mail(person.email, "This person now holds this role")
        person.get("/v1/audit/events?limit=1")
        proposal = first.ask("POST", here + "/role-revocations",
                             {"role": "auditor", "reason": "Left the team."}).headers["Location"]
        second.post(proposal + "/approval")
        person.refused("staff_role_required", "GET", "/v1/audit/events?limit=1")

    def test_no_staff_role_is_for_the_owner_of_a_company(self):
        self.sandbox.staff("operator").refused(
            "belongs_to_account", "POST", f"/v1/staff/users/{self.company.owner.id}/roles",
            {"role": "programme_officer", "reason": "Knows the programme."}, status=409)

    def test_if_match_tells_strangers_nothing(self):
        other, company = self.owner_with_company()
        for version in ('"0"', "nonsense"):
            headers = {"If-Match": version}
            for user_name in (other.user_name, "nobodyhere"):
                self.anybody.refused("credential_rejected", "POST", "/v1/sign-ins", status=401, headers=headers,
                                     body={"user_name": user_name, "password": "any thing at all 1"})
            for account in (company.id, NOBODY):
                self.stranger.refused("account_not_found", "POST", f"/v1/accounts/{account}/address-confirmations",
                                      status=404, headers=headers)

    def test_a_look_up_names_the_parameter_at_fault(self):
        desk = self.sandbox.staff("service_desk")
        for query, code, parameter in (("", "missing", "urn"), ("?urn=123", "too_short", "urn"),
                                       ("?user_name=nobody123&state=3", "unknown_member", "state")):
            with self.subTest(query=query):
                error, = desk.refused(code, "GET", "/v1/staff/users" + query, status=422).document["errors"]
                self.assertEqual((error.get("parameter"), error["code"], "pointer" in error), (parameter, code, False))

    def test_a_refusal_is_in_the_language_of_the_person_where_the_request_names_none(self):
        person = self.sandbox.person(language="fr").sign_in()
        for wanted, language in ((None, "fr"), ("en", "en"), ("fr", "fr")):
            answer = person.ask("GET", f"/v1/accounts/{NOBODY}", headers={"Accept-Language": wanted})
            self.assertEqual((answer.status, answer.headers["Content-Language"]), (404, language))

    def test_what_staff_read_and_operators_do_is_in_the_log(self):
        desk, operator = self.sandbox.staff("service_desk"), self.sandbox.staff("operator")
        for _ in range(3):
            desk.get(f"/v1/staff/accounts/{self.company.id}")
        key = fresh_key()
        first = operator.ask("POST", "/v1/operations/keys/cursor/rotations", {}, key=key)
        again = operator.ask("POST", "/v1/operations/keys/cursor/rotations", {}, key=key)
        self.assertEqual((first.status, again.status, again.headers["Idempotency-Replayed"]), (201, 201, "true"))
        self.assertEqual(first.document, again.document)
        auditor = self.sandbox.staff("auditor")
        looks = [event["data"] for event in auditor.pages("/v1/audit/events?type=user.personal_data_viewed")]
        seen = [look for look in looks if look.get("of_account") == self.company.id and look["look"] == "account"
                and look["user"] == desk.get("/v1/user")["id"]]
        self.assertEqual(len(seen), 1)
        acts = [event["data"] for event in auditor.pages("/v1/audit/events?type=user.operation_performed")]
        self.assertEqual([(act["operation"], act["subject"]) for act in acts].count(("key_rotated", "cursor")), 1)

    def test_an_address_is_shown_to_the_person_and_to_privacy_auditors(self):
        person = self.sandbox.person().sign_in()
        own = person.pages("/v1/user/history")
        opened = [event for event in own if event["type"] == "user.session_opened"]
        self.assertEqual(opened[0]["from_address"], "127.0.0.1")
        path = f"/v1/audit/users/{person.id}/events"
        self.assertFalse(any("from_address" in event for event in self.sandbox.staff("auditor").pages(path)))
        looked = self.sandbox.staff("privacy_auditor").pages(path + "?personal=true")
        self.assertIn("127.0.0.1", [event.get("from_address") for event in looked])

    def test_auditors_see_no_personal_data_in_events(self):
        auditor = self.sandbox.staff("auditor")
        seen = json.dumps(auditor.pages("/v1/audit/events"), ensure_ascii=False)
        for personal in (self.stranger.email, self.stranger.urn, self.stranger.user_name, "Érablière", "Tremblay",
                         self.company.letter["client_number"], "123 rue Principale".upper()):
            self.assertNotIn(personal, seen)

    def test_a_user_is_added_only_when_all_three_match_and_no_answer_reveals_which_did_not(self):
        owner, company = self.owner_with_company()
        person = self.sandbox.person("Côté-Roy", "Zoé")
        other = self.sandbox.person()
        for change in ({"family_name": "Roy"}, {"urn": other.urn}, {"email": other.email}):
            owner.refused("no_matching_user", "POST", company.here + "/members",
                          {**person.identity(), "role": "administrative", **change})
        forgiven = {"family_name": "COTE ROY", "urn": person.urn, "email": person.email.upper(),
                    "role": "administrative"}
        owner.post(company.here + "/members", forgiven)

    def test_a_name_matches_however_its_signs_and_accents_are_typed(self):
        owner, company = self.owner_with_company()
        for name, typed in (("Saint-Jean O’Brien", "saintjean o`brien"), ("Иванов", "ИВАНОВ"), ("Groß", "GROẞ")):
            person = self.sandbox.person(name, "Zoé")
            owner.post(company.here + "/members", {**person.identity(), "family_name": typed, "role": "administrative"})

    def test_tries_to_add_a_user_are_limited(self):
        owner, company = self.owner_with_company()
        person = self.sandbox.person()
        wrong_name = {**person.identity(), "family_name": "Nobody", "role": "administrative"}
        for _ in range(5):
            owner.refused("no_matching_user", "POST", company.here + "/members", wrong_name)
        answer = owner.refused("too_many_attempts", "POST", company.here + "/members",
                               {**person.identity(), "role": "administrative"}, status=429)
        self.assertGreater(int(answer.headers["Retry-After"]), 60)


# ---- deadlines of an account ------------------------------------------------------------------------------------------


class Deadlines(ApiTest):
    which = "moving"

    def enrolled_company(self):
        owner = self.sandbox.person().sign_in()
        company = Company(owner)
        company.confirm_address()
        return owner, company

    def types(self, person, company):
        return [each["type"] for each in person.pages(company.here + "/history")]

    def test_an_activation_code_dies_after_45_days_to_the_second(self):
        (early, in_time), (late, too_late) = self.enrolled_company(), self.enrolled_company()
        ends = parse_time(early.get(in_time.here)["activation_code"]["expires_at"])
        issued = parse_time(early.get(in_time.here)["activation_code"]["issued_at"])
        self.assertEqual(ends - issued, datetime.timedelta(days=45))
        ends_late = parse_time(late.get(too_late.here)["activation_code"]["expires_at"])
        self.sandbox.advance_to(ends, -60)
        early.signed_in()
        late.signed_in()
        in_time.activate()
        self.sandbox.advance_to(ends_late)
        late.refused("activation_code_expired", "POST", "/v1/activations", too_late.activation())
        self.assertEqual(late.get(too_late.here)["activation_code"]["state"], "expired")

    def test_a_code_can_be_requested_once_a_day_and_four_times_in_45_days(self):
        owner, company = self.enrolled_company()
        first = company.letter
        for _ in range(4):
            owner.signed_in().post(company.here + "/activation-codes")
            owner.refused("code_requests_one_a_day", "POST", company.here + "/activation-codes", status=429)
            self.sandbox.advance(days=1, seconds=1)
        answer = owner.signed_in().refused("code_requests_four_in_45_days", "POST", company.here + "/activation-codes")
        self.assertGreater(int(answer.headers["Retry-After"]), 40 * DAY)
        letter = self.sandbox.letter(company.id)
        self.assertEqual(letter["client_number"], first["client_number"])
        self.assertNotEqual(letter["activation_code"], first["activation_code"])
        tries = owner.get(company.here)["activation_code"]["tries_left"]
        owner.refused("activation_code_replaced", "POST", "/v1/activations", company.activation(first))
        self.assertEqual(owner.get(company.here)["activation_code"]["tries_left"], tries)
        self.sandbox.advance(days=41, seconds=1)
        owner.signed_in().post(company.here + "/activation-codes")
        company.letter = self.sandbox.letter(company.id, but_not={letter["id"]})
        company.activate()

    def test_tries_of_an_activation_code_are_limited(self):
        owner, company = self.enrolled_company()
        right = company.activation()
        code = right["activation_code"]
        mistyped = {**right, "activation_code": code[:-1] + ("2" if code[-1] != "2" else "3")}
        for batch in range(4):
            for _ in range(5):
                owner.signed_in().refused("activation_refused", "POST", "/v1/activations", mistyped)
            if batch < 3:
                owner.refused("too_many_attempts", "POST", "/v1/activations", right, status=429)
            self.sandbox.advance(minutes=10, seconds=1)
        owner.signed_in().refused("activation_code_void", "POST", "/v1/activations", right)
        self.assertEqual(owner.get(company.here)["activation_code"]["state"], "void")

    def test_a_code_may_be_typed_in_any_case_with_spaces_and_dashes(self):
        owner, company = self.enrolled_company()
        right = company.activation()
        code = right["activation_code"].lower()
        owner.post("/v1/activations", {**right, "activation_code": f" {code[:5]} - {code[5:]} "})

    def test_nothing_can_be_changed_before_the_programmes_terms_are_accepted(self):
        owner, company = self.enrolled_company()
        draft = ("PUT", company.here + "/profiles/company", {"answers": {}})
        owner.refused("not_activated", *draft)
        company.activate()
        self.assertEqual(owner.get(company.here)["stage"], "activated")
        owner.refused("not_authorised", *draft)
        company.accept_terms()
        self.assertEqual(owner.get(company.here)["stage"], "authorised")
        owner.put(*draft[1:])

    def test_a_letter_not_posted_within_two_business_days_is_an_alarm_and_opens_a_case(self):
        owner, company = self.enrolled_company()
        letter = owner.get(company.here)["letters"][0]
        report = {"letter_id": letter["id"]}
        owner.refused("missing", "POST", company.here + "/letter-reports", {})
        owner.refused("letter_not_overdue", "POST", company.here + "/letter-reports", report)
        mail_room = self.sandbox.staff("mail_room")
        waiting = [row["id"] for row in mail_room.pages("/v1/staff/work")]
        self.assertIn(letter["id"], waiting)
        self.assertFalse(mail_room.get("/v1/staff/letters/" + letter["id"])["overdue"])
        self.sandbox.advance_to(parse_time(letter["due_at"]))
        owner.signed_in()
        shown = eventually(lambda: next((each for each in owner.get(company.here)["letters"] if each["overdue"]), None))
        self.assertEqual(shown["id"], letter["id"])
        self.assertTrue(self.sandbox.staff("mail_room").get("/v1/staff/letters/" + letter["id"])["overdue"])
        self.assertIn("account.letter_overdue", self.types(owner, company))
        desk = self.sandbox.staff("service_desk")
        for staff in (desk, self.sandbox.staff("mail_room")):
            self.assertIn(letter["id"], [row["id"] for row in staff.pages("/v1/staff/work?kind=letter_overdue")])
        overdue = re.search(r"(?m)^ttp_letters_overdue (\d+)$", Api(self.server).ask("GET", "/metrics").body.decode())
        self.assertGreaterEqual(int(overdue.group(1)), 1)

        self.assertIn("report_letter_missing", [each["name"] for each in shown["actions"]])
        answer = owner.ask("POST", company.here + "/letter-reports", report)
        case = answer.document["id"]
        self.assertEqual(answer.headers["Location"], f"{company.here}/letter-cases/{case}")
        owner.refused("letter_case_open", "POST", company.here + "/letter-reports", report)
        self.assertEqual(owner.get(company.here)["open_letter_case_id"], case)
        self.assertEqual(owner.get(answer.headers["Location"])["letter_id"], letter["id"])
        self.assertIn(case, [row["id"] for row in desk.pages("/v1/staff/work?kind=letter_case")])
        resolution = f"/v1/staff/accounts/{company.id}/letter-cases/{case}/resolution"
        desk.post(resolution, {"resolution": "letter_sent_again", "reason": "Lost in the mail room."})
        again = self.sandbox.letter(company.id, but_not={letter["id"]})
        self.assertEqual(again["activation_code"], company.letter["activation_code"])
        self.assertNotIn(case, [row["id"] for row in desk.pages("/v1/staff/work?kind=letter_case")])
        answered = owner.get(f"{company.here}/letter-cases/{case}")
        self.assertEqual((answered["resolution"], answered["reason"]), ("letter_sent_again", "Lost in the mail room."))
        self.sandbox.mail(owner.email, r"You reported that a letter[^§]*Lost in the mail room\.")
        company.letter = again
        company.activate()

    def test_a_posted_letter_is_no_alarm_and_a_returned_one_voids_its_code(self):
        owner, company = self.enrolled_company()
        letter = f"/v1/staff/letters/{company.letter['id']}"
        mail_room = self.sandbox.staff("mail_room")
        printed = mail_room.ask("GET", letter + "/document")
        self.assertEqual((printed.status, printed.headers["Content-Type"], printed.body[:5]),
                         (200, "application/pdf", b"%PDF-"))
        mail_room.post(letter + "/printing")
        mail_room.post(letter + "/posting", {"registered_mail_number": "RN123456785CA"})
        mail_room.refused("letter_not_pending", "POST", letter + "/posting", {"registered_mail_number": "RN123456785CA"})
        self.sandbox.advance(days=10)
        self.assertNotIn("account.letter_overdue", self.types(owner.signed_in(), company))
        self.sandbox.staff("mail_room").post(letter + "/return", {"reason": "Moved away."})
        owner.refused("activation_code_void", "POST", "/v1/activations", company.activation())

    def test_an_address_that_changes_stops_its_letter_and_a_confirmation_orders_another(self):
        owner, company = self.enrolled_company()
        mail_room = self.sandbox.staff("mail_room")
        letter = f"/v1/staff/letters/{company.letter['id']}"
        moved = {"mailing_address": {**ADDRESS, "line1": "666 Other Street"}}
        owner.put(company.here + "/mailing-address", moved)
        mail_room.refused("letter_not_pending", "GET", letter + "/document")
        mail_room.refused("letter_not_pending", "POST", letter + "/printing")
        mail_room.refused("letter_not_pending", "POST", letter + "/posting", {"registered_mail_number": "RN123456785CA"})
        owner.refused("activation_code_void", "POST", "/v1/activations", company.activation())
        owner.refused("address_not_confirmed", "POST", company.here + "/client-number-letters")
        self.sandbox.mail(owner.email, "mailing address was changed")
        answer = owner.ask("POST", company.here + "/address-confirmations", {})
        ordered = answer.document["id"]
        self.assertEqual(answer.headers["Location"], f"{company.here}/letters/{ordered}")
        self.assertEqual(owner.get(answer.headers["Location"])["state"], "ordered")
        company.letter = self.sandbox.letter(company.id)
        self.assertEqual(company.letter["id"], ordered)
        company.activate()

    def test_a_code_tried_too_often_stops_its_letter_and_is_mailed(self):
        owner, company = self.enrolled_company()
        right = company.activation()
        mistyped = {**right, "activation_code": "0000000000"}
        for _ in range(20):
            owner.signed_in().refused("activation_refused", "POST", "/v1/activations", mistyped)
            self.sandbox.advance(minutes=3)
        self.assertEqual(owner.signed_in().get(company.here)["letters"][0]["state"], "cancelled")
        self.sandbox.mail(owner.email, "A wrong code was entered 20 times")

    def test_on_the_fifteenth_day_owner_and_service_desk_are_asked_whether_the_letter_came(self):
        owner, company = self.enrolled_company()
        letter = company.letter["id"]
        staff_letter = "/v1/staff/letters/" + letter
        mail_room = self.sandbox.staff("mail_room")
        mail_room.post(staff_letter + "/posting", {"registered_mail_number": "RN123456785CA"})
        mail_room.refused("check_digit_wrong", "PUT", staff_letter + "/registered-mail-number",
                          {"registered_mail_number": "RN123456784CA", "reason": "Misread."})
        mail_room.put(staff_letter + "/registered-mail-number",
                      {"registered_mail_number": "RN473124829CA", "reason": "Misread."})
        self.sandbox.mail(owner.email, "RN473124829CA")
        ordered = parse_time(owner.get(company.here)["letters"][0]["ordered_at"])
        self.sandbox.advance_to(ordered + datetime.timedelta(days=15))
        owner.signed_in()
        asked = eventually(lambda: next((each for each in owner.get(company.here)["letters"] if each["arrival_asked"]),
                                        None))
        self.assertEqual(asked["id"], letter)
        self.sandbox.mail(owner.email, "should be in your company's hands by now")
        desk = self.sandbox.staff("service_desk")
        self.assertIn(letter, [row["id"] for row in desk.pages("/v1/staff/work?kind=letter_arrival")])
        owner.post(f"{company.here}/letters/{letter}/arrival")
        self.assertEqual(owner.get(f"{company.here}/letters/{letter}")["state"], "arrived")
        self.assertNotIn(letter, [row["id"] for row in desk.pages("/v1/staff/work?kind=letter_arrival")])
        owner.refused("letter_not_on_its_way", "POST", company.here + "/letter-reports", {"letter_id": letter})

    def test_a_missing_activation_letter_can_be_reported_while_another_letter_is_on_its_way(self):
        owner, company = self.enrolled_company()
        first = company.letter["id"]
        self.sandbox.advance(days=7)
        number_letter = owner.signed_in().post(company.here + "/client-number-letters")["id"]
        owner.refused("letter_not_overdue", "POST", company.here + "/letter-reports", {"letter_id": number_letter})
        owner.post(company.here + "/letter-reports", {"letter_id": first})

    def test_a_name_that_a_letter_cannot_show_is_refused_where_it_is_entered(self):
        owner = self.sandbox.person().sign_in()
        body = enrolment(legal_name="\u0936\u092e Trading", mailing_address={**ADDRESS, "city": "Ottawa \U0001f341"})
        answer = owner.refused("not_shown_in_letters", "POST", "/v1/accounts", body)
        self.assertEqual({each["pointer"]: each["details"] for each in answer.document["errors"]},
                         {"/legal_name": ["\u0936", "\u092e"], "/mailing_address/city": ["U+1F341"]})

    def test_a_user_has_at_most_three_enrolments_and_can_withdraw_one(self):
        owner = self.sandbox.person().sign_in()
        companies = [Company(owner) for _ in range(3)]
        self.assertNotIn("enrol_company", [each["name"] for each in owner.get("/v1/user")["actions"]])
        body = enrolment()
        owner.refused("too_many_enrolments", "POST", "/v1/accounts", body)
        companies[0].confirm_address()
        owner.delete(companies[0].here)
        owner.refused("account_not_found", "GET", companies[0].here)
        self.sandbox.mail(owner.email, "You have withdrawn this company's enrolment")
        number = companies[0].enrolment["business_number"]
        again = owner.post("/v1/accounts", enrolment(business_number=number))["id"]
        self.assertEqual(owner.get("/v1/accounts/" + again)["business_number"], number)
        companies[1].confirm_address()
        companies[1].activate()
        owner.refused("already_activated", "DELETE", companies[1].here)

    def test_an_enrolment_that_is_never_confirmed_gives_its_business_number_back(self):
        squatter = self.sandbox.person().sign_in()
        squatted = Company(squatter)
        number = squatted.enrolment["business_number"]
        self.sandbox.advance(days=30)
        eventually(lambda: squatter.signed_in().ask("GET", squatted.here).code == "account_not_found")
        self.sandbox.mail(squatter.email, "was not confirmed within 30 days")
        self.sandbox.person().sign_in().post("/v1/accounts", enrolment(business_number=number))

    def test_two_officers_release_a_squatted_business_number(self):
        squatter = self.sandbox.person().sign_in()
        squatted = Company(squatter)
        desk, second = self.sandbox.staff("service_desk"), self.sandbox.staff("service_desk", 1)
        here = f"/v1/staff/accounts/{squatted.id}/enrolment-releases"
        answer = desk.ask("POST", here, {"reason": "The company proved that the number is its own."})
        proposal = answer.headers["Location"]
        self.assertEqual(proposal, f"{here}/{answer.document['id']}")
        seen = second.get(proposal)
        self.assertEqual(seen["reason"], "The company proved that the number is its own.")
        self.assertEqual(seen["officer_id"], desk.get("/v1/user")["id"])
        self.assertIn(seen["id"], [row["id"] for row in second.pages("/v1/staff/work?kind=enrolment_release")])
        shown = squatter.get(squatted.here)["enrolment_release"]
        self.assertEqual((shown["id"], shown.get("reason"), shown.get("officer_id")), (seen["id"], None, None))
        self.sandbox.mail(squatter.email, "has proposed to end this enrolment")
        desk.refused("second_officer_required", "POST", proposal + "/approval", {})
        second.post(proposal + "/approval")
        squatter.refused("account_not_found", "GET", squatted.here)
        self.assertEqual(desk.get(f"/v1/staff/accounts/{squatted.id}")["stage"], "ended")
        number = squatted.enrolment["business_number"]
        self.sandbox.person().sign_in().post("/v1/accounts", enrolment(business_number=number))

    def test_an_ownership_offer_lapses_after_30_days(self):
        owner, company = self.owner_with_company()
        heir = self.sandbox.person().sign_in()
        offer = owner.post(company.here + "/ownership-offers",
                           {**heir.identity(), "previous_owner": "becomes_proxy_owner"})["id"]
        ends = parse_time(owner.get(company.here)["ownership_offer"]["expires_at"])
        self.assertEqual([row["id"] for row in heir.get("/v1/user")["ownership_offers"]], [offer])
        self.sandbox.advance_to(ends)
        acceptance = f"{company.here}/ownership-offers/{offer}/acceptance"
        answer = heir.signed_in().ask("POST", acceptance, {"signing_authority_attested": True})
        self.assertIn(answer.code, ("ownership_offer_lapsed", "ownership_offer_not_found"), answer)
        owner.signed_in()
        eventually(lambda: "account.ownership_offer_lapsed" in self.types(owner, company))
        self.assertEqual(owner.get(company.here)["role"], "owner")
        self.assertNotIn("ownership_offer", {name for name, value in owner.get(company.here).items() if value})

    def test_the_account_has_one_owner_before_and_after_a_transfer(self):
        owner, company = self.owner_with_company()
        heir, third = self.sandbox.person().sign_in(), self.sandbox.person().sign_in()
        offer = owner.post(company.here + "/ownership-offers",
                           {**heir.identity(), "previous_owner": "becomes_proxy_owner"})["id"]
        acceptance = f"{company.here}/ownership-offers/{offer}/acceptance"
        third.refused("ownership_offer_not_found", "POST", acceptance, {"signing_authority_attested": True}, status=404)
        heir.refused("attestation_required", "POST", acceptance, {"signing_authority_attested": False})
        heir.post(acceptance, {"signing_authority_attested": True})
        roles = {row["user_id"]: row["role"] for row in heir.get(company.here + "/members")["items"]}
        self.assertEqual(roles, {owner.id: "proxy_owner", heir.id: "owner"})
        owner.refused("not_permitted", "POST", company.here + "/submissions")

    def test_two_officers_reassign_an_account_whose_owner_is_gone(self):
        owner, company = self.owner_with_company()
        heir = self.sandbox.person().sign_in()
        first, second = self.sandbox.staff("service_desk", 0), self.sandbox.staff("service_desk", 1)
        path = f"/v1/staff/accounts/{company.id}/owner-reassignments"
        proposal = first.post(path, {"new_owner_id": heir.id, "reason": "The owner has died."})["id"]
        first.refused("second_officer_required", "POST", f"{path}/{proposal}/approval")
        seen = second.get(f"{path}/{proposal}")
        self.assertEqual((seen["owner_id"], seen["new_owner_id"], seen["officer_id"], seen["reason"]),
                         (owner.id, heir.id, first.get("/v1/user")["id"], "The owner has died."))
        second.post(f"{path}/{proposal}/approval")
        self.assertEqual(heir.get(company.here)["role"], "owner")
        owner.refused("account_not_found", "GET", company.here)

    def test_an_owner_who_is_not_gone_objects_to_the_new_owner(self):
        owner, company = self.owner_with_company()
        heir = self.sandbox.person().sign_in()
        first, second = self.sandbox.staff("service_desk", 0), self.sandbox.staff("service_desk", 1)
        path = f"/v1/staff/accounts/{company.id}/owner-reassignments"
        proposal = first.post(path, {"new_owner_id": heir.id, "reason": "The owner is said to be gone."})["id"]
        self.sandbox.mail(owner.email, "as the new owner of this account")
        shown = owner.get(company.here)["owner_reassignment"]
        self.assertEqual((shown["id"], shown["new_owner_id"], shown.get("reason")), (proposal, heir.id, None))
        self.assertEqual(owner.get(f"{company.here}/owner-reassignments/{proposal}")["id"], proposal)
        owner.post(f"{company.here}/owner-reassignments/{proposal}/objection")
        second.refused("reassignment_not_found", "POST", f"{path}/{proposal}/approval", status=404)
        self.assertEqual(owner.get(company.here)["role"], "owner")

    def test_without_sign_in_for_two_years_a_urn_expires_and_the_owners_closes_the_account(self):
        owner, company = self.owner_with_company()
        member = company.add(self.sandbox.person(), "full_access").sign_in()
        self.sandbox.advance(days=700)
        member.sign_in()
        self.sandbox.advance(days=40)
        member.signed_in().refused("owner_urn_expired", "GET", company.here, status=403)
        self.anybody.refused("urn_expired", "POST", "/v1/sign-ins", owner.credential(), status=403)
        desk = self.sandbox.staff("service_desk")
        after = self.sandbox.newest_mail_key(owner.email)
        desk.post(f"/v1/staff/users/{owner.id}/urns", {"reason": "Identity checked by telephone."})
        owner.urn = self.sandbox.mail(owner.email, r"\b(4\d{9})\b", after).group(1)
        owner.sign_in()
        member.signed_in().refused("reactivation_required", "GET", company.here, status=403)
        owner.post(f"{company.here}/members/{member.id}/reactivation")
        self.assertEqual(member.get(company.here)["role"], "full_access")


class Profiles(ApiTest):
    def setUp(self):
        super().setUp()
        self.owner, self.company = self.owner_with_company()
        self.profile = self.company.here + "/profiles/company"

    def answers(self, path):
        return self.owner.get(path)["answers"]

    def test_a_site_has_a_free_name_and_an_identifier_of_the_services(self):
        names = ("Entrepôt nº 2", "Quai nord / North quay", "ᐃᖃᓗᐃᑦ", "x" * 80)
        for name in names:
            made = self.owner.ask("POST", self.company.here + "/profiles/security", {"name": name})
            self.assertEqual(made.status, 201)
            self.assertEqual(made.headers["Location"], f"{self.company.here}/profiles/security/{made.document['id']}")
            self.assertEqual(self.owner.get(made.headers["Location"])["name"], name)
        shown = [each["name"] for each in self.owner.get(self.company.here + "/profiles")["items"] if "name" in each]
        self.assertEqual(shown, list(names))

    def test_a_site_that_was_not_added_takes_no_answers(self):
        for key, code, status in (("Entrep%C3%B4t", "forbidden_characters", 422), ("Main", "forbidden_characters", 422),
                                  ("-a", "malformed", 422), ("a" * 41, "too_long", 422),
                                  ("a%2Fb", "forbidden_characters", 422), ("gatineau", "profile_not_found", 404),
                                  (NOBODY, "profile_not_found", 404)):
            path = f"{self.company.here}/profiles/security/{key}"
            for method, body in (("PUT", {"answers": {}}), ("PATCH", {"answers": {}}), ("DELETE", None)):
                with self.subTest(method=method, key=key):
                    answer = self.owner.refused(code, method, path, body, status=status)
                    if status == 422:
                        error, = answer.document["errors"]
                        self.assertEqual((error.get("parameter"), error["code"]), ("site", code))
        self.assertEqual([each["id"] for each in self.owner.get(self.company.here + "/profiles")["items"]],
                         ["company", "importer", ""], "nothing was stored")

    def test_a_site_is_renamed_and_removed(self):
        site = self.company.add_site("Quay")
        self.owner.patch(site, {"name": "Quai nord"})
        self.assertEqual(self.owner.get(site)["name"], "Quai nord")
        self.owner.refused("missing", "PATCH", site, {"name": None}, status=422)
        self.owner.delete(site)
        self.owner.refused("profile_not_found", "GET", site, status=404)

    def test_answers_change_one_by_one_and_null_clears(self):
        self.owner.put(self.profile, {"answers": {"year_founded": "1998", "web_site": "example.com"}})
        patch = {"Content-Type": "application/merge-patch+json"}
        self.owner.patch(self.profile, {"answers": {"web_site": None, "company_activities": "Syrup"}}, headers=patch)
        self.assertEqual(self.answers(self.profile), {"year_founded": "1998", "company_activities": "Syrup"})
        answer = self.owner.refused("unknown_question", "PATCH", self.profile, {"answers": {"colour": "blue"}})
        self.assertEqual(self.pointers(answer), {("/answers/colour", "unknown_question")})
        answer = self.owner.refused("wrong_type", "PUT", self.profile, {"answers": {"web_site": None}})
        self.assertEqual(self.pointers(answer), {("/answers/web_site", "wrong_type")})

    def test_a_profile_is_not_overwritten_unseen(self):
        first = {"answers": {"company_activities": "Syrup"}}
        blind = {"If-Match": None}
        self.assertEqual(self.owner.ask("PUT", self.profile, first, headers=blind).status, 200)
        self.assertEqual(self.owner.ask("PUT", self.profile, first, headers=blind).status, 200, "nothing is lost")
        self.owner.refused("precondition_required", "PUT", self.profile, {"answers": {}}, headers=blind, status=428)
        tag = self.owner.ask("GET", self.profile).headers["ETag"]
        self.owner.put(self.profile, {"answers": {}}, headers={"If-Match": tag})
        self.owner.refused("version_differs", "PUT", self.profile, first, headers={"If-Match": tag}, status=412)
        self.owner.refused("version_differs", "PATCH", self.profile, first, headers={"If-Match": tag}, status=412)
        self.owner.patch(self.profile, first)

    def test_a_profiles_version_is_its_own(self):
        site = self.company.add_site()
        self.owner.put(self.profile, {"answers": {"company_activities": "Syrup"}})
        tag = self.owner.ask("GET", self.profile).headers["ETag"]
        self.owner.put(site, {"answers": {"seals": "Yes, numbered."}})
        self.company.add(self.sandbox.person(), "administrative")
        self.assertEqual(self.owner.ask("GET", self.profile).headers["ETag"], tag)
        self.owner.put(self.profile, {"answers": {}}, headers={"If-Match": tag})

    def test_a_whole_profile_at_its_limits_fits_into_one_body(self):
        site = self.company.add_site()
        for path, questions in ((self.profile, "company"), (site, "security"),
                                (self.company.here + "/profiles/application/importer", "application/importer")):
            rows = self.owner.get("/v1/profile-questions/" + questions)["items"]
            answers = {row["id"]: answer_for(row) for row in rows}
            for row in rows:
                if row["type"] == "text":
                    answers[row["id"]] = "é" * self.longest(path, row["id"])
            self.owner.put(path, {"answers": answers})  # json.dumps escapes each letter
            self.assertEqual(self.answers(path), answers)

    def longest(self, path, question):
        for length in (2000, 400, 300, 255, 160, 100, 80):
            if self.owner.ask("PATCH", path, {"answers": {question: "é" * length}}).status == 200:
                return length
        self.fail(question)

    def test_company_data_are_drafted_submitted_accepted_and_the_address_confirmed(self):
        owner, company = self.owner, self.company
        data = owner.get(self.profile)["company"]
        self.assertEqual(data["legal_name"], owner.get(company.here)["legal_name"])
        address = dict(data["mailing_address"], line1="9 RUE DU QUAI")
        owner.patch(self.profile, {"company": {"legal_name": "Sirop du Nord inc.", "operating_names": None,
                                               "lines_of_business": ["importer", "exporter"],
                                               "mailing_address": address}})
        company.fill_profiles()
        owner.put(company.here + "/profiles/application/exporter",
                  {"answers": company.complete_answers("application/exporter")})
        self.assertEqual(owner.get(company.here)["legal_name"], data["legal_name"], "it is a draft")
        officer = self.sandbox.staff("programme_officer")
        review = f"/v1/staff/accounts/{company.id}/submissions/{owner.post(company.here + '/submissions')['id']}"
        self.assertEqual(officer.get(review)["company"]["legal_name"], "Sirop du Nord inc.")
        officer.post(review + "/review")
        after = self.sandbox.newest_mail_key(owner.email)
        officer.post(review + "/acceptance")
        account = owner.get(company.here)
        self.assertEqual((account["legal_name"], account["operating_names"], account["lines_of_business"]),
                         ("Sirop du Nord inc.", [], ["importer", "exporter"]))
        self.assertEqual((account["mailing_address"], account["mailing_address_to_confirm"]),
                         (data["mailing_address"], address))
        self.assertIn("confirm_mailing_address", [each["name"] for each in account["actions"]])
        self.sandbox.mail(owner.email, r"(?s)accepted this new mailing address.*9 RUE DU QUAI", after)
        owner.post(company.here + "/address-confirmations")
        account = owner.get(company.here)
        self.assertEqual((account["mailing_address"], account.get("mailing_address_to_confirm")), (address, None))
        self.sandbox.mail(owner.email, r"(?s)new mailing address was confirmed.*9 RUE DU QUAI", after)

    def test_company_data_that_no_company_can_have_are_refused_with_pointers(self):
        for data, code, pointer in (({"lines_of_business": []}, "missing", "/lines_of_business"),
                                    ({"lines_of_business": ["customs_broker"]}, "not_a_choice", "/lines_of_business/0"),
                                    ({"legal_name": None}, "missing", "/legal_name"),
                                    ({"mailing_address": None}, "missing", "/mailing_address"),
                                    ({"operating_names": ["x"] * 21}, "too_long", "/operating_names")):
            with self.subTest(data=data):
                answer = self.owner.refused(code, "PATCH", self.profile, {"company": data}, status=422)
                self.assertEqual(self.pointers(answer), {("/company" + pointer, code)})


class Membership(ApiTest):
    def test_a_submission_is_frozen(self):
        owner, company, staff_here, review = self.submitted()
        officer, profile = self.sandbox.staff("programme_officer"), company.here + "/profiles/company"
        own = review.replace("/v1/staff", "/v1")
        frozen = owner.get(own)
        self.assertEqual(officer.get(review), frozen)
        self.assertEqual({each["kind"]: each["answers"] for each in frozen["profiles"]}["company"],
                         owner.get(profile)["answers"])
        self.assertEqual((frozen["changes"], frozen.get("compared_with_id")), ([], None))
        # A draft goes on beside it and is not accepted with it.
        owner.patch(profile, {"answers": {"company_activities": "Never submitted"}})
        self.assertEqual(owner.get(own), frozen)
        self.assertEqual(officer.get(staff_here + "/profiles")["items"], [], "nothing is accepted yet")
        officer.post(review + "/acceptance")
        accepted = officer.get(staff_here + "/profiles")["items"]
        self.assertNotIn("Never submitted", json.dumps(accepted))
        self.assertEqual(owner.get(own)["state"], "accepted")
        # The changes are compared with what was accepted last; refused, they do not become the profile.
        second = owner.ask("POST", company.here + "/submissions")
        changes = owner.get(second.headers["Location"])
        self.assertEqual(changes["compared_with_id"], frozen["id"])
        self.assertEqual(changes["changes"],
                         [{"profile_id": "company", "kind": "company", "member": "company_activities",
                           "before": answer_for({"type": "text", "id": ""}), "after": "Never submitted"}])
        again = f"{staff_here}/submissions/{changes['id']}"
        officer.post(again + "/review")
        officer.post(again + "/refusal", {"reason": "That is no activity."})
        self.assertEqual(officer.get(staff_here + "/profiles")["items"], accepted)
        told = owner.get(second.headers["Location"])
        self.assertEqual((told["state"], told["remarks"]), ("refused", "That is no activity."))
        self.assertTrue(told["decided_at"])
        owner.refused("submission_not_found", "GET", company.here + "/submissions/" + NOBODY, status=404)

    def test_a_submission_shows_each_reader_the_profiles_of_their_role(self):
        owner, company, _, review = self.submitted()
        administrative = company.add(self.sandbox.person(), "administrative").sign_in()
        own = review.replace("/v1/staff", "/v1")
        self.assertEqual({each["kind"] for each in administrative.get(own)["profiles"]}, {"company"})
        self.assertEqual({each["kind"] for each in owner.get(own)["profiles"]}, {"company", "application", "security"})

    def test_reasons_grounds_and_answers_are_read_by_both_sides(self):
        owner, company, staff_here, review = self.submitted()
        officer = self.sandbox.staff("programme_officer")
        officer.post(review + "/refusal", {"reason": "The yard has no fence."})
        owner.post(company.here + "/informal-reviews", {"grounds": "There is one since May."})
        self.assertEqual(officer.get(staff_here + "/membership")["informal_reviews"][0]["grounds"],
                         "There is one since May.")
        officer.post(staff_here + "/informal-review-answers", {"outcome": "reopened", "answer": "We have seen it."})
        told = owner.get(company.here + "/membership")["informal_reviews"][0]
        self.assertEqual((told["outcome"], told["answer"]), ("reopened", "We have seen it."))
        officer.post(review + "/acceptance")
        officer.post(staff_here + "/membership-suspensions", {"reason": "An open question."})
        membership = owner.get(company.here + "/membership")
        self.assertEqual((membership["status"], membership["status_reason"]), ("suspended", "An open question."))
        self.assertTrue(membership["revalidation_due_at"])
        officer.post(staff_here + "/membership-cancellations", {"reason": "No movement for years."})
        membership = owner.get(company.here + "/membership")
        self.assertEqual(membership["status_reason"], "No movement for years.")
        self.assertNotIn("revalidation_due_at", membership)
        self.assertEqual([each["status"] for each in membership["statuses"]],
                         ["applied", "under_review", "member", "suspended", "cancelled"])
        self.assertTrue(membership["appeal_ends_at"])
        owner.post(company.here + "/submissions")
        owner.post(company.here + "/appeals", {"grounds": "There were two in May."})
        self.assertEqual(officer.get(staff_here + "/membership")["appeals"][0]["grounds"], "There were two in May.")
        officer.post(staff_here + "/appeal-answers", {"outcome": "denied", "answer": "There were none."})
        membership = owner.get(company.here + "/membership")
        self.assertEqual((membership["appeals"][0]["outcome"], membership["appeals"][0]["answer"]),
                         ("denied", "There were none."))
        self.assertNotIn("appeal_until", membership)
        owner.refused("appeal_denied", "POST", company.here + "/appeals", {"grounds": "Once more."}, status=409)

    def test_a_revalidation_is_recorded_from_its_announcement_on_and_moves_no_anniversary(self):
        owner, company, staff_here, review = self.submitted()
        officer = self.sandbox.staff("programme_officer")
        officer.post(review + "/acceptance")
        answer = officer.refused("revalidation_not_announced", "POST", staff_here + "/revalidations",
                                 {"remarks": "Visited."}, status=409)
        self.assertTrue(answer.document["retry_at"])

    def test_a_submission_goes_to_an_officer_who_decides(self):
        owner, company = self.owner_with_company()
        owner.refused("profiles_incomplete", "POST", company.here + "/submissions")
        company.fill_profiles()
        self.assertEqual(owner.get(company.here)["profiles_percent"], 100)
        submission = owner.post(company.here + "/submissions")["id"]
        owner.refused("submission_under_review", "POST", company.here + "/submissions")
        officer = self.sandbox.staff("programme_officer")
        self.assertIn(submission, [row["id"] for row in officer.pages("/v1/staff/work?kind=submission")])
        review = f"/v1/staff/accounts/{company.id}/submissions/{submission}"
        officer.post(review + "/review")
        officer.post(review + "/return", {"remarks": "Please say more about your gates."})
        self.assertEqual(owner.get(company.here + "/submissions")["items"][0]["state"], "returned")
        again = owner.post(company.here + "/submissions")["id"]
        review = f"/v1/staff/accounts/{company.id}/submissions/{again}"
        officer.post(review + "/review")
        officer.post(review + "/acceptance")
        self.assertEqual(owner.get(company.here + "/membership")["status"], "member")

    def submitted(self):
        """An owner, the company and where an officer decides on its application, whose review has begun."""
        owner, company = self.owner_with_company()
        company.fill_profiles()
        submission = owner.post(company.here + "/submissions")["id"]
        staff_here = f"/v1/staff/accounts/{company.id}"
        review = f"{staff_here}/submissions/{submission}"
        self.sandbox.staff("programme_officer").post(review + "/review")
        return owner, company, staff_here, review

    def test_a_refused_applicant_can_ask_for_an_informal_review(self):
        owner, company, staff_here, review = self.submitted()
        officer = self.sandbox.staff("programme_officer")
        officer.post(review + "/refusal", {"reason": "The yard has no fence."})
        self.assertTrue(owner.get(company.here + "/membership")["refusal_effective_at"])
        owner.post(company.here + "/informal-reviews", {"grounds": "There is one since May."})
        self.assertTrue(officer.get(staff_here + "/membership")["informal_review_open"])
        officer.post(staff_here + "/informal-review-answers", {"outcome": "reopened", "answer": "Seen: the review goes on."})
        membership = owner.get(company.here + "/membership")
        self.assertEqual((membership["status"], membership.get("refusal_effective_at")), ("under_review", None))

    def test_a_cancelled_member_can_appeal(self):
        owner, company, staff_here, review = self.submitted()
        officer = self.sandbox.staff("programme_officer")
        officer.post(review + "/acceptance")
        self.assertEqual(len(officer.get(staff_here + "/profiles")["items"]), len(owner.get(company.here + "/profiles")["items"]))
        for path, body in (("membership-suspensions", {"reason": "An open question."}),
                           ("membership-reinstatements", {"reason": "Answered."}),
                           ("membership-cancellations", {"reason": "No movement for years."})):
            officer.post(f"{staff_here}/{path}", body)
        self.assertEqual(owner.get(company.here + "/membership")["status"], "cancelled")
        owner.post(company.here + "/appeals", {"grounds": "There were two in May."})
        officer.post(staff_here + "/appeal-answers", {"outcome": "reinstated", "answer": "So there were."})
        self.assertEqual(owner.get(company.here + "/membership")["status"], "member")
        owner.post(company.here + "/detail-confirmations")

    def test_an_offer_of_the_ownership_can_be_withdrawn_and_declined(self):
        owner, company = self.owner_with_company()
        heir = self.sandbox.person().sign_in()
        offers = company.here + "/ownership-offers"
        for ends in (lambda offer: owner.delete(f"{offers}/{offer}"), lambda offer: heir.post(f"{offers}/{offer}/refusal")):
            offer = owner.post(offers, {**heir.identity(), "previous_owner": "leaves"})["id"]
            self.assertEqual([each["id"] for each in heir.get("/v1/user")["ownership_offers"]], [offer])
            ends(offer)
            self.assertEqual(heir.get("/v1/user")["ownership_offers"], [])

    def test_answers_that_do_not_fit_their_question_are_refused_with_pointers(self):
        owner, company = self.owner_with_company()
        answer = owner.ask("PUT", company.here + "/profiles/company",
                           {"answers": {"year_founded": "long ago", "favourite_colour": "blue"}})
        pointers = {pointer for pointer, _ in self.pointers(answer)}
        self.assertTrue(pointers & {"/answers/year_founded", "/answers/favourite_colour"}, answer)


# ---- the process ------------------------------------------------------------------------------------------------------


class Process(unittest.TestCase):
    """Tests that stop, restart or configure a server of their own."""

    def town(self, *flags):
        server, sandbox = town(*flags)
        self.addCleanup(server.discard)
        return server, sandbox

    def test_a_restart_keeps_sessions_sign_ins_and_the_clock(self):
        server, sandbox = self.town()
        person = sandbox.person().sign_in()
        other = sandbox.person().sign_in()
        after = sandbox.newest_mail_key(other.email)
        sign_in = other.start_sign_in()
        code = sign_in.code(after)
        sandbox.advance(minutes=5)
        before = sandbox.now()
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertGreaterEqual(sandbox.now(), before)
        self.assertEqual(person.get("/v1/user")["id"], person.id)
        self.assertEqual([row["current"] for row in person.get("/v1/sessions")["items"]], [True])
        sign_in.enter(code)
        self.assertTrue(sign_in.accept_portal_terms()["token"])

    def test_deadlines_that_passed_while_it_was_down_are_recorded_at_start(self):
        server, sandbox = self.town()
        owner = sandbox.person().sign_in()
        company = Company(owner)
        company.confirm_address()
        due = parse_time(owner.get(company.here)["letters"][0]["due_at"])
        # Moving the clock looks at deadlines; killed right after, some may not be recorded yet.
        moving = threading.Thread(target=lambda: self.ignore_broken(lambda: sandbox.advance_to(due)))
        moving.start()
        moving.join()
        server.kill()
        server.start()
        owner.signed_in()
        eventually(lambda: owner.get(company.here)["letters"][0]["overdue"])

    def ignore_broken(self, ask):
        try:
            return ask()
        except (OSError, http.client.HTTPException, Unexpected):
            return None

    def test_asked_to_stop_under_load_it_answers_requests_in_flight_and_exits_with_0(self):
        server, sandbox = self.town()
        owner = sandbox.person().sign_in()
        company = sandbox.authorised_company(owner)
        acknowledged, lock, stop = [], threading.Lock(), threading.Event()

        def write(number):
            for n in range(10_000):
                if stop.is_set():
                    return
                site = f"w{number}-{n}"
                answer = self.ignore_broken(lambda: owner.ask("POST", company.here + "/profiles/security",
                                                              {"name": site}))
                if answer is None or answer.status != 201:
                    return
                with lock:
                    acknowledged.append(answer.document["position"])
                owner.ask("DELETE", answer.headers["Location"])
        writers = [threading.Thread(target=lambda n=n: self.ignore_broken(lambda: write(n))) for n in range(6)]
        for writer in writers:
            writer.start()
        # These requests are surely in flight: they have begun, and the rest of the body is not sent yet.
        begun = [self.begin_slow_write(server, owner, company, n) for n in range(4)]
        time.sleep(0.5)
        server.ask_to_stop()
        time.sleep(0.2)
        for connection, rest in begun:
            connection.sendall(rest)
        for connection, _ in begun:
            status = self.read_status(connection)
            self.assertIn(status, (200, 503), "a request in flight was not answered")
        exit_code = server.stop()
        stop.set()
        for writer in writers:
            writer.join()
        self.assertEqual(exit_code, 0, server.log_text()[-2000:])
        self.assertGreater(len(acknowledged), 10)
        server.start()
        events = sandbox.staff("auditor").pages("/v1/audit/events")
        for position in acknowledged:
            self.assertEqual(events[position]["type"], "programme.security_profile_added")

    def begin_slow_write(self, server, owner, company, number):
        body = json.dumps({"answers": {"company_activities": f"slow {number}"}}).encode()
        head = (f"PATCH {company.here}/profiles/company HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {owner.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        connection = socket.create_connection(server.host_and_port, timeout=30)
        self.addCleanup(connection.close)
        connection.sendall(head + body[:5])
        return connection, body[5:]

    def read_status(self, connection):
        """The status of a whole response."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            self.assertTrue(more, f"the connection ended after {data!r}")
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        while len(body) < length:
            more = connection.recv(65536)
            self.assertTrue(more, "the answer is cut off")
            body += more
        return int(head.split(b" ")[1])

    def test_while_it_stops_it_is_not_ready(self):
        server, sandbox = self.town()
        owner = sandbox.person().sign_in()
        company = sandbox.authorised_company(owner)
        asking = socket.create_connection(server.host_and_port, timeout=30)
        self.addCleanup(asking.close)
        asking.sendall(b"GET /health/ready HTTP/1.1\r\nHo")
        slow, rest = self.begin_slow_write(server, owner, company, 1)
        time.sleep(0.3)
        server.ask_to_stop()
        time.sleep(0.3)
        asking.sendall(b"st: localhost\r\n\r\n")
        self.assertEqual(self.read_status(asking), 503)
        slow.sendall(rest)
        self.assertIn(self.read_status(slow), (200, 503))
        self.assertEqual(server.stop(), 0)

    def test_too_many_requests_are_answered_with_a_time_to_wait(self):
        server, sandbox = self.town("--rate-limit-per-address", "1")  # a hundred in a sandbox
        anybody = Api(server)
        answers = [anybody.ask("GET", "/v1/terms/portal") for _ in range(110)]
        statuses = [answer.status for answer in answers]
        self.assertEqual(statuses[:95], [200] * 95)
        refused = answers[-1]
        self.assertEqual((refused.status, refused.code), (429, "rate_limited"))
        self.assertGreater(int(refused.headers["Retry-After"]), 0)
        self.assertIn(";r=0;", refused.headers["RateLimit"])
        self.assertEqual(anybody.ask("GET", "/health/ready").status, 200, "probes are exempt")

    def test_behind_tls_a_page_that_came_without_it_may_not_write(self):
        server, _ = self.town("--behind-tls")
        host = "{}:{}".format(*server.host_and_port)
        body = {"user_name": "nobody42", "password": "quiet otters row north"}
        anybody = Api(server)
        anybody.refused("cross_site_write", "POST", "/v1/sign-ins", body, headers={"Origin": "http://" + host})
        answer = anybody.refused("credential_rejected", "POST", "/v1/sign-ins", body, headers={"Origin": "https://" + host})
        self.assertIn("max-age=", answer.headers["Strict-Transport-Security"])

    def test_the_folder_of_a_sandbox_is_refused_without_its_flag(self):
        """Its staff have passwords that anyone can read."""
        server, _ = self.town()
        server.stop()
        with self.assertRaisesRegex(Unexpected, "belongs to a sandbox"):
            server.start(sandbox=False)
        server.start()

    def test_wrong_usage_exits_with_2_and_a_sentence(self):
        server, _ = self.town()
        server.stop()
        for flags in (("--no-such-flag",), ("--port", "seven"), ("--address", "nowhere")):
            server.flags = flags
            code, said = server.start_refused()
            self.assertEqual(code, 2, said)
            self.assertTrue(said.strip())


if __name__ == "__main__":
    unittest.main()

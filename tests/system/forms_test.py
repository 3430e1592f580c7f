"""Forms can be built from the service alone, by anybody, in both languages and from a cache."""

import unittest

from client import Api, answer_for, needs_ttpd, town

setUpModule = needs_ttpd

FORMS = ("/v1/eligibility-questions", "/v1/profile-questions/company", "/v1/profile-questions/security",
         "/v1/profile-questions/application/importer", "/v1/terms", "/v1/terms/programme", "/v1/attestations",
         "/v1/permissions", "/v1/event-types", "/v1/enumerations", "/problems", "/problems/missing")


class FormsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        cls.english, cls.french = Api(cls.server, "en"), Api(cls.server, "fr")

    def titled(self, node):
        """Every object with a title."""
        if isinstance(node, dict):
            if "titles" in node:
                yield node
            for each in node.values():
                yield from self.titled(each)
        for each in node if isinstance(node, list) else []:
            yield from self.titled(each)

    def test_every_text_stands_in_both_languages_beside_the_readers(self):
        for path in FORMS:
            english, french = list(self.titled(self.english.get(path))), list(self.titled(self.french.get(path)))
            self.assertTrue(english, path)
            self.assertEqual(len(english), len(french), path)
            for one, other in zip(english, french):
                self.assertEqual(one["titles"], other["titles"], path)
                self.assertEqual((one["title"], other["title"]), (one["titles"]["en"], one["titles"]["fr"]), path)
                self.assertTrue(one["title"] and other["title"], path)

    def test_a_cache_keeps_them_and_asks_again_for_nothing(self):
        for path in FORMS:
            first = self.french.ask("GET", path)
            self.assertEqual(first.headers["Cache-Control"], "public, max-age=300", path)
            self.assertEqual((first.headers["Content-Language"], first.headers["Vary"]), ("fr", "Accept-Language"))
            again = self.french.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
            self.assertEqual((again.status, again.body), (304, b""), path)
            other = self.english.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
            self.assertEqual(other.status, 200, path)

    def test_the_questions_of_an_enrolment_are_those_that_it_takes(self):
        document = self.english.get("/v1/eligibility-questions")
        self.assertGreaterEqual(document["version"], 1)
        body = self.server.description().resolved({"$ref": "#/components/schemas/EligibilityAnswers"})
        for question in document["items"]:
            self.assertIn(question["member"], body["properties"])
            if question["type"] == "choice":
                schema = body["properties"][question["member"]]
                choices = self.server.description().resolved(schema["items"] if question["multiple"] else schema)["enum"]
                self.assertEqual([each["id"] for each in question["choices"]], choices)
        kinds = {question["member"]: (question["type"], question["multiple"]) for question in document["items"]}
        self.assertEqual(kinds["lines_of_business"], ("choice", True))
        self.assertEqual(kinds["solvent"], ("yes_no", False))
        self.assertEqual(kinds["carrier_code"], ("text", False))

    def test_a_profile_can_be_filled_in_from_its_questions(self):
        owner = self.sandbox.person().sign_in()
        company = self.sandbox.authorised_company(owner)
        document = owner.get("/v1/profile-questions/company")
        self.assertEqual({each["area"] for each in document["items"]}, {each["id"] for each in document["areas"]})
        for question in document["items"]:
            self.assertEqual("max_length" in question, question["type"] == "text", question)
            self.assertEqual("max" in question, question["type"] == "number", question)
            self.assertEqual(bool(question["choices"]), question["type"] == "choice", question)
        answers = {each["id"]: answer_for(each) for each in document["items"]}
        owner.put(company.here + "/profiles/company", {"answers": answers})
        profile = owner.get(company.here + "/profiles/company")
        self.assertEqual((profile["percent"], profile["missing"]), (100, []))

    def test_the_permissions_are_those_of_the_roles(self):
        document = self.english.get("/v1/permissions")
        self.assertEqual([each["id"] for each in document["roles"]],
                         ["owner", "proxy_owner", "full_access", "administrative"])
        allowed = {each["id"]: each["roles"] for each in document["items"]}
        self.assertEqual(allowed["submit_changes"], ["owner"])
        self.assertEqual(allowed["add_users"], ["owner", "proxy_owner", "full_access"])
        self.assertEqual(len(allowed["view_membership"]), 4)

    def test_every_choice_of_the_description_has_words(self):
        listed = {each["id"]: [value["id"] for value in each["values"]]
                  for each in self.english.get("/v1/enumerations")["items"]}
        schemas = self.server.description().document["components"]["schemas"]
        described = {name: each["enum"] for name, each in schemas.items() if "enum" in each and name != "ProblemCode"}
        self.assertEqual({name: listed.get(name) for name in described}, described)
        without = [f"{each['id']}.{value['id']}" for each in self.english.get("/v1/enumerations")["items"]
                   for value in each["values"]
                   if "_" in value["id"] and value["titles"]["en"] == value["titles"]["fr"] == value["id"]]
        self.assertEqual(without, [])

    def test_the_attested_words_are_among_the_terms(self):
        terms = {each["id"]: each for each in self.english.get("/v1/terms")["items"]}
        self.assertEqual(set(terms), {"portal", "mail_factor", "programme", "signing_authority"})
        self.assertEqual(self.english.get("/v1/attestations")["items"], [terms["signing_authority"]])
        self.assertEqual(self.english.get("/v1/terms/programme"), terms["programme"])
        self.assertRegex(terms["programme"]["effective_on"], r"^\d{4}-\d\d-\d\d$")

    def test_the_kinds_of_events_are_those_of_a_history(self):
        kinds = {each["id"]: each for each in self.english.get("/v1/event-types")["items"]}
        owner = self.sandbox.person().sign_in()
        company = self.sandbox.authorised_company(owner)
        for event in owner.pages(company.here + "/history") + owner.pages("/v1/user/history"):
            self.assertIn(event["type"], kinds)
            self.assertTrue(event["data"].keys() <= {each["name"] for each in kinds[event["type"]]["fields"]}, event)
        personal = {each["name"] for each in kinds["user.credential_registered"]["fields"] if each["personal"]}
        self.assertIn("family_name", personal)
        self.assertNotIn("language", personal)


if __name__ == "__main__":
    unittest.main()

"""The server's own description is a valid OpenAPI 3.1 document.

Its structure is checked here; if Spectral is installed (node_modules in this folder or in build/api), its whole ruleset
for OpenAPI must find neither an error nor a warning.
"""

import json
import os
import re
import shutil
import subprocess
import unittest

from client import Api, needs_ttpd, town

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SPECTRAL_PLACES = (HERE, os.path.join(ROOT, "build", "api"))
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}

setUpModule = needs_ttpd


def find_spectral():
    for place in SPECTRAL_PLACES:
        program = os.path.join(place, "node_modules", ".bin", "spectral")
        if shutil.which("node") and os.access(program, os.X_OK):
            return program
    return None


class OpenApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)
        answer = Api(cls.server).ask("GET", "/openapi.json")
        cls.text = answer.body
        cls.document = json.loads(answer.body, object_pairs_hook=cls.members)
        cls.operations = [(path, method, row) for path, rows in cls.document["paths"].items()
                          for method, row in rows.items()]

    @staticmethod
    def members(pairs):
        names = [name for name, _ in pairs]
        if len(names) != len(set(names)):
            raise AssertionError(f"a member twice: {names}")
        return dict(pairs)

    def everywhere(self, node, at=""):
        """Every object of the document with its place."""
        if isinstance(node, dict):
            yield at, node
            for name, each in node.items():
                yield from self.everywhere(each, f"{at}/{name}")
        elif isinstance(node, list):
            for index, each in enumerate(node):
                yield from self.everywhere(each, f"{at}/{index}")

    def resolve(self, reference):
        self.assertTrue(reference.startswith("#/"), reference)
        node = self.document
        for part in reference[2:].split("/"):
            self.assertIn(part, node, reference)
            node = node[part]
        return node

    def test_it_names_its_version_and_itself(self):
        self.assertRegex(self.document["openapi"], r"^3\.1\.\d+$")
        self.assertTrue(self.document["info"]["title"])
        self.assertTrue(self.document["info"]["version"])

    def test_every_reference_leads_somewhere(self):
        references = [each["$ref"] for _, each in self.everywhere(self.document) if "$ref" in each]
        self.assertTrue(references)
        for reference in references:
            self.resolve(reference)

    def test_every_operation_has_an_identifier_of_its_own_and_says_what_it_does(self):
        identifiers = [row["operationId"] for _, _, row in self.operations]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        tags = {tag["name"] for tag in self.document["tags"]}
        for path, method, row in self.operations:
            self.assertIn(method, METHODS)
            self.assertTrue(row["summary"] and row["description"], f"{method} {path}")
            self.assertTrue(row["tags"] and set(row["tags"]) <= tags, f"{method} {path}")

    def test_the_parameters_of_a_path_are_those_in_its_braces(self):
        for path, method, row in self.operations:
            parameters = [self.resolve(each["$ref"]) if "$ref" in each else each for each in row["parameters"]]
            in_path = [each["name"] for each in parameters if each["in"] == "path"]
            self.assertEqual(sorted(in_path), sorted(re.findall(r"\{(\w+)\}", path)), f"{method} {path}")
            for each in parameters:
                self.assertIn(each["in"], ("path", "query", "header", "cookie"))
                self.assertIn("schema", each)
                self.assertEqual(each["required"], each["in"] == "path", f"{method} {path}: {each['name']}")
            keys = [(each["in"], each["name"]) for each in parameters]
            self.assertEqual(len(keys), len(set(keys)), f"{method} {path}")

    def test_every_operation_says_how_it_succeeds_and_how_it_is_refused(self):
        for path, method, row in self.operations:
            statuses = row["responses"].keys()
            self.assertTrue([status for status in statuses if status.startswith("2")], f"{method} {path}")
            self.assertIn("default", statuses, f"{method} {path}")
            for status, response in row["responses"].items():
                response = self.resolve(response["$ref"]) if "$ref" in response else response
                self.assertRegex(status, r"^([2-5]\d\d|default)$")
                self.assertTrue(response["description"])
                if status >= "400":
                    self.assertIn("application/problem+json", response["content"], f"{method} {path} {status}")
            if row["security"]:
                self.assertIn("401", statuses, f"{method} {path}")
            if {"bearer": []} in row["security"]:
                self.assertIn("403", statuses, f"{method} {path}")

    def test_security_names_schemes_that_exist(self):
        schemes = self.document["components"]["securitySchemes"]
        for path, method, row in self.operations:
            for each in row["security"]:
                self.assertTrue(each.keys() <= schemes.keys(), f"{method} {path}")

    def test_schemas_are_well_formed(self):
        for at, each in self.everywhere(self.document["paths"]):
            if "/examples/" in at:
                continue
            if "properties" in each and isinstance(each["properties"], dict) and each.get("type") == "object":
                self.assertTrue(set(each.get("required", [])) <= each["properties"].keys(), at)
            kinds = each.get("type")
            if at.endswith("/schema") and "$ref" not in each:
                self.assertTrue({"type", "enum", "oneOf", "anyOf", "allOf"} & each.keys(), at)
            if isinstance(kinds, (str, list)) and not at.endswith("/properties"):
                self.assertTrue(set([kinds] if isinstance(kinds, str) else kinds) <= TYPES, at)
            if kinds == "array":
                self.assertIn("items", each, at)
            if isinstance(each.get("pattern"), str):
                re.compile(each["pattern"])

    def test_bodies_refuse_members_that_are_not_described(self):
        for path, method, row in self.operations:
            if "requestBody" in row:
                schema = self.resolve(row["requestBody"]["content"]["application/json"]["schema"]["$ref"])
                self.assertIs(schema["additionalProperties"], False, f"{method} {path}")
                self.assertNotIn(method, ("get", "head", "delete"))

    def test_every_body_has_an_example_that_is_taken(self):
        people = [self.sandbox.person().sign_in()]
        people += [self.sandbox.staff(role) for role in ("service_desk", "mail_room", "programme_officer", "operator")]
        for path, method, row in self.operations:
            if "requestBody" not in row:
                continue
            content = row["requestBody"]["content"]["application/json"]
            self.assertFalse(list(self.server.description().faults(content["schema"], content["example"])), f"{method} {path}")
            for caller in [Api(self.server), *people]:
                answer = caller.ask(method.upper(), re.sub(r"\{\w+\}", "00000000-0000-7000-8000-000000000000",
                                                         path.replace("{line}", "importer")), content["example"])
                at_fault = [each for each in answer.document.get("errors", [])
                            if each["code"] not in ("current_password_wrong", "one_time_code_wrong", "no_matching_user",
                                                    "business_number_taken",  # by the example of another operation
                                                    "registration_not_found")]
                self.assertFalse(at_fault, f"{method} {path}: {answer}")

    def test_every_example_is_valid_by_its_schema(self):
        description, examples = self.server.description(), 0
        for at, each in self.everywhere(self.document):
            if "/example" in at or at.endswith("/properties") or at == "/components":
                continue
            values = each.get("examples", [])
            if isinstance(values, dict):
                values = [self.resolve(one["$ref"])["value"] if "$ref" in one else one["value"] for one in values.values()]
                schema = each["schema"]
            else:
                schema = each.get("schema", each)
            for value in [*values, *([each["example"]] if "example" in each else [])]:
                self.assertFalse(list(description.faults(schema, value)), f"{at}: {value}")
                examples += 1
        self.assertGreater(examples, 500)
        named = self.document["components"]["schemas"]
        self.assertFalse([name for name, each in named.items()
                          if each.get("type") == "object" and "Problem" not in name and not each.get("examples")])
        wrong = {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}, "required": ["id"]}
        self.assertTrue(list(description.faults(wrong, {"id": "7"})), "the check finds nothing")

    def test_things_that_have_a_name_are_described_once(self):
        schemas = self.document["components"]["schemas"]
        for name in ("Account", "MemberList", "Session", "EnrolCompanyRequest", "BusinessNumber", "Role", "Problem"):
            self.assertIn(name, schemas)
        for path, method, row in self.operations:
            for status, response in row["responses"].items():
                schema = response.get("content", {}).get("application/json", {}).get("schema", {})
                self.assertNotIn("properties", schema, f"{method} {path} {status}")

    def test_it_describes_the_form_of_a_problem(self):
        described = self.document["components"]["schemas"]["Problem"]["properties"]
        problem = Api(self.server).ask("POST", "/v1/credentials", {"nick_name": "x"}).document
        self.assertTrue(problem.keys() <= described.keys(), problem.keys() - described.keys())
        listed = Api(self.server).get("/problems")["items"]
        self.assertEqual({each["code"] for each in listed}, set(self.resolve(described["code"]["$ref"])["enum"]))

    def test_a_probe_names_the_problem_that_it_answers(self):
        schema = self.document["components"]["schemas"]["Problem"]
        for path, code in (("/health/live", "shutting_down"), ("/health/ready", "not_ready")):
            response = self.document["paths"][path]["get"]["responses"]["503"]
            response = self.resolve(response["$ref"]) if "$ref" in response else response
            examples = response["content"]["application/problem+json"]["examples"]
            self.assertEqual(list(examples), [code], path)
            problem = self.resolve(examples[code]["$ref"])["value"]
            self.assertEqual((problem["status"], problem["code"]), (503, code))
            self.assertFalse(list(self.server.description().faults(schema, problem)), path)
            self.assertIn("Retry-After", response["headers"], path)

    @unittest.skipUnless(find_spectral(), "Spectral is not installed: no node_modules with it in tests/system or build/api")
    def test_spectral_finds_nothing(self):
        folder = self.server.folder
        document, rules = os.path.join(folder, "openapi.json"), os.path.join(folder, "ruleset.json")
        with open(document, "wb") as file:
            file.write(self.text)
        with open(rules, "w", encoding="utf-8") as file:
            json.dump({"extends": ["spectral:oas"]}, file)
        done = subprocess.run([find_spectral(), "lint", "--ruleset", rules, "--fail-severity", "warn", document],
                              capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

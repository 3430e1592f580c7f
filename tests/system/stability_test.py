"""The API keeps what docs/api-stability.md promises: clients of the released document still work."""

import copy
import json
import pathlib
import unittest

from client import needs_ttpd, town
from compatibility import incompatibilities

RELEASED = pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi" / "v1.json"

setUpModule = needs_ttpd


def released():
    return json.loads(RELEASED.read_text(encoding="utf-8"))


class StabilityTest(unittest.TestCase):
    def test_clients_of_the_released_document_still_work(self):
        server, _ = town()
        self.addCleanup(server.discard)
        found = incompatibilities(released(), server.description().document)
        self.assertEqual(found, [], "\nSee docs/api-stability.md. After a deliberate change before the first release: "
                                    "scripts/release-api\n" + "\n".join(found))


class ComparisonTest(unittest.TestCase):
    """Each change is made to a copy of the released document."""

    def setUp(self):
        self.old, self.new = released(), released()
        self.schemas = self.new["components"]["schemas"]

    def expect(self, part):
        found = incompatibilities(self.old, self.new)
        self.assertTrue([each for each in found if part in each], f"{part!r} not in {found}")

    def test_nothing_has_changed_in_a_copy(self):
        self.assertEqual(incompatibilities(self.old, copy.deepcopy(self.new)), [])

    def test_a_removed_member_breaks(self):
        del self.schemas["Account"]["properties"]["legal_name"]
        self.expect("legal_name: is gone")

    def test_a_removed_operation_breaks(self):
        del self.new["paths"]["/v1/sessions"]["get"]
        self.expect("GET /v1/sessions: the operation is gone")

    def test_a_renamed_operation_breaks(self):
        self.new["paths"]["/v1/sessions"]["get"]["operationId"] = "allSessions"
        self.expect("no longer named listSessions")

    def test_a_narrowed_enumeration_breaks(self):
        self.schemas["Role"]["enum"].remove("administrative")
        self.expect("no longer takes ['administrative']")

    def test_a_new_required_member_breaks(self):
        body = self.schemas["EnrolCompanyRequest"]
        body["properties"]["colour"] = {"type": "string"}
        body["required"].append("colour")
        self.expect("colour: is required now")

    def test_a_shorter_text_breaks(self):
        self.schemas["CompanyName"]["maxLength"] = 20
        self.expect("maxLength fell to 20")

    def test_a_changed_type_breaks(self):
        self.schemas["Account"]["properties"]["id"] = {"type": "integer"}
        self.expect("is integer")

    def test_a_member_that_may_be_absent_now_breaks(self):
        self.schemas["Account"]["required"].remove("id")
        self.expect("id: may be absent now")

    def test_a_parameter_that_is_required_now_breaks(self):
        self.new["paths"]["/v1/sessions"]["get"]["parameters"].append(
            {"name": "colour", "in": "query", "required": True, "schema": {"type": "string"}})
        self.expect("the parameter colour is required now")

    def test_additions_break_nothing(self):
        body = self.schemas["EnrolCompanyRequest"]
        body["properties"]["colour"] = {"type": "string"}
        self.schemas["Account"]["properties"]["colour"] = {"type": "string"}
        self.schemas["Account"]["required"].append("colour")
        self.schemas["Role"]["enum"].append("guest")
        self.schemas["CompanyName"]["maxLength"] = 1000
        self.new["paths"]["/v1/colours"] = copy.deepcopy(self.new["paths"]["/v1/sessions"])
        self.assertEqual(incompatibilities(self.old, self.new), [])


if __name__ == "__main__":
    unittest.main()

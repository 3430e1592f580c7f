"""The checks before a route, as a client sees them: ended sessions, floods, limits of networks, readiness."""

import concurrent.futures
import copy
import json
import socket
import unittest

from client import Api, needs_ttpd, town

PASSWORD = "quiet otters row north"

setUpModule = needs_ttpd


def via(address):
    """The header that a trusted proxy adds for a client with this address."""
    return {"X-Forwarded-For": address}


class SessionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town()
        cls.addClassCleanup(cls.server.discard)

    def two_sessions(self):
        person = self.sandbox.person()
        laptop = copy.copy(person.sign_in())
        return laptop, person.sign_in()

    @staticmethod
    def current(api):
        return next(each["id"] for each in api.get("/v1/sessions")["items"] if each["current"])

    def test_ending_another_session_leaves_this_browser_signed_in(self):
        laptop, phone = self.two_sessions()
        answer = laptop.ask("DELETE", "/v1/sessions/" + self.current(phone))
        self.assertEqual(answer.status, 200)
        self.assertIsNone(answer.headers["Set-Cookie"])
        self.assertIsNone(answer.headers["Clear-Site-Data"])
        laptop.get("/v1/user")
        phone.refused("session_expired", "GET", "/v1/user", status=401)

    def test_ending_this_session_by_its_name_signs_out(self):
        laptop, _ = self.two_sessions()
        answer = laptop.ask("DELETE", "/v1/sessions/" + self.current(laptop))
        self.assertIn("__Host-ttp_session=;", answer.headers["Set-Cookie"])
        self.assertIn("storage", answer.headers["Clear-Site-Data"])


class InputTest(unittest.TestCase):
    def test_a_body_of_unknown_members_gets_as_short_an_answer_however_long_it_is(self):
        server, _ = town()
        self.addCleanup(server.discard)
        answers = [Api(server).refused("unknown_member", "POST", "/v1/sign-ins", {f"m{i:05}": 1 for i in range(members)})
                   for members in (1_000, 4_000)]
        self.assertEqual([len(answer.document["errors"]) for answer in answers], [20, 20])
        self.assertEqual(len(answers[0].body), len(answers[1].body))


class LimitsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.sandbox = town("--trusted-proxies", "127.0.0.1", "--rate-limit-per-address", "1")
        cls.addClassCleanup(cls.server.discard)

    def statuses(self, addresses):
        anybody = Api(self.server)
        return [anybody.ask("GET", "/v1/terms/portal", headers=via(address)).status for address in addresses]

    def test_addresses_of_one_subscriber_share_a_limit(self):
        statuses = self.statuses(f"2001:db8:1:1::{i:x}" for i in range(1, 121))
        self.assertEqual((statuses[0], statuses[-1]), (200, 429))
        self.assertEqual(self.statuses(["2001:db8:1:2::1"]), [200], "another subscriber")

    def test_ipv4_addresses_do_not_share(self):
        self.assertEqual(set(self.statuses(f"192.0.2.{i}" for i in range(1, 121))), {200})


class FloodTest(unittest.TestCase):
    def test_a_flood_of_sign_ins_leaves_room_for_others(self):
        server, _ = town("--trusted-proxies", "127.0.0.1")
        self.addCleanup(server.discard)
        server.description()

        def try_to_sign_in(address, name):
            answer = Api(server).ask("POST", "/v1/sign-ins", {"user_name": name, "password": PASSWORD},
                                     headers=via(address))
            return answer.status

        with concurrent.futures.ThreadPoolExecutor(110) as pool:
            flood = [pool.submit(try_to_sign_in, f"2001:db8:1:{i % 7:x}::{i:x}", f"nobody{i}") for i in range(400)]
            others = [pool.submit(try_to_sign_in, f"198.51.100.{i}", f"somebody{i}") for i in range(1, 21)]
            refused = [each.result() for each in flood].count(503)
            statuses = [each.result() for each in others]
        self.assertEqual(statuses, [401] * 20)
        self.assertGreater(refused, 0, "the flood was none")


class ReadinessTest(unittest.TestCase):
    def test_while_it_stops_it_says_why_in_a_problem(self):
        server, _ = town()
        self.addCleanup(server.discard)
        with socket.create_connection(server.host_and_port, timeout=30) as asking:
            asking.sendall(b"GET /health/ready HTTP/1.1\r\nHo")
            server.ask_to_stop()
            while "stopping" not in server.log_text():
                pass
            asking.sendall(b"st: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while more := asking.recv(65536):
                answer += more
        head, body = answer.split(b"\r\n\r\n", 1)
        self.assertTrue(head.startswith(b"HTTP/1.1 503 "), head)
        self.assertIn(b"application/problem+json", head)
        problem = json.loads(body)
        self.assertEqual((problem["code"], problem["details"]), ("not_ready", ["the server is shutting down"]))


if __name__ == "__main__":
    unittest.main()

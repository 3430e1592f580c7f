#!/usr/bin/env python3
"""The journey of a company, played against a server of its own over HTTP and narrated.

Starts ttpd in sandbox mode with temporary data on a free port, lets two people register, enrols a company, waits for
its letter, activates, submits, hands the ownership on, lets two years pass; then shows the account's history, stops the
server and has ttpctl prove that rebuilt views equal the live ones. Exits with 1 when anything answers otherwise than told.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

DAY = 86_400


class Unexpected(Exception):
    """The service answered otherwise than the story says."""


class Narrator:
    """Says each sentence in English, in French, or in both."""

    def __init__(self, languages):
        self.languages = languages
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def say(self, en, fr):
        for language, text in (("en", en), ("fr", fr)):
            if language in self.languages:
                print("  " + text, flush=True)

    def chapter(self, en, fr):
        title = " / ".join(t for l, t in (("en", en), ("fr", fr)) if l in self.languages)
        print(("\n\033[1m%s\033[0m" if self.colour else "\n%s") % title, flush=True)


class Api:
    """The REST API as one person uses it: a bearer token, JSON in and out."""

    def __init__(self, base, language="en"):
        self.base = base
        self.language = language
        self.token = None

    def call(self, method, path, body=None, expect=None, raw=False):
        request = urllib.request.Request(self.base + path, method=method)
        request.add_header("Accept-Language", self.language)
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        if method != "GET":
            request.add_header("Idempotency-Key", str(uuid.uuid4()))
        try:
            with urllib.request.urlopen(request, data, timeout=30) as answer:
                status, payload = answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            status, payload = answer.code, answer.read()
        if raw:
            return payload
        document = json.loads(payload) if payload else {}
        if expect is None and status >= 400:
            raise Unexpected(f"{method} {path}: {status} {json.dumps(document, ensure_ascii=False)}")
        if expect is not None and document.get("code") != expect:
            raise Unexpected(f"{method} {path}: expected {expect}, got {status} {json.dumps(document, ensure_ascii=False)}")
        return document

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, {} if body is None else body, **more)

    def put(self, path, body, **more):
        return self.call("PUT", path, body, **more)


class Server:
    """A ttpd of our own: temporary data, any free port, stopped by its process id."""

    def __init__(self, ttpd, folder):
        self.data = os.path.join(folder, "data")
        self.log = open(os.path.join(folder, "ttpd.log"), "wb")
        self.process = subprocess.Popen([ttpd, "--sandbox", "--data-dir", self.data, "--port", "0"],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.base = self.process.stdout.readline().strip()
        if not self.base:
            self.stop()
            raise Unexpected("the server did not start; its log is in " + self.log.name)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        self.log.close()


class Person(Api):
    """Somebody with a credential, who reads their own mail."""

    def __init__(self, base, sandbox, user_name, password, email, language="en"):
        super().__init__(base, language)
        self.sandbox = sandbox
        self.user_name, self.password, self.email = user_name, password, email

    def mail(self, pattern, after=None):
        """The newest mail to this person that holds the pattern; mails come a moment after the answer."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for each in self.sandbox.get("/v1/sandbox/mails?to=" + urllib.request.quote(self.email))["items"]:
                if after and each["key"] <= after:
                    continue
                found = re.search(pattern, each["text"])
                if found:
                    return each, found
            time.sleep(0.02)
        raise Unexpected(f"no mail to {self.email} holds {pattern}")

    def register(self, family_name, given_names):
        self.family_name, self.given_names = family_name, given_names
        self.post("/v1/credentials", {
            "user_name": self.user_name, "password": self.password, "family_name": family_name,
            "given_names": given_names, "email": self.email, "telephone": "+1 819 555 0142", "language": self.language})
        self.urn = self.mail(r"\b(4\d{9})\b")[1].group(1)
        return self.urn

    def sign_in(self):
        self.token = None
        newest = self.sandbox.get("/v1/sandbox/mails?limit=1")["items"]
        last = newest[0]["key"] if newest else ""
        sign_in = self.post("/v1/sign-ins", {"user_name": self.user_name, "password": self.password})
        self.token = sign_in["token"]
        if sign_in["stage"] == "mail_factor_terms":
            sign_in = self.post("/v1/sign-in/mail-factor", {"terms_version": sign_in["mail_factor_terms"]})
        code = self.mail(r"\b(\d{3}) (\d{3})\b", after=last)[1]
        sign_in = self.post("/v1/sign-in/code", {"code": code.group(1) + code.group(2)})
        session = self.post("/v1/sessions", {"terms_version": sign_in["portal_terms"]})
        self.token = session["token"]
        return self.get("/v1/user")

    def identity(self):
        return {"family_name": self.family_name, "urn": self.urn, "email": self.email}


def staff(base, sandbox):
    """The seeded programme staff, by role; they sign in like everybody."""
    people = {}
    for each in sandbox.get("/v1/sandbox/staff")["items"]:
        people.setdefault(each["role"], []).append(
            Person(base, sandbox, each["user_name"], each["password"], each["email"]))
    return people


def advance(sandbox, days, seconds=0):
    sandbox.post("/v1/sandbox/clock", {"advance_seconds": days * DAY + seconds})


def answer_for(question):
    if question["type"] == "yes_no":
        return "yes"
    if question["type"] == "choice":
        return question["choices"][0]["code"]
    if question["type"] == "number":
        return "1998" if "year_" in question["id"] else "10"
    return {"date": "2024-05-01", "email": "info@example.com",
            "telephone": "+18195550142"}.get(question["type"], "As described in our procedures, reviewed each January.")


def fill(person, path, questions):
    """Answers every required question of a profile."""
    person.put(path, {"answers": {q["id"]: answer_for(q) for q in questions if q["required"]}})


def print_letter(mail_room, sandbox, letter):
    mail_room.get(f"/v1/staff/letters/{letter}/document", raw=True)
    mail_room.post(f"/v1/staff/letters/{letter}/printing")
    mail_room.post(f"/v1/staff/letters/{letter}/posting", {"registered_mail_number": "RN123456785CA"})


def newest_letter(sandbox, account):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        letters = [l for l in sandbox.get("/v1/sandbox/letters")["items"]
                   if l["account"] == account and l["state"] != "cancelled"]
        if letters:
            return max(letters, key=lambda l: (l["ordered_at"], l["letter"]))
        time.sleep(0.02)
    raise Unexpected("no letter was written")


def play(base, narrator):
    say, chapter = narrator.say, narrator.chapter
    sandbox = Api(base)
    people = staff(base, sandbox)

    chapter("1. Two people register a credential", "1. Deux personnes s'inscrivent à un justificatif d'identité")
    marie = Person(base, sandbox, "mtremblay12", "quatre-loutres-jouent-au-soleil", "marie@erabliere.example", "fr")
    sam = Person(base, sandbox, "samokafor7", "seven slow barges drift north", "sam@conseil.example", "en")
    marie.register("Tremblay", "Marie-Ève")
    sam.register("Okafor", "Sam")
    say(f"Each gets a user reference number by mail: {marie.urn} and {sam.urn}.",
        f"Chacune reçoit par courriel un numéro de référence d'utilisateur (NRU) : {marie.urn} et {sam.urn}.")
    refused = Api(base, narrator.languages[0]).post("/v1/credentials", {
        "user_name": "someone1", "password": "a<b>c and some more", "family_name": "X", "given_names": "Y",
        "email": "y@example.com", "telephone": "8195550142", "language": "en"}, expect="forbidden_characters")
    say(f"A password with forbidden characters is refused: {refused['title']} {refused['errors'][0].get('details')}",
        f"Un mot de passe avec des caractères interdits est refusé : {refused['title']} {refused['errors'][0].get('details')}")

    chapter("2. They sign in with mailed codes and accept the terms",
            "2. Elles ouvrent une session avec un code reçu par courriel et acceptent les modalités")
    user = marie.sign_in()
    sam.sign_in()
    ways = ", ".join(a["name"] for a in user["actions"][:3])
    say(f"The user page offers three ways: {ways}.", f"La page de l'utilisateur offre trois options : {ways}.")

    chapter("3. Marie-Ève enrols the company and confirms its address",
            "3. Marie-Ève inscrit l'entreprise et confirme l'adresse postale")
    answers = {"base": "canada", "lines_of_business": ["importer"], "facilities_in_canada_or_us": True,
               "traded_in_past_12_months": True, "movement_in_past_90_days": True, "solvent": True,
               "no_debt_to_crown": True, "no_undischarged_bankruptcy": True, "no_convictions": True}
    company = {"business_number": "123456782", "legal_name": "Érablière du Nord inc.",
               "operating_names": ["Sirop du Nord"], "eligibility": answers, "signing_authority_attested": True,
               "mailing_address": {"line1": "123 rue Principale", "city": "Gatineau", "region": "qc",
                                   "postal_code": "j8x1a1", "country": "CA"}}
    marie.post("/v1/accounts", {**company, "eligibility": {**answers, "solvent": False}}, expect="not_eligible")
    say("Answered wrongly, the eligibility check names the rule that failed; answered rightly, the company is enrolled.",
        "Une mauvaise réponse nomme la règle non respectée; avec les bonnes réponses, l'entreprise est inscrite.")
    account = marie.post("/v1/accounts", company)["id"]
    here = "/v1/accounts/" + account
    shown = marie.get(here)["mailing_address"]
    say(f"The address is shown back as the post prints it: {shown['line1']}, {shown['city']} {shown['region']} {shown['postal_code']}.",
        f"L'adresse est montrée telle que la poste l'imprime : {shown['line1']}, {shown['city']} {shown['region']} {shown['postal_code']}.")
    marie.post(here + "/address-confirmations")

    chapter("4. The mail room prints and posts the registered letter",
            "4. La salle du courrier imprime et expédie la lettre recommandée")
    mail_room = people["mail_room"][0]
    mail_room.sign_in()
    letter = newest_letter(sandbox, account)
    print_letter(mail_room, sandbox, letter["letter"])
    state = marie.get(here)["letters"][0]
    say(f"The account shows where the letter is ({state['state']}, {state['registered_mail_number']}), never the code.",
        f"Le compte montre où se trouve la lettre ({state['state']}, {state['registered_mail_number']}), jamais le code.")

    chapter("5. The code expires after 45 days; a new one is requested",
            "5. Le code expire après 45 jours; un nouveau est demandé")
    advance(sandbox, 45)
    marie.sign_in()
    marie.post("/v1/activations", {"client_number": letter["client_number"],
                                   "activation_code": letter["activation_code"]}, expect="activation_code_expired")
    say("45 days later, to the second, the code is refused as expired.",
        "45 jours plus tard, à la seconde près, le code est refusé : il est expiré.")
    marie.post(here + "/activation-codes")
    marie.post(here + "/activation-codes", expect="code_requests_one_a_day")
    advance(sandbox, 0, 60)
    mail_room.sign_in()
    marie.sign_in()
    letter = newest_letter(sandbox, account)
    print_letter(mail_room, sandbox, letter["letter"])
    say("A new letter with the same client number and a new code is posted.",
        "Une nouvelle lettre part avec le même numéro de client et un nouveau code.")

    chapter("6. Activation, terms, authorised", "6. Activation, modalités, compte autorisé")
    typed = letter["activation_code"].lower()
    marie.post("/v1/activations", {"client_number": letter["client_number"],
                                   "activation_code": typed[:5] + " - " + typed[5:]})
    marie.put(here + "/profiles/company", {"answers": {}}, expect="not_authorised")
    marie.post(here + "/terms", {"terms_version": marie.get("/v1/terms/programme")["version"]})
    say(f"After the code the account is activated; with the programme's terms it is {marie.get(here)['stage']}.",
        f"Avec le code, le compte est activé; une fois les modalités du programme acceptées, il est autorisé ({marie.get(here)['stage']}).")

    chapter("7. A colleague as proxy owner fills in the security profile",
            "7. Une collègue, propriétaire mandataire, remplit le profil de sécurité")
    marie.post(here + "/members", {**marie.identity(), "urn": sam.urn, "role": "proxy_owner"}, expect="no_matching_user")
    marie.post(here + "/members", {**sam.identity(), "family_name": "OKAFOR", "role": "proxy_owner"})
    sam.sign_in()
    fill(sam, here + "/profiles/security/gatineau", sam.get("/v1/profile-questions/security")["items"])
    fill(sam, here + "/profiles/company", sam.get("/v1/profile-questions/company")["items"])
    fill(sam, here + "/profiles/application/importer", sam.get("/v1/profile-questions/application/importer")["items"])
    percent = sam.get(here)["profiles_percent"]
    sam.post(here + "/submissions", expect="not_permitted")
    say(f"Sam was added by family name, URN and e-mail; the profiles are {percent} % complete, but a proxy may not submit.",
        f"Sam est ajouté par nom de famille, NRU et courriel; les profils sont complets à {percent} %, mais un mandataire ne peut pas soumettre.")

    chapter("8. The owner submits, an officer decides", "8. La propriétaire soumet, un agent décide")
    submission = marie.post(here + "/submissions")["id"]
    officer = people["programme_officer"][0]
    officer.sign_in()
    review = f"/v1/staff/accounts/{account}/submissions/{submission}"
    officer.post(review + "/review")
    marie.post(here + "/submissions", expect="submission_under_review")
    officer.post(review + "/acceptance")
    say(f"Membership: {marie.get(here + '/membership')['status']}.",
        f"Statut de membre : {marie.get(here + '/membership')['status']}.")

    chapter("9. The ownership is offered and accepted", "9. La propriété du compte est offerte et acceptée")
    offer = marie.post(here + "/ownership-offers", {**sam.identity(), "previous_owner": "becomes_proxy_owner"})["id"]
    sam.post(f"{here}/ownership-offers/{offer}/acceptance", {"signing_authority_attested": True})
    say(f"Sam is now {sam.get(here)['role']}, Marie-Ève {marie.get(here)['role']}; one event did both.",
        f"Sam est maintenant {sam.get(here)['role']}, Marie-Ève {marie.get(here)['role']}; un seul événement a fait les deux.")

    chapter("10. Two years pass; the owner's URN expires", "10. Deux ans passent; le NRU du propriétaire expire")
    advance(sandbox, 700)
    marie.sign_in()
    advance(sandbox, 40)
    marie.sign_in()
    marie.get(here, expect="owner_urn_expired")
    sam.token = None
    sam.post("/v1/sign-ins", {"user_name": sam.user_name, "password": sam.password}, expect="urn_expired")
    say("Sam did not sign in for two years: nobody has access to the account.",
        "Sam n'a pas ouvert de session pendant deux ans : personne n'a accès au compte.")

    chapter("11. The service desk issues a new URN; the owner reactivates the others",
            "11. L'USTCC émet un nouveau NRU; le propriétaire réactive les autres")
    desk = people["service_desk"][0]
    desk.sign_in()
    sam_id = desk.get("/v1/staff/users?user_name=" + sam.user_name)["items"][0]["id"]
    last = sandbox.get("/v1/sandbox/mails?limit=1")["items"][0]["key"]
    desk.post(f"/v1/staff/users/{sam_id}/urns", {"reason": "Identity checked by telephone."})
    sam.urn = sam.mail(r"\b(4\d{9})\b", after=last)[1].group(1)
    sam.sign_in()
    marie.get(here, expect="reactivation_required")
    marie_id = marie.get("/v1/user")["id"]
    sam.post(f"{here}/members/{marie_id}/reactivation")
    say(f"Sam's new URN is {sam.urn}; Marie-Ève is back as {marie.get(here)['role']}.",
        f"Le nouveau NRU de Sam est {sam.urn}; Marie-Ève est de retour comme {marie.get(here)['role']}.")

    chapter("12. What the log says", "12. Ce que dit le journal")
    events, cursor = [], ""
    while cursor is not None:
        page = sam.get(here + "/history?limit=200" + ("&cursor=" + cursor if cursor else ""))
        events += page["items"]
        cursor = page.get("next")
    for each in events:
        print(f"  {each['position']:>5}  {each['recorded_at'][:19]}  {each['actor_kind']:<6}  {each['type']}")
    return len(events)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="folder of ttpd and ttpctl")
    parser.add_argument("--lang", choices=["en", "fr", "both"], default="en", help="language of the narration")
    arguments = parser.parse_args()
    narrator = Narrator(["en", "fr"] if arguments.lang == "both" else [arguments.lang])
    folder = tempfile.mkdtemp(prefix="ttp-demo-")
    server = None
    try:
        server = Server(os.path.join(arguments.bin, "ttpd"), folder)
        narrator.say(f"A server of its own runs at {server.base} with temporary data.",
                     f"Un serveur distinct fonctionne à {server.base} avec des données temporaires.")
        play(server.base, narrator)
        server.stop()
        narrator.chapter("13. Rebuilt views equal the live ones", "13. Les vues reconstruites égalent les vues en service")
        rebuilt = subprocess.run([os.path.join(arguments.bin, "ttpctl"), "rebuild", "--all", "--sandbox",
                                  "--data-dir", server.data], check=False)
        if rebuilt.returncode != 0:
            raise Unexpected(f"ttpctl rebuild ended with {rebuilt.returncode}")
        narrator.say("That was the whole journey.", "C'était le parcours complet.")
        return 0
    except Unexpected as what:
        print("demo: " + str(what), file=sys.stderr)
        return 1
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

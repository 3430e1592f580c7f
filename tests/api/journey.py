"""One company's way in a generated client: register, sign in, enrol, confirm the address, activate, accept the terms.

usage: journey.py FOLDER_OF_THE_CLIENT HOST PORT
"""

import re
import sys
import time

sys.path.insert(0, sys.argv[1])

import api  # noqa: E402
import types_of_api as types  # noqa: E402

EMAIL, PASSWORD = "python@example.com", "quiet otters row north again"
client = api.Api(sys.argv[2], int(sys.argv[3]))


def eventually(find):
    for _ in range(200):
        found = find()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come in time")


def mailed(pattern):
    def find():
        texts = [each.text for each in client.listSandboxMails(to=EMAIL).items]
        return next((found for found in (re.search(pattern, text) for text in texts) if found), None)
    return "".join(eventually(find).groups())


begun = client.beginRegistration(types.BeginRegistrationRequest.from_dict({"email": EMAIL, "language": "fr"}))
code = mailed(r"(?m)^([0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5})$")
client.registerCredential(types.RegisterCredentialRequest.from_dict({
    "registration_token": begun.registration_token, "code": code, "user_name": "python12", "password": PASSWORD,
    "family_name": "Roy", "given_names": "Samuel", "telephone": "+18195550143"}))

sign_in = client.startSignIn(types.StartSignInRequest.from_dict({"user_name": "python12", "password": PASSWORD}))
client.token = sign_in.token
client.enrolMailFactor(types.EnrolMailFactorRequest.from_dict({"terms_version": sign_in.mail_factor_terms}))
client.enterOneTimeCode(types.EnterOneTimeCodeRequest.from_dict({"code": mailed(r"\b(\d{3}) (\d{3})\b")}))
client.token = client.acceptPortalTerms(
    types.AcceptPortalTermsRequest.from_dict({"terms_version": sign_in.portal_terms})).token

enrolment = types.EnrolCompanyRequest.from_dict({
    "business_number": "987654324", "legal_name": "Quais de l'Est ltée", "signing_authority_attested": True,
    "mailing_address": {"line1": "123 rue Principale", "city": "Gatineau", "region": "QC", "postal_code": "J8X 1A1",
                        "country": "CA"},
    "eligibility": {"base": "canada", "lines_of_business": ["importer"], "facilities_in_canada_or_us": True,
                    "traded_in_past_12_months": True, "movement_in_past_90_days": True, "solvent": True,
                    "no_debt_to_crown": True, "no_undischarged_bankruptcy": True, "no_convictions": True}})
account = client.enrolCompany(enrolment).id
client.confirmMailingAddress(account)
letter = eventually(lambda: [each for each in client.listSandboxLetters().items if each.account_id == account])[0]
client.activateAccount(types.ActivateAccountRequest.from_dict(
    {"client_number": letter.client_number, "activation_code": letter.activation_code}))
client.acceptProgrammeTerms(account, types.AcceptProgrammeTermsRequest.from_dict(
    {"terms_version": client.getTerms("programme").version}))

stage = client.getAccount(account).stage
assert stage.value == "authorised", stage
assert all(each.title for each in client.listAccountNotifications(account).items)
try:
    client.enrolCompany(enrolment)
    raise AssertionError("the same business number was enrolled twice")
except api.Refused as refused:
    assert refused.problem["code"] == "business_number_taken", refused
print("the company is authorised")

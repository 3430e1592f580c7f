// One company's way in a generated client: register, sign in, enrol, confirm the address, activate, accept the terms.
//   node journey.js http://127.0.0.1:8080
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const client = createClient<paths>({ baseUrl: process.argv[2] });
let token: string | undefined;
client.use({
  onRequest({ request }) {
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    if (request.method !== "GET") request.headers.set("Idempotency-Key", crypto.randomUUID());
    return request;
  },
});

/** The answer, or an end with the problem's code, which the types know. */
function answered<T>(result: { data?: T; error?: { code?: string }; response: Response }): T {
  if (result.data === undefined) throw new Error(`${result.response.url}: ${result.response.status} ${result.error?.code}`);
  return result.data;
}
async function eventually<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; ++tries) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it did not come in time");
}
const email = "typescript@example.com";
const mailed = (pattern: RegExp) =>
  eventually(async () => {
    const mails = answered(await client.GET("/v1/sandbox/mails", { params: { query: { to: email } } }));
    return mails.items.map((each) => pattern.exec(each.text ?? "")).find((match) => match)?.slice(1).join("");
  });

const password = "quiet otters row north today";
const begun = answered(await client.POST("/v1/registrations", { body: { email, language: "en" } }));
answered(await client.POST("/v1/credentials", {
  body: {
    registration_token: begun.registration_token, code: await mailed(/^([0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5})$/m),
    user_name: "typescript1", password, family_name: "Tremblay", given_names: "Marie-Ève", telephone: "+18195550142",
  },
}));

const signIn = answered(await client.POST("/v1/sign-ins", { body: { user_name: "typescript1", password } }));
token = signIn.token;
answered(await client.POST("/v1/sign-in/mail-factor", { body: { terms_version: signIn.mail_factor_terms! } }));
answered(await client.POST("/v1/sign-in/code", { body: { code: await mailed(/\b(\d{3}) (\d{3})\b/) } }));
token = answered(await client.POST("/v1/sessions", { body: { terms_version: signIn.portal_terms } })).token;

const enrolment: components["schemas"]["EnrolCompanyRequest"] = {
  business_number: "123456782", legal_name: "Érablière du Nord inc.", signing_authority_attested: true,
  mailing_address: { line1: "123 rue Principale", city: "Gatineau", region: "QC", postal_code: "J8X 1A1", country: "CA" },
  eligibility: {
    base: "canada", lines_of_business: ["importer"], facilities_in_canada_or_us: true, traded_in_past_12_months: true,
    movement_in_past_90_days: true, solvent: true, no_debt_to_crown: true, no_undischarged_bankruptcy: true,
    no_convictions: true,
  },
};
const enrolled = answered(await client.POST("/v1/accounts", { body: enrolment }));
const params = { path: { account: enrolled.id! } };
answered(await client.POST("/v1/accounts/{account}/address-confirmations", { params }));
const letter = await eventually(async () =>
  answered(await client.GET("/v1/sandbox/letters")).items.find((each) => each.account_id === enrolled.id));
answered(await client.POST("/v1/activations", {
  body: { client_number: letter.client_number!, activation_code: letter.activation_code! },
}));
const terms = answered(await client.GET("/v1/terms/{terms}", { params: { path: { terms: "programme" } } }));
answered(await client.POST("/v1/accounts/{account}/terms", { params, body: { terms_version: terms.version } }));

const account = answered(await client.GET("/v1/accounts/{account}", { params }));
if (account.stage !== "authorised") throw new Error(`the account is ${account.stage}`);
const told = answered(await client.GET("/v1/accounts/{account}/notifications", { params }));
if (!told.items.every((each) => each.title)) throw new Error("a notification without a sentence");
const again = await client.POST("/v1/accounts", { body: enrolment });
if (again.error?.code !== "business_number_taken") throw new Error(`the same number again: ${again.response.status}`);
console.log("the company is authorised");

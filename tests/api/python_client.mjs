// Generates a client in Python from an OpenAPI document: the types by quicktype, and one function for each operation,
// which has the operation's name and its parameters as they stand in the document.
//   node python_client.mjs openapi.json FOLDER
import { readFileSync, writeFileSync } from "node:fs";
import { FetchingJSONSchemaStore, InputData, JSONSchemaInput, quicktype } from "quicktype-core";

const [documentName, folder] = process.argv.slice(2);
const openapi = JSON.parse(readFileSync(documentName, "utf8"));

// ---- types ------------------------------------------------------------------------------------------------------------

/** quicktype would read times and identifiers into types that need packages beyond Python's own. */
function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node)
    .filter(([name, each]) => name !== "examples" && !(name === "format" && typeof each === "string"))
    .map(([name, each]) => [name, plain(each)]));
}

const schemas = plain(openapi.components.schemas);
const input = new JSONSchemaInput(new FetchingJSONSchemaStore());
await input.addSource({ name: "Api", schema: JSON.stringify({ components: { schemas } }), uris: ["#/components/schemas/"] });
const inputData = new InputData();
inputData.addInput(input);
const { lines } = await quicktype({
  inputData, lang: "python", rendererOptions: { "python-version": "3.7" },
  combineClasses: false, inferMaps: false, inferEnums: false, inferUuids: false, inferDateTimes: false,
  inferIntegerStrings: false, inferBooleanStrings: false,
});
const types = lines.join("\n");
writeFileSync(`${folder}/types_of_api.py`, types);

// ---- operations -------------------------------------------------------------------------------------------------------

const hasClass = (name) => new RegExp(`^class ${name}\\b`, "m").test(types);
const resolved = (node) => (node.$ref ? node.$ref.slice(2).split("/").reduce((at, part) => at[part], openapi) : node);
const nameOf = (schema) => schema?.$ref?.split("/").pop();

/** A parameter as an argument: "X-Min-Position" is a header that the caller gives in `headers`. */
function operation(method, path, row) {
  const parameters = row.parameters.map(resolved);
  const inPath = parameters.filter((each) => each.in === "path").map((each) => each.name);
  const inQuery = parameters.filter((each) => each.in === "query").map((each) => each.name);
  const body = nameOf(row.requestBody?.content["application/json"].schema);
  const [, success] = Object.entries(row.responses).find(([status]) => status.startsWith("2"));
  const answer = nameOf(success.content["application/json"]?.schema);
  const args = ["self", ...inPath, ...(body ? [`body: types_of_api.${body}`] : []), "*",
    ...inQuery.map((each) => `${each}=None`), "headers=None"];
  const template = path.replace(/\{(\w+)\}/g, (_, name) => `{quoted(${name})}`);
  const query = `{${inQuery.map((each) => `"${each}": ${each}`).join(", ")}}`;
  const ask = `self.ask("${method.toUpperCase()}", f"${template}", ${query}, ${body ? "body.to_dict()" : "None"}, headers)`;
  const isTyped = answer && hasClass(answer);
  return `    def ${row.operationId}(${args.join(", ")})${isTyped ? ` -> types_of_api.${answer}` : ""}:
        """${row.summary}."""
        return ${isTyped ? `types_of_api.${answer}.from_dict(${ask})` : ask}
`;
}

const operations = Object.entries(openapi.paths).flatMap(([path, rows]) =>
  Object.entries(rows).map(([method, row]) => operation(method, path, row)));
writeFileSync(`${folder}/api.py`, `"""${openapi.info.title}, version ${openapi.info.version}."""

import http.client
import json
import urllib.parse
import uuid

import types_of_api


def quoted(text):
    return urllib.parse.quote(str(text), safe="")


class Refused(Exception):
    """The service refused: the problem document."""

    def __init__(self, problem):
        super().__init__(problem.get("code"), problem.get("title"))
        self.problem = problem


class Api:
    def __init__(self, host, port, token=None):
        self.host, self.port, self.token = host, port, token

    def ask(self, method, path, query, body, headers):
        query = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        sent = {"Content-Type": "application/json", **({"Authorization": "Bearer " + self.token} if self.token else {}),
                **({"Idempotency-Key": str(uuid.uuid4())} if method != "GET" else {}), **(headers or {})}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path + ("?" + query if query else ""),
                               json.dumps({} if body is None else body) if method != "GET" else None, sent)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        is_json = "json" in (response.headers.get("Content-Type") or "")
        if response.status >= 400:
            raise Refused(json.loads(text) if is_json else {})
        return json.loads(text) if is_json else text

${operations.join("\n")}`);

"""The rules of docs/api-stability.md: whether clients of one version of the OpenAPI document work with another."""

PROBLEM = "application/problem+json"
LIMITS_UP, LIMITS_DOWN = ("minLength", "minimum"), ("maxLength", "maximum")


class Comparison:
    """Collects what breaks clients that were made for the document `old` when the service answers as `new` says."""

    def __init__(self, old, new):
        self.documents = (old, new)
        self.found = []
        self.seen = set()
        for path, rows in old["paths"].items():
            for method, row in rows.items():
                if "Sandbox" not in row["tags"]:
                    self.operation(f"{method.upper()} {path}", row, new["paths"].get(path, {}).get(method))

    def note(self, at, what):
        self.found.append(f"{at}: {what}")

    def resolved(self, which, node):
        while "$ref" in node:
            reference, node = node["$ref"], self.documents[which]
            for part in reference[2:].split("/"):
                node = node[part]
        return node

    def operation(self, at, old, new):
        if new is None:
            return self.note(at, "the operation is gone")
        if old["operationId"] != new["operationId"]:
            self.note(at, f"is no longer named {old['operationId']}")
        self.parameters(at, old, new)
        self.body(at + " body", old.get("requestBody"), new.get("requestBody"))
        for status, response in old["responses"].items():
            if status >= "400":
                continue
            if status not in new["responses"]:
                self.note(at, f"no longer answers {status}")
                continue
            before, after = self.resolved(0, response), self.resolved(1, new["responses"][status])
            for header in before.get("headers", {}).keys() - after.get("headers", {}).keys():
                self.note(f"{at} {status}", f"the header {header} is gone")
            for kind, content in before.get("content", {}).items():
                if kind not in after.get("content", {}):
                    self.note(f"{at} {status}", f"{kind} is gone")
                else:
                    self.schema(f"{at} {status}", content["schema"], after["content"][kind]["schema"], is_sent=False)

    def parameters(self, at, old, new):
        before, after = ({(each["in"], each["name"]): each for each in (self.resolved(which, row) for row in rows["parameters"])}
                         for which, rows in enumerate((old, new)))
        for key, each in before.items():
            if key not in after:
                self.note(at, f"the parameter {key[1]} is gone")
            else:
                self.schema(f"{at} {key[1]}", each["schema"], after[key]["schema"], is_sent=True)
        for key, each in after.items():
            if each.get("required") and not before.get(key, {}).get("required"):
                self.note(at, f"the parameter {key[1]} is required now")

    def body(self, at, old, new):
        if old is None:
            if new is not None and self.resolved(1, new["content"]["application/json"]["schema"]).get("required"):
                self.note(at, "is required now")
        elif new is None:
            self.note(at, "is gone")
        else:
            self.schema(at, old["content"]["application/json"]["schema"], new["content"]["application/json"]["schema"],
                        is_sent=True)

    def schema(self, at, old, new, is_sent):
        """`is_sent`: by the client; else the client reads it."""
        key = (old.get("$ref"), new.get("$ref"), is_sent)
        if key[0] and key in self.seen:
            return
        self.seen.add(key)
        at = at + (f" ({key[0].split('/')[-1]})" if key[0] else "")
        old, new = self.resolved(0, old), self.resolved(1, new)
        if old.get("type") != new.get("type") or old.get("format") != new.get("format"):
            return self.note(at, f"was {old.get('type')} {old.get('format')}, is {new.get('type')} {new.get('format')}")
        gone = [each for each in old.get("enum", []) if each not in new.get("enum", old["enum"])]
        if gone or (is_sent and "enum" in new and "enum" not in old):
            self.note(at, f"no longer takes {gone or 'every value'}")
        if is_sent:
            self.limits(at, old, new)
        for branch in ("anyOf", "allOf", "oneOf"):
            for index, each in enumerate(old.get(branch, [])):
                if index < len(new.get(branch, [])):
                    self.schema(at, each, new[branch][index], is_sent)
                else:
                    self.note(at, f"a branch of {branch} is gone")
        if "items" in old:
            self.schema(at + "/*", old["items"], new.get("items", {}), is_sent)
        self.members(at, old, new, is_sent)

    def members(self, at, old, new, is_sent):
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, each in before.items():
            if name not in after:
                self.note(f"{at}/{name}", "is gone")
            else:
                self.schema(f"{at}/{name}", each, after[name], is_sent)
        was, now = set(old.get("required", [])), set(new.get("required", []))
        for name in sorted(now - was if is_sent else was - now):
            if is_sent or name in after:
                self.note(f"{at}/{name}", "is required now" if is_sent else "may be absent now")

    def limits(self, at, old, new):
        for name in LIMITS_UP:
            if new.get(name, 0) > old.get(name, 0):
                self.note(at, f"{name} rose to {new[name]}")
        for name in LIMITS_DOWN:
            if name in new and new[name] < old.get(name, float("inf")):
                self.note(at, f"{name} fell to {new[name]}")


def incompatibilities(old, new):
    return Comparison(old, new).found

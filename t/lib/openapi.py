# SPDX-License-Identifier: Apache-2.0
"""openapi.py DOCUMENT - hold answers against an OpenAPI document.

One JSON object a line on standard input: {"method", "path" (below the server's
address), "status", "type", "body"}. One line comes back for each: "ok", or
what is wrong. Schemas of OpenAPI 3.1 are JSON Schema 2020-12.
"""

import json
import re
import sys

from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
Draft202012Validator.check_schema(
    {"$defs": document["components"]["schemas"]})


def resolve(thing):
    """What a reference to a part of the document stands for."""
    while "$ref" in thing:
        part = document
        for name in thing["$ref"].lstrip("#/").split("/"):
            part = part[name]
        thing = part
    return thing


def find(path):
    """The entry of that path: one without braces goes first."""
    for pattern in sorted(document["paths"], key=lambda name: "{" in name):
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(pattern)),
                        path):
            return document["paths"][pattern]
    raise ValueError(f"there is no {path}")


def responses_of(answer):
    """What may be answered; any method may be refused as get may."""
    entry = find(answer["path"])
    method = answer["method"].lower()
    operation = entry.get("get" if method == "head" else method)
    return operation["responses"] if operation else {
        "405": entry["get"]["responses"]["405"],
        "403": entry["get"]["responses"]["403"]}


def check(answer):
    """Raise ValueError if the document does not know such an answer."""
    responses = responses_of(answer)
    if str(answer["status"]) not in responses:
        raise ValueError(f"{answer['status']} is not described")
    response = resolve(responses[str(answer["status"])])
    content = response.get("content", {})
    kind = answer["type"].split(";")[0]
    if not content or answer["method"] == "HEAD":
        return
    if kind not in content:
        raise ValueError(f"the type {kind} is not described")
    if not kind.endswith("json"):
        return
    schema = {**content[kind]["schema"], "components": document["components"]}
    errors = Draft202012Validator(schema).iter_errors(
        json.loads(answer["body"]))
    for error in errors:
        raise ValueError(f"{error.json_path}: {error.message[:400]}")


for line in sys.stdin:
    try:
        check(json.loads(line))
        print("ok", flush=True)
    except (ValueError, KeyError) as error:
        print(repr(error).replace("\n", " "), flush=True)

"""What the OpenAPI document says of all operations alike, added when drf-spectacular has described each by itself."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Any

from blogsite.examples import ANSWERS
from blogsite.problems import JSON, PROBLEM, SAID, problem
from blogsite.rest import NDJSON, NO_STORE

DESCRIPTION = Path(__file__).with_name("openapi.md").read_text(encoding="utf-8")
TAGS = {
    "articles": "Articles, live or not yet, and their history.",
    "search": "Articles by what they say.",
    "tags": "What live articles are about.",
    "authors": "Who has written live articles.",
    "images": "The media library, for those who write.",
    "auth": "Tokens: signing in, going on, signing out.",
    "users": "Your own account, and the personal access tokens of its scripts.",
}

Node = dict[str, Any]
EMPTY = {"type": "string", "maxLength": 0}


def _text(description: str, example: str, *, required: bool = True) -> Node:
    return {"description": description, "required": required, "schema": {"type": "string"}, "example": example}


def _number(description: str, example: int, *, required: bool = True) -> Node:
    return {
        "description": description,
        "required": required,
        "schema": {"type": "integer", "minimum": 0},
        "example": example,
    }


HEADERS = {
    "Cache-Control": _text("No cache keeps it.", "no-store"),
    "ETag": _text("Of this answer, for If-None-Match; of an article, for If-Match too.", '"7-1f2e8c0a9b3d4e5f"'),
    "Idempotency-Replayed": _text(
        "It was answered before, to the request that came first with this Idempotency-Key.", "true", required=False
    ),
    "Link": _text(
        "The pages `first`, `prev`, `next` and `last`, as far as there are such.",
        '<https://blog.example.org/api/v1/articles/?limit=2&cursor=…>; rel="next"',
    ),
    "Location": _text("The address of what was made.", "https://blog.example.org/api/v1/articles/7"),
    "Preference-Applied": _text("The preference that was heard.", "count=exact", required=False),
    "Retry-After": _number("Seconds to wait before it is worth trying again.", 60),
    "WWW-Authenticate": _text("What kind of token it takes.", "Bearer"),
    "X-Total-Count": _number(
        "How many there are on all pages. Left out of long lists: see the parameter `Prefer`.", 208, required=False
    ),
}

LIMITS = {  # of most sites and most answers: one that is kept for all strangers counts for none
    "RateLimit": _text(
        "What is left (`r`) of each limit that holds, and the seconds (`t`) until it is whole again, as "
        "the IETF's draft has it. Not told with what comes out of the page cache, which is not counted.",
        '"reads-per-address";r=2999;t=42',
        required=False,
    ),
    "RateLimit-Policy": _text(
        "Each of these limits: so many requests (`q`) in so many seconds (`w`).",
        '"reads-per-address";q=3000;w=60',
        required=False,
    ),
}
HEADERS |= LIMITS
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of what you have, or several: 304 without a body, where it is still that.",
    "schema": {"type": "string", "examples": ['"7-1f2e8c0a9b3d4e5f"']},
}
NOT_MODIFIED = {"description": "What you have is what there is."}
TOO_LONG = {
    "description": "The address is too long. The web server says so itself, before this API, and in its own form."
}

REFUSALS = {
    400: "What was sent can't be used: which fields or parameters, and why; a `detail` where the whole can't be read.",
    401: "A token is needed and there is none, or the one that came is no good.",
    403: "Whoever holds this token may not do that.",
    404: "There is none, or none that may be seen.",
    409: "The first request with this Idempotency-Key is still being answered.",
    411: "The body came without a Content-Length.",
    412: "It has been changed since: the ETag in If-Match is not its present one.",
    413: "The body is larger than this site accepts.",
    415: "The body is of another media type than this operation reads.",
    422: "This Idempotency-Key came with another request before.",
    428: "This site wants an If-Match with every change.",
    429: "Too many requests.",
    503: "The database or the cache is away for a moment.",
}
REFUSAL_HEADERS = {401: ["WWW-Authenticate"], 409: ["Retry-After"], 429: ["Retry-After"], 503: ["Retry-After"]}
FIELDS = {"title": ["This field is required."]}
EXAMPLES = {401: "Not authenticated", 403: "Not authorized", 404: "Article not found"}
SCHEMAS: dict[str, Node] = {
    "Error": {
        "type": "object",
        "properties": {"detail": {"type": "string", "description": "What was wrong, for people."}},
        "required": ["detail"],
    },
    "FieldErrors": {
        "type": "object",
        "description": "By the name of a field or a parameter, what is wrong with it.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "minProperties": 1,
    },
    "Problem": {
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "Always `about:blank`."},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"type": "integer", "description": "The status of the answer."},
            "detail": {"type": "string", "description": "What was wrong, for people."},
            "errors": {"$ref": "#/components/schemas/FieldErrors"},
        },
        "required": ["type", "title", "status", "detail"],
    },
}


def complete(result: Node, **_generation: Any) -> Node:
    """A postprocessing hook of drf-spectacular: every operation's refusals and headers, what it leads to, and the words
    about it all."""
    result["info"]["description"] = DESCRIPTION
    result["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    components = result["components"]
    components["schemas"].update(SCHEMAS)
    _let_be_empty(components["schemas"])
    components["headers"] = HEADERS
    components["responses"] = {_name(code): _refusal(code) for code in REFUSALS}
    for item in result["paths"].values():
        for operation in item.values():
            operation["security"] = [needed for needed in operation["security"] if needed] and operation["security"]
            _show_lists(operation, components["schemas"])
            _leave_to_fill_in(operation)
            _show_answers(operation)
            _answer_parts(operation, components["schemas"])
            _compare(item, operation)
            answers = operation["responses"]
            for code in [*answers, *map(str, _refusals(operation))]:
                if int(code) in REFUSALS:
                    answers[code] = _ref("responses", _name(int(code)))
                elif names := list(_headers(code, operation)):
                    answers[code]["headers"] = {name: _ref("headers", name) for name in names}
            del operation[NO_STORE]
            if {"query", "path"} & {parameter["in"] for parameter in operation.get("parameters", [])}:
                answers["414"] = dict(TOO_LONG)
            operation["responses"] = dict(sorted(answers.items()))
    for path in result["paths"]:
        _link(path, result["paths"])
    components["schemas"] = {name: schema for name, schema in components["schemas"].items() if not _is_list(name)}
    return result


def _is_list(name: str) -> bool:
    """One of the names that drf-spectacular gives to pages. Ours are bare arrays, and need none."""
    return name.startswith("Paginated")


def _show_lists(operation: Node, schemas: Node) -> None:
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            if _is_list(name):
                content["schema"] = deepcopy(schemas[name])


def _let_be_empty(schemas: Node) -> None:
    """Where formats are not checked, an empty text is of each: `oneOf`, as drf-spectacular has it, would refuse it."""
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            if EMPTY in field.get("oneOf", []):
                field["anyOf"] = field.pop("oneOf")


def _leave_to_fill_in(operation: Node) -> None:
    """Examples of what may be left out are moved into its schema: from where they stood, Swagger UI would fill them in,
    and ask for what nobody meant to ask for."""
    for parameter in operation.get("parameters", []):
        if not parameter.get("required"):
            several = [example["value"] for example in parameter.pop("examples", {}).values()]
            one = [parameter.pop("example")] if "example" in parameter else []
            if several or one:
                parameter["schema"] = {**parameter["schema"], "examples": several + one}


def _show_answers(operation: Node) -> None:
    for code, answer in operation["responses"].items():
        answer["description"] = answer["description"] or f"{HTTPStatus(int(code)).description}."
        for kind, content in answer.get("content", {}).items():
            schema = content["schema"]
            name = schema.get("items", schema).get("$ref", "").rpartition("/")[2]
            if name:
                content["example"] = [ANSWERS[name]] if "items" in schema else ANSWERS[name]
            elif kind == NDJSON:
                content["example"] = json.dumps(ANSWERS["Article"]) + "\n"


def _compare(item: Node, operation: Node) -> None:
    """What has an ETag is not sent to whoever has it already."""
    if operation is item.get("get") and "ETag" in _headers("200", operation):
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
        operation["responses"]["304"] = dict(NOT_MODIFIED)


def _answer_parts(operation: Node, schemas: Node) -> None:
    """Whoever asks for some `fields` is answered these alone."""
    if all(parameter["name"] != "fields" for parameter in operation.get("parameters", [])):
        return
    schema = operation["responses"]["200"].get("content", {}).get(JSON, {}).get("schema", {})
    node = schema.get("items", schema)
    if "$ref" in node:
        name = node.pop("$ref").rpartition("/")[2]
        whole = schemas[name]
        schemas[f"{name}Part"] = {
            **{key: value for key, value in whole.items() if key != "required"},
            "description": "The `fields` that were asked for.",
            "minProperties": 1,
        }
        node["anyOf"] = [_ref("schemas", name), _ref("schemas", f"{name}Part")]


def _refusals(operation: Node) -> Iterator[int]:
    """Those that follow from what it takes."""
    parameters = operation.get("parameters", [])
    places, names = {parameter["in"] for parameter in parameters}, {parameter["name"] for parameter in parameters}
    yield from (429, 503)
    if "requestBody" in operation or "Idempotency-Key" in names:  # which reads even a body that is of no use
        yield from (400, 411, 413, 415)
    if "query" in places:
        yield 400
    if "path" in places:
        yield 404
    if "If-Match" in names:
        yield from (412, 428)
    if "Idempotency-Key" in names:
        yield from (404, 409, 422)  # 404: what was made is gone, or no longer to be seen
    if any(operation["security"]):
        yield 401


def _headers(code: str, operation: Node) -> Iterator[str]:
    """Those of an answer that is no refusal."""
    yield from LIMITS
    if code == "304" or JSON in operation["responses"][code].get("content", {}):
        yield "Cache-Control" if operation[NO_STORE] else "ETag"
    if code == "201":
        yield "Location"
    parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
    if code == "200" and {"skip", "limit"} <= parameters:
        yield from ("Link", "X-Total-Count", *(["Preference-Applied"] if "Prefer" in parameters else []))
    if "Idempotency-Key" in parameters:
        yield "Idempotency-Replayed"


def _name(code: int) -> str:
    return HTTPStatus(code).name.title().replace("_", "")


def _ref(kind: str, name: str) -> Node:
    return {"$ref": f"#/components/{kind}/{name}"}


def _refusal(code: int) -> Node:
    told = FIELDS if code == 400 else {"detail": EXAMPLES.get(code, SAID.get(HTTPStatus(code), REFUSALS[code]))}
    plain = (
        {"anyOf": [_ref("schemas", "Error"), _ref("schemas", "FieldErrors")]}
        if code == 400
        else _ref("schemas", "Error")
    )
    return {
        "description": REFUSALS[code],
        "headers": {name: _ref("headers", name) for name in [*REFUSAL_HEADERS.get(code, []), *LIMITS]},
        "content": {
            JSON: {"schema": plain, "example": told},
            PROBLEM: {"schema": _ref("schemas", "Problem"), "example": problem(code, told)},
        },
    }


def _link(path: str, paths: Node) -> None:
    """What an answer shows can be asked for, changed and deleted by its id: said as links, for programs to follow."""
    made = paths[path].get("post", {}).get("responses", {}).get("201")
    if not made:
        return
    below = {other: list(paths[other].values()) for other in paths if other.startswith(f"{path}{{")}
    links = {
        operation["operationId"]: {"operationId": operation["operationId"], "parameters": _places(other)}
        for other, operations in below.items()
        for operation in operations
    }
    for operation in chain.from_iterable(below.values()):
        answer = operation["responses"].get("200", {})
        if answer.get("content") == made["content"]:
            answer["links"] = links
    made["links"] = links


def _places(path: str) -> Node:
    """Where the parts of an address are found in what was made. (A revision's number is its article's version.)"""
    return {name: f"$response.body#/{'version' if name == 'number' else name}" for name in re.findall(r"{(\w+)}", path)}

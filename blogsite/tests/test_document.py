"""The OpenAPI document says all there is to know."""

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.plumbing import get_doc
from jsonschema import Draft202012Validator

from blogsite.api import openapi
from blogsite.problems import JSON, PROBLEM
from blogsite.rest import ApiView


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.json/"])
def test_the_document_is_json_and_knows_every_path(client, path):
    answer = client.get(path)
    assert answer["Content-Type"] == "application/json"
    document = answer.json()
    assert document["openapi"].startswith("3.1.")
    for path, methods in {
        "articles/": {"get", "post"},
        "articles/{id}/": {"get", "put", "patch", "delete"},
        "articles/{id}/revisions/{number}/restore/": {"post"},
        "auth/login/": {"post"},
        "auth/token/refresh/": {"post"},
        "users/me/": {"get", "patch"},
        "images/": {"get", "post"},
    }.items():
        assert document["paths"][f"/api/v1/{path}"].keys() == methods


def test_the_document_tells_how_to_sign_in(client):
    document = client.get("/openapi.json").json()
    password = document["components"]["securitySchemes"]["Password"]["flows"]["password"]
    assert password["tokenUrl"] == "/api/v1/auth/login"
    assert {"Password": []} in document["paths"]["/api/v1/articles/"]["post"]["security"]
    form = document["paths"]["/api/v1/auth/login/"]["post"]["requestBody"]["content"]
    assert form.keys() == {"application/x-www-form-urlencoded"}


def test_the_document_says_what_is_answered_and_what_may_be_sent(client):
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert schemas["Author"]["properties"]["avatar"]["type"] == ["string", "null"]
    assert schemas["Author"]["required"] == sorted(schemas["Author"]["properties"])
    canonical_url = Draft202012Validator(schemas["Article"]["properties"]["canonical_url"])
    assert canonical_url.is_valid("")  # as it is for who checks no formats
    assert schemas["ImageInput"]["properties"]["file"]["format"] == "binary"
    assert schemas["ArticleInput"]["properties"]["title"]["minLength"] == 1
    for answer, field in (("Article", "summary"), ("Author", "bio")):
        assert "minLength" not in schemas[answer]["properties"][field]


def test_the_document_names_the_refusals_of_every_request_that_has_a_body(client):
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                assert {"400", "413", "415"} < operation["responses"].keys(), (method, path)
            if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
                assert "400" in operation["responses"], (method, path)


def test_the_document_is_valid_and_leaves_nothing_to_guess(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


def operations():
    for path, item in openapi()["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


EACH = pytest.mark.parametrize("operation", [pytest.param(operation, id=name) for name, operation in operations()])


def the(thing):
    """What stands where a reference leads."""
    while "$ref" in thing:
        kind, name = thing["$ref"].split("/")[2:]
        thing = openapi()["components"][kind][name]
    return thing


@EACH
def test_an_operation_says_what_it_is_for(operation):
    assert operation["summary"]
    assert all(answer["description"] for answer in map(the, operation["responses"].values()))
    (tag,) = operation["tags"]
    assert next(known["description"] for known in openapi()["tags"] if known["name"] == tag)


@EACH
def test_a_parameter_says_what_it_is_and_shows_one(operation):
    for parameter in operation.get("parameters", []):
        assert parameter["description"], parameter["name"]
        schema = parameter["schema"]
        assert (
            {"example", "examples"} & (parameter.keys() | schema.keys())
            or "enum" in schema
            or (
                parameter["name"] == "cursor"  # which nobody but the server can make
            )
        ), parameter["name"]


def test_whatever_may_be_sent_in_a_body_is_described():
    bodies = [operation["requestBody"] for _, operation in operations() if "requestBody" in operation]
    plain = {"username", "password", "email", "website", "title"}
    ignored = {"scope", "client_id", "client_secret"}  # says the one before them
    for body in bodies:
        (content,) = body["content"].values()
        fields = the(content["schema"])["properties"].items()
        silent = {name for name, field in fields if "description" not in field and not field.get("readOnly")}
        assert silent <= plain | ignored


@EACH
def test_a_refusal_is_told_in_both_forms(operation):
    refusals = {code: the(answer) for code, answer in operation["responses"].items() if int(code) >= 400}
    refusals.pop("414", None)  # the web server's
    assert {"429", "503"} <= refusals.keys()
    for code, refusal in refusals.items():
        assert refusal["description"]
        assert refusal["content"].keys() == {JSON, PROBLEM}
        assert refusal["content"][PROBLEM]["example"]["status"] == int(code)


@EACH
def test_an_answer_tells_its_headers(operation):
    answers = {code: the(answer) for code, answer in operation["responses"].items()}
    parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
    asks_for_a_page = {"skip", "limit"} <= parameters
    for code, answer in answers.items():
        headers = {name: the(header) for name, header in answer.get("headers", {}).items()}
        assert all(header["description"] and "example" in header for header in headers.values())
        assert ("Retry-After" in headers) == (code in {"409", "429", "503"})
        assert ("Idempotency-Replayed" in headers) == ("Idempotency-Key" in parameters and code < "300")
        assert ("WWW-Authenticate" in headers) == (code == "401")
        assert ("Location" in headers) == (code == "201")
        assert ("Link" in headers) == ("X-Total-Count" in headers) == (asks_for_a_page and code == "200")


@EACH
def test_a_condition_or_a_key_that_may_be_sent_may_be_refused(operation):
    parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
    assert ({"412", "428"} <= operation["responses"].keys()) == ("If-Match" in parameters)
    assert ({"404", "409", "422"} <= operation["responses"].keys()) == ("Idempotency-Key" in parameters)


@EACH
def test_an_etag_of_what_is_read_may_be_sent(operation):
    parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
    reads = operation["operationId"].partition("_")[0] in {"get", "list", "search"}
    assert ("If-None-Match" in parameters) == ("304" in operation["responses"]) == reads


@EACH
def test_a_token_that_may_be_refused_is_told_to_be(operation):
    assert not operation["security"] or "401" in operation["responses"]


def test_every_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for _, operation in operations()]
    assert len(names) == len(set(names))


def routes(patterns=None, before=""):
    """Of the API, each with its view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        elif issubclass(view := getattr(pattern.callback, "cls", object), ApiView):
            yield before + str(pattern.pattern), view


def test_every_address_of_the_api_is_described():
    """Of the views that Django knows, so that none is forgotten by who excludes or forgets it."""
    described = {name.partition(" ")[2] for name, _ in operations()}
    known = {route for route, _ in routes() if "openapi" not in route and route != "api/v1/"}
    assert len(known) == len(described), (sorted(known), sorted(described))


def test_no_view_tells_clients_how_it_works():
    """A docstring of a class would be the description of whatever operation has none."""
    assert not {view.__name__ for _, view in routes() if get_doc(view) and view.__module__ != "blogsite.api"}


def examples(thing):
    """Of all media types, parameters and headers: the example and its schema."""
    match thing:
        case {"schema": schema, "example": example}:
            yield schema, example
        case {"schema": schema, "examples": several}:
            yield from ((schema, each["value"]) for each in several.values())
        case {"schema": {"examples": several} as schema}:
            yield from ((schema, each) for each in several)
        case dict():
            for within in thing.values():
                yield from examples(within)
        case list():
            for within in thing:
                yield from examples(within)


def test_every_example_is_as_its_schema_says():
    document = openapi()
    found = list(examples(document))
    assert len(found) > 30
    for schema, example in found:
        validator = Draft202012Validator({**schema, "components": document["components"]})
        assert not [error.message for error in validator.iter_errors(example)], example


def test_what_was_made_or_changed_is_linked_to_what_may_be_done_with_it():
    paths = openapi()["paths"]
    answers = [
        paths["/api/v1/articles/"]["post"]["responses"]["201"],
        paths["/api/v1/articles/{id}/"]["patch"]["responses"]["200"],
        paths["/api/v1/articles/{id}/revisions/{number}/restore/"]["post"]["responses"]["200"],
    ]
    by_id = {operation["operationId"] for operation in paths["/api/v1/articles/{id}/"].values()}
    for answer in answers:
        assert answer["links"].keys() == {*by_id, "list_revisions", "get_revision", "restore_revision"}
        assert answer["links"]["get_article"]["parameters"] == {"id": "$response.body#/id"}
        assert answer["links"]["restore_revision"]["parameters"]["number"] == "$response.body#/version"

"""How the API is described."""

import pytest
from django.core.management import call_command


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.json/"])
def test_the_document_is_json_and_knows_every_path(client, path):
    answer = client.get(path)
    assert answer["Content-Type"] == "application/json"
    document = answer.json()
    assert document["openapi"].startswith("3.")
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
    assert form.keys() == {"application/x-www-form-urlencoded", "multipart/form-data"}


def test_the_document_says_what_is_answered_and_what_may_be_sent(client):
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert schemas["Author"]["properties"]["avatar"]["nullable"]
    assert schemas["Author"]["required"] == sorted(schemas["Author"]["properties"])
    assert {"type": "string", "maxLength": 0} in schemas["Article"]["properties"]["canonical_url"]["oneOf"]
    assert schemas["ImageInput"]["properties"]["file"]["format"] == "binary"
    assert schemas["ArticleInput"]["properties"]["title"]["minLength"] == 1
    for answer, field in (("Article", "summary"), ("Author", "bio")):
        assert "minLength" not in schemas[answer]["properties"][field]
    invalid = document["paths"]["/api/v1/users/me/"]["patch"]["responses"]["400"]["content"]["application/json"][
        "schema"
    ]
    assert invalid["properties"] == {"detail": {"type": "string"}}


def test_the_document_names_the_refusals_of_every_request_that_has_a_body(client):
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                assert {"400", "413", "415"} < operation["responses"].keys(), (method, path)
            if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
                assert "400" in operation["responses"], (method, path)


def test_the_document_is_valid_and_leaves_nothing_to_guess(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_documentation_runs_under_the_policy_of_every_page(client, path):
    answer = client.get(path)
    page = answer.content.decode()
    assert 'data-openapi="/openapi.json"' in page
    assert "//" not in page.replace("<!--", "")
    assert "<script>" not in page
    assert "<style" not in page
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_script_of_an_allowed_origin_may_send_conditions_and_read_what_answers_say(client):
    answer = client.options(
        "/api/v1/articles/1",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,if-match",
        },
    )
    assert answer["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert {"authorization", "if-match"} < set(answer["Access-Control-Allow-Headers"].split(", "))
    assert "PATCH" in answer["Access-Control-Allow-Methods"]
    assert {"ETag", "Link"} < set(answer["Access-Control-Expose-Headers"].split(", "))

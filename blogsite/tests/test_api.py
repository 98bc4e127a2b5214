"""What stands beside the API: its documentation, and what front ends of other origins may do."""

import pytest


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

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

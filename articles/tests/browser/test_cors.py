"""A front end at another origin, in a real browser, which lets no script do what the API does not allow."""

import pytest
from playwright.sync_api import Error as PlaywrightError

pytestmark = pytest.mark.django_db
NAMES = ["ETag", "Link", "RateLimit", "RateLimit-Policy", "X-Total-Count"]
CALL = """async ([api, names]) => {
    const read = await fetch(`${api}/api/v1/articles/?limit=1`, {headers: {"If-None-Match": '"x"'}});
    const headers = {"Authorization": "Bearer x", "Content-Type": "application/json", "Idempotency-Key": '"x"'};
    const refused = await fetch(`${api}/api/v1/articles/`, {method: "POST", headers, body: "{}"});
    const missing = await fetch(`${api}/api/v1/nowhere`);
    return {
        statuses: [read, refused, missing].map((answer) => answer.status),
        seen: names.filter((name) => read.headers.has(name)),
        why: (await refused.json()).detail,
    };
}"""


def test_a_script_of_a_named_origin_calls_the_api_and_reads_its_answers(site, visit, settings):
    front_end = site.replace("127.0.0.1", "localhost")  # another origin, as browsers see it
    settings.CORS_ALLOWED_ORIGINS = [front_end]
    page = visit(f"{front_end}/robots.txt", bypass_csp=True)
    assert page.evaluate(CALL, [site, NAMES]) == {
        "statuses": [200, 401, 404],
        "seen": NAMES,
        "why": "Could not validate credentials",
    }
    settings.CORS_ALLOWED_ORIGINS = ["https://elsewhere.example"]
    with pytest.raises(PlaywrightError, match="Failed to fetch"):
        page.evaluate(CALL, [site, NAMES])

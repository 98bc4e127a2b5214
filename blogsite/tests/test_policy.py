"""The policy that browsers are told with every answer."""

import pytest
from django.http import HttpResponse

from blogsite.policy import HEADER, PolicyMiddleware


@pytest.mark.once
def test_it_is_that_of_the_settings(rf):
    answer = PolicyMiddleware(lambda request: HttpResponse())(rf.get("/"))
    assert answer[HEADER] == (
        "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


@pytest.mark.once
def test_an_answer_may_have_one_of_its_own(rf):
    answer = PolicyMiddleware(lambda request: HttpResponse(headers={HEADER: "sandbox"}))(rf.get("/"))
    assert answer[HEADER] == "sandbox"


@pytest.mark.once
@pytest.mark.parametrize(("debug", "told"), [(True, False), (False, True)])
def test_pages_that_explain_a_mistake_keep_their_style_while_developing(rf, settings, debug, told):
    settings.DEBUG = debug
    answer = PolicyMiddleware(lambda request: HttpResponse(status=500))(rf.get("/"))
    assert (HEADER in answer) == told

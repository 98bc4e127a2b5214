"""What tidying takes away, and what it leaves."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.api.tokens import RefreshToken, exchange, sign_in, sign_out
from accounts.housekeeping import SHOWN_EXPIRED, tidy
from accounts.models import Answer, PersonalToken, Session
from accounts.tests.api.clients import account

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def user():
    return account()


def counts():
    return [model.objects.count() for model in (Session, OutstandingToken, BlacklistedToken)]


def test_a_session_goes_with_the_last_of_its_tokens(user):
    with time_machine.travel(START, tick=False):
        first = str(sign_in(user))
    with time_machine.travel(START + timedelta(days=1), tick=False):
        exchange(first)
        tidy()
        assert counts() == [1, 2, 1]
    end = START + timedelta(days=1, minutes=1) + RefreshToken.lifetime
    with time_machine.travel(end, tick=False):
        tidy()
        assert counts() == [1, 1, 0]
    with time_machine.travel(end + timedelta(seconds=1), tick=False):
        tidy()
        assert counts() == [0, 0, 0]


def test_a_session_that_has_ended_goes(user):
    with time_machine.travel(START, tick=False):
        sign_out(str(sign_in(user)))
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        call_command("tidy")
        assert not Session.objects.exists()


def test_answers_go_when_they_are_not_repeated_any_more(user):
    with time_machine.travel(START, tick=False) as clock:
        Answer.objects.create(user=user, key="key-1", fingerprint="asked")
        for late, left in ((timedelta(hours=24) - timedelta(seconds=1), 1), (timedelta(seconds=1), 0)):
            clock.shift(late)
            tidy()
            assert Answer.objects.count() == left


def test_personal_tokens_go_some_time_after_they_have_expired_and_at_once_with_the_password(user):
    with time_machine.travel(START, tick=False):
        PersonalToken.objects.make(user, name="script", scope="read", days=1)
    last_shown = START + timedelta(days=1, minutes=1) + SHOWN_EXPIRED
    for late, left in ((timedelta(), 1), (timedelta(seconds=1), 0)):
        with time_machine.travel(last_shown + late, tick=False):
            tidy()
            assert PersonalToken.objects.count() == left
    PersonalToken.objects.make(user, name="script", scope="read", days=1)
    user.set_password("staple battery correct horse")
    user.save()
    tidy()
    assert not PersonalToken.objects.exists()

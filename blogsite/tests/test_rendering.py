import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from rest_framework import renderers, serializers
from rest_framework.exceptions import ErrorDetail

from articles.models import Article
from blogsite.rendering import JSONRenderer

pytestmark = pytest.mark.once
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, True, None, 'ä€😀\u2028\u2029"\\/\x00\x1f\x7f']},
        {"title": [ErrorDetail("No.", code="invalid")]},
        {"state": Article.State.LIVE, "words": gettext_lazy("article")},
        {1: "a name that is a number"},
        [2**63, 2**64 - 1, 2**64, 10**30, -(2**70)],
        [uuid.UUID(int=7), Decimal("1.50"), date(2026, 1, 2), time(3, 4)],
        [[], {}, "", 0],
        None,
    ],
)
def test_what_is_rendered_reads_as_that_of_drf_does_byte_for_byte(value):
    assert JSONRenderer().render(value) == renderers.JSONRenderer().render(value)


@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        MOMENT.replace(microsecond=120),
        MOMENT.replace(microsecond=999_999),
        MOMENT.replace(year=1),
        MOMENT.replace(year=9999, microsecond=1),
    ],
)
def test_a_moment_is_rendered_as_a_field_of_a_serializer_has_it(moment):
    field = serializers.DateTimeField(default_timezone=UTC)
    assert JSONRenderer().render(moment) == JSONRenderer().render(field.to_representation(moment))


def test_a_moment_elsewhere_keeps_its_offset():
    moment = MOMENT.astimezone(timezone(timedelta(hours=2)))
    assert JSONRenderer().render(moment) == b'"2026-01-02T05:04:05+02:00"'

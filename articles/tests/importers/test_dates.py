from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from articles.importers import dates
from articles.importers.front_matter import Malformed

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2014-03-12T10:11:00-04:00", "2014-03-12T14:11:00"),
        ("2014-03-12 10:11:00 -0400", "2014-03-12T14:11:00"),
        ("2015-01-08 9:05:00 -5", "2015-01-08T14:05:00"),
        ("2024-12-05T00:00:00.000Z", "2024-12-05T00:00:00"),
        ("2014-03-12 10:11 UTC", "2014-03-12T10:11:00"),
        ("2014/3/2", "2014-03-01T23:00:00"),
        ("2014-07-12", "2014-07-11T22:00:00"),
        ("March 12, 2014", "2014-03-11T23:00:00"),
        ("12 Mar 2014", "2014-03-11T23:00:00"),
        ("12.03.2014", "2014-03-11T23:00:00"),
        ("Wed, 12 Mar 2014 10:11:00 +0100", "2014-03-12T09:11:00"),
    ],
)
def test_dates_are_read_as_people_write_them_in_the_sites_zone_where_they_name_none(text, moment):
    assert dates.parse(text, BERLIN) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["soon", "2014-13-01", "2014-02-30", "2014-03-12 25:00", "0001-01-01", "9999-12-31", "٢٠١٤-٠٣-١٢"]
)
def test_a_date_that_is_none_is_refused_by_name(text):
    with pytest.raises(Malformed, match=f"“{text}”"):
        dates.parse(text, UTC)


@pytest.mark.parametrize("path", ["2015-05-15-hello", "2015/5/15/Rust-1.0", "posts/2015/05/15"])
def test_a_path_tells_the_date(path):
    assert dates.in_path(path, UTC) == datetime(2015, 5, 15, tzinfo=UTC)


@pytest.mark.parametrize("path", ["hello", "posts/2015", "v2015-05-15b", "12015/05/15/x"])
def test_a_path_without_a_date_tells_none(path):
    assert dates.in_path(path, UTC) is None

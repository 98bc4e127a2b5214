"""Dates as the heads and the names of files write them."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from articles.importers.front_matter import Malformed

ISO = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:(?:T|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?:(?P<utc>Z|UTC|GMT)|(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?)?",
    re.IGNORECASE | re.ASCII,
)
SPOKEN = ["%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y"]
IN_PATH = re.compile(r"(?:^|/)(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?=[-_ /]|$)", re.ASCII)
YEARS = range(1000, 9000)  # outside of them, another time zone can lead off the calendar


def parse(text: str, zone: tzinfo) -> datetime:
    """“2014-03-12 9:05 -5”, “12 March 2014”, “Wed, 12 Mar 2014 09:05 GMT”; in `zone` unless it names one."""
    try:
        match = ISO.fullmatch(text.strip())
        found = _from_iso(match) if match else _from_words(text)
    except (ValueError, TypeError, OverflowError) as error:
        raise Malformed(f"its date “{text[:80]}” cannot be read; write it as 2014-03-12 09:05:00 +0100") from error
    if found.year not in YEARS:
        raise Malformed(f"its date “{text[:80]}” lies outside of the calendar")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def in_path(path: str, zone: tzinfo) -> datetime | None:
    """The date that a path names: 2014-03-12-hello.md, 2014/03/12/hello."""
    match = IN_PATH.search(path)
    return parse(f"{match[1]}-{match[3]}-{match[4]}", zone) if match else None


def _from_iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(match[part] or 0) for part in list(ISO.groupindex)[:6])
    return datetime(year, month, day, hour, minute, second, tzinfo=_offset(match))


def _offset(match: re.Match[str]) -> tzinfo | None:
    if match["utc"] or not match["sign"]:
        return UTC if match["utc"] else None
    ahead = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return timezone(ahead if match["sign"] == "+" else -ahead)


def _from_words(text: str) -> datetime:
    for form in SPOKEN:
        try:
            return datetime.strptime(text.strip(), form)
        except ValueError:
            continue
    return parsedate_to_datetime(text)

"""What may stand in an address, so that no view is asked for what can't be."""

from django.urls.converters import IntConverter


class UsernameConverter:
    regex = r"[A-Za-z0-9_.+-]{1,50}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class YearConverter(IntConverter):
    regex = "[12][0-9]{3}"  # at the ends of the calendar a change of time zone leaves it


class MonthConverter(IntConverter):
    regex = "0?[1-9]|1[0-2]"

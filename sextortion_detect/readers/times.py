"""Times as exports print them: naive where they are local, aware where they bear a zone or count from the epoch."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Seconds since 1970 of our days have 10 digits; a number a thousand times as large counts in thousandths.
_LONGEST_NUMBER: Final = 30  # characters
_PER_SECOND: Final = ((10**11, 1), (10**14, 1_000), (10**17, 1_000_000), (10**20, 1_000_000_000))


def from_any(value: Any) -> datetime | None:
    """The time that a cell of a table holds: a `datetime`, ISO 8601 text, or a number since 1970.

    Whether a number counts seconds, milliseconds, microseconds or nanoseconds shows in its size.

    >>> from_any("2024-03-15 21:41:07"), from_any("1710538867").isoformat()
    (datetime.datetime(2024, 3, 15, 21, 41, 7), '2024-03-15T21:41:07+00:00')
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        value = value.strip()
        parsed = from_iso(value)
        if parsed is not None or not value.replace(".", "", 1).isdecimal() or len(value) > _LONGEST_NUMBER:
            return parsed
        value = float(value) if "." in value else int(value)
    if isinstance(value, Decimal):  # as numbers with a fraction come out of JSON
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for limit, per_second in _PER_SECOND:
        if abs(value) < limit:
            return _from_epoch(value, per_second)
    return None


def from_day_and_clock(day: Any, clock: Any) -> datetime | None:
    """The time whose day and clock stand in cells of their own, in the forms of ISO 8601 or of a spreadsheet.

    >>> from_day_and_clock("2024-03-15", "9:41")
    datetime.datetime(2024, 3, 15, 9, 41)
    """
    hour, _, rest = str(clock).strip().partition(":")
    return from_iso(f"{str(day).strip()[:10]} {hour:0>2}:{rest}")


def from_iso(text: Any) -> datetime | None:
    """The time of an ISO 8601 text with at least a date and a minute, with its zone if it has one; else None.

    >>> from_iso("2024-03-15T21:41:07+03:00").utcoffset(), from_iso("20240315"), from_iso("?")
    (datetime.timedelta(seconds=10800), None, None)
    """
    if not isinstance(text, str) or len(text) < len("2024-03-15T21:41"):
        return None
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text)
    except ValueError:
        return None


def from_mail(text: str) -> datetime | None:
    """The time that a text tells as the header of a mail does, with its zone; else None.

    >>> from_mail("Fri, 15 Mar 2024 21:41:07 +0300").isoformat(), from_mail("unknown")
    ('2024-03-15T21:41:07+03:00', None)
    """
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # of a year that no clock has
        return None


def _from_epoch(number: float, per_second: int) -> datetime | None:
    try:
        # Whole seconds and the rest apart: a float has too few digits for both.
        seconds, rest = divmod(number, per_second)
        return _EPOCH + timedelta(seconds=seconds, microseconds=rest * 1_000_000 / per_second)
    except (OverflowError, ValueError):
        return None

"""When a server asks for patience: the Retry-After header."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_S = 7 * 24 * 3600  # longer is a mistake or a wish to be left alone; both are looked at again after a week
_MAX_DIGITS = 10


def retry_after_s(header: str | None, now: datetime) -> int | None:
    """Seconds to wait, 0 to 7 days, from a number of seconds or an HTTP date (RFC 9110, 10.2.3); None: says nothing."""
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value), _MAX_S) if len(value) <= _MAX_DIGITS else _MAX_S
    until = _http_date(value)
    if until is None:
        return None
    return min(max(0, round((until - now).total_seconds())), _MAX_S)


def _http_date(value: str) -> datetime | None:
    """Any of the three forms of RFC 9110, 5.6.7; without a zone it is UTC."""
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)

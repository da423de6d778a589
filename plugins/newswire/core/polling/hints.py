"""What publishers say about polling, taken as what it is: the least distance between two polls, never a reason to poll."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from newswire.core import hosts
from newswire.records import Hints, HttpResponse

_HOUR_S = 3600
_MAX_AGE_CAP_S = 6 * _HOUR_S  # some sites give every file of theirs a year
_TTL_CAP_S = 24 * _HOUR_S
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[\s,])no-(?:cache|store)\b", re.IGNORECASE)
_WEEK_H = 7 * 24


def max_age_s(reply: HttpResponse) -> int | None:
    """How long the answer stays fresh (RFC 9111, 4.2); None: it does not say, or says that it does not."""
    control = reply.header("Cache-Control") or ""
    if _NOT_KEPT.search(control):
        return None
    if found := _MAX_AGE.search(control):
        return max(0, int(found[1]) - _age_s(reply))
    expires, date = _http_date(reply.header("Expires")), _http_date(reply.header("Date"))
    return max(0, int((expires - date).total_seconds())) if expires and date else None


def _age_s(reply: HttpResponse) -> int:
    """Seconds that a cache on the way has kept the answer."""
    age = (reply.header("Age") or "").strip()
    return int(age) if age.isascii() and age.isdigit() and len(age) < len("1000000000") else 0


def _http_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else None


def floor_s(hints: Hints, host: str) -> int:
    """The least seconds between two polls that the publisher asks for."""
    return max(min(hints.max_age_s or 0, _MAX_AGE_CAP_S), min(hints.ttl_s or 0, _TTL_CAP_S), hosts.floor_s(host))


def until_allowed_s(hints: Hints, moment: datetime) -> int:
    """Seconds from a moment to the first hour that `skipHours` and `skipDays` (both GMT) leave; 0: it is allowed.

    A feed that skips the whole week is taken not to mean it.
    """
    if _is_allowed(hints, moment):
        return 0
    hour = moment.replace(minute=0, second=0, microsecond=0)
    ahead = (hour + timedelta(hours=hours) for hours in range(1, _WEEK_H + 1))
    first = next((later for later in ahead if _is_allowed(hints, later)), moment)
    return int((first - moment).total_seconds())


def _is_allowed(hints: Hints, moment: datetime) -> bool:
    return not (hints.skip_hours >> moment.hour & 1 or hints.skip_days >> moment.weekday() & 1)

"""What a feed says about when to ask for it: RSS skipHours and skipDays, and the syndication module's updatePeriod."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from newswire.records import ParsedFeed

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = 24
_DAY_S = 86_400
_PERIODS_S = {
    "hourly": 3600,
    "daily": _DAY_S,
    "weekly": 7 * _DAY_S,
    "monthly": 30 * _DAY_S,
    "yearly": 365 * _DAY_S,
}
_LIST = re.compile(r"<skip(?:Hours|Days)\b[^>]*>(.{0,4000}?)</skip(?:Hours|Days)", re.IGNORECASE | re.DOTALL)
_PLACE = re.compile(r"<(hour|day)\b[^>]*>\s*(\w{1,9})\s*<", re.IGNORECASE)
_PERIOD = re.compile(r"<(?:\w+:)?updatePeriod\b[^>]*>\s*(\w+)", re.IGNORECASE)
_FREQUENCY = re.compile(r"<(?:\w+:)?updateFrequency\b[^>]*>\s*([1-9]\d{0,3})\b", re.IGNORECASE)


def with_timing(feed: ParsedFeed, xml: str) -> ParsedFeed:
    """The feed with what its document says about polling."""
    places = [(kind.lower(), said.lower()) for part in _LIST.finditer(xml) for kind, said in _PLACE.findall(part[1])]
    return replace(
        feed,
        period_s=_period_s(xml),
        skip_hours=_bits(int(said) % _HOURS for kind, said in places if kind == "hour" and _is_hour(said)),
        skip_days=_bits(_DAYS.index(said) for kind, said in places if kind == "day" and said in _DAYS),
    )


def _is_hour(said: str) -> bool:
    """0 to 23, and the 24 that RSS 0.91 called midnight."""
    return said.isascii() and said.isdigit() and int(said) <= _HOURS


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in set(places))


def _period_s(xml: str) -> int | None:
    period = _PERIOD.search(xml)
    seconds = _PERIODS_S.get(period[1].lower()) if period else None
    if seconds is None:
        return None
    frequency = _FREQUENCY.search(xml)
    return seconds // (int(frequency[1]) if frequency else 1)

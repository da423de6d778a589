"""How often a feed brings something: learnt from what it brought, forgotten over two weeks, with the hours of its week.

The rate is the mean of a Gamma distribution: `items` seen over `days` of attention, both fading with a time constant of
14 days towards a weak prior. The profile spreads it over 48 bins, the hours of working days and of weekends in UTC,
shrunk towards a flat week with the weight of 36 items. `squares` are the squared differences between what came and what
was expected: divided by the items they are 1 for a feed that publishes at random, and more for one that comes in batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import exp, sqrt

from newswire.records import Entry, Rate

_MEMORY_DAYS = 14.0
_PRIOR_ITEMS, _PRIOR_DAYS = 0.5, 0.25
_PRIOR_SCATTER = 2.0
_MOST_UNSEEN = 10.0  # times what an overflowing document shows
_FLAT_ITEMS = 36.0  # weight of the flat week in the profile
_SATURDAY = 5
_HOURS = 24
_WEEK_H = 168
_SHARES = (5 / _WEEK_H,) * _HOURS + (2 / _WEEK_H,) * _HOURS  # of the week in each bin
_DAY_S = 86_400.0
_HOUR_MIN = 60.0
_DAY_MIN = 1440.0
_CLOCK_TOLERANCE = timedelta(minutes=10)


def seeded(moments: Sequence[datetime], *, now: datetime, period_s: int | None = None) -> Rate:
    """The rate that the dates of a first document show; `period_s`, how often the feed says it is updated, is only a prior.

    The prior says little, so that ten items of the last half hour are a wire: what a burst pretends is forgotten in hours.
    """
    past = [moment for moment in moments if moment <= now + _CLOCK_TOLERANCE]
    ages = [max(0.0, _days(now - moment)) for moment in past]
    prior_days = _PRIOR_DAYS if period_s is None else _PRIOR_ITEMS * period_s / _DAY_S
    items = _PRIOR_ITEMS + sum(_kept(age) for age in ages)
    return Rate(
        items=items,
        days=max(prior_days + _MEMORY_DAYS * (1 - _kept(max(ages, default=0.0))), 1 / _DAY_MIN),
        hours=_counted((0.0,) * len(_SHARES), past, 1.0),
        squares=_PRIOR_SCATTER * items,
        at=now,
    )


def observed(rate: Rate, *, new: int, moments: Sequence[datetime], now: datetime, overflowed: bool = False) -> Rate:
    """The rate after a poll that brought `new` items; `moments` are those of their dates that can be believed.

    Of a window that `overflowed` it counts what must have come since the last poll, at the pace that its dates show.
    """
    arrived = _arrived(rate, new, moments, now) if overflowed else float(new)
    kept = _kept(max(0.0, _days(now - rate.at)))
    surprise = arrived - expected_items(rate, rate.at, now)
    fading = tuple(count * kept for count in rate.hours)
    return Rate(
        items=rate.items * kept + arrived + _PRIOR_ITEMS * (1 - kept),
        days=rate.days * kept + _MEMORY_DAYS * (1 - kept),
        hours=_counted(fading, [*moments, *[now] * (new - len(moments))], arrived / max(new, 1)),
        squares=rate.squares * kept + surprise**2 + _PRIOR_SCATTER * _PRIOR_ITEMS * (1 - kept),
        at=now,
    )


def moments(entries: Sequence[Entry], since: datetime | None, now: datetime) -> list[datetime]:
    """The dates that say at which hour a feed brings news: to the minute, and of the time that was not looked at."""
    return [
        entry.published_at
        for entry in entries
        if entry.published_at is not None
        and entry.date_quality in {"exact", "tz_assumed"}
        and (since is None or since <= entry.published_at <= now)
    ]


def _arrived(rate: Rate, new: int, moments: Sequence[datetime], now: datetime) -> float:
    shown = _days(now - min(moments, default=rate.at))
    return new * min(max(_days(now - rate.at) / shown, 1.0), _MOST_UNSEEN) if shown > 0 else float(new)


def scatter(rate: Rate) -> float:
    """Variance by mean of what a poll brings: 1 for items that come at random, and not believed to be less."""
    return max(1.0, rate.squares / rate.items)


def expected_items(rate: Rate, since: datetime, until: datetime) -> float:
    """How many items the feed should have brought in a time."""
    return sum(length * per_min for _, length, per_min in _hours_ahead(rate, since, _days(until - since) * _DAY_MIN))


def minutes_until_items(rate: Rate, items: float, *, now: datetime, most_min: float) -> float:
    """When so many new items are to be expected; at most `most_min`."""
    expected = 0.0
    for start, length, per_min in _hours_ahead(rate, now, most_min):
        if expected + length * per_min >= items:
            return start + max(0.0, items - expected) / per_min
        expected += length * per_min
    return most_min


def minutes_until_delay(rate: Rate, price: float, *, now: datetime, most_min: float) -> float:
    """When the delays of the items to be expected add up to `price` minutes; at most `most_min`.

    Items that come evenly wait half the time each: the sum after t minutes is expected(t) * t / 2. Asking whenever it
    reaches the same price for every feed is what spends a number of polls best, and makes intervals go with the inverse
    square root of the rate.
    """
    expected = 0.0
    for start, length, per_min in _hours_ahead(rate, now, most_min):
        if (expected + length * per_min) * (start + length) / 2 >= price:
            return start + _root(per_min, expected + per_min * start, expected * start - 2 * price)
        expected += length * per_min
    return most_min


def _root(a: float, b: float, c: float) -> float:
    """The positive solution of ax² + bx + c = 0, for a > 0, b >= 0, c <= 0; in the form that loses no digits."""
    return max(0.0, -2 * c / (b + sqrt(b * b - 4 * a * c)))


def _hours_ahead(rate: Rate, begin: datetime, minutes: float) -> Iterator[tuple[float, float, float]]:
    """The hours of the clock from a moment on: minutes since then, length in minutes, items to expect per minute."""
    profile = _per_minute(rate)
    start, length = 0.0, _HOUR_MIN - begin.minute - begin.second / 60
    while start < minutes:
        length = min(length, minutes - start)
        yield start, length, profile[_bin(begin + timedelta(minutes=start))]
        start, length = start + length, _HOUR_MIN


def _per_minute(rate: Rate) -> tuple[float, ...]:
    mean = rate.items / rate.days / _DAY_MIN
    flat = _FLAT_ITEMS * scatter(rate)
    weight = sum(rate.hours) + flat
    return tuple(mean * (count / share + flat) / weight for count, share in zip(rate.hours, _SHARES, strict=True))


def _counted(hours: tuple[float, ...], moments: Sequence[datetime], weight: float) -> tuple[float, ...]:
    counts = list(hours)
    for moment in moments:
        counts[_bin(moment)] += weight
    return tuple(counts)


def _bin(moment: datetime) -> int:
    return moment.hour + (_HOURS if moment.weekday() >= _SATURDAY else 0)


def _kept(days: float) -> float:
    """What is left of a memory after so many days."""
    return exp(-days / _MEMORY_DAYS)


def _days(time: timedelta) -> float:
    return time.total_seconds() / _DAY_S

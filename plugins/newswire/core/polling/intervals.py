"""The interval that a rate calls for: the square-root law, and the window that must not overflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import exp, expm1

from newswire.core.polling.budget import DEFAULT_PRICE
from newswire.core.polling.rates import minutes_until_delay, minutes_until_items, scatter
from newswire.records import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """The bounds of polling, in seconds, and the price of a poll in minutes of delay."""

    floor_s: int = 5 * 60
    cap_s: int = 24 * 3600
    error_cap_s: int = 24 * 3600
    price: float = DEFAULT_PRICE


_SURE = 11.5  # a window overflows once in e^11.5 = 100,000 polls: at 250 polls a day, once a year ...
_DEAR = 100.0  # ... up to this price. Beyond it certainty for the fastest feeds would leave nothing for the others
_OVERFLOW_SHARE = 0.9  # of the document is new: the window has all but moved past what was seen last
_FEWEST_IN_A_WINDOW = 2
_STEPS = 20  # of Newton: more change nothing, down to a doubt of 1e-8


def interval_s(
    rate: Rate,
    *,
    window_items: int | None,
    now: datetime,
    policy: PollPolicy,
    courtesy_s: float = 0,
    overflowed: bool = False,
) -> float:
    """Until the delays of the items to be expected add up to the price of a poll; at most the cap.

    `courtesy_s` is the least of our own accord. Before all, the window must not overflow: nothing that was published is
    missed for a price or for courtesy. When it has, the interval is halved.
    """
    most_min = policy.cap_s / 60
    price_s = 60 * minutes_until_delay(rate, policy.price, now=now, most_min=most_min)
    wanted_s = max(price_s, min(courtesy_s, policy.cap_s))
    if window_items:
        safe = safe_items(window_items, scatter(rate), price=policy.price)
        wanted_s = min(wanted_s, 60 * minutes_until_items(rate, safe, now=now, most_min=most_min))
    return wanted_s / 2 if overflowed else wanted_s


def safe_items(window_items: int, scatter: float, *, price: float) -> float:
    """How many items may be expected so that more than the window holds are most unlikely to come.

    Items come at random, `scatter` of them at a time. Chernoff: where `share` of k events are expected, k come with a
    probability of at most e^(-k * (share - 1 - ln share)). Not fewer than one, or half of the window if that is less: no
    interval makes a window of one item safe.
    """
    too_many = window_items + 1
    doubt = _SURE / max(1.0, price / _DEAR) * scatter / too_many
    return min(max(_share(doubt) * too_many, min(1.0, window_items / 2)), window_items)


def _share(doubt: float) -> float:
    """The solution below 1 of share - 1 - ln share = doubt: Newton's steps for its logarithm, from the left."""
    y = -1.0 - doubt
    for _ in range(_STEPS):
        y -= (expm1(y) - y - doubt) / expm1(y)
    return exp(y)


def has_overflowed(*, new: int, items: int) -> bool:
    """Whether so much of a document is new that something may have come and gone unseen."""
    return new >= max(_FEWEST_IN_A_WINDOW, _OVERFLOW_SHARE * items)

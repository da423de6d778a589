"""The interval that a rate calls for: the square-root law, and the window that must not overflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

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


_SURE = 4.0  # standard deviations between what is expected and what the window holds; fewer ...
_DEAR = (
    300.0  # ... from about this price on: with so small a budget certainty for some would leave nothing for the others
)
_OVERFLOW_SHARE = 0.9  # of the document is new: the window has all but moved past what was seen last
_FEWEST_IN_A_WINDOW = 2


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

    The m with m + sure * sqrt(scatter * m) = window. It must not fall below one, or half of the window if that is less: no
    interval makes a window of one item safe.
    """
    spread = _SURE / (1 + price / _DEAR) * sqrt(scatter)
    root = (sqrt(spread * spread + 4 * window_items) - spread) / 2
    return max(root * root, min(1.0, window_items / 2))


def has_overflowed(*, new: int, items: int) -> bool:
    """Whether so much of a document is new that something may have come and gone unseen."""
    return new >= max(_FEWEST_IN_A_WINDOW, _OVERFLOW_SHARE * items)

"""The budget: what one poll may cost in minutes of delay, so that all polls together are as many as the user allows."""

from __future__ import annotations

DEFAULT_PRICE = (
    3.3  # minutes; on the captured feeds 29 polls a day and feed, and news within 8 minutes (`make bench-polling`)
)
_LEAST, _MOST = 0.01, 10_000.0
_BOLDEST = 4.0  # an hour's step: what an hour shows is not all there is


def next_price(price: float, *, polls_per_minute: float, budget: float) -> float:
    """The price for the next hour. Polls go with its inverse square root: twice too many polls, four times the price."""
    factor = (polls_per_minute / budget) ** 2
    return min(max(price * min(max(factor, 1 / _BOLDEST), _BOLDEST), _LEAST), _MOST)

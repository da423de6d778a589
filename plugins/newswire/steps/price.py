"""Set the price of a poll once an hour, so that the polls are as many as the user allows."""

from __future__ import annotations

from newswire.core.polling import DEFAULT_PRICE, next_price
from newswire.warehouse import budget
from newswire.warehouse.connection import Conn

_HOUR_S = 3600


def price(conn: Conn, *, polls_per_minute: float | None) -> float:
    """Minutes of delay that a poll may cost now; `polls_per_minute` is the user's budget (None: no limit set)."""
    if polls_per_minute is None:
        return DEFAULT_PRICE
    with conn.transaction():
        known = budget.price(conn)
        if known is not None and known.age_s < _HOUR_S:
            return known.price
        value = (
            DEFAULT_PRICE
            if known is None
            else next_price(known.price, polls_per_minute=known.polls / 60, budget=polls_per_minute)
        )
        budget.set_price(conn, value, polls_per_minute=polls_per_minute)
    return value

"""The price of a poll, by which the budget of polls is kept."""

from __future__ import annotations

from newswire.records import Price
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def price(conn: Conn) -> Price | None:
    """As last set; None: never. Locks it until the caller's transaction ends."""
    return next(iter(rows(conn, "budget.price", Price)), None)


def set_price(conn: Conn, value: float, *, polls_per_minute: float) -> None:
    """The price from now on, and the budget that it serves."""
    run(conn, "budget.set_price", price=value, polls_per_minute=polls_per_minute)

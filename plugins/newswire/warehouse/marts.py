"""Rollups that analysts read, made from the facts by touched day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from newswire.records import Day
from newswire.warehouse import work
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows


def touch(conn: Conn, days: Iterable[date], *, delay_s: float) -> None:
    """Ask for the rollups of these days, soon but not at once: more articles of the day are likely on their way."""
    work.ask(conn, "publish", sorted(day_key(day) for day in days), delay_s=delay_s)


def publish(conn: Conn, days: Sequence[date]) -> list[date]:
    """Make the rollups of these days again; returns those that say something else now."""
    return [found.day for found in rows(conn, "marts.roll_up_days", Day, days=list(days))]


def days(conn: Conn) -> list[date]:
    """Every day that has an article, oldest first: all that there is to roll up."""
    return [found.day for found in rows(conn, "marts.days", Day)]


def day_key(day: date) -> int:
    """The work key of a day: 2026-11-25 is 20261125."""
    return int(day.strftime("%Y%m%d"))


def day_of(key: int) -> date:
    """The day of a work key."""
    return datetime.strptime(str(key), "%Y%m%d").date()  # noqa: DTZ007  a day has no zone

"""Recheck: ask for young articles again whose time has come, within a budget. The fetch stage does the asking."""

from __future__ import annotations

from newswire.records import StepReport
from newswire.warehouse import pages
from newswire.warehouse.connection import Conn

EVERY_MIN = 5  # how often this is called, and so how long the budget of one call has to last


def recheck(conn: Conn, *, per_minute: float) -> StepReport:
    """Turn due looks into work for fetch; never more wait than the budget allows until the next call. 0: none at all."""
    asked = pages.ask_again(conn, limit=round(per_minute * EVERY_MIN)) if per_minute else []
    return StepReport(seen=len(asked), changed=len(asked))

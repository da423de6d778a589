"""Recheck: ask for young articles again whose time has come, within a budget. The fetch stage does the asking."""

from __future__ import annotations

from newswire.records import StepReport
from newswire.warehouse import pages
from newswire.warehouse.connection import Conn


def recheck(conn: Conn, *, per_minute: float, every_min: float) -> StepReport:
    """Turn due looks into work for fetch; no more wait than the budget allows until the next call, `every_min` later. 0: none."""
    asked = pages.ask_again(conn, limit=round(per_minute * every_min)) if per_minute else []
    return StepReport(seen=len(asked), changed=len(asked))

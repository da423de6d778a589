"""Publish marts: make the rollups of touched days again, and have the alerts look that are about articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newswire.records import Batch, Done, StepReport, Verdict
from newswire.warehouse import alerts, marts, work
from newswire.warehouse.connection import Conn

BATCH = 20  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    key: int
    verdict: Verdict


def publish(conn: Conn, batch: Batch) -> StepReport:
    """Make the rollups of these days (work keys: 20261125) from the facts. A rebuild asks nobody for anything.

    Every batch that tags touches days: none of them waits for a rollup under way (measured: seconds where there are 100,000 articles).
    """
    days = [_Day(key=key, verdict=Done(key=key)) for key in batch.keys]
    return work.settle(conn, batch, days, _roll_up if batch.lease is None else _publish, asked_meanwhile=True)


def _publish(conn: Conn, days: Sequence[_Day]) -> StepReport:
    alerts.ask(conn, "articles")
    return _roll_up(conn, days)


def _roll_up(conn: Conn, days: Sequence[_Day]) -> StepReport:
    changed = marts.publish(conn, [marts.day_of(day.key) for day in days])
    return StepReport(
        seen=len(days), changed=len(changed), unchanged=len(days) - len(changed), outcomes={"days": len(days)}
    )

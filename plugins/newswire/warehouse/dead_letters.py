"""Dead letters: work that failed for good, kept with its cause until it is replayed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from newswire.core.versions import MADE_BY
from newswire.records import STAGES, DeadLetter, DeadStage, Replayed, Stage, StepReport
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows


def listed(
    conn: Conn,
    *,
    stage: DeadStage | None = None,
    cause: str | None = None,
    since: datetime | None = None,
    limit: int = 1000,
) -> list[DeadLetter]:
    """Dead letters, newest first. None: any."""
    return rows(conn, "dead_letters.listed", DeadLetter, stage=stage, cause=cause, since=since, limit=limit)


def replay(
    conn: Conn,
    stages: Sequence[Stage] = STAGES,
    *,
    cause: str | None = None,
    since: datetime | None = None,
    dry_run: bool = False,
) -> StepReport:
    """Turn dead letters back into work; the outcomes count them by stage and cause. A dry run counts and writes nothing."""
    with conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return sum((_replay(conn, stage, cause=cause, since=since) for stage in stages), StepReport())


def replay_outdated(conn: Conn) -> StepReport:
    """Turn those back into work that another version of the code has given up: what failed then may be mended now."""
    return sum((_replay(conn, stage, not_made_by=MADE_BY[stage]) for stage in STAGES), StepReport())


def _replay(
    conn: Conn, stage: Stage, *, cause: str | None = None, since: datetime | None = None, not_made_by: str | None = None
) -> StepReport:
    replayed = rows(
        conn, "dead_letters.replay", Replayed, stage=stage, cause=cause, since=since, not_made_by=not_made_by
    )
    reports = (StepReport(seen=1, changed=1, outcomes={f"{stage} {letter.cause}": 1}) for letter in replayed)
    return sum(reports, StepReport())

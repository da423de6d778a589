"""Rebuilds: what a stage's results say in words, before and after, and the log of what was rebuilt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from newswire.records import Fact, Rebuild, Rebuilt, Stage
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def facts(conn: Conn, stage: Stage, keys: Sequence[int]) -> list[Fact]:
    """What the results of a stage say about these keys now."""
    return rows(conn, f"rebuilds.facts_of_{stage}", Fact, keys=list(keys))


def record(conn: Conn, rebuild: Rebuild, rebuilt: Rebuilt, *, asked_by: str) -> None:
    """Keep what a rebuild came to (`mart.rebuilds`)."""
    report = rebuilt.report
    run(
        conn,
        "rebuilds.record",
        day=rebuild.day,
        stage=rebuild.stage,
        asked_by=asked_by,
        scope=json.dumps(rebuild.scope_dict(), ensure_ascii=False),
        dry_run=rebuild.dry_run,
        seen=report.seen,
        changed=report.changed,
        unchanged=report.unchanged,
        failed=report.failed,
        changes=json.dumps([asdict(change) for change in rebuilt.changes], ensure_ascii=False),
    )

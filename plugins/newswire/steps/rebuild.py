"""Rebuild a day: the same steps as live, over the day's own list of keys, from the archive and the stored text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

from newswire.records import Batch, Stage, StepReport, WorkItem
from newswire.warehouse.connection import Conn

_BATCH = 200
REBUILDABLE: tuple[Stage, ...] = ("extract", "group", "tag", "publish")


def rebuild(
    conn: Conn, stage: Stage, keys: Sequence[int], step: Callable[[Conn, Batch], StepReport], *, dry_run: bool = False
) -> StepReport:
    """Run one step over a list of keys; touches no work row of its stage.

    A dry run is the same step with the write rolled back and the report kept.
    """
    with conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return sum((step(conn, batch) for batch in _batches(stage, keys)), StepReport())


def _batches(stage: Stage, keys: Sequence[int]) -> list[Batch]:
    items = [WorkItem(key=key, mark=0, attempts=0) for key in keys]
    return [Batch(stage=stage, items=tuple(items[at : at + _BATCH])) for at in range(0, len(items), _BATCH)]

"""The life of a work row: asked, claimed, settled. One discipline for every stage.

due -> leased -> done (deleted, with the result and the next stage's work in one transaction)
         |-> due again: a transient failure, or asked for again meanwhile, or the holder is gone
         `-> dead letter: a permanent failure, or attempts used up
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import psycopg

from newswire.core.hosts import gap_s as host_gap_s
from newswire.core.retries import max_attempts, retry_delay_s
from newswire.core.versions import MADE_BY
from newswire.records import (
    LIVE,
    Again,
    Batch,
    Dead,
    Done,
    HeldKey,
    NextDue,
    PickedKey,
    Queue,
    Stage,
    StepReport,
    Verdict,
    WorkItem,
)
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

LEASE_S = 120  # seconds; only a holder that hangs keeps it so long, a dead one loses its rows at once

# What the server says of one row's values, as opposed to what it says of itself (out of space, shutting down, deadlock).
_BAD_ROW = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
    UnicodeEncodeError,
)


class Result(Protocol):
    """Anything that a step wants to write: what it is about and how it ended."""

    @property
    def verdict(self) -> Verdict: ...


R = TypeVar("R", bound=Result)


def hold(conn: Conn) -> int:
    """Show this session to be alive: rows claimed under the returned number are free again when the session ends."""
    holder = secrets.randbelow(2**31 - 1) + 1
    run(conn, "work.hold", holder=holder)
    run(conn, "work.count_again")
    return holder


def claim(conn: Conn, stage: Stage, *, holder: int, limit: int, per_lane: int = 1_000_000) -> Batch | None:
    """Lease due rows of a stage in a short transaction of its own; None when nothing can be claimed now."""
    lease = f"{holder}:{secrets.token_hex(8)}"
    with conn.transaction():
        run(conn, "work.lock_claims", stage=stage)
        _bury_poisoned(conn, stage)
        keys = [row.key for row in _picked(conn, stage, limit=limit, per_lane=per_lane)]
        holding = {"holder": holder, "lease": lease, "lease_s": LEASE_S}
        items = rows(conn, "work.lease", WorkItem, stage=stage, keys=keys, **holding) if keys else []
    return Batch(stage=stage, items=tuple(sorted(items, key=lambda item: item.key)), lease=lease) if items else None


def _picked(conn: Conn, stage: Stage, *, limit: int, per_lane: int) -> list[PickedKey]:
    """One suspect alone, else what is due."""
    suspect = rows(conn, "work.pick_suspect", PickedKey, stage=stage, max_attempts=max_attempts(stage))
    return suspect or rows(conn, "work.pick", PickedKey, stage=stage, limit=limit, per_lane=per_lane)


def settle(
    conn: Conn,
    batch: Batch,
    results: Sequence[R],
    write: Callable[[Conn, Sequence[R]], StepReport],
    *,
    asked_meanwhile: bool = False,
) -> StepReport:
    """Write results and close their work rows in one transaction; a stale lease writes nothing.

    When the warehouse refuses a row, the batch is bisected: the row becomes a dead letter, the others are written.
    `write` stores what it is given and returns its counts. Its rows are held from the beginning, so that whoever asks for
    one of them waits; where writing takes seconds and many ask (`asked_meanwhile`), they are held after it only.
    """
    if not results:
        return StepReport()
    try:
        with conn.transaction() as attempt:
            mine = results if asked_meanwhile else _still_ours(conn, batch, results)
            report = write(conn, mine) if mine else StepReport()
            if asked_meanwhile and len(_still_ours(conn, batch, results)) < len(results):
                raise psycopg.Rollback(attempt)
            _close(conn, batch, [result.verdict for result in mine])
            return report + StepReport(skipped=len(results) - len(mine))
        return settle(conn, batch, results, write)  # some are not ours any more
    except _BAD_ROW as error:
        if len(results) == 1:
            return _refuse(conn, batch, results[0].verdict.key, error)
    middle = len(results) // 2
    halves = (results[:middle], results[middle:])
    first, second = (settle(conn, batch, half, write, asked_meanwhile=asked_meanwhile) for half in halves)
    return first + second


def ask(
    conn: Conn,
    stage: Stage,
    keys: Sequence[int],
    *,
    lanes: Sequence[str] | None = None,
    delay_s: float = 0,
    priority: int = LIVE,
) -> None:
    """Ask for work, in the caller's transaction: with the facts that call for it, or not at all."""
    if keys:
        lanes = lanes and list(lanes)
        run(conn, "work.ask", stage=stage, keys=list(keys), lanes=lanes, delay_s=delay_s, priority=priority)


def pass_on(conn: Conn, stage: Stage, priorities: Mapping[int, int]) -> None:
    """Ask for work, each key with the priority of the work that it follows from: what bulk work leaves is bulk work."""
    for priority in sorted(set(priorities.values())):
        ask(conn, stage, [key for key, its in priorities.items() if its == priority], priority=priority)


def release(conn: Conn, batch: Batch, keys: Sequence[int]) -> None:
    """Give back claimed rows that were not begun."""
    if batch.lease and keys:
        run(conn, "work.release", stage=batch.stage, keys=list(keys), lease=batch.lease)


def next_due_s(conn: Conn, stage: Stage) -> float | None:
    """Seconds until a row of the stage is due; None when there is none."""
    return rows(conn, "work.next_due", NextDue, stage=stage)[0].seconds


def drop(conn: Conn, batch: Batch, keys: Sequence[int], *, due_in_s: float | None = None) -> StepReport:
    """Close rows that turned out to need nothing: their subject is paused or not there (any more)."""
    idle = [_Idle(verdict=Done(key=key, due_in_s=due_in_s)) for key in keys]
    return settle(conn, batch, idle, lambda _, some: StepReport(skipped=len(some)))


def queues(conn: Conn) -> list[Queue]:
    """Every stage at a glance, in the order of the flow."""
    return rows(conn, "work.queues", Queue)


def block_hosts(conn: Conn, seconds: dict[str, float]) -> None:
    """Leave hosts alone for a while, because they asked for it."""
    if seconds:
        run(conn, "work.block_hosts", hosts=list(seconds), seconds=list(seconds.values()))


def pace_hosts(conn: Conn, hosts: Sequence[str], *, gap_s: float) -> None:
    """Set the earliest next request to hosts that have just been asked, for every worker; `gap_s` is the least."""
    keep_distance(conn, {host: gap for host in hosts if (gap := host_gap_s(host, gap_s)) > 0})


def keep_distance(conn: Conn, seconds: dict[str, float]) -> None:
    """The same with a distance for each host, such as the crawl delay it asks for."""
    if seconds:
        run(conn, "work.pace_hosts", hosts=list(seconds), gaps_s=list(seconds.values()))


def pace_bulk(conn: Conn, hosts: Sequence[str], *, gap_s: float) -> None:
    """Set the earliest next bulk request to hosts that have just been asked, for every worker."""
    if hosts and gap_s > 0:
        run(conn, "work.pace_bulk", hosts=list(hosts), gap_s=gap_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Idle:
    verdict: Verdict


def _still_ours(conn: Conn, batch: Batch, results: Sequence[R]) -> Sequence[R]:
    """The fence: only rows whose lease is still this batch's. A rebuild brings its own list and needs none."""
    if batch.lease is None:
        return results
    keys = [result.verdict.key for result in results]
    held = {row.key for row in rows(conn, "work.held", HeldKey, stage=batch.stage, keys=keys, lease=batch.lease)}
    return [result for result in results if result.verdict.key in held]


def _close(conn: Conn, batch: Batch, verdicts: Sequence[Verdict]) -> None:
    if batch.lease is None:
        return
    items = {item.key: item for item in batch.items}
    _finish(conn, batch.stage, items, [v for v in verdicts if isinstance(v, Done) and v.due_in_s is None])
    _reschedule(conn, batch.stage, items, [v for v in verdicts if isinstance(v, Done) and v.due_in_s is not None])
    again = [v for v in verdicts if isinstance(v, Again)]
    most = max_attempts(batch.stage)
    _retry(conn, batch.stage, items, [v for v in again if items[v.key].attempts < most])
    given_up = [Dead(key=v.key, cause=v.cause, detail=v.detail) for v in again if items[v.key].attempts >= most]
    _bury(conn, batch.stage, items, [v for v in verdicts if isinstance(v, Dead)] + given_up)


def _finish(conn: Conn, stage: Stage, items: dict[int, WorkItem], done: Sequence[Verdict]) -> None:
    if done:
        keys = [verdict.key for verdict in done]
        run(conn, "work.finish", stage=stage, keys=keys, marks=[items[key].mark for key in keys])
        run(conn, "work.unbury", stage=stage, keys=keys)


def _reschedule(conn: Conn, stage: Stage, items: dict[int, WorkItem], done: Sequence[Done]) -> None:
    if done:
        keys = [verdict.key for verdict in done]
        marks = [items[key].mark for key in keys]
        run(conn, "work.reschedule", stage=stage, keys=keys, marks=marks, delays_s=[v.due_in_s for v in done])
        run(conn, "work.unbury", stage=stage, keys=keys)


def _retry(conn: Conn, stage: Stage, items: dict[int, WorkItem], again: Sequence[Again]) -> None:
    if again:
        run(
            conn,
            "work.retry",
            stage=stage,
            keys=[v.key for v in again],
            marks=[items[v.key].mark for v in again],
            delays_s=[max(v.after_s or 0, _backoff_s(items[v.key])) for v in again],
            causes=[v.cause for v in again],
        )


def _bury(conn: Conn, stage: Stage, items: dict[int, WorkItem], dead: Sequence[Dead]) -> None:
    if dead:
        keys = [v.key for v in dead]
        run(
            conn,
            "work.bury",
            stage=stage,
            keys=keys,
            causes=[v.cause for v in dead],
            details=[v.detail[:2000] for v in dead],
            attempts=[items[key].attempts for key in keys],
            made_by=MADE_BY[stage],
        )
        _leave(conn, stage, items, keys)


def _leave(conn: Conn, stage: Stage, items: dict[int, WorkItem], keys: list[int]) -> None:
    """A dead letter's row goes; but a feed always has its poll row, due again tomorrow."""
    marks = [items[key].mark for key in keys]
    if stage == "poll":
        run(conn, "work.reschedule", stage=stage, keys=keys, marks=marks, delays_s=[86_400.0] * len(keys))
    else:
        run(conn, "work.finish", stage=stage, keys=keys, marks=marks)


def _bury_poisoned(conn: Conn, stage: Stage) -> None:
    poisoned = rows(conn, "work.poisoned", WorkItem, stage=stage, max_attempts=max_attempts(stage))
    detail = "the process that worked on it died each time"
    _bury(
        conn,
        stage,
        {item.key: item for item in poisoned},
        [Dead(key=item.key, cause="poison", detail=detail) for item in poisoned],
    )


def _refuse(conn: Conn, batch: Batch, key: int, error: Exception) -> StepReport:
    with conn.transaction():
        items = [item for item in batch.items if item.key == key]
        mine = batch.lease is None or rows(conn, "work.held", HeldKey, stage=batch.stage, keys=[key], lease=batch.lease)
        if mine and batch.lease is not None:
            _bury(conn, batch.stage, {key: items[0]}, [Dead(key=key, cause="bad_row", detail=str(error))])
    return StepReport(seen=1, failed=1, outcomes={"bad_row": 1})


def _backoff_s(item: WorkItem) -> float:
    return retry_delay_s(item.attempts, jitter=secrets.randbelow(1000) / 1000)

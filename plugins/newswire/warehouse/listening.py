"""The asynchronous side of the warehouse, for what runs in Airflow's triggerer: the watchers of queues and files, and deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow, class_row

from newswire.errors import WarehouseError
from newswire.records import QueueState, Stage
from newswire.warehouse.queries import queries

BUSY_S = 1.0  # between two looks while rows can be claimed: Airflow's triggerer hands events over once a second
WAITING_S = 5.0  # at most, while rows wait for their time: nothing announces that a lease ran out or a host is free
EMPTY_S = 30.0  # at most, while the stage has no row at all: every new row is announced
GRACE_S = 0.1  # after a NOTIFY: a running drain, which heard it too, takes the rows within milliseconds

_SESSION = "-c statement_timeout=10s -c client_connection_check_interval=5s -c timezone=UTC"
_SOCKET = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}

Listener = AsyncConnection[QueueState]


async def queue_states(dsn: str, stage: Stage) -> AsyncGenerator[QueueState, None]:
    """Yield the state of a stage's queue for ever: at once, then whenever it may have changed.

    Raises WarehouseError when the connection is lost or the warehouse refuses; the caller connects again.
    """
    try:
        async with await _listen(dsn, stage) as conn:
            while True:
                state = await _look(conn, stage)
                yield state
                await _wait(conn, patience_s(state))
    except psycopg.Error as error:
        raise WarehouseError(f"cannot watch the queue of {stage}: {error}") from error


def patience_s(state: QueueState) -> float:
    """How long to wait for a NOTIFY before looking again."""
    if state.pending:
        return BUSY_S
    if state.next_s is None:
        return EMPTY_S
    return min(max(state.next_s, 0.0), WAITING_S)


async def known_files(dsn: str, folder: str) -> dict[str, bytes]:
    """The files of `config/topics` or `config/alerts` as they were last read: slug and digest. Raises WarehouseError."""
    try:
        async with await _connect(dsn, f"watcher {folder}") as conn:
            cursor = await conn.execute(queries()[f"{folder}.files"].text)
            return {slug: bytes(digest) for slug, digest in await cursor.fetchall()}
    except psycopg.Error as error:
        raise WarehouseError(f"cannot ask for the files of {folder}: {error}") from error


async def record_late_run(dsn: str, *, dag_id: str, run_id: str, needed_by: datetime) -> None:
    """Keep which run passed its deadline. Raises WarehouseError."""
    late = {"dag_id": dag_id, "run_id": run_id, "needed_by": needed_by}
    try:
        async with await _connect(dsn, "deadlines") as conn:
            await conn.execute(queries()["late_runs.record"].text, late)
    except psycopg.Error as error:
        raise WarehouseError(f"cannot record that {dag_id} {run_id} is late: {error}") from error


async def _connect(dsn: str, name: str) -> AsyncConnection[TupleRow]:
    """A connection for one statement."""
    return await AsyncConnection.connect(
        make_conninfo(dsn, application_name=f"newswire {name}", options=_SESSION, **_SOCKET), autocommit=True
    )


async def _listen(dsn: str, stage: Stage) -> Listener:
    """Connect and LISTEN. Whoever looks only after that misses nothing: what is committed later is announced."""
    conn = await AsyncConnection.connect(
        make_conninfo(dsn, application_name=f"newswire watcher {stage}", options=_SESSION, **_SOCKET),
        autocommit=True,
        row_factory=class_row(QueueState),
    )
    await conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(f"newswire_{stage}")))
    return conn


async def _look(conn: Listener, stage: Stage) -> QueueState:
    cursor = await conn.execute(queries()["wakeups.queue_state"].text, {"stage": stage})
    state = await cursor.fetchone()
    assert state is not None, "an aggregate without GROUP BY always has one row"
    return state


async def _wait(conn: Listener, patience_s: float) -> None:
    """Until somebody announces work, or patience ends. What is announced between two waits ends the second at once."""
    announced = [notify async for notify in conn.notifies(timeout=patience_s, stop_after=1)]
    if announced:
        await asyncio.sleep(GRACE_S)

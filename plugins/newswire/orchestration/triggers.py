"""The watcher that wakes Airflow when a stage has work. One class for every queue.

An asset event only wakes somebody up: Airflow merges events, and records those of a paused DAG without starting it later.
So the watcher fires again while work remains, and the woken drain reads the table, never the event.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from newswire.errors import WarehouseError
from newswire.orchestration.connections import WAREHOUSE, warehouse_dsn_async
from newswire.records import QueueState, Stage

REFIRE_S = 20.0  # then a wake-up that led to nothing is repeated, and the queue drained within 30 s of an unpausing
RECONNECT_S = 2.0


class WorkDue(BaseEventTrigger):
    """Fires when rows of `ops.work` can be claimed for a stage. Never ends: an exception would end the watching.

    Airflow stores the arguments in its database, so they name the connection and hold no secret.
    """

    def __init__(self, *, stage: Stage, conn_id: str = WAREHOUSE) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.stage = stage
        self.conn_id = conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{WorkDue.__module__}.{WorkDue.__qualname__}", {"stage": self.stage, "conn_id": self.conn_id}

    async def run(self) -> AsyncGenerator[TriggerEvent, None]:
        while True:
            try:
                async with aclosing(self._wakeups()) as events:
                    async for event in events:
                        yield event
            except (WarehouseError, AirflowException) as error:
                self.log.warning("The watcher of %s connects again in %s s: %s", self.stage, RECONNECT_S, error)
                await asyncio.sleep(RECONNECT_S)

    async def _wakeups(self) -> AsyncGenerator[TriggerEvent, None]:
        from newswire.warehouse.listening import queue_states  # noqa: PLC0415 - whoever parses a DAG needs no driver

        fired_at: float | None = None  # None: no wake-up stands out, whatever comes next is news
        async with aclosing(queue_states(await warehouse_dsn_async(self.conn_id), self.stage)) as states:
            async for state in states:
                now = time.monotonic()
                if not state.pending:
                    fired_at = None
                elif calls_for_wakeup(state, fired_s=None if fired_at is None else now - fired_at):
                    fired_at = now
                    yield TriggerEvent({"stage": self.stage, "pending": state.pending})  # type: ignore[no-untyped-call]


def calls_for_wakeup(state: QueueState, *, fired_s: float | None) -> bool:
    """Whether to wake a drain, `fired_s` seconds after a wake-up that may be under way (None: none is).

    Without one, anything pending does. With one, it takes new rows in place of the old ones (a drain was there and may
    have left), or time enough to say that it led to nothing.
    """
    if not state.pending or state.oldest_s is None:
        return False
    return fired_s is None or state.oldest_s < fired_s or fired_s >= REFIRE_S

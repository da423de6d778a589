"""The watchers that wake Airflow: one class for the queues of all stages, one for the files that people edit.

An asset event only wakes somebody up: Airflow merges events, and records those of a paused DAG without starting it later.
So the watcher fires again while work remains, and the woken drain reads the table, never the event.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from newswire.errors import WarehouseError
from newswire.orchestration.connections import WAREHOUSE, warehouse_dsn_async

if TYPE_CHECKING:
    from newswire.records import QueueState, Stage

REFIRE_S = 20.0  # then a wake-up that led to nothing is repeated, and the queue drained within 30 s of an unpausing
RECONNECT_S = 2.0
LOOK_AT_FILES_S = 2.0  # reading a dozen files of 15 kB costs a millisecond


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


class FilesChanged(BaseEventTrigger):
    """Fires when the files of a folder of `config` are not as the warehouse last read them. Never ends.

    Like a queue's watcher it compares with what is stored, so that an event that led to nothing is repeated.
    """

    def __init__(self, *, folder: str, conn_id: str = WAREHOUSE) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        self.conn_id = conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        arguments = {"folder": self.folder, "conn_id": self.conn_id}
        return f"{FilesChanged.__module__}.{FilesChanged.__qualname__}", arguments

    async def run(self) -> AsyncGenerator[TriggerEvent, None]:
        fired: tuple[dict[str, bytes], float] | None = None
        while True:
            files = await asyncio.to_thread(folder_digests, config_folder() / self.folder)
            if fired is None or fired[0] != files or time.monotonic() - fired[1] >= REFIRE_S:
                fired = (files, time.monotonic())
                if await self._are_news(files):
                    yield TriggerEvent({"files": len(files)})  # type: ignore[no-untyped-call]
            await asyncio.sleep(LOOK_AT_FILES_S)

    async def _are_news(self, files: dict[str, bytes]) -> bool:
        from newswire.warehouse.listening import known_files  # noqa: PLC0415 - as above

        try:
            return await known_files(await warehouse_dsn_async(self.conn_id), self.folder) != files
        except (WarehouseError, AirflowException) as error:
            self.log.warning("The watcher of config/%s asks again in %s s: %s", self.folder, REFIRE_S, error)
            return False


def config_folder() -> Path:
    """The folder of what people edit, as the settings name it."""
    return Path(os.environ.get("NEWSWIRE_CONFIG") or Path(__file__).resolve().parents[3] / "config")


def topic_folder() -> Path:
    """The folder of the topic files."""
    return config_folder() / "topics"


def folder_digests(folder: Path) -> dict[str, bytes]:
    """What tells one state of such files from another: a digest of each, by slug. As `steps/topic_files.py` has it."""
    return {path.stem: _digest(path) for path in sorted(folder.glob("*.yaml"))}


def _digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return hashlib.sha256(b"").digest()


def calls_for_wakeup(state: QueueState, *, fired_s: float | None) -> bool:
    """Whether to wake a drain, `fired_s` seconds after a wake-up that may be under way (None: none is).

    Without one, anything pending does. With one, it takes new rows in place of the old ones (a drain was there and may
    have left), or time enough to say that it led to nothing.
    """
    if not state.pending or state.oldest_s is None:
        return False
    return fired_s is None or state.oldest_s < fired_s or fired_s >= REFIRE_S

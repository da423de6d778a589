"""Keeps the programs of one home alive: `python -m newswire.runtime.supervisor HOME`.

It starts each component in a process group of its own, starts again what ends (after 1, 2, 4 .. 30 s), watches PostgreSQL
the same way, and ends everything on SIGTERM. What it knows stands in the home's `supervisor.json`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from newswire.errors import RuntimeTrouble
from newswire.runtime.components import Component, Plan
from newswire.runtime.health import HANGS_AFTER_S, Hangs, ask_health
from newswire.runtime.home import Home, write_private
from newswire.runtime.postgres import Postgres
from newswire.runtime.processes import ProcessId, signal_group, wait_until

LOOK_EVERY_S = 0.5
ASK_HEALTH_EVERY_S = 10.0
STOP_WITHIN_S = 15.0
SERVERS_STOP_WITHIN_S = 5.0
TOLD_AGAIN_AFTER_S = 3.0
HEALTHY_AFTER_S = 60.0
LONGEST_WAIT_S = 30.0
LOG_LIMIT_BYTES = 20_000_000


def main(home: Home) -> None:
    """Runs until SIGTERM or SIGINT."""
    plan = Plan.read(home.plan)
    postgres = None if plan.postgres_port is None else Postgres.in_home(home, port=plan.postgres_port)
    Supervisor(home=home, plan=plan, postgres=postgres).run()


@dataclass(kw_only=True)
class Patience:
    """How long to wait before the next start: longer each time, short again after a healthy time."""

    ends: int = 0
    due_at: float = 0.0
    _waits: int = 0

    def ended(self, *, now: float, lived_s: float) -> None:
        self._waits = 0 if lived_s > HEALTHY_AFTER_S else self._waits
        self.due_at = now + min(LONGEST_WAIT_S, 2.0**self._waits)
        self._waits = min(self._waits + 1, 10)
        self.ends += 1


@dataclass(kw_only=True)
class Child:
    """One component and its process, if it has one now."""

    component: Component
    log: Path
    patience: Patience = field(default_factory=Patience)
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0  # seconds of the epoch

    def watch(self) -> bool:
        """Starts or clears away what needs it; whether anything changed."""
        _keep_small(self.log)
        if self.process is None:
            return self._start_when_due()
        if self.process.poll() is None:
            return False
        self._clear_away()
        return True

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def tell_to_end(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """It and all that it started."""
        if self.process is not None:
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def describe(self) -> dict[str, Any]:
        known = ProcessId.of(self.process.pid) if self.process else None
        return {
            "name": self.component.name,
            "process": asdict(known) if known else None,
            "since": self.since,
            "ends": self.patience.ends,
            "log": str(self.log),
        }

    def _start_when_due(self) -> bool:
        if time.monotonic() < self.patience.due_at:
            return False
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the plan's own programs
                self.component.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.since = time.time()
        return True

    def _clear_away(self) -> None:
        """The whole group first: idle workers would outlive their scheduler."""
        if self.process is not None:
            self.kill()
            _note(f"{self.component.name} ended with {self.process.returncode}; its log is {self.log}")
        self.patience.ended(now=time.monotonic(), lived_s=time.time() - self.since)
        self.process = None


class Supervisor:
    """The loop over all children and the database."""

    def __init__(self, *, home: Home, plan: Plan, postgres: Postgres | None) -> None:
        self._home = home
        self._plan = plan
        self._postgres = postgres
        self._postgres_patience = Patience()
        self._children = [Child(component=one, log=home.logs / f"{one.name}.log") for one in plan.components]
        self._hangs = Hangs()
        self._ask_at = 0.0
        self._stop = threading.Event()
        self._since = time.time()

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        self._home.stopping.unlink(missing_ok=True)
        self._write_state()
        try:
            while not self._stop.is_set():
                self._look()
                self._stop.wait(LOOK_EVERY_S)
        finally:
            self._end()

    def _look(self) -> None:
        self._watch_postgres()
        self._watch_health()
        changes = [child.watch() for child in self._children]
        if any(changes):
            self._write_state()

    def _watch_postgres(self) -> None:
        if self._postgres is None or self._postgres.is_running() or time.monotonic() < self._postgres_patience.due_at:
            return
        _note("PostgreSQL is gone: starting it")
        self._postgres_patience.ended(now=time.monotonic(), lived_s=0)
        try:
            self._postgres.start()
        except RuntimeTrouble as trouble:
            _note(str(trouble))
        else:
            self._postgres_patience = Patience(ends=self._postgres_patience.ends)

    def _watch_health(self) -> None:
        """What hangs is killed; the next look starts it again."""
        if self._plan.ui_port is None or time.monotonic() < self._ask_at:
            return
        self._ask_at = time.monotonic() + ASK_HEALTH_EVERY_S
        hanging = self._hangs.found(ask_health(self._plan.ui_port), now=time.monotonic())
        for child in self._children:
            if child.component.name in hanging and not child.has_ended():
                _note(f"{child.component.name} lives but has given no sign for {HANGS_AFTER_S:.0f} s: killing it")
                child.kill()

    def _write_state(self) -> None:
        me = ProcessId.of(os.getpid())
        state = {
            "supervisor": asdict(me) if me else None,
            "since": self._since,
            "ui_port": self._plan.ui_port,
            "postgres_port": self._plan.postgres_port,
            "components": [child.describe() for child in self._children],
        }
        write_private(self._home.state, json.dumps(state))

    def _end(self) -> None:
        self._home.stopping.touch()
        _tell_to_end([child for child in self._children if not child.component.serves], within_s=STOP_WITHIN_S)
        _tell_to_end([child for child in self._children if child.component.serves], within_s=SERVERS_STOP_WITHIN_S)
        if self._postgres is not None:
            self._postgres.stop()
        self._home.state.unlink(missing_ok=True)


def _tell_to_end(children: Sequence[Child], *, within_s: float) -> None:
    """Asks the programs, not their groups: a scheduler whose workers are gone waits for them for ever. Then kills.

    They are asked twice: now and then the first signal is lost in a scheduler's exception handling, and a triggerer waits
    10 s for a child that has ended already (each seen in several of 20 stops).
    """
    for patience_s in (TOLD_AGAIN_AFTER_S, within_s - TOLD_AGAIN_AFTER_S):
        for child in children:
            child.tell_to_end()
        wait_until(lambda: all(child.has_ended() for child in children), within_s=patience_s)
    for child in children:
        child.kill()


def _keep_small(log: Path) -> None:
    """One old log is kept. The program writes on at the end of the emptied file: it was opened for appending."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        shutil.copyfile(log, log.with_suffix(".old.log"))
        os.truncate(log, 0)


def _note(line: str) -> None:
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), line, flush=True)


if __name__ == "__main__":
    # A daemon: whoever started us goes on at once, and has no child to look after.
    if os.fork() == 0:
        os.setsid()
        main(Home(Path(sys.argv[1])))

"""Kills of processes at chosen moments of a pass, for benches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import psutil

from newswire.warehouse.connection import Conn
from pipeline.conftest import System


class Moment(NamedTuple):
    """What is killed when."""

    what: str
    has_come: Callable[[Conn], bool]
    victims: Callable[[System], list[psutil.Process]]


@dataclass
class Kills:
    """Moments that are waited for one after the other; each kills once (SIGKILL)."""

    waiting: list[Moment] = field(default_factory=list)
    done: int = 0

    def look(self, system: System, conn: Conn) -> None:
        """Kill, if the next moment has come and its victims are there."""
        if self.waiting and self.waiting[0].has_come(conn) and sum(map(_is_killed, self.waiting[0].victims(system))):
            print(f"  killed: {self.waiting.pop(0).what}", flush=True)
            self.done += 1


def _is_killed(process: psutil.Process) -> bool:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return False
    return True

"""What a probe says: nothing where all is well, else what is wrong and the mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from newswire.operating.installation import Site
from newswire.warehouse.connection import Conn

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong, and what to do about it."""

    problem: str
    mend: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The installation that is looked at, and the doors that opened; a door is None where it did not."""

    site: Site
    warehouse: Conn | None
    airflow: Conn | None

    def ask_warehouse(self) -> Conn:
        if self.warehouse is None:
            raise NotAsked("the warehouse cannot be reached")
        return self.warehouse

    def ask_airflow(self) -> Conn:
        if self.airflow is None:
            raise NotAsked("Airflow's database cannot be reached")
        return self.airflow


class NotAsked(Exception):
    """A probe that has nothing to look at; the text says why."""


Probe: TypeAlias = Callable[[Patient], Iterator[Trouble]]

"""The programs that the supervisor keeps alive, and the plan that hands them to it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from newswire.runtime.home import read_json, write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A program that runs until it is told to end; its log is `<name>.log`."""

    name: str
    argv: tuple[str, ...]
    serves: bool = False  # the others need it to end well: it is told after them


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a supervisor is to run."""

    components: tuple[Component, ...]
    postgres_port: int | None = None  # None: no PostgreSQL of ours
    ui_port: int | None = None

    def write(self, file: Path) -> None:
        write_private(file, json.dumps(asdict(self)))

    @classmethod
    def read(cls, file: Path) -> Plan:
        found = read_json(file)
        components = tuple(Component(**{**one, "argv": tuple(one["argv"])}) for one in found["components"])
        return cls(components=components, postgres_port=found["postgres_port"], ui_port=found["ui_port"])


# A fifth of the CPU of a start is cyclic garbage collection; a threshold, unlike switching it off, still collects.
_AIRFLOW = "import gc, sys; gc.set_threshold(100_000, 50, 100); sys.argv[0] = 'airflow'; from airflow.__main__ import main; main()"


def airflow_command(*arguments: str) -> tuple[str, ...]:
    """The command line of one Airflow command, in this Python."""
    return (sys.executable, "-c", _AIRFLOW, *arguments)


def airflow_components() -> tuple[Component, ...]:
    """Airflow on one machine. Nobody serves logs: the API server reads the same files."""
    return (
        Component(name="api-server", argv=airflow_command("api-server"), serves=True),
        Component(name="scheduler", argv=airflow_command("scheduler", "--skip-serve-logs")),
        Component(name="dag-processor", argv=airflow_command("dag-processor")),
        Component(name="triggerer", argv=airflow_command("triggerer", "--skip-serve-logs")),
    )

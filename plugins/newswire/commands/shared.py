"""What every command needs: its parser, and the way to the warehouse."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from newswire.errors import RuntimeTrouble

if TYPE_CHECKING:
    from newswire.app import App
    from newswire.records import StepReport
    from newswire.runtime.home import Home
    from newswire.warehouse.connection import Conn

Arguments = argparse.Namespace
Command = Callable[[Arguments], int | None]
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  there is no public name for it


def add_command(commands: Verbs, name: str, run: Command, help_: str) -> argparse.ArgumentParser:
    """One command with its help; `run` gets its arguments and returns the exit code, None for 0."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_, description=help_)
    parser.set_defaults(run=run)
    return parser


@contextmanager
def opened_app() -> Iterator[App]:
    """Newswire with the settings of the environment, or of what runs here."""
    from newswire.app import running

    if "NEWSWIRE_WAREHOUSE" not in os.environ:
        adopt(running_home()[0])
    with running() as app:
        yield app


@contextmanager
def opened_warehouse() -> Iterator[Conn]:
    """The warehouse, as its writer."""
    with opened_app() as app:
        yield app.connect("command line")


def shown(lines: Iterable[str]) -> None:
    """Print what others wrote: without characters that would steer the terminal."""
    from newswire.managing import shown as harmless

    for line in lines:
        print("\n".join(map(harmless, line.split("\n"))))


def homes() -> list[Home]:
    """The homes that exist: what people use first, the demo last."""
    from newswire.runtime.home import Home

    return [home for home in (Home.named("live"), Home.named("demo")) if home.ports.exists()]


def running_home() -> tuple[Home, int]:
    """The first home whose PostgreSQL runs, and the port. Raises RuntimeTrouble where none does."""
    from newswire.runtime.status import status

    for home in homes():
        port = status(home).postgres_port
        if port is not None:
            return home, port
    raise RuntimeTrouble("nothing runs here; `make up` starts it, or set NEWSWIRE_WAREHOUSE to a warehouse's address")


def adopt(home: Home) -> None:
    """Work in a home as its DAGs do."""
    from newswire.runtime.system import environment

    os.environ.update({name: value for name, value in environment(home).items() if name.startswith("NEWSWIRE_")})


def tell(report: StepReport) -> None:
    """Print what a step came to."""
    counts = ", ".join(f"{name} {value}" for name, value in report.as_dict().items() if name != "outcomes")
    print(counts)
    for name, count in report.outcomes.items():
        print(f"  {name}: {count}")


def at_least_one(text: str) -> int:
    """How many, as people type it."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def day(text: str) -> date:
    """A day as people type it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; give one such as 2026-11-25") from None


def instant(text: str) -> datetime:
    """An instant as people type it, or how long ago."""
    units = {"h": "hours", "d": "days"}
    try:
        if text[-1:] in units:
            return datetime.now(UTC) - timedelta(**{units[text[-1]]: float(text[:-1])})
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; give one such as 2026-11-25, 2026-11-25T08:00 (UTC), 36h or 7d"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

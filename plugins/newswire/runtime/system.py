"""Starts the embedded system: PostgreSQL, then Airflow under a supervisor that stays when we leave.

    up(home, StartOptions(...)) -> Status    starts what does not run, returns when it works
    environment(home) -> dict                the variables for a program that is to work in this home

`status.py` tells what runs and ends it.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newswire.errors import RuntimeTrouble
from newswire.runtime import databases
from newswire.runtime.airflow_env import airflow_environment
from newswire.runtime.components import Component, Plan, airflow_command, airflow_components
from newswire.runtime.health import is_healthy
from newswire.runtime.home import Home, read_json
from newswire.runtime.ports import choose_port
from newswire.runtime.postgres import Postgres
from newswire.runtime.processes import wait_until
from newswire.runtime.progress import Progress
from newswire.runtime.status import Status, clear_remains, status, stop

USUAL_UI_PORT = 8080
USUAL_POSTGRES_PORT = 25432
TOO_MANY_ENDS = 3
SUPERVISOR_WITHIN_S = 20.0
NEEDED_MB = 300  # PostgreSQL's first files take 60, its log of changes may grow by more


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """What may be chosen about a start."""

    prepare: Callable[[str], object] | None = None  # gets the warehouse's address as its owner: applies the migrations
    extra: tuple[Component, ...] = ()  # programs that run beside Airflow's four
    settings: Mapping[str, str] = field(default_factory=dict)  # more variables for all programs
    dags: Path | None = None  # another folder than the checkout's
    ui_port: int | None = None  # None: $NEWSWIRE_UI_PORT, that of last time, or any that is free
    postgres_port: int | None = None  # the same with $NEWSWIRE_PG_PORT
    ready_within_s: float = 180


def up(home: Home, options: StartOptions | None = None, *, progress: Progress | None = None) -> Status:
    """Starts the system of this home and returns when it works; what runs already is found and left alone.

    Raises RuntimeTrouble when it does not come to work (a wanted port is taken, the disk is full, ...), and then leaves
    nothing running.
    """
    options, progress = options or StartOptions(), progress or Progress()
    home.create()
    with _only_one(home):
        running = status(home)
        if running.since is not None:
            progress.say(f"already running since {running.since:%Y-%m-%d %H:%M} UTC in {home.path}")
            return running
        clear_remains(home)
        _check_space(home)
        try:
            _start(home, options, progress)
        except BaseException:
            stop(home)
            raise
        return status(home)


def environment(home: Home, options: StartOptions | None = None) -> dict[str, str]:
    """The variables with which a program works in this home: its databases, archive, Airflow. The home must have been up."""
    options, ports = options or StartOptions(), read_json(home.ports)
    if "ui" not in ports or "postgres" not in ports:
        raise RuntimeTrouble(f"Nothing was ever started in {home.path}: run `make up` first.")
    return airflow_environment(
        home, ui_port=ports["ui"], postgres_port=ports["postgres"], dags=options.dags, settings=options.settings
    )


def run_supervised(home: Home, plan: Plan, env: Mapping[str, str]) -> None:
    """Starts the supervisor in a session of its own, where it stays when we leave; returns when it is at work."""
    plan.write(home.plan)
    log = home.logs / "supervisor.log"
    with log.open("ab") as out:
        command = [sys.executable, "-m", "newswire.runtime.supervisor", str(home.path)]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=dict(env), check=False)  # noqa: S603  # fmt: skip
    if not wait_until(lambda: status(home).is_running, within_s=SUPERVISOR_WITHIN_S):
        raise RuntimeTrouble(f"The supervisor does not start:\n{_last_lines(log)}")


def _check_space(home: Home) -> None:
    """Said before, because afterwards it is said by five programs in five ways."""
    free_mb = shutil.disk_usage(home.path).free // 2**20
    if free_mb < NEEDED_MB:
        raise RuntimeTrouble(
            f"Only {free_mb} MB are free under {home.path}, a start needs {NEEDED_MB}. "
            "Free some, or set NEWSWIRE_HOME to a folder on another disk."
        )


def _start(home: Home, options: StartOptions, progress: Progress) -> None:
    with progress.step("PostgreSQL"):
        postgres = start_postgres(home, options)
    ui_port = choose_port(home, "ui", wanted=options.ui_port, variable="NEWSWIRE_UI_PORT", usual=USUAL_UI_PORT)
    env = environment(home, options)
    with progress.step("Airflow's database"):
        _migrate_airflow(home, postgres, env)
    if options.prepare is not None:
        with progress.step("warehouse"):
            options.prepare(databases.warehouse_url(home, port=postgres.port, role=databases.OWNER))
    with progress.step("Airflow"):
        plan = Plan(components=(*options.extra, *airflow_components()), postgres_port=postgres.port, ui_port=ui_port)
        run_supervised(home, plan, env)
        _wait_for_airflow(home, ui_port, within_s=options.ready_within_s)


def start_postgres(home: Home, options: StartOptions | None = None) -> Postgres:
    """The home's PostgreSQL with roles and databases, running; nothing else."""
    options = options or StartOptions()
    wanted, variable = options.postgres_port, "NEWSWIRE_PG_PORT"
    port = choose_port(home, "postgres", wanted=wanted, variable=variable, usual=USUAL_POSTGRES_PORT)
    postgres = Postgres.in_home(home, port=port)
    postgres.initialize()
    postgres.start()
    databases.create_databases(postgres, home)
    return postgres


def _migrate_airflow(home: Home, postgres: Postgres, env: Mapping[str, str]) -> None:
    """Once for each version of Airflow: even a check costs four seconds of imports."""
    version, stamp = importlib.metadata.version("apache-airflow-core"), postgres.folder / "airflow.version"
    if stamp.exists() and stamp.read_text() == version:
        return
    log = home.logs / "db-migrate.log"
    with log.open("ab") as out:
        done = subprocess.run(airflow_command("db", "migrate"), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=dict(env), check=False)  # noqa: S603  # fmt: skip
    if done.returncode:
        raise RuntimeTrouble(f"Airflow cannot set up its database:\n{_last_lines(log)}")
    stamp.write_text(version)


def _wait_for_airflow(home: Home, ui_port: int, *, within_s: float) -> None:
    started_at = datetime.now(UTC)

    def is_ready() -> bool:
        _fail_early(status(home))
        return is_healthy(ui_port, since=started_at)

    if not wait_until(is_ready, within_s=within_s, every_s=0.2):
        raise RuntimeTrouble(
            f"Airflow was not ready within {within_s:.0f} s. What it said is in {home.logs}. If the machine is only busy, start again"
            " when it is less so: what was set up stays"
        )


def _fail_early(now: Status) -> None:
    """Nobody waits three minutes for what ended at once."""
    if not now.is_running:
        raise RuntimeTrouble(f"The supervisor ended:\n{_last_lines(now.home.logs / 'supervisor.log')}")
    for one in now.processes:
        if one.ends >= TOO_MANY_ENDS:
            raise RuntimeTrouble(f"{one.name} ends each time it is started:\n{_last_lines(one.log)}")


@contextmanager
def _only_one(home: Home) -> Iterator[None]:
    """Two starts at once: the second waits, then finds the first."""
    with home.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return "\n".join([*lines[-8:], f"(all of it: {log})"])

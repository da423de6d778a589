"""What runs in a home, and how to end it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newswire.runtime.airflow_env import login, ui_url
from newswire.runtime.home import Home, read_json
from newswire.runtime.postgres import Postgres
from newswire.runtime.processes import ProcessId, wait_until
from newswire.runtime.server_user import remove_server_folder

SUPERVISOR_STOPS_WITHIN_S = 60.0  # 20 for its programs, the rest for PostgreSQL


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningProcess:
    """A program under the supervisor."""

    name: str
    process: ProcessId | None  # None: it ended and waits for its next start
    since: datetime
    ends: int  # how often it ended by itself
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What runs in one home; everything is None or empty where nothing does."""

    home: Home
    supervisor: ProcessId | None
    since: datetime | None
    processes: tuple[RunningProcess, ...]
    postgres_pid: int | None
    postgres_port: int | None
    ui_url: str | None
    login: tuple[str, str] | None  # name and password of the Airflow UI

    @property
    def is_running(self) -> bool:
        """Whether a supervisor looks after this home."""
        return self.supervisor is not None


def status(home: Home) -> Status:
    """What runs now; a stale state file is seen through, because a process is known by its start time too."""
    known = read_json(home.state)
    supervisor = _process(known.get("supervisor"))
    alive = known if supervisor else {}
    server = existing_postgres(home)
    running = server is not None and server.is_running()
    port = alive.get("ui_port")
    return Status(
        home=home,
        supervisor=supervisor,
        since=_time(alive["since"]) if alive else None,
        processes=tuple(_running_process(one) for one in alive.get("components", ())),
        postgres_pid=server.pid if server and running else None,
        postgres_port=server.port if server and running else None,
        ui_url=ui_url(port) if port else None,
        login=login(home) if port else None,
    )


def describe(found: Status, *, now: datetime) -> Iterator[str]:
    """The lines of `newswire status` about processes and doors; queues and errors are the warehouse's to tell."""
    if not found.is_running:
        yield f"nothing runs in {found.home.path}"
        if found.postgres_pid is not None:
            yield f"except PostgreSQL (pid {found.postgres_pid}, port {found.postgres_port}): `make stop` ends it"
        return
    yield f"running since {_ago(found.since, now)} in {found.home.path}"
    yield f"  {'PostgreSQL':<16}{_pid(found.postgres_pid)}port {found.postgres_port}"
    for one in found.processes:
        ends = f", ended {one.ends} times, see {one.log}" if one.ends else ""
        yield f"  {one.name:<16}{_pid(one.process.pid if one.process else None)}up {_ago(one.since, now)}{ends}"
    if found.ui_url and found.login:
        yield f"Airflow UI: {found.ui_url}   login: {found.login[0]} / {found.login[1]}"


def stop(home: Home) -> bool:
    """Ends everything that runs in this home, also what a killed supervisor left; whether there was anything."""
    found = status(home)
    if found.supervisor is not None:
        _end(found.supervisor, within_s=SUPERVISOR_STOPS_WITHIN_S)
    remains = clear_remains(home)
    return found.is_running or remains


def clear_remains(home: Home) -> bool:
    """Kills programs that run without their supervisor and stops such a PostgreSQL; whether there were any."""
    known = [ProcessId(**one["process"]) for one in read_json(home.state).get("components", ()) if one["process"]]
    left = [process for process in known if process.is_alive()]
    for process in known:
        process.signal_group(signal.SIGKILL)
    server = existing_postgres(home)
    running = server is not None and server.is_running()
    if server is not None:
        server.stop()
    home.state.unlink(missing_ok=True)
    return bool(left) or running


def remove(folder: Path) -> None:
    """Ends everything in every home of a state folder and removes the homes, PostgreSQL's folders elsewhere included."""
    for home in _homes(folder):
        stop(home)
        remove_server_folder(home.postgres)
        shutil.rmtree(home.path)


def existing_postgres(home: Home) -> Postgres | None:
    """The server of the home, if it was ever made; its port is that of its last start."""
    return Postgres.in_home(home, port=read_json(home.ports).get("postgres", 0)) if home.postgres.exists() else None


def _end(supervisor: ProcessId, *, within_s: float) -> None:
    supervisor.signal_group(signal.SIGTERM)
    if not wait_until(lambda: not supervisor.is_alive(), within_s=within_s):
        supervisor.signal_group(signal.SIGKILL)


def _homes(folder: Path) -> Iterable[Home]:
    return [Home(secrets.parent) for secrets in folder.glob("*/secrets")]


def _process(known: dict[str, Any] | None) -> ProcessId | None:
    process = ProcessId(**known) if known else None
    return process if process is not None and process.is_alive() else None


def _running_process(one: dict[str, Any]) -> RunningProcess:
    process = _process(one["process"])
    return RunningProcess(
        name=one["name"], process=process, since=_time(one["since"]), ends=one["ends"], log=Path(one["log"])
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _pid(pid: int | None) -> str:
    return f"pid {pid:<9}" if pid is not None else f"{'starting':<13}"


def _ago(since: datetime | None, now: datetime) -> str:
    """As 1:02:03 or "2 days, 1:02:03"."""
    return str(timedelta(seconds=int((now - since).total_seconds()))) if since else "?"

"""The whole system for tests: a home of its own with PostgreSQL, Airflow under its supervisor, and a newsroom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import psutil
import pytest

from newswire import demo
from newswire.demo import sample
from newswire.demo.control import Newsroom
from newswire.runtime.databases import WRITER, warehouse_url
from newswire.runtime.home import Home, read_json
from newswire.runtime.ports import any_free_port
from newswire.runtime.postgres import Postgres
from newswire.runtime.status import existing_postgres, remove, status
from newswire.runtime.system import up
from newswire.settings import CHECKOUT
from newswire.warehouse import feeds, reports
from newswire.warehouse.connection import Conn, connect


@dataclass(frozen=True)
class System:
    """A running system, and what a test does to it."""

    home: Home
    newsroom: Newsroom

    def connect(self) -> Conn:
        port = read_json(self.home.ports)["postgres"]
        return connect(warehouse_url(self.home, port=port, role=WRITER), name="pipeline test")

    def postgres(self) -> Postgres:
        found = existing_postgres(self.home)
        assert found is not None
        return found

    def component(self, name: str) -> psutil.Process:
        """The process of an Airflow component."""
        [one] = [process for process in status(self.home).processes if process.name == name]
        assert one.process is not None
        return psutil.Process(one.process.pid)

    def drains(self) -> list[psutil.Process]:
        """The processes that drain a queue now."""
        return self.at_work("drain %")

    def at_work(self, on: str) -> list[psutil.Process]:
        """The processes that work on something, by their connections to the warehouse."""
        with self.connect() as conn:
            asked = "SELECT client_port FROM pg_stat_activity WHERE application_name LIKE 'newswire ' || %s"
            ports = {port for (port,) in conn.execute(asked, [on])}
        server = read_json(self.home.ports)["postgres"]
        pids = {
            one.pid
            for one in psutil.net_connections("tcp4")
            if one.pid and one.raddr and one.raddr.port == server and one.laddr.port in ports
        }
        return [psutil.Process(pid) for pid in pids]

    def dags(self) -> list[str]:
        """The names of all DAGs."""
        return [dag["dag_id"] for dag in self._api("GET", "/api/v2/dags?limit=100")["dags"]]

    def pause(self, dag: str, *, paused: bool) -> None:
        """Pause a DAG or let it run, as the button in the UI does."""
        self._api("PATCH", f"/api/v2/dags/{dag}", {"is_paused": paused})

    def run_dag(self, dag: str, **form: Any) -> str:
        """Start a run, as the button in the UI does, with what its form says; returns the name of the run."""
        run: str = self._api("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None, **form})["dag_run_id"]
        return run

    def run_state(self, dag: str, run: str) -> str:
        """How a run stands: queued, running, success or failed."""
        state: str = self._api("GET", f"/api/v2/dags/{dag}/dagRuns/{run}")["state"]
        return state

    def backfill(
        self, dag: str, since: date, until: date, conf: Mapping[str, Any], *, again: bool = False, at_once: int = 1
    ) -> None:
        """Backfill these days, as a person at a terminal does; `again`: also days that have a run already."""
        command = ["backfill", "create", "--dag-id", dag, "--from-date", str(since), "--to-date", str(until)]
        choices = ["--max-active-runs", str(at_once), *(["--reprocess-behavior", "completed"] if again else [])]
        done = subprocess.run(
            [sys.executable, "-m", "newswire.cli", "airflow", *command, *choices, "--dag-run-conf", json.dumps(conf)],
            env={**os.environ, "NEWSWIRE_HOME": str(self.home.path.parent), "PYTHONPATH": str(CHECKOUT / "plugins")},
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]

    def backfilled(self, dag: str) -> list[str]:
        """How the runs of all backfills of a DAG stand."""
        runs = self._api("GET", f"/api/v2/dags/{dag}/dagRuns?run_type=backfill&limit=100")["dag_runs"]
        return [run["state"] for run in runs]

    def may_backfill(self, dag: str) -> bool:
        """Whether the backfills of a DAG are complete: until then another one is refused."""
        known = self._api("GET", f"/api/v2/backfills?dag_id={dag}")["backfills"]
        return all(one["completed_at"] for one in known)

    def notes(self, dag: str) -> list[str]:
        """What stands on the pages of the latest runs of a DAG, below their names."""
        runs = self._api("GET", f"/api/v2/dags/{dag}/dagRuns?order_by=-run_after&limit=20", {})["dag_runs"]
        return [run["note"] for run in runs if run["note"]]

    @property
    def ui_url(self) -> str:
        found = status(self.home).ui_url
        assert found
        return found

    def is_caught_up(self) -> bool:
        """Whether there are articles and nothing is in work."""
        with self.connect() as conn:
            counts = reports.progress(conn)
        return counts.articles > 0 and counts.in_work == 0

    def differences(self) -> list[str]:
        """What is not as the newsroom published it."""
        with self.connect() as conn:
            return sample.differences(self.newsroom.ledger(), reports.articles(conn), reports.outcomes(conn))

    def _api(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        found = status(self.home)
        assert found.ui_url
        assert found.login
        user, password = found.login
        token = _json("POST", f"{found.ui_url}/auth/token", {"username": user, "password": password}, {})[
            "access_token"
        ]
        return _json(method, found.ui_url + path, body, {"Authorization": f"Bearer {token}"})


def _json(method: str, url: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data=data, method=method, headers={"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def eventually(right: Callable[[], bool], *, within_s: float) -> float:
    """Seconds until something is right; fails when it is not in time. What cannot be asked meanwhile is asked again."""
    started = time.monotonic()
    while time.monotonic() - started < within_s:
        try:
            if right():
                return time.monotonic() - started
        except OSError:
            pass
        except Exception as error:
            if "connection" not in str(error).lower() and "server closed" not in str(error).lower():
                raise
        time.sleep(0.5)
    raise AssertionError(f"not right within {within_s} s")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Everything up, subscribed to the newsroom, and what was there from the start is in."""
    home = Home(tmp_path_factory.mktemp("state") / "live")  # where the command line looks
    newsroom = Newsroom(any_free_port())
    try:
        up(home, demo.options(newsroom, over_s=60))
        newsroom.wait(within_s=60)
        running = System(home=home, newsroom=newsroom)
        with running.connect() as conn:
            feeds.subscribe(conn, newsroom.subscriptions(), interval_s=2)
        eventually(running.is_caught_up, within_s=120)
        yield running
    finally:
        print(last_words(home))
        remove(home.path.parent)


def last_words(home: Home) -> str:
    """What runs and what the supervisor said: shown with a test that failed."""
    processes = ", ".join(f"{one.name} {one.process} ended {one.ends} times" for one in status(home).processes)
    log = home.logs / "supervisor.log"
    said = log.read_text().splitlines()[-40:] if log.exists() else []
    return "\n".join([processes, *said])

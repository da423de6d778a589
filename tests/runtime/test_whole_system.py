"""The whole embedded system with the real Airflow: up, hurt, down."""

from __future__ import annotations

import os
import signal
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newswire.runtime.databases import OWNER
from newswire.runtime.health import is_healthy
from newswire.runtime.home import Home
from newswire.runtime.processes import ProcessId, wait_until
from newswire.runtime.status import existing_postgres, status, stop
from newswire.runtime.system import StartOptions, environment, up

AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer"}


@pytest.mark.pipeline
def test_airflow_starts_survives_two_crashes_and_stops_without_a_trace(home: Home, tmp_path: Path) -> None:
    dags = tmp_path / "dags"
    dags.mkdir()
    asked: list[str] = []
    options = StartOptions(dags=dags, prepare=asked.append)

    started = time.monotonic()
    running = up(home, options)
    assert time.monotonic() - started < 60  # measured 10 on two free cores
    assert {one.name for one in running.processes} == AIRFLOW
    assert OWNER in asked[0]
    assert running.login is not None
    assert running.login[1] == (home.secrets / "airflow_admin").read_text()
    assert stat.S_IMODE((home.secrets / "airflow_logins.json").stat().st_mode) == 0o600
    assert up(home, options).supervisor == running.supervisor

    assert environment(home, options)["AIRFLOW__CORE__DAGS_FOLDER"] == str(dags)
    comes_back_after(home, lambda: os.kill(process(home, "scheduler").pid, signal.SIGKILL))
    comes_back_after(home, lambda: crash_postgres(home))

    everything = [one.process for one in status(home).processes if one.process]
    assert stop(home)
    assert not any(one.is_alive() for one in everything)
    server = existing_postgres(home)
    assert server is not None
    assert not server.is_running()


def process(home: Home, name: str) -> ProcessId:
    found = next(one.process for one in status(home).processes if one.name == name)
    assert found is not None
    return found


def crash_postgres(home: Home) -> None:
    server = existing_postgres(home)
    assert server is not None
    server.stop(at_once=True)


def comes_back_after(home: Home, fault: object) -> None:
    assert callable(fault)
    fault()
    url = status(home).ui_url
    assert url is not None
    port, since = int(url.rsplit(":", 1)[1]), datetime.now(UTC)
    assert wait_until(lambda: is_healthy(port, since=since), within_s=90, every_s=0.5)

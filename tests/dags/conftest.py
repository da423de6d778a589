"""What the tests of the DAGs share: Airflow in processes of their own, with a home that is thrown away."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent

RunPython = Callable[..., str]


@pytest.fixture(scope="session")
def airflow_env(tmp_path_factory) -> dict[str, str]:
    """An environment for a process that imports Airflow: nothing of the caller's Airflow, SQLite for what is never asked."""
    home = tmp_path_factory.mktemp("airflow")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "NEWSWIRE"))}
    return kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }


@pytest.fixture(scope="session")
def run_python(airflow_env: dict[str, str]) -> RunPython:
    """Run a Python program with Airflow's environment; returns what it printed, fails with what it complained about."""

    def run(*arguments: str, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=airflow_env | env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def described(run_python: RunPython) -> dict[str, Any]:
    """Every DAG as Airflow reads it, and its complaints."""
    return json.loads(run_python(str(HERE / "describe_dags.py"), str(ROOT / "dags")).splitlines()[-1])


@pytest.fixture(scope="session")
def dags(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return described["dags"]


@pytest.fixture(scope="session")
def orchestration(airflow_env: dict[str, str]) -> Iterator[Callable[[str], Any]]:
    """Import a module of `newswire.orchestration` into this process, with Airflow's home set before Airflow looks for it."""
    with pytest.MonkeyPatch.context() as patch:
        for key, value in airflow_env.items():
            patch.setenv(key, value)
        yield lambda name: importlib.import_module(f"newswire.orchestration.{name}")

"""The environment in which Airflow runs: every setting that Newswire needs otherwise than Airflow ships it.

Settings stand in the environment, so that there is one list and no file to keep in step with it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newswire.runtime.databases import WRITER, airflow_url, warehouse_url
from newswire.runtime.home import CHECKOUT, Home, write_private
from newswire.runtime.ports import LOOPBACK
from newswire.schedules import TASKS, number

USER = "admin"
KEY_BYTES = 64  # RFC 7518, 3.2: as long as the output of SHA-512

# Times in seconds. Measured on 2 cores with Airflow 3.3.2; "default" is Airflow's own value.
_TUNED = {
    "CORE__LOAD_EXAMPLES": False,
    "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,
    "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.25,  # default 1: a hop between tasks takes 1.0 instead of 0.24
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": 60,  # default 300: a lost worker is noticed after 5 minutes
    "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": 30,  # default 300: so are the tasks of a dead scheduler
    "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": 20,
    "SCHEDULER__MAX_TIS_PER_QUERY": 64,
    "SCHEDULER__POOL_METRICS_INTERVAL": 60,  # queries for a metrics server that is not there
    "WORKERS__MIN_HEARTBEAT_INTERVAL": 1,  # default 5: a worker slot sleeps that long beside a task that has ended
    "WORKERS__EXECUTION_API_TIMEOUT": 60,  # default 5: the first call to a cold API server takes longer on a busy machine
    "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": 10,  # default 30: watchers of a dead triggerer move after 11, not 25
    "TRIGGERER__JOB_HEARTBEAT_SEC": 2,
    "DAG_PROCESSOR__REFRESH_INTERVAL": 30,  # default 300: a new file is not seen for so long
    "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 20,  # default 30; a DAG that was unpaused gets its watcher back only then
    "DAG_PROCESSOR__PARSING_PROCESSES": 1,
    "DAG_PROCESSOR__PRINT_STATS_INTERVAL": 300,
    "LOGGING__REMOTE_LOGGING": False,
    "LOGGING__COLORED_CONSOLE_LOG": False,
    "LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",  # else a line for each heartbeat
    "API__EXPOSE_CONFIG": False,
}

# What another Airflow, Python or database on this machine would mean for ours.
_FOREIGN = ("AIRFLOW", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PG")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What Airflow signs and encrypts with: the same in every process."""

    fernet: str
    secret: str
    jwt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What differs from one installation to the next; all else about Airflow is the same everywhere and stands above."""

    folder: Path  # AIRFLOW_HOME
    dags: Path
    logs: Path
    logins: Path  # the file of names and passwords
    host: str  # the address that the API server listens on
    port: int
    ui_url: str  # where people find the UI
    api_url: str  # where tasks find the API server
    keys: Keys = field(repr=False)
    airflow: str = field(repr=False)  # addresses of the databases, passwords included
    warehouse: str = field(repr=False)
    archive: str


def airflow_environment(
    home: Home, *, ui_port: int, postgres_port: int, dags: Path | None = None, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """All variables for Airflow's processes of a home and for whatever runs beside them.

    The caller's NEWSWIRE_* variables pass through; `settings` are more of them. `dags` is another folder than the checkout's.
    Makes the secrets on first use.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **inherited,
        **past_the_proxy(os.environ, LOOPBACK, "localhost"),
        "NEWSWIRE_STOPPING": str(home.stopping),
        **variables(_in_home(home, ui_port=ui_port, postgres_port=postgres_port, dags=dags)),
        **observed({**os.environ, **(settings or {})}),
        **(settings or {}),
    }


def variables(installation: Installation) -> dict[str, str]:
    """Airflow's settings, its two databases, and where the library is."""
    # Five drains linger in 16 tasks; an idle worker takes 19 MB.
    airflow = {"CORE__PARALLELISM": number(TASKS), **_TUNED, **_places(installation), **_doors(installation)}
    return {
        "AIRFLOW_HOME": str(installation.folder),
        "PYTHONPATH": str(CHECKOUT / "plugins"),
        **as_variables(airflow),
        **_databases(installation),
    }


def observed(given: Mapping[str, str]) -> dict[str, str]:
    """Airflow's metrics, where OpenTelemetry's own variables name a receiver, and its logs as JSON, where they are asked for.

    Neither costs anything while it is off.
    """
    settings: dict[str, object] = {}
    if given.get("OTEL_EXPORTER_OTLP_ENDPOINT") or given.get("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"):
        settings["METRICS__OTEL_ON"] = True
    if given.get("NEWSWIRE_LOGS", "text") == "json":
        settings["LOGGING__JSON_LOGS"] = True
    return as_variables(settings)


def as_variables(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings of Airflow, `SECTION__NAME`, as it reads them in the environment."""
    return {f"AIRFLOW__{name}": str(value) for name, value in settings.items()}


def past_the_proxy(given: Mapping[str, str], *hosts: str) -> dict[str, str]:
    """Tasks talk to the API server over HTTP: a proxy of the machine must not come in between."""
    names = [given.get("no_proxy") or given.get("NO_PROXY"), *hosts]
    joined = ",".join(name for name in names if name)
    return {"no_proxy": joined, "NO_PROXY": joined}


def logins(password: str) -> str:
    """The file of names and passwords, for the one user that there is."""
    return json.dumps({USER: password})


def ui_url(ui_port: int) -> str:
    """Where people find the Airflow UI."""
    return f"http://{LOOPBACK}:{ui_port}"


def login(home: Home) -> tuple[str, str]:
    """Name and password for the Airflow UI; short enough to be typed."""
    return USER, home.secret("airflow_admin", random_bytes=12)


def _in_home(home: Home, *, ui_port: int, postgres_port: int, dags: Path | None) -> Installation:
    """On the loopback address, behind a login."""
    keys = Keys(
        fernet=_fernet_key(home),
        secret=home.secret("airflow_secret_key", random_bytes=KEY_BYTES),
        jwt=home.secret("airflow_jwt", random_bytes=KEY_BYTES),
    )
    return Installation(
        folder=home.airflow,
        dags=dags or CHECKOUT / "dags",
        logs=home.logs / "airflow",
        logins=_passwords_file(home),
        host=LOOPBACK,
        port=ui_port,
        ui_url=ui_url(ui_port),
        api_url=ui_url(ui_port),
        keys=keys,
        airflow=airflow_url(home, port=postgres_port),
        warehouse=warehouse_url(home, port=postgres_port, role=WRITER),
        archive=str(home.archive),
    )


def _places(installation: Installation) -> dict[str, object]:
    return {
        "CORE__DAGS_FOLDER": installation.dags,
        "CORE__PLUGINS_FOLDER": CHECKOUT / "plugins",
        "LOGGING__BASE_LOG_FOLDER": installation.logs,
        "LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": installation.logs / "dag_processor",
    }


def _doors(installation: Installation) -> dict[str, object]:
    """Behind a login. The secrets are the same in every process."""
    return {
        "CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": installation.logins,
        "CORE__FERNET_KEY": installation.keys.fernet,
        "CORE__EXECUTION_API_SERVER_URL": f"{installation.api_url}/execution/",
        "API__BASE_URL": installation.ui_url,
        "API__HOST": installation.host,
        "API__PORT": installation.port,
        "API__WORKERS": 1,
        "API__SECRET_KEY": installation.keys.secret,
        "API_AUTH__JWT_SECRET": installation.keys.jwt,
    }


def _databases(installation: Installation) -> dict[str, str]:
    airflow, warehouse = installation.airflow, installation.warehouse
    return {
        # Airflow's own drivers: with psycopg 3 its asset graph fails (docs/decisions/0004-airflows-own-drivers.md).
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow.replace("postgresql://", "postgresql+psycopg2://"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": airflow.replace("postgresql://", "postgresql+asyncpg://"),
        "AIRFLOW_CONN_NEWS_WAREHOUSE": warehouse.replace("postgresql://", "postgres://"),
        "NEWSWIRE_WAREHOUSE": warehouse,
        "NEWSWIRE_ARCHIVE": installation.archive,
    }


def _passwords_file(home: Home) -> Path:
    file = home.secrets / "airflow_logins.json"
    if not file.exists():
        write_private(file, logins(login(home)[1]))
    return file


def _fernet_key(home: Home) -> str:
    file = home.secrets / "airflow_fernet"
    if not file.exists():
        write_private(file, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return file.read_text()

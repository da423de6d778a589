"""Newswire in containers: what `docker-compose.yml` starts.

    python -m newswire.runtime.container init              roles, databases, migrations; again without harm
    python -m newswire.runtime.container run COMPONENT     become that program of Airflow
    python -m newswire.runtime.container health COMPONENT  whether it is at work
    python -m newswire.runtime.container newswire ...      the command line; `airflow ...` is Airflow's

A container is told passwords and places; Airflow's settings follow from them as they do on one machine.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from newswire.errors import ConfigError, NewswireError, RuntimeTrouble
from newswire.runtime.airflow_env import Installation, Keys, as_variables, logins, observed, past_the_proxy, variables
from newswire.runtime.components import airflow_command, airflow_components
from newswire.runtime.databases import AIRFLOW, OWNER, READER, WAREHOUSE, WRITER, address, create_on
from newswire.runtime.health import PARTS, ask_health
from newswire.runtime.home import CHECKOUT, write_private
from newswire.runtime.ports import LOOPBACK
from newswire.runtime.postgres import SUPERUSER
from newswire.warehouse.migrate import migrate

# Where things are in the image (docker/Dockerfile) and between containers (docker-compose.yml).
AIRFLOW_FOLDER = Path("/tmp/airflow")  # noqa: S108 - the container's own, and the only place where it may write
ARCHIVE = "/var/lib/newswire/archive"
LOGS = Path("/var/log/newswire")
API_SERVER = "api-server"
PORT = 8080
DATABASE = "postgres:5432"
BROKER = "redis:6379"

# Which variable has the password of a role.
PASSWORDS = {
    SUPERUSER: "NEWSWIRE_POSTGRES_PASSWORD",
    AIRFLOW: "NEWSWIRE_AIRFLOW_PASSWORD",
    OWNER: "NEWSWIRE_OWNER_PASSWORD",
    WRITER: "NEWSWIRE_WRITER_PASSWORD",
    READER: "NEWSWIRE_READER_PASSWORD",
}

# How many workers of each kind there are: those that take the queue `default`, and those of a queue of their own.
WORKERS = {"default": "NEWSWIRE_WORKERS", "net": "NEWSWIRE_WORKERS_NET", "cpu": "NEWSWIRE_WORKERS_CPU"}
TASKS_A_WORKER = 16

# What Celery needs otherwise than one machine, in seconds.
_CELERY = {
    "CORE__EXECUTOR": "CeleryExecutor",
    "CELERY__WORKER_CONCURRENCY": TASKS_A_WORKER,
    "CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": 86_400,  # longer than any task, else it is given out twice
    # Redis keeps nothing: what it was told before it restarted is told again after this time, and not after ten minutes.
    "SCHEDULER__TASK_QUEUED_TIMEOUT": 180,
    "SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": 30,
}

# The command line stands above the runtime, so both are programs of their own here.
_SUBSCRIBE = "import sys; from newswire.commands.feeds import subscribe_new; sys.exit(subscribe_new())"
_NEWSWIRE = "import sys; sys.argv[0] = 'newswire'; from newswire.cli import main; sys.exit(main())"


def main(arguments: Sequence[str]) -> int:
    """One verb; the exit code."""
    try:
        match arguments:
            case ["init"]:
                init(os.environ)
            case ["run", component]:
                run(component, os.environ)
            case ["health", component]:
                problem = health(component, os.environ)
                print(problem or "at work")
                return 1 if problem else 0
            case ["newswire", *rest]:
                _become((sys.executable, "-c", _NEWSWIRE, *rest), environment(os.environ))
            case ["airflow", *rest]:
                _become(airflow_command(*rest), environment(os.environ))
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except NewswireError as error:
        print(f"newswire: {error}", file=sys.stderr)
        return 1
    return 0


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """All variables for Airflow's processes: what follows from those of the container, which win where both speak."""
    airflow = _address(given, AIRFLOW, AIRFLOW)
    installation = Installation(
        folder=AIRFLOW_FOLDER,
        dags=CHECKOUT / "dags",
        logs=LOGS,
        logins=AIRFLOW_FOLDER / "logins.json",
        host="0.0.0.0",  # noqa: S104 - of the container; docker-compose.yml publishes it on the loopback address
        port=PORT,
        ui_url=given.get("NEWSWIRE_UI_URL") or f"http://{LOOPBACK}:{PORT}",
        api_url=f"http://{API_SERVER}:{PORT}",
        keys=_keys(given),
        airflow=airflow,
        warehouse=_address(given, WRITER, WAREHOUSE),
        archive=ARCHIVE,
    )
    workers = {queue: _count(given, variable) for queue, variable in WORKERS.items()}
    celery = {
        **_CELERY,
        # As many as can run: others wait with the scheduler, which knows them, and not in Redis, where they would seem lost.
        "CORE__PARALLELISM": TASKS_A_WORKER * max(1, sum(workers.values())),
        "CELERY__BROKER_URL": _broker(given),
        "CELERY__RESULT_BACKEND": airflow.replace("postgresql://", "db+postgresql+psycopg2://"),
    }
    return {
        **variables(installation),
        **as_variables(celery),
        **observed(given),
        **{f"NEWSWIRE_QUEUE_{queue.upper()}": queue for queue in ("net", "cpu") if workers[queue]},
        **{name: value for name, value in given.items() if value},
        **past_the_proxy(given, API_SERVER, LOOPBACK, "localhost"),
    }


def init(given: Mapping[str, str]) -> None:
    """Brings both databases to the state that this image needs; every start of the system begins with it."""
    roles = (AIRFLOW, OWNER, WRITER, READER)
    create_on(_address(given, SUPERUSER, "postgres"), {role: _required(given, PASSWORDS[role]) for role in roles})
    print("roles and databases are there", flush=True)
    env = environment(given)
    AIRFLOW_FOLDER.mkdir(exist_ok=True)
    done = subprocess.run(airflow_command("db", "migrate"), env=env, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeTrouble("Airflow cannot set up its database; what it said stands above")
    for name in migrate(_address(given, OWNER, WAREHOUSE)):
        print(f"applied {name}")
    print("the warehouse is up to date", flush=True)
    subprocess.run((sys.executable, "-c", _SUBSCRIBE), env=env, check=False)  # noqa: S603 - a broken list keeps nobody from starting; it is named


def run(component: str, given: Mapping[str, str]) -> None:
    """Becomes the program, so that signals and the exit code are its own."""
    command = _commands(given).get(component)
    if command is None:
        raise ConfigError(f"{component!r} is no component; there are {', '.join(_commands(given))}")
    env = environment(given)
    AIRFLOW_FOLDER.mkdir(exist_ok=True)
    if component == API_SERVER and given.get("NEWSWIRE_ADMIN_PASSWORD"):
        write_private(AIRFLOW_FOLDER / "logins.json", logins(given["NEWSWIRE_ADMIN_PASSWORD"]))
    _become(command, env)


def health(component: str, given: Mapping[str, str]) -> str | None:
    """What is wrong with the component, in words; None when it is at work."""
    if component == "worker":
        return _worker_problem(given)
    parts = ask_health(PORT, host=LOOPBACK if component == API_SERVER else API_SERVER)
    if not parts:
        return "the API server does not answer"
    name = next((part for part, known in PARTS.items() if known == component), None)
    state = "healthy" if name is None else parts.get(name, {}).get("status")
    return None if state == "healthy" else f"Airflow has no sign of life of the {component}"


def _commands(given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What runs in which container. Nobody serves logs: they lie on one volume, where the API server reads them."""
    queues = given.get("NEWSWIRE_WORKER_QUEUES") or "default"
    worker = airflow_command("celery", "worker", "--skip-serve-logs", "--queues", queues)
    return {**{one.name: one.argv for one in airflow_components()}, "worker": worker}


def _worker_problem(given: Mapping[str, str]) -> str | None:
    """Asks the worker of this container through the broker. Celery alone does: Airflow's imports would cost seconds each time."""
    ask = (sys.executable, "-m", "celery", "inspect", "ping", "--timeout", "10", "--destination")
    env = {**os.environ, "CELERY_BROKER_URL": _broker(given)}
    done = subprocess.run([*ask, f"celery@{socket.gethostname()}"], env=env, capture_output=True, text=True, check=False)  # noqa: S603  # fmt: skip
    return None if done.returncode == 0 else f"the worker does not answer through Redis: {done.stdout}{done.stderr}"


def _become(command: Sequence[str], env: Mapping[str, str]) -> None:
    os.execvpe(command[0], list(command), dict(env))  # noqa: S606 - the programs are named above


def _keys(given: Mapping[str, str]) -> Keys:
    return Keys(
        fernet=_required(given, "NEWSWIRE_FERNET_KEY"),
        secret=_required(given, "NEWSWIRE_SECRET_KEY"),
        jwt=_required(given, "NEWSWIRE_JWT_SECRET"),
    )


def _address(given: Mapping[str, str], role: str, database: str) -> str:
    at = given.get("NEWSWIRE_POSTGRES") or DATABASE
    return address(role, password=_required(given, PASSWORDS[role]), at=at, database=database)


def _broker(given: Mapping[str, str]) -> str:
    return f"redis://:{quote(_required(given, 'NEWSWIRE_REDIS_PASSWORD'), safe='')}@{BROKER}/0"


def _count(given: Mapping[str, str], name: str) -> int:
    text = given.get(name) or "0"
    if not text.isdecimal():
        raise ConfigError(f"{name}={text} is not a whole number, 0 or more")
    return int(text)


def _required(given: Mapping[str, str], name: str) -> str:
    value = given.get(name)
    if not value:
        raise ConfigError(f"{name} is not set or empty; `make env` writes it into .env")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

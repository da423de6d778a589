"""New passwords and keys for an embedded system that is stopped; containers have theirs from `.env`.

A rotation that was cut off anywhere leaves a system that starts: `up` gives the roles the passwords that lie in the folder of
secrets, and Airflow reads what either of two Fernet keys has encrypted.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cryptography.fernet import Fernet

from newswire.errors import RuntimeTrouble
from newswire.operating.backup import KEY
from newswire.operating.installation import Site
from newswire.runtime import databases
from newswire.runtime.components import airflow_command
from newswire.runtime.home import Home, write_private
from newswire.runtime.postgres import SUPERUSER, Postgres
from newswire.runtime.status import status
from newswire.runtime.system import start_postgres
from newswire.warehouse import admin, hubs
from newswire.warehouse.connection import connect

_NEXT = f"{SUPERUSER}.next"


def rotate(home: Home, kind: str) -> str:
    """Change the secrets of one kind (`KINDS`); says what was done. Raises RuntimeTrouble while the system runs."""
    if status(home).is_running:
        raise RuntimeTrouble("its programs hold the old secrets: `newswire stop` first")
    return KINDS[kind](home)


def _databases(home: Home) -> str:
    with _server(home) as server:
        _superuser(home, server)
        for role in databases.ROLES:
            (home.secrets / role).unlink(missing_ok=True)
        databases.create_databases(Postgres.in_home(home, port=server.port), home)
    return f"new passwords for {SUPERUSER}, {', '.join(databases.ROLES)}"


def _superuser(home: Home, server: Postgres) -> None:
    """The new password lies beside the old one until the server knows it: cut off in between, one of the two is right."""
    (home.secrets / _NEXT).unlink(missing_ok=True)
    password = home.secret(_NEXT)
    with admin.superuser(server.url()) as conn:
        admin.create_role(conn, SUPERUSER, password=password, settings={})
    (home.secrets / _NEXT).replace(home.secrets / SUPERUSER)


def _fernet(home: Home) -> str:
    """Both keys first, so that nothing is unreadable at any moment; then all is encrypted anew, and the old one goes."""
    file = home.secrets / KEY
    new = Fernet.generate_key().decode()
    with _server(home):
        write_private(file, f"{new},{Site.embedded(home).required('AIRFLOW__CORE__FERNET_KEY')}")
        done = subprocess.run(  # noqa: S603
            airflow_command("rotate-fernet-key"),
            env=dict(Site.embedded(home).env),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeTrouble(f"Airflow did not encrypt its connections anew; both keys stay: {done.stderr[-500:]}")
    write_private(file, new)
    return "a new Fernet key; Airflow's connections and variables are encrypted with it"


def _keys(home: Home) -> str:
    for name in ("airflow_secret_key", "airflow_jwt"):
        (home.secrets / name).unlink(missing_ok=True)
    return "new keys for sessions and for the tokens of tasks; whoever was logged in logs in again"


def _login(home: Home) -> str:
    for name in ("airflow_admin", "airflow_logins.json"):
        (home.secrets / name).unlink(missing_ok=True)
    return "a new password for the UI; `newswire status` shows it"


def _websub(home: Home) -> str:
    with _server(home), connect(Site.embedded(home).warehouse, name="rotate") as conn:
        renewed = hubs.renew_soon(conn)
    return f"{renewed} hubs will be asked anew, with new callbacks and secrets, within the hour"


KINDS: dict[str, Callable[[Home], str]] = {
    "databases": _databases,
    "fernet": _fernet,
    "keys": _keys,
    "login": _login,
    "websub": _websub,
}


@contextmanager
def _server(home: Home) -> Iterator[Postgres]:
    """PostgreSQL alone, for as long as the block takes."""
    server = start_postgres(home)
    try:
        yield server
    finally:
        server.stop()

"""The two databases of a home and who may enter them.

    airflow     of role airflow
    warehouse   of newswire_owner (migrations), entered by newswire_writer (the pipeline) and newswire_reader (people)

Passwords are random, in the home's folder of secrets, one file a role.
"""

from __future__ import annotations

from newswire.runtime.home import Home
from newswire.runtime.postgres import Postgres
from newswire.warehouse import admin

AIRFLOW = "airflow"
WAREHOUSE = "warehouse"
OWNER = "newswire_owner"
WRITER = "newswire_writer"
READER = "newswire_reader"

# A lost peer or a forgotten transaction must not hold a lock for ever, whichever program it came from.
_PIPELINE = {
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
_ROLES = {
    AIRFLOW: {"idle_in_transaction_session_timeout": "10min"},
    OWNER: {"idle_in_transaction_session_timeout": "10min"},
    WRITER: _PIPELINE,
    READER: {"default_transaction_read_only": "on", "idle_in_transaction_session_timeout": "10min"},
}


def create_databases(postgres: Postgres, home: Home) -> None:
    """Roles with the passwords of the home, then the databases; again without harm."""
    with admin.superuser(postgres.url()) as conn:
        for role, settings in _ROLES.items():
            admin.create_role(conn, role, password=home.secret(role), settings=settings)
        admin.create_database(conn, AIRFLOW, owner=AIRFLOW)
        admin.create_database(conn, WAREHOUSE, owner=OWNER, guests=(WRITER, READER))


def warehouse_url(home: Home, *, port: int, role: str) -> str:
    """The warehouse's address for one of OWNER, WRITER, READER; password included."""
    return _url(home, port=port, role=role, database=WAREHOUSE)


def airflow_url(home: Home, *, port: int) -> str:
    """The address of Airflow's own database."""
    return _url(home, port=port, role=AIRFLOW, database=AIRFLOW)


def _url(home: Home, *, port: int, role: str, database: str) -> str:
    return f"postgresql://{role}:{home.secret(role)}@127.0.0.1:{port}/{database}"

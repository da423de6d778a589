"""The two databases and who may enter them.

    airflow     of role airflow
    warehouse   of newswire_owner (migrations), entered by newswire_writer (the pipeline) and newswire_reader (people)

Those of a home have random passwords in its folder of secrets, one file a role; those of containers have them from `.env`.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from newswire.runtime.home import Home
from newswire.runtime.ports import LOOPBACK
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
# A question that nobody waits for any more, or that was meant otherwise, ends by itself; a session may ask for more time. Marts are
# joins of tables: two of them in one question are more than the eight that the planner puts in order by default.
_PEOPLE = {
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10min",
    "random_page_cost": "1.1",
    "join_collapse_limit": "12",
    "from_collapse_limit": "12",
}
ROLES = {
    AIRFLOW: {"idle_in_transaction_session_timeout": "10min"},
    OWNER: {"idle_in_transaction_session_timeout": "10min"},
    WRITER: _PIPELINE,
    READER: _PEOPLE,
}
CONNECTIONS = {READER: 30}  # of 120: whoever asks never keeps the pipeline out


def create_databases(postgres: Postgres, home: Home) -> None:
    """Roles with the passwords of the home, then the databases; again without harm."""
    create_on(postgres.url(), {role: home.secret(role) for role in ROLES})


def create_on(server: str, passwords: Mapping[str, str]) -> None:
    """The same on any server, named by its superuser's address; `passwords` has one for each of ROLES."""
    with admin.superuser(server) as conn:
        for role, settings in ROLES.items():
            admin.create_role(
                conn, role, password=passwords[role], settings=settings, connections=CONNECTIONS.get(role)
            )
        admin.count_statements(conn)
        admin.create_database(conn, AIRFLOW, owner=AIRFLOW)
        admin.create_database(conn, WAREHOUSE, owner=OWNER, guests=(WRITER, READER))


def warehouse_url(home: Home, *, port: int, role: str) -> str:
    """The warehouse's address for one of OWNER, WRITER, READER; password included."""
    return _url(home, port=port, role=role, database=WAREHOUSE)


def airflow_url(home: Home, *, port: int) -> str:
    """The address of Airflow's own database."""
    return _url(home, port=port, role=AIRFLOW, database=AIRFLOW)


def address(role: str, *, password: str, at: str, database: str) -> str:
    """How a role enters a database of the server at `host:port`; password included."""
    return f"postgresql://{role}:{quote(password, safe='')}@{at}/{database}"


def _url(home: Home, *, port: int, role: str, database: str) -> str:
    return address(role, password=home.secret(role), at=f"{LOOPBACK}:{port}", database=database)

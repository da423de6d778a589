"""What Airflow's own database says of Airflow (`sql/airflow/`): for whoever looks when Airflow itself may not answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import Query, read_queries, sql_folder

PARTS = {"SchedulerJob": "scheduler", "TriggererJob": "triggerer", "DagProcessorJob": "dag-processor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDag:
    """A DAG as the dag-processor last read it."""

    dag_id: str
    is_paused: bool
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownConnection:
    """A connection of Airflow; `encrypted` is what its key must open."""

    conn_id: str
    encrypted: tuple[str, ...] = field(repr=False)


def signs_of_life(conn: Conn) -> dict[str, float]:
    """Seconds since each part of Airflow gave one; those that never did are missing."""
    return {PARTS[kind]: ago_s for kind, ago_s in _ask(conn, "signs_of_life") if ago_s is not None}


def import_errors(conn: Conn) -> list[tuple[str, str]]:
    """Files of DAGs that cannot be read, and the last line of why."""
    return [(file, trace.strip().splitlines()[-1] if trace else "") for file, trace in _ask(conn, "import_errors")]


def dags(conn: Conn) -> list[ParsedDag]:
    """All that are there now."""
    return [ParsedDag(dag_id=dag, is_paused=paused, file=file) for dag, paused, file in _ask(conn, "dags")]


def pools(conn: Conn) -> dict[str, int]:
    """Their slots, by name."""
    return dict(_ask(conn, "pools"))


def connections(conn: Conn) -> list[KnownConnection]:
    """Those that are kept in the database; others stand in the environment."""
    return [
        KnownConnection(
            conn_id=name,
            encrypted=tuple(
                text for text, is_encrypted in ((password, secret), (extra, extra_secret)) if text and is_encrypted
            ),
        )
        for name, password, extra, secret, extra_secret in _ask(conn, "connections")
    ]


def version(conn: Conn) -> str | None:
    """The state of Airflow's schema; None before its first migration."""
    return next((name for (name,) in _ask(conn, "version")), None)


def _ask(conn: Conn, name: str) -> list[tuple[Any, ...]]:
    return conn.execute(_questions()[name].text).fetchall()


@cache
def _questions() -> dict[str, Query]:
    return {query.name.rpartition(".")[2]: query for query in read_queries(sql_folder() / "airflow" / "doctor.sql")}

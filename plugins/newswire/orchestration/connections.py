"""How the warehouse is reached from inside Airflow: the Airflow connection `news_warehouse`, as a libpq URI."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from airflow.sdk import Connection

WAREHOUSE = "news_warehouse"

# An Airflow connection's `extra` may hold anything; only these are libpq's.
_LIBPQ = ("sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "gssencmode", "channel_binding")


def warehouse_dsn(conn_id: str = WAREHOUSE) -> str:
    """The address of the warehouse with its password, for a task. Raises AirflowNotFoundException."""
    connection = Connection.get(conn_id)
    return libpq_uri(connection, connection.extra_dejson)


async def warehouse_dsn_async(conn_id: str = WAREHOUSE) -> str:
    """The same for a trigger, whose event loop must not block."""
    connection = await Connection.async_get(conn_id)
    return libpq_uri(connection, await connection.aextra_dejson())


def libpq_uri(connection: Connection, extra: dict[str, Any]) -> str:
    """Write an Airflow connection the way libpq reads it."""
    user = quote(connection.login or "", safe="")
    password = ":" + quote(connection.password, safe="") if connection.password else ""
    host = quote(connection.host or "", safe="")
    port = f":{connection.port}" if connection.port else ""
    database = quote(connection.schema or "", safe="")
    options = urlencode({key: extra[key] for key in _LIBPQ if key in extra})
    return f"postgresql://{user}{password}@{host}{port}/{database}" + (f"?{options}" if options else "")

"""Airflow's connections: `news_warehouse` as a libpq URI, those of feeds as the headers that they are asked with,
those of alert channels as what they say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from newswire.errors import ConfigError

if TYPE_CHECKING:
    from newswire.records import Access, Credential

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


def feed_credential(conn_id: str) -> Credential:
    """The credential of the connection that a feed names. Raises ConfigError, which becomes that feed's failure."""
    from newswire.core.credentials import credential  # noqa: PLC0415 - whoever parses a DAG needs none

    connection = _known(conn_id)
    try:
        return credential(connection.login, connection.password, connection.extra_dejson)
    except ValueError as error:
        raise ConfigError(f"connection {conn_id!r}: {error}") from None


def channel_access(conn_id: str) -> Access:
    """What the connection of an alert's channel says. Raises ConfigError, which becomes the failure of that delivery."""
    from newswire.records import Access  # noqa: PLC0415 - as above

    connection = _known(conn_id)
    return Access(
        host=connection.host or None,
        port=connection.port,
        login=connection.login or None,
        password=connection.password or None,
        extra=connection.extra_dejson,
    )


def _known(conn_id: str) -> Connection:
    try:
        connection: Connection = Connection.get(conn_id)
    except AirflowNotFoundException:
        raise ConfigError(f"there is no connection {conn_id!r}; define it in Airflow, Admin, Connections") from None
    return connection

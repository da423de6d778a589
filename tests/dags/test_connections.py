"""How an Airflow connection becomes an address that libpq understands."""

from __future__ import annotations

import asyncio

import pytest
from psycopg.conninfo import conninfo_to_dict

from newswire.errors import ConfigError


@pytest.fixture
def connections(orchestration):
    return orchestration("connections")


def test_nothing_of_a_connection_is_lost_on_the_way(connections, monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_NEWS_WAREHOUSE",
        '{"conn_type": "postgres", "host": "db.example", "port": 6543, "login": "wri ter", "password": "p@ss:/?#%",'
        ' "schema": "ware house", "extra": {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}}',
    )
    expected = {
        "host": "db.example",
        "port": "6543",
        "user": "wri ter",
        "password": "p@ss:/?#%",
        "dbname": "ware house",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
    }
    assert conninfo_to_dict(connections.warehouse_dsn()) == expected
    assert conninfo_to_dict(asyncio.run(connections.warehouse_dsn_async())) == expected


def test_a_uri_is_read_as_well(connections, monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_NEWS_WAREHOUSE", "postgresql://writer:p%40ss@127.0.0.1:5433/warehouse?sslmode=prefer"
    )
    assert conninfo_to_dict(connections.warehouse_dsn())["password"] == "p@ss"
    assert conninfo_to_dict(connections.warehouse_dsn())["sslmode"] == "prefer"


def test_what_only_airflow_understands_is_left_out(connections, monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_NEWS_WAREHOUSE",
        '{"conn_type": "postgres", "host": "db", "schema": "warehouse", "extra": {"cursor": "dictcursor", "iam": true}}',
    )
    assert conninfo_to_dict(connections.warehouse_dsn()) == {"host": "db", "dbname": "warehouse"}


def test_a_socket_folder_may_be_the_host(connections, monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_NEWS_WAREHOUSE", '{"conn_type": "postgres", "host": "/run/postgresql", "schema": "warehouse"}'
    )
    assert conninfo_to_dict(connections.warehouse_dsn())["host"] == "/run/postgresql"


# --- Of feeds --------------------------------------------------------------------------------------------------------


def test_a_feed_is_asked_with_what_its_connection_says(connections, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_WIRE", '{"conn_type": "http", "login": "ann", "password": "pw"}')
    assert dict(connections.feed_credential("wire").headers) == {"Authorization": "Basic YW5uOnB3"}
    monkeypatch.setenv("AIRFLOW_CONN_WIRE", '{"conn_type": "http", "extra": {"headers": {"X-Key": "k"}}}')
    assert connections.feed_credential("wire").headers == (("X-Key", "k"),)


def test_a_connection_that_is_missing_or_empty_is_said_with_the_mend(connections, monkeypatch):
    with pytest.raises(ConfigError, match="there is no connection 'nowhere'; define it in Airflow"):
        connections.feed_credential("nowhere")
    monkeypatch.setenv("AIRFLOW_CONN_WIRE", '{"conn_type": "http"}')
    with pytest.raises(ConfigError, match="connection 'wire': it says nothing; give it a login"):
        connections.feed_credential("wire")

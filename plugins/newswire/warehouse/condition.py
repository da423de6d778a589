"""How the warehouse is: for `newswire doctor`."""

from __future__ import annotations

from newswire.records import CheckState, Freshness, MissingGrant, ServerClock
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows


def clock(conn: Conn) -> ServerClock:
    """Its time, and which PostgreSQL it is."""
    return rows(conn, "doctor.clock", ServerClock)[0]


def missing_grants(conn: Conn) -> list[MissingGrant]:
    """What the roles may not do but must."""
    return rows(conn, "doctor.missing_grants", MissingGrant)


def checks(conn: Conn) -> list[CheckState]:
    """What its checks found when they were last asked."""
    return rows(conn, "doctor.checks", CheckState)


def freshness(conn: Conn) -> Freshness:
    """How old the newest is."""
    return rows(conn, "doctor.freshness", Freshness)[0]

"""Wake-ups by NOTIFY, on the connection that works: what arrives between two waits is kept by the driver."""

from __future__ import annotations

from psycopg import sql

from newswire.records import Stage
from newswire.warehouse.connection import Conn


def listen(conn: Conn, stage: Stage) -> None:
    """Hear of work for a stage from now on."""
    conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(f"newswire_{stage}")))


def wait(conn: Conn, timeout_s: float) -> bool:
    """Wait for a wake-up; False when none came in time. Several that came together count as one."""
    woken = False
    for _ in conn.notifies(timeout=max(timeout_s, 0), stop_after=1):
        woken = True
    return woken

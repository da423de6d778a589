"""What all workers know together of this machine's way to the world."""

from __future__ import annotations

from newswire.records import Network
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

_BEFORE_S = 600  # failures of so long before a fault was noticed are taken to be its doing ...
_LASTING_S = 120  # ... if it lasts longer than this


def is_down(conn: Conn) -> bool:
    """Whether some worker found this machine to be cut off, and none has reached anybody since."""
    return rows(conn, "network.state", Network)[0].is_down


def probe(conn: Conn, *, every_s: float) -> bool:
    """Whether this worker may try now; of all workers one may in `every_s` seconds."""
    return run(conn, "network.probe", probe_s=every_s) > 0


def went_down(conn: Conn) -> None:
    """Tell every worker that this machine is cut off."""
    run(conn, "network.went_down")


def came_back(conn: Conn) -> None:
    """Tell every worker that somebody was reached."""
    run(conn, "network.came_back", before_s=_BEFORE_S, lasting_s=_LASTING_S)

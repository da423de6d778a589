"""When this machine is cut off: nothing is counted against anybody, and a few probes wait for the world to come back."""

from __future__ import annotations

from datetime import UTC, datetime

from newswire.core.network import Sight, is_cut_off, noted
from newswire.records import HttpFailure, HttpReply
from newswire.warehouse import network
from newswire.warehouse.connection import Conn

_UNREACHED = {"dns", "connect"}
_PROBE_S, _PROBES = 30.0, 5


class Breaker:
    """What one worker sees of the network, and what all workers know of it."""

    def __init__(self, conn: Conn) -> None:
        self._conn = conn
        self._sights: tuple[Sight, ...] = ()
        self._is_down = False

    def room(self, free: int) -> int:
        """How many requests may be started; while the network is down only a few probes in half a minute."""
        self._is_down = network.is_down(self._conn)
        if not self._is_down:
            return free
        return min(free, _PROBES) if network.probe(self._conn, every_s=_PROBE_S) else 0

    def believes(self, host: str, reply: HttpReply) -> bool:
        """Take note of an answer; False when it says nothing of the host, because the fault is on our side."""
        now = datetime.now(UTC)
        reached = not (isinstance(reply, HttpFailure) and reply.cause in _UNREACHED)
        self._sights = noted(self._sights, Sight(host=host, at=now, reached=reached))
        if reached:
            self._come_back()
        elif not self._is_down and is_cut_off(self._sights, now=now):
            network.went_down(self._conn)
            self._is_down = True
        return reached or not self._is_down

    def _come_back(self) -> None:
        if self._is_down:
            network.came_back(self._conn)
            self._is_down, self._sights = False, ()

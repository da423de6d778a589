"""robots.txt as any worker read it, for all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from threading import Lock

import psycopg

from newswire.errors import WarehouseError
from newswire.records import KeptRobots
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

log = logging.getLogger(__name__)


class SharedRobots:
    """What the web keeps robots.txt in. May be called from any thread; without a warehouse it knows nothing."""

    def __init__(self, connect: Callable[[], Conn]) -> None:
        """`connect` opens a connection of its own, once something is asked."""
        self._connect = connect
        self._one_at_a_time = Lock()

    def recall(self, site: str, *, max_age_s: float) -> KeptRobots | None:
        """A site's robots.txt, if somebody read it within so many seconds."""
        try:
            with self._one_at_a_time:
                found = rows(self._conn, "robots.recall", KeptRobots, site=site, max_age_s=max_age_s)
        except (psycopg.Error, WarehouseError) as error:
            log.warning("robots.txt of %s is read anew: %s", site, error)
            return None
        return found[0] if found else None

    def keep(self, kept: KeptRobots) -> None:
        """Keep what was just read."""
        try:
            with self._one_at_a_time:
                run(self._conn, "robots.keep", site=kept.site, status=kept.status, body=kept.body)
        except (psycopg.Error, WarehouseError) as error:
            log.warning("robots.txt of %s is not kept: %s", kept.site, error)

    @cached_property
    def _conn(self) -> Conn:
        return self._connect()

"""Politeness: requests to one host never overlap and keep their distance; all hosts together keep within a bound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_FORGET_S = 60.0


@dataclass(slots=True)
class _Host:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: int = 0  # requests that wait or are under way
    left_at: float = float("-inf")  # when the last one ended, by the clock of the loop


class Turns:
    """Who may ask which host when. First come, first served."""

    def __init__(self, max_in_flight: int) -> None:
        self._hosts: dict[str, _Host] = {}
        self._in_flight = asyncio.Semaphore(max_in_flight)

    @asynccontextmanager
    async def turn(self, name: str, *, gap_s: float) -> AsyncIterator[None]:
        """Wait for the host, until at least `gap_s` after the end of its last request, then for a free place.

        From its end: so the host sees the distance too, however long either was on its way.
        """
        host = self._hosts.setdefault(name, _Host())
        host.asking += 1
        try:
            async with host.turn:
                await asyncio.sleep(host.left_at + gap_s - _now())
                async with self._in_flight:
                    try:
                        yield
                    finally:
                        host.left_at = _now()
        finally:
            host.asking -= 1
            keep_s = max(gap_s, _FORGET_S)
            asyncio.get_running_loop().call_later(keep_s, self._forget, name, keep_s)

    def _forget(self, name: str, keep_s: float) -> None:
        host = self._hosts.get(name)
        if host is not None and not host.asking and host.left_at + keep_s <= _now():
            del self._hosts[name]


def _now() -> float:
    return asyncio.get_running_loop().time()

"""A newsroom in a thread of its own, for tests and benches."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from newswire.newsroom.hub import Hub
from newswire.newsroom.model import Subscription
from newswire.newsroom.server import Newsroom, serve

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningNewsroom:
    """A newsroom that serves on a port; its methods may be called from any thread."""

    port: int
    _newsroom: Newsroom
    _loop: asyncio.AbstractEventLoop

    def publish(self, urls: Sequence[str] | None = None) -> None:
        """Publish at once all that is left, or these articles."""
        self._on_loop(lambda: self._newsroom.publish(urls))

    def status(self) -> dict[str, Any]:
        """As the control corner gives it."""
        return self._on_loop(self._newsroom.status)

    def ledger(self) -> list[dict[str, Any]]:
        """As the control corner gives it."""
        return self._on_loop(self._newsroom.ledger)

    def hub(self) -> Hub:
        """The hub of a newsroom that has one."""
        assert self._newsroom.hub is not None
        return self._newsroom.hub

    def subscriptions(self) -> list[Subscription]:
        """What to subscribe to."""
        return self._newsroom.subscriptions()

    def _on_loop(self, act: Callable[[], _T]) -> _T:
        async def acting() -> _T:
            return act()

        return asyncio.run_coroutine_threadsafe(acting(), self._loop).result()


@contextmanager
def running_newsroom(
    newsroom: Newsroom, *, port: int = 0, over_s: float = 0.0, hold: bool = False
) -> Iterator[RunningNewsroom]:
    """Run a newsroom until the end of the block; the options are those of `serve`."""
    started: Future[RunningNewsroom] = Future()
    stop = asyncio.Event()

    async def run() -> None:
        try:
            async with serve(newsroom, port=port, over_s=over_s, hold=hold) as bound:
                loop = asyncio.get_running_loop()
                started.set_result(RunningNewsroom(port=bound, _newsroom=newsroom, _loop=loop))
                await stop.wait()
        except OSError as error:  # the port is taken
            started.set_exception(error)

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="newsroom")
    thread.start()
    try:
        running = started.result()
        yield running
    finally:
        if started.done() and started.exception() is None:
            started.result()._loop.call_soon_threadsafe(stop.set)  # noqa: SLF001 - our own handle
        thread.join()

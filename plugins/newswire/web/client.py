"""The one way to the web: every request of Newswire goes through `Web`."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Self

from newswire.records import HttpReply
from newswire.web.async_web import AsyncWeb
from newswire.web.doors import Lookup
from newswire.web.request import Request, WebSettings
from newswire.web.robots import RobotsMemory


class Web:
    """Asks for addresses, many at a time, each within its limits.

    Use it as a context manager. An event loop in a thread of its own does the work; `submit`, `get` and `close` may be
    called from any other thread. Whatever a server or an address does, the reply is a value: `HttpResponse`, or
    `HttpFailure` with its cause.
    """

    def __init__(
        self,
        settings: WebSettings | None = None,
        *,
        lookup: Lookup | None = None,
        robots: RobotsMemory | None = None,
    ) -> None:
        """`lookup` replaces the system's lookup of host names; `robots` is where robots.txt files lie for all workers."""
        self._settings = settings or WebSettings()
        self._lookup = lookup
        self._robots = robots
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="newswire-web", daemon=True)
        self._ready = Future[None]()
        self._submitting = threading.Lock()
        self._open = False

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result()
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, request: Request) -> Future[HttpReply]:
        """The reply to come. It may be cancelled, and is when the web closes first. RuntimeError: the web is not open."""
        with self._submitting:
            if not self._open:
                raise RuntimeError("this Web is not open: use it inside its `with` block")
            return asyncio.run_coroutine_threadsafe(self._web.get(request), self._loop)

    def get(self, request: Request) -> HttpReply:
        """The reply, waited for."""
        return self.submit(request).result()

    def close(self) -> None:
        """Cancel what is under way and end the thread. Closing again does nothing."""
        with self._submitting:
            was_open, self._open = self._open, False
        if was_open:
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join()

    async def _serve(self) -> None:
        try:
            self._loop = asyncio.get_running_loop()
            self._closing = asyncio.Event()
            self._web = AsyncWeb(self._settings, lookup=self._lookup, robots=self._robots)
        except BaseException as error:
            self._ready.set_exception(error)
            raise
        self._ready.set_result(None)
        await self._closing.wait()
        await _cancel_all_others()
        await self._web.close()


async def _cancel_all_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

"""The address that hubs call (WebSub): the one route of Newswire without a login, mounted into Airflow's API server.

GET    a hub asks whether we asked for a subscription, or tells that it will not have us
POST   a hub pushes: the bytes are kept for the drain of `take_pushes`, and read there, never here

Whoever calls is a stranger. An address that was not made by us is answered 404 before a byte of a body is read; bodies are
bounded, few at a time and for a short time only; what is not signed with the secret of the subscription is answered 202, as
the Recommendation asks (section 7.1.2), and counted, not kept. Nothing that a caller sends is shown to anybody but the
challenge to the hub itself, as plain text.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request, Response
from psycopg_pool import ConnectionPool
from starlette.requests import ClientDisconnect

from newswire.core.websub import CALLBACK_PATH, distrust, granted_lease_s, shortened
from newswire.errors import ConfigError
from newswire.records import Callback, DropReason
from newswire.settings import Settings
from newswire.warehouse import hubs, pushes
from newswire.warehouse.connection import Conn, is_unreachable, pool

log = logging.getLogger(__name__)

_MAX_BYTES = 3 * 1024 * 1024  # a feed beyond that is polled
_MAX_CHALLENGE_CHARS = 1_000
_MAX_TOPIC_CHARS = 2_000
_BODY_WITHIN_S = 20
_AT_A_TIME = 8  # bodies under way: 24 MB at most
_CONNECTIONS, _CONNECTION_WITHIN_S = 4, 5
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)

_T = TypeVar("_T")


def mounts() -> list[dict[str, Any]]:
    """What the plugin adds to the API server: nothing without a public address, and nothing where a setting is wrong."""
    try:
        settings = Settings.from_env()
    except ConfigError as error:
        log.error("WebSub is off: %s", error)  # noqa: TRY400 - the message says it all
        return []
    if settings.public_url is None:
        return []
    return [{"app": callback_app(settings.warehouse), "url_prefix": CALLBACK_PATH, "name": "Newswire, for hubs"}]


def callback_app(warehouse: str) -> FastAPI:
    """The application that answers hubs; `warehouse` is the DSN of the writer."""
    door = Door(pool(warehouse, name="callback", size=_CONNECTIONS, wait_s=_CONNECTION_WITHIN_S))
    app = FastAPI(lifespan=door.open, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/{token}", door.answer, methods=["GET", "POST"], response_model=None)
    return app


class Door:
    """Answers hubs, with a few connections to the warehouse."""

    def __init__(self, connections: ConnectionPool[Conn]) -> None:
        self._connections = connections
        self._threads = CapacityLimiter(_CONNECTIONS)
        self._under_way = 0

    @asynccontextmanager
    async def open(self, _: FastAPI) -> AsyncIterator[None]:
        """The connections, as long as the server runs."""
        self._connections.open()
        try:
            yield
        finally:
            await to_thread.run_sync(self._connections.close)

    async def answer(self, token: str, request: Request) -> Response:
        """One call of a hub."""
        if not _TOKEN.fullmatch(token):
            return _said(404)
        try:
            return await (self._push(token, request) if request.method == "POST" else self._intent(token, request))
        except ClientDisconnect:
            return _said(408)
        except Exception as error:
            if not is_unreachable(error):
                raise
            log.warning("a hub called while the warehouse cannot be reached: %s", error)
            return _said(503, retry_after_s=60)

    # --- GET: what does the hub want to know? ---

    async def _intent(self, token: str, request: Request) -> Response:
        asked = request.query_params
        topic_url, challenge = asked.get("hub.topic", ""), asked.get("hub.challenge", "")
        if len(topic_url) > _MAX_TOPIC_CHARS or not topic_url.isprintable() or len(challenge) > _MAX_CHALLENGE_CHARS:
            return _said(404)
        match asked.get("hub.mode"):
            case "subscribe" if challenge:
                lease_s = granted_lease_s(asked.get("hub.lease_seconds"))
                agreed = await self._ask(partial(hubs.verify, token=token, topic_url=topic_url, lease_s=lease_s))
            case "unsubscribe" if challenge:
                agreed = await self._ask(partial(hubs.confirm_leaving, token=token, topic_url=topic_url))
            case "denied":
                reason = shortened(asked.get("hub.reason", ""))
                agreed = await self._ask(partial(hubs.deny, token=token, topic_url=topic_url, reason=reason))
            case _:
                agreed = False
        return _said(200, challenge) if agreed else _said(404)

    # --- POST: a push ---

    async def _push(self, token: str, request: Request) -> Response:
        callback = await self._ask(partial(hubs.at_token, token=token))
        if callback is None:
            return _said(404)
        if not callback.is_live:
            return _said(410)
        if self._under_way >= _AT_A_TIME:
            return _said(503, retry_after_s=10)
        self._under_way += 1
        try:
            return await self._take(callback, request)
        finally:
            self._under_way -= 1

    async def _take(self, callback: Callback, request: Request) -> Response:
        signature = request.headers.get("X-Hub-Signature")
        reason: DropReason | None = _refused_unread(request, signature)
        if reason is None:
            body = await _body(request)
            reason = "too_large" if body is None else distrust(body, signature, callback.secret)
            if body is not None and reason is None:
                reason = await self._ask(partial(_keep, callback, body, request.headers.get("Content-Type")))
        if reason is not None:
            await self._ask(partial(_drop, callback, reason))
        return _said(503, retry_after_s=600) if reason == "no_room" else _said(202)

    async def _ask(self, question: Callable[[Conn], _T]) -> _T:
        """Ask the warehouse, in one of a few threads."""

        def asked() -> _T:
            with self._connections.connection() as conn:
                return question(conn)

        return await to_thread.run_sync(asked, limiter=self._threads)


def _refused_unread(request: Request, signature: str | None) -> DropReason | None:
    """Why a push is dropped before its body is read."""
    if not signature:
        return "unsigned"
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return "encoded"
    announced = request.headers.get("Content-Length", "")
    return "too_large" if announced.isdigit() and int(announced[:12]) > _MAX_BYTES else None


async def _body(request: Request) -> bytes | None:
    """The body; None where it is too large. Raises ClientDisconnect, also for a caller that takes too long."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _MAX_BYTES:
                    return None
    except TimeoutError as error:
        raise ClientDisconnect from error
    return bytes(body)


def _keep(callback: Callback, body: bytes, content_type: str | None, conn: Conn) -> DropReason | None:
    return pushes.keep(conn, callback, body, content_type and content_type[:200])


def _drop(callback: Callback, reason: DropReason, conn: Conn) -> None:
    log.warning("dropped a push of feed %s from %s: %s", callback.feed_id, callback.hub_url, reason)
    pushes.drop(conn, callback, reason)


def _said(status: int, text: str = "", *, retry_after_s: int | None = None) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    return Response(text, status_code=status, media_type="text/plain", headers=headers)

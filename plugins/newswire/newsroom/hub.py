"""The hub of the newsroom (WebSub): verifies who subscribes, signs what it pushes, tells only callbacks on this machine."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import aiohttp

from newswire.newsroom.answers import Document

HOST = "hub.newsroom.example"
URL = f"http://{HOST}/"

_LONGEST_LEASE_S = 10 * 86_400  # what it grants, whatever is asked for
_TRIES, _FIRST_PAUSE_S = 4, 0.5
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who is pushed a topic."""

    topic: str
    callback: str
    secret: str | None
    until: datetime


class Hub:
    """Subscribers by topic and callback, and the deliveries under way. Belongs to one event loop."""

    def __init__(self) -> None:
        self.subscribers: dict[tuple[str, str], Subscriber] = {}
        self.delivered: list[tuple[str, int]] = []  # topic and status of each delivery, for who wants to know
        self.denies: str | None = None  # a reason: whoever asks is denied
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def state(self) -> dict[str, object]:
        """The topics that are pushed, and the status of each delivery."""
        return {"topics": sorted(topic for topic, _ in self.subscribers), "delivered": self.delivered}

    def ask(self, form: Mapping[str, str]) -> tuple[int, str]:
        """Status and words for a request to subscribe or unsubscribe; it is verified afterwards."""
        mode, topic, callback = (form.get(f"hub.{name}", "") for name in ("mode", "topic", "callback"))
        if mode not in {"subscribe", "unsubscribe"} or not topic:
            return 400, "hub.mode must be subscribe or unsubscribe, hub.topic an address\n"
        if urlsplit(callback).hostname not in _LOOPBACK:
            return 403, "this hub calls this machine only\n"
        lease_s = min(int(form.get("hub.lease_seconds") or _LONGEST_LEASE_S), _LONGEST_LEASE_S)
        until = datetime.now(UTC) + timedelta(seconds=lease_s)
        wished = Subscriber(topic=topic, callback=callback, secret=form.get("hub.secret"), until=until)
        self._begin(self._deny(wished) if self.denies is not None else self._verify(wished, mode, lease_s))
        return 202, ""

    def publish(self, topic: str, document: Document) -> None:
        """Push a document to all who subscribed to its topic."""
        for subscriber in [one for one in self.subscribers.values() if one.topic == topic]:
            if subscriber.until > datetime.now(UTC):
                self._begin(self._deliver(subscriber, document))

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _verify(self, wished: Subscriber, mode: str, lease_s: int) -> None:
        """Ask the callback whether it was its wish (section 5.3)."""
        challenge = secrets.token_urlsafe(16)
        status, said = await self._get(
            wished, mode=mode, topic=wished.topic, challenge=challenge, lease_seconds=str(lease_s)
        )
        key = wished.topic, wished.callback
        if status // 100 == 2 and said == challenge:  # noqa: PLR2004 - the class of success
            if mode == "subscribe":
                self.subscribers[key] = wished
            else:
                self.subscribers.pop(key, None)

    async def _deny(self, wished: Subscriber) -> None:
        self.subscribers.pop((wished.topic, wished.callback), None)
        await self._get(wished, mode="denied", topic=wished.topic, reason=self.denies or "")

    async def _get(self, wished: Subscriber, **query: str) -> tuple[int, str]:
        asked = urlencode({f"hub.{name}": value for name, value in query.items()})
        join = "&" if urlsplit(wished.callback).query else "?"
        try:
            async with self._http().get(f"{wished.callback}{join}{asked}", allow_redirects=False) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError:
            return 0, ""

    async def _deliver(self, subscriber: Subscriber, document: Document) -> None:
        """Push until it is taken, or gone, or enough was tried."""
        for attempt in range(_TRIES):
            status = await self._post(subscriber, document)
            self.delivered.append((subscriber.topic, status))
            if status // 100 == 2:  # noqa: PLR2004 - the class of success
                return
            if status == _GONE:
                self.subscribers.pop((subscriber.topic, subscriber.callback), None)
                return
            await asyncio.sleep(_FIRST_PAUSE_S * 2**attempt)

    async def _post(self, subscriber: Subscriber, document: Document) -> int:
        headers = {
            "Content-Type": document.content_type,
            "Link": f'<{URL}>; rel="hub", <{subscriber.topic}>; rel="self"',
        }
        if subscriber.secret is not None:
            signature = hmac.new(subscriber.secret.encode(), document.body, hashlib.sha256).hexdigest()
            headers["X-Hub-Signature"] = f"sha256={signature}"
        with suppress(aiohttp.ClientError, TimeoutError):
            async with self._http().post(subscriber.callback, data=document.body, headers=headers) as answer:
                return answer.status
        return 0

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False)
        return self._session

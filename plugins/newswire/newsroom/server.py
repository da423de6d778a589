"""The web server of the newsroom: any Host header, conditional requests, compression, a control corner.

It listens on loopback, unless it is told another address, as in a container.

The pipeline reaches it through a connect override: a request for `http://any-host/` is sent to this server, which looks
up the Host header. `/-/newsroom/...` is the same on every host and belongs to whoever runs the newsroom:

    GET  /-/newsroom/               what is published, and whether all of it is
    GET  /-/newsroom/ledger         the expected truth about what is published, with instants
    GET  /-/newsroom/subscriptions  what to subscribe to
    GET  /-/newsroom/captures       the captured feeds with their expected entries
    GET  /-/newsroom/hub            which topics are pushed, and how the pushes were answered
    GET  /-/newsroom/requests       when which host was asked for what: [host, path, seconds]
    POST /-/newsroom/publish        publish now: everything, or {"urls": [...]}
    POST /-/newsroom/start          begin to publish over time, where that was held back
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from newswire.newsroom.annals import Annals
from newswire.newsroom.answers import Answer, Document, Hosts, Redirect
from newswire.newsroom.captures import Captures
from newswire.newsroom.hub import HOST as HUB_HOST
from newswire.newsroom.hub import URL as HUB_URL
from newswire.newsroom.hub import Hub
from newswire.newsroom.model import Publication, Subscription, subscriptions_to
from newswire.newsroom.press import Press
from newswire.newsroom.timeline import Release, plan_releases

CONTROL = "/-/newsroom"
LOOPBACK = "127.0.0.1"
REQUESTS_KEPT = 100_000
OPENING_SHARE = 0.4  # of the articles is there from the start; the others appear while somebody reads

# What is there from the start was published this long ago, so that nothing later carries the same second.
_OPENED_AGO = timedelta(seconds=5)


class Newsroom:
    """A press that follows its timeline, captures beside it, and the handlers that answer for both."""

    def __init__(
        self,
        publications: Sequence[Publication],
        *,
        captures: Captures | None = None,
        annals: Annals | None = None,
        opening_share: float = OPENING_SHARE,
        with_hub: bool = False,
    ) -> None:
        """With `with_hub` every feed names the newsroom's hub, which pushes it."""
        self.hub = Hub() if with_hub else None
        self.press = Press([_with_hub(publication) for publication in publications] if with_hub else publications)
        self.captures = captures
        timeline = plan_releases(publications, opening_share=opening_share)
        self._opening = timeline.opening
        self._waiting = dict.fromkeys(timeline.later)  # an ordered set
        self.started = asyncio.Event()  # from here on, the rest is published
        self.requests: deque[tuple[str, str, float]] = deque(maxlen=REQUESTS_KEPT)
        self._hosts: list[Hosts] = [hosts for hosts in (self.press, captures, annals) if hosts is not None]

    def open(self) -> None:
        """Publish what is there from the start."""
        for release in self._opening:
            self.press.release(release, datetime.now(UTC) - _OPENED_AGO)

    async def publish_over(self, seconds: float) -> None:
        """Publish the rest, evenly spread over a time that begins with the start."""
        await self.started.wait()
        clock = asyncio.get_running_loop().time
        start, planned = clock(), list(self._waiting)
        for number, release in enumerate(planned, start=1):
            await asyncio.sleep(max(0.0, start + seconds * number / len(planned) - clock()))
            if release in self._waiting:  # not published by hand meanwhile
                self._publish([release])

    def publish(self, urls: Sequence[str] | None = None) -> None:
        """Publish at once all that is left, or these articles with all their revisions; unknown addresses are left out."""
        self._publish([release for release in self._waiting if urls is None or release.url in urls])

    def _publish(self, releases: Sequence[Release]) -> None:
        for release in releases:
            self.press.release(release, datetime.now(UTC))
            del self._waiting[release]
        self._push(releases)

    def _push(self, releases: Sequence[Release]) -> None:
        """Let the hub push the feeds that have changed."""
        if self.hub is not None:
            publications = [self.press.publication_of(release.url) for release in releases]
            for publication in {one.domain: one for one in publications}.values():
                self.hub.publish(publication.feed_url, self.press.feed(publication))

    def status(self) -> dict[str, Any]:
        """Counts, whether all is published, and the addresses that are."""
        printed = self.press.printed
        return {
            "published": len(printed),
            "of": self.press.total,
            "revisions": sum(item.version for item in printed.values()),
            "finished": not self._waiting,
            "urls": list(printed),
            "waiting": [release.url for release in self._waiting if release.version == 0],
        }

    def ledger(self) -> list[dict[str, Any]]:
        """One row for each published article: what is expected of it, and the instants of its versions."""
        return [
            {**asdict(line.row), "released": [at.isoformat() for at in line.released]} for line in self.press.ledger()
        ]

    def subscriptions(self) -> list[Subscription]:
        captured = [] if self.captures is None else self.captures.subscriptions()
        return subscriptions_to(self.press.publications) + captured

    def answer(self, request: web.Request) -> Answer | None:
        """The first answer that any of the hosts has."""
        host = request.host.partition(":")[0].lower()
        self.requests.append((host, request.path, time.time()))
        answers = (hosts.answer(host, request.path, request.query_string) for hosts in self._hosts)
        return next((answer for answer in answers if answer is not None), None)


def _with_hub(publication: Publication) -> Publication:
    return replace(publication, feed=replace(publication.feed, hub_url=HUB_URL))


@asynccontextmanager
async def serve(
    newsroom: Newsroom, *, host: str = LOOPBACK, port: int = 0, over_s: float = 0.0, hold: bool = False
) -> AsyncIterator[int]:
    """Serve and publish over a time; yields the port, stops at the end of the block.

    With `over_s` of 0 everything is published before the first request; with `hold` the time begins when somebody asks
    the control corner to start.
    """
    newsroom.open()
    if over_s <= 0:
        newsroom.publish()
    runner = web.AppRunner(_application(newsroom), access_log=None)
    await runner.setup()
    listener = web.TCPSite(runner, host, port)
    await listener.start()
    if not hold:
        newsroom.started.set()
    publishing = asyncio.create_task(newsroom.publish_over(over_s))
    try:
        yield runner.addresses[0][1]
    finally:
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await publishing
        await runner.cleanup()
        if newsroom.hub is not None:
            await newsroom.hub.close()


def _application(newsroom: Newsroom) -> web.Application:
    async def status(_: web.Request) -> web.Response:
        return web.json_response(newsroom.status())

    async def ledger(_: web.Request) -> web.Response:
        return web.json_response(newsroom.ledger())

    async def subscriptions(_: web.Request) -> web.Response:
        return web.json_response([asdict(subscription) for subscription in newsroom.subscriptions()])

    async def captures(_: web.Request) -> web.Response:
        return web.json_response({} if newsroom.captures is None else newsroom.captures.listing())

    async def publish(request: web.Request) -> web.Response:
        asked = await request.json() if request.can_read_body else {}
        newsroom.publish(asked.get("urls"))
        return web.json_response(newsroom.status())

    async def start(_: web.Request) -> web.Response:
        newsroom.started.set()
        return web.json_response(newsroom.status())

    async def requests(_: web.Request) -> web.Response:
        return web.json_response(list(newsroom.requests))

    async def page(request: web.Request) -> web.Response:
        return _respond(request, newsroom.answer(request))

    application = web.Application()
    application.add_routes(
        [
            web.get(f"{CONTROL}/", status),
            web.get(f"{CONTROL}/ledger", ledger),
            web.get(f"{CONTROL}/subscriptions", subscriptions),
            web.get(f"{CONTROL}/captures", captures),
            web.get(f"{CONTROL}/requests", requests),
            web.post(f"{CONTROL}/publish", publish),
            web.post(f"{CONTROL}/start", start),
            *_hub_routes(newsroom.hub),
            web.get("/{path:.*}", page),
        ]
    )
    return application


def _hub_routes(hub: Hub | None) -> list[web.RouteDef]:
    async def state(_: web.Request) -> web.Response:
        return web.json_response({} if hub is None else hub.state())

    async def ask(request: web.Request) -> web.Response:
        if hub is None or request.host.partition(":")[0] != HUB_HOST:
            return web.Response(status=404, text="Nothing is published here.\n")
        status, words = hub.ask({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=status, text=words)

    return [web.get(f"{CONTROL}/hub", state), web.post("/", ask)]


def _respond(request: web.Request, answer: Answer | None) -> web.Response:
    match answer:
        case Document():
            return _conditional(request, answer)
        case Redirect():
            return web.Response(status=answer.status, headers={"Location": answer.location})
        case None:
            return web.Response(status=404, text="Nothing is published here.\n")


def _conditional(request: web.Request, document: Document) -> web.Response:
    """The document, or 304 for who has it (RFC 9110, section 13)."""
    tag = hashlib.sha256(document.body).hexdigest()[:20]
    headers = {"ETag": f'W/"{tag}"', "Vary": "Accept-Encoding"}
    if _known(request, tag, document.modified_at):
        response = web.Response(status=304, headers=headers)
    else:
        headers["Content-Type"] = document.content_type
        response = web.Response(body=document.body, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
    if document.modified_at is not None:
        response.last_modified = document.modified_at
    return response


def _known(request: web.Request, tag: str, modified_at: datetime | None) -> bool:
    """Whether the client has this version; a tag, where it sends one, decides alone."""
    if request.if_none_match is not None:
        return any(known.value in (tag, "*") for known in request.if_none_match)
    since = request.if_modified_since
    return modified_at is not None and since is not None and modified_at <= since

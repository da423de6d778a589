"""One request across its redirects: each hop is checked, takes its turn, and shares the time limit of all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from multidict import CIMultiDict
from yarl import URL

from newswire.core import hosts
from newswire.records import HttpFailure, HttpReply, HttpResponse
from newswire.web.doors import Doors, Lookup
from newswire.web.exchange import REDIRECTS, Answer, ask, open_session
from newswire.web.guard import checked_url, redirect_target
from newswire.web.refusal import Refusal
from newswire.web.request import Kind, Limits, Request, WebSettings
from newswire.web.robots import Robots, RobotsMemory
from newswire.web.turns import Turns

_MAX_REDIRECTS = 5
_KEEPING_THE_METHOD = frozenset({307, 308})

_ACCEPT: Mapping[Kind, str] = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
    "sitemap": "application/xml, text/xml, application/gzip;q=0.9, */*;q=0.1",
    "robots": "text/plain, */*;q=0.1",
    "hub": "text/plain, */*;q=0.1",
    "webhook": "*/*",
}
_CODINGS = "gzip, deflate, br, zstd"


@dataclass(slots=True, kw_only=True)
class _Journey:
    """Where a request has been so far."""

    request: Request
    limits: Limits
    site: str = ""  # where it began
    origin: URL | None = None  # the same with scheme and port
    hops: list[tuple[int, str]] = field(default_factory=list)  # (status, target) of each redirect
    spent_s: float = 0.0  # without the waiting for turns


class AsyncWeb:
    """The web for a running event loop; `client.Web` is the same for threads. Create and use it inside one loop."""

    def __init__(
        self, settings: WebSettings, *, lookup: Lookup | None = None, robots: RobotsMemory | None = None
    ) -> None:
        self._settings = settings
        self._doors = Doors(connect_to=settings.connect_to, lookup=lookup, internal=settings.internal)
        self._session = open_session(self._doors)
        self._turns = Turns(settings.max_in_flight)
        self._robots = Robots(settings.robots_agent, self.get, robots)

    async def get(self, request: Request) -> HttpReply:
        """The reply to one request, whatever happens on the way: no exception but cancellation leaves here."""
        journey = _Journey(request=request, limits=self._settings.limits[request.kind])
        try:
            return await self._follow(journey)
        except Refusal as refusal:
            return _failure(journey, refusal)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not take the other requests down
            return _failure(journey, Refusal("internal", f"{type(error).__name__}: {error}"))

    async def close(self) -> None:
        """Close all connections; requests under way should be cancelled before."""
        await self._session.close()
        await self._doors.close()

    async def _follow(self, journey: _Journey) -> HttpResponse:
        url = checked_url(journey.request.url, internal=self._settings.internal)
        journey.site, journey.origin, seen = _site(url), url.origin(), {url}
        self._check_credential(journey)
        while (answer := await self._hop(journey, url)).status in REDIRECTS:
            url = _next(journey, url, answer)
            if url in seen:
                raise Refusal("bad_redirect", "a loop")
            seen.add(url)
        return _response(journey, url, answer, crawl_delay_s=self._robots.delay_s(url))

    async def _hop(self, journey: _Journey, url: URL) -> Answer:
        if journey.request.robots:
            await self._robots.check(url)
        gap_s = hosts.gap_s(url.raw_host or "", max(self._settings.host_gap_s, self._robots.delay_s(url)))
        async with self._turns.turn(url.raw_host or "", gap_s=gap_s):
            started_at = _now()
            try:
                return await ask(
                    self._session,
                    self._wire_url(url),
                    headers=self._headers(journey, url),
                    limits=journey.limits,
                    left_s=journey.limits.total_s - journey.spent_s,
                    posted=_posted(journey.request),
                )
            finally:
                journey.spent_s += _now() - started_at

    def _wire_url(self, url: URL) -> URL:
        """The newsroom speaks plain HTTP for all hosts: a loopback connection needs no certificate."""
        return url if self._settings.connect_to is None else url.with_scheme("http")

    def _headers(self, journey: _Journey, url: URL) -> CIMultiDict[str]:
        headers = CIMultiDict(
            {
                "User-Agent": self._settings.user_agent,
                "Accept": _ACCEPT[journey.request.kind],
                "Accept-Encoding": _CODINGS,
            }
        )
        if self._settings.connect_to is not None:
            headers["X-Forwarded-Proto"] = url.scheme
        if journey.request.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if journey.request.json is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if _site(url) == journey.site:
            headers.update(_own_headers(journey.request))
        if journey.request.credential and url.origin() == journey.origin:
            headers.update(journey.request.credential.headers)
        return headers

    def _check_credential(self, journey: _Journey) -> None:
        """Raises Refusal where everybody on the way could read it. What goes to the newsroom never leaves this machine."""
        in_the_open = (
            journey.origin is not None and journey.origin.scheme != "https" and self._settings.connect_to is None
        )
        if journey.request.credential and in_the_open:
            raise Refusal("credential", "a credential is sent over https only; give the https address of the feed")


def _posted(request: Request) -> bytes | None:
    if request.json is not None:
        return request.json.encode()
    return None if request.form is None else urlencode(request.form).encode("ascii")


def _own_headers(request: Request) -> dict[str, str]:
    """What the caller wants this site to see. Another site's document has other validators, perhaps of the same value."""
    own = dict(request.headers)
    if request.etag is not None:
        own["If-None-Match"] = request.etag
    if request.last_modified is not None:
        own["If-Modified-Since"] = request.last_modified
    return {name: value for name, value in own.items() if (name + value).isprintable()}


def _site(url: URL) -> str:
    return (url.raw_host or "").removeprefix("www.")


def _next(journey: _Journey, url: URL, answer: Answer) -> URL:
    """The checked target of a redirect. Raises Refusal."""
    location = next(iter(answer.values("location")), "")
    if not location:
        raise Refusal("bad_redirect", f"a redirect ({answer.status}) without a target")
    if len(journey.hops) == _MAX_REDIRECTS:
        raise Refusal("bad_redirect", f"more than {_MAX_REDIRECTS} redirects")
    target = redirect_target(url, location)
    if journey.request.json is not None:  # Standard Webhooks 1.0.0, "Delivery success and failure"
        raise Refusal(
            "bad_redirect", f"a webhook is not sent on after a redirect ({answer.status}); give the address it leads to"
        )
    if journey.request.form is not None:
        _check_form_may_follow(url, answer.status, target)
    journey.hops.append((answer.status, target))
    return checked_url(target)


def _check_form_may_follow(url: URL, status: int, target: str) -> None:
    """A form is sent on only where it is asked for again (RFC 9110, 15.4.8 and 15.4.9), and never from https to http."""
    if status not in _KEEPING_THE_METHOD:
        raise Refusal("bad_redirect", f"a form is not sent after a redirect ({status})")
    if url.scheme == "https" and not target.lower().startswith("https:"):
        raise Refusal("bad_redirect", "a form is not sent from https to http")


def _response(journey: _Journey, url: URL, answer: Answer, *, crawl_delay_s: float) -> HttpResponse:
    return HttpResponse(
        url=str(url),
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        wire_bytes=answer.wire_bytes,
        seconds=journey.spent_s,
        redirects=tuple(journey.hops),
        sent=answer.sent,
        crawl_delay_s=crawl_delay_s,
    )


def _failure(journey: _Journey, refusal: Refusal) -> HttpFailure:
    after = f"after a redirect to {journey.hops[-1][1][:200]}: " if journey.hops else ""
    return HttpFailure(
        url=journey.request.url, cause=refusal.cause, detail=after + refusal.detail, seconds=journey.spent_s
    )


def _now() -> float:
    return asyncio.get_running_loop().time()

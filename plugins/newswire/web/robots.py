"""What robots.txt allows (RFC 9309): read once for each site, kept for a day at most."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from protego import Protego
from yarl import URL

from newswire.records import Cause, HttpFailure, HttpReply, HttpResponse, KeptRobots
from newswire.web.refusal import Refusal
from newswire.web.request import LIMITS, MB, Request

_KEEP_S = 24 * 3600.0  # RFC 9309, 2.4
_ASK_AGAIN_S = 300.0  # where it could not be read
_MAX_DELAY_S = 30.0  # with a longer crawl delay, a paper with 3,000 articles a day could not be read
_MAX_KEPT_CHARS = 8 * MB  # rules take up to 50 times the memory of their text
_READ = range(200, 300)
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 1000)

_AGENT_LINE = re.compile(r"\s*user[-\s]*agent\s*:?\s*([A-Za-z_-]+|\*)?.*", re.IGNORECASE)
_SOMEBODY_ELSE = "User-agent: -"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """The robots.txt of one site."""

    protego: Protego | None = None  # None: everything is allowed, unless it could not be read
    unread: tuple[Cause, str] | None = None  # why it could not be read: nothing may be asked for now
    keep_s: float = _KEEP_S
    chars: int = 0


class RobotsMemory(Protocol):
    """Where robots.txt files lie for all workers. Called from threads, one call after the other; raises nothing."""

    def recall(self, site: str, *, max_age_s: float) -> KeptRobots | None:
        """A site's robots.txt, if somebody read it within so many seconds."""
        ...

    def keep(self, kept: KeptRobots) -> None:
        """Keep what was just read."""
        ...


class Robots:
    """The rules of all sites for one product token, read through `fetch`, or out of the memory that all workers share."""

    def __init__(
        self, agent: str, fetch: Callable[[Request], Awaitable[HttpReply]], memory: RobotsMemory | None = None
    ) -> None:
        self._agent = agent
        self._fetch = fetch
        self._memory = memory
        self._kept: dict[str, tuple[float, _Rules]] = {}  # by site (scheme, host, port): until when; first known first
        self._reading: dict[str, asyncio.Task[_Rules]] = {}

    async def check(self, url: URL) -> None:
        """Raises Refusal with cause `robots` where the address is forbidden.

        Where robots.txt cannot be read, nothing may be asked for now; the cause is then why it cannot (`dns`,
        `timeout`, `throttled`...), since asking again later makes sense.
        """
        rules = await self._rules_of(str(url.origin()))
        if rules.unread is not None:
            raise Refusal(*rules.unread)
        if rules.protego is not None and not rules.protego.can_fetch(str(url), self._agent):
            raise Refusal("robots", f"robots.txt of {url.host} forbids {url.raw_path_qs[:200]} to {self._agent}")

    def delay_s(self, url: URL) -> float:
        """The crawl delay of a site whose robots.txt is known, else 0."""
        rules = self._known(str(url.origin()))
        delay_s = rules.protego.crawl_delay(self._agent) if rules and rules.protego else None
        return min(delay_s or 0.0, _MAX_DELAY_S)

    async def _rules_of(self, site: str) -> _Rules:
        rules = self._known(site)
        if rules is not None:
            return rules
        return await asyncio.shield(self._reading.get(site) or self._start_reading(site))

    def _known(self, site: str) -> _Rules | None:
        until, rules = self._kept.get(site, (0.0, None))
        return rules if until > _now() else None

    def _start_reading(self, site: str) -> asyncio.Task[_Rules]:
        """One reading for all who ask meanwhile: it goes on when the first of them is cancelled."""
        reading = self._reading[site] = asyncio.create_task(self._read(site))
        reading.add_done_callback(lambda _: self._reading.pop(site))
        return reading

    async def _read(self, site: str) -> _Rules:
        known = await asyncio.to_thread(self._memory.recall, site, max_age_s=_KEEP_S) if self._memory else None
        reply = _as_reply(known) if known else await self._fetch(Request(url=f"{site}/robots.txt", kind="robots"))
        rules = await asyncio.to_thread(_rules, reply, self._agent)  # half a second for the worst 500 KiB
        self._kept[site] = (_now() + rules.keep_s - (known.age_s if known else 0), rules)
        self._make_room()
        if self._memory and not known and isinstance(reply, HttpResponse) and rules.unread is None:
            kept = KeptRobots(site=site, status=reply.status, body=reply.body, age_s=0)
            await asyncio.to_thread(self._memory.keep, kept)
        return rules

    def _make_room(self) -> None:
        chars = sum(rules.chars for _, rules in self._kept.values())
        while chars > _MAX_KEPT_CHARS:
            _, rules = self._kept.pop(next(iter(self._kept)))
            chars -= rules.chars


def _as_reply(known: KeptRobots) -> HttpResponse:
    url = f"{known.site}/robots.txt"
    return HttpResponse(url=url, status=known.status, headers=(), body=known.body, wire_bytes=0, seconds=0)


def _rules(reply: HttpReply, agent: str) -> _Rules:
    """RFC 9309, 2.3.1: refused means allowed, unreachable means forbidden."""
    match reply:
        case HttpResponse(status=status) if status in _READ:
            return _parsed(reply.body, agent)
        case HttpResponse(status=status) if status == _TOO_MANY_REQUESTS or status in _SERVER_ERRORS:
            return _unread("throttled", f"it answered {status}")
        case HttpResponse():
            return _Rules()
        case HttpFailure(cause="bad_redirect" | "bad_url" | "blocked_address"):  # no robots.txt behind its redirects
            return _Rules()
        case HttpFailure():
            return _unread(reply.cause, reply.detail)


def _unread(cause: Cause, why: str) -> _Rules:
    return _Rules(unread=(cause, f"nothing is asked before robots.txt can be read: {why}"), keep_s=_ASK_AGAIN_S)


def _parsed(body: bytes, agent: str) -> _Rules:
    if len(body) >= LIMITS["robots"].decoded_bytes:  # cut: half a rule would be another rule
        body = body.rpartition(b"\n")[0]
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    return _Rules(protego=Protego.parse(_for_us(text, agent)), chars=len(text) + 1000)


def _for_us(text: str, agent: str) -> str:
    """The same file with all other agents as one.

    Protego copies each rule for each agent: a 30 KB file of 1,000 agents with 1,000 rules took 73 MB and 2 s. It also
    takes the start of our name for our name, where RFC 9309 wants the whole product token.
    """
    return "\n".join(_line_for_us(line, agent.lower()) for line in text.splitlines())


def _line_for_us(line: str, agent: str) -> str:
    named = _AGENT_LINE.fullmatch(line)
    if named is None:
        return line
    token = (named[1] or "").lower()
    return f"User-agent: {token}" if token in {"*", agent} else _SOMEBODY_ELSE


def _now() -> float:
    return asyncio.get_running_loop().time()

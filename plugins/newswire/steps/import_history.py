"""Import the past of feeds: walk through what they and their sites keep of earlier days, politely, and ask for the pages.

Each document is written with its entries in one transaction, and remembered: killed anywhere, the import goes on where it
was. Hosts are asked side by side, each at its own slow pace; the state of live polling is never touched.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime

from newswire.core.history import Walk, after, begin, remembered
from newswire.core.polling import feed_reply
from newswire.core.urls import address_key, host_of, same_site
from newswire.records import (
    Changed,
    Days,
    Failed,
    Gone,
    HistoryKind,
    HttpReply,
    KnownDocument,
    Passed,
    PastDocument,
    PastFeed,
    PastLink,
    StepReport,
    Throttled,
)
from newswire.steps.child import Child
from newswire.steps.look import never_polled
from newswire.steps.poll import read_document
from newswire.warehouse import history, work
from newswire.warehouse.connection import Conn
from newswire.web.client import Web
from newswire.web.request import Kind, Request

_LONGEST_WAIT_S = 300.0  # a host that asks for more patience is left to the next import
_LOOK_AGAIN_S = 0.5
_PASSING = frozenset({"dns", "connect", "tls", "timeout", "truncated"})  # what another try may mend
_TRIES = 3
_PATIENCE_S = 3600.0  # a host that asks for patience without saying how much


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What is imported, and how."""

    days: Days
    kinds: frozenset[HistoryKind]
    most_documents: int  # asked for each feed in one import; the next one goes on
    gap_s: float  # between the starts of two bulk requests to one host, over all workers
    dry_run: bool = False


@dataclass(slots=True)
class _Walker:
    """A walk under way, with what is known of its feed's past."""

    walk: Walk
    known: dict[bytes, KnownDocument]
    asked: int = 0
    tries: int = 0  # of the document that is asked for
    ready_at: float | None = None  # its turn at the host, by the monotonic clock; None: not taken yet


def import_history(
    conn: Conn,
    feeds: Sequence[PastFeed],
    wanted: Import,
    *,
    web: Web,
    child: Child,
    stopping: Callable[[], bool] = lambda: False,
) -> StepReport:
    """Take the entries of some days from the past of these feeds. `seen`: entries of these days; `changed`: the new ones."""
    return _Importing(conn, wanted, web, child).run(feeds, stopping)


class _Importing:
    def __init__(self, conn: Conn, wanted: Import, web: Web, child: Child) -> None:
        self._conn = conn
        self._wanted = wanted
        self._web = web
        self._child = child
        self._lanes: dict[str, deque[_Walker]] = {}  # by domain: the first of each is at work
        self._under_way: dict[Future[HttpReply], str] = {}
        self._total = StepReport()

    def run(self, feeds: Sequence[PastFeed], stopping: Callable[[], bool]) -> StepReport:
        for feed in feeds:
            walk = begin(feed, self._wanted.days, self._wanted.kinds)
            walker = _Walker(walk, history.known(self._conn, feed.feed_id))
            self._lanes.setdefault(feed.domain, deque()).append(walker)
        self._total = StepReport(outcomes={"feeds": len(feeds)})
        try:
            while self._lanes:
                if stopping():
                    self._count(outcomes={"not_finished": sum(map(len, self._lanes.values()))})
                    break
                self._ask()
                self._settle()
        finally:
            for future in self._under_way:
                future.cancel()
        return self._total

    def _ask(self) -> None:
        """Ask for the next document of each lane whose turn has come."""
        for domain in set(self._lanes) - set(self._under_way.values()):
            walker = self._next_walker(domain)
            if walker is None:
                del self._lanes[domain]
            elif walker.ready_at is not None and walker.ready_at <= time.monotonic():
                link = _next(walker)
                walker.ready_at, walker.asked = None, walker.asked + 1
                self._under_way[self._web.submit(_request(link))] = domain

    def _next_walker(self, domain: str) -> _Walker | None:
        """The first walker of a lane that has something to ask, with its turn at the host taken."""
        lane = self._lanes[domain]
        while lane:
            if lane[0].ready_at is not None or self._may_go_on(lane[0]):
                return lane[0]
            lane.popleft()
        return None

    def _may_go_on(self, walker: _Walker) -> bool:
        """Pass by what is remembered; then take a turn at the host of the next document."""
        self._pass_by(walker)
        link = walker.walk.next
        if link is None:
            return False
        if walker.asked >= self._wanted.most_documents:
            self._count(outcomes={"not_finished": 1})
            return False
        wait_s = history.take_turn(self._conn, host_of(link.url), gap_s=self._wanted.gap_s)
        if wait_s > _LONGEST_WAIT_S:
            self._count(outcomes={"throttled": 1})
            return False
        walker.ready_at = time.monotonic() + wait_s
        return True

    def _pass_by(self, walker: _Walker) -> None:
        while link := walker.walk.next:
            known = walker.known.get(address_key(link.url))
            passed = known and remembered(known, link, self._wanted.days, now=datetime.now(UTC))
            if not passed:
                return
            walker.walk = after(walker.walk, passed)
            self._count(outcomes={"remembered": 1})

    def _settle(self) -> None:
        """Read and write what was answered; wait a moment for it, or for the next turn."""
        if not self._under_way:
            turns = [lane[0].ready_at for lane in self._lanes.values() if lane[0].ready_at is not None]
            time.sleep(min(_LOOK_AGAIN_S, max(0.0, min(turns, default=0.0) - time.monotonic())))
            return
        done, _ = wait(self._under_way, timeout=_LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
        for future in done:
            walker = self._lanes[self._under_way.pop(future)][0]
            link = _next(walker)
            walker.tries += 1
            read = self._read(walker.walk, link, future.result())
            if isinstance(read, Failed) and read.cause in _PASSING and walker.tries < _TRIES:
                continue
            walker.tries = 0
            walker.walk = after(walker.walk, self._write(walker.walk, link, read))

    def _write(self, walk: Walk, link: PastLink, read: PastDocument | Throttled | Gone | Failed) -> Passed:
        """What an answer is to the walk, after it was written."""
        if isinstance(read, Throttled):
            seconds = _PATIENCE_S if read.retry_after_s is None else float(read.retry_after_s)
            work.block_hosts(self._conn, {host_of(link.url): seconds})
            read = Failed(cause="throttled", detail=f"HTTP {read.status}")
        with self._conn.transaction(force_rollback=self._wanted.dry_run):
            if isinstance(read, PastDocument):
                new = history.save(self._conn, walk.feed, link, read, self._wanted.days)
                self._count_document(read, new)
                return read.passed
            outcome, detail = ("gone", f"HTTP {read.status}") if isinstance(read, Gone) else (read.cause, read.detail)
            history.fail(self._conn, walk.feed, link, outcome, detail)
        self._count(failed=int(outcome != "gone"), outcomes={outcome: 1})
        return Passed()

    def _read(self, walk: Walk, link: PastLink, reply: HttpReply) -> PastDocument | Throttled | Gone | Failed:
        answer = feed_reply(never_polled(link.url), reply, now=datetime.now(UTC))
        match answer:
            case Changed(url=url) if not (same_site(url, link.url) or same_site(url, walk.feed.url)):
                return Failed(cause="bad_redirect", detail=f"it leads to another site: {url[:200]}")
            case Changed():
                return self._read_document(link, answer)
            case Gone() if link.kind == "robots":  # a site without rules may have sitemaps all the same
                return self._read_document(link, _empty(link))
            case Throttled() | Gone() | Failed():
                return answer
            case _:
                return Failed(cause="protocol", detail="the server calls unchanged what nobody has")

    def _read_document(self, link: PastLink, answer: Changed) -> PastDocument | Failed:
        days = self._wanted.days
        read: PastDocument | Failed = read_document(
            self._child, "newswire.core.history:read_past", answer, kind=link.kind, days=days
        )
        return read

    def _count_document(self, document: PastDocument, new: int) -> None:
        seen = len(document.entries)
        outcomes = {"documents": 1} | ({"undated": document.undated} if document.undated else {})
        self._total += StepReport(
            seen=seen, changed=new, unchanged=seen - new, skipped=document.undated, outcomes=outcomes
        )

    def _count(self, *, failed: int = 0, outcomes: dict[str, int]) -> None:
        self._total += StepReport(failed=failed, outcomes=outcomes)


def _next(walker: _Walker) -> PastLink:
    link = walker.walk.next
    assert link is not None
    return link


def _request(link: PastLink) -> Request:
    """History is asked for by a crawler, not by a reader: robots.txt decides."""
    kinds: dict[str, Kind] = {"robots": "robots", "sitemap": "sitemap"}
    return Request(url=link.url, kind=kinds.get(link.kind, "feed"), robots=link.kind != "robots")


def _empty(link: PastLink) -> Changed:
    return Changed(status=404, url=link.url, body=b"", content_type=None, etag=None, last_modified=None)

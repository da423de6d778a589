"""Fetch pages: politely, guarded, kept raw before anything is made of them; the ones we have only if they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from newswire.archive import Archive
from newswire.core.pages import page_fetch
from newswire.core.rechecks import plan_recheck
from newswire.records import (
    BULK,
    Again,
    Dead,
    Done,
    Fetch,
    HttpReply,
    HttpResponse,
    PagePlan,
    PageRequest,
    Stage,
    StepReport,
    Verdict,
)
from newswire.warehouse import addresses, pages, work
from newswire.warehouse.connection import Conn
from newswire.web.request import Request

_ASKS_EXTRACT = {
    "stored",
    "returned",
    "robots",
    "refused",
}  # a page, or an entry that may carry the text of the page we cannot have


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One fetch, decided on."""

    request: PageRequest
    fetch: Fetch
    plan: PagePlan
    body_sha256: bytes | None
    crawl_delay_s: float
    verdict: Verdict


class FetchPages:
    """The fetch step (a `WebStep`)."""

    stage: Stage = "fetch"

    def __init__(self, archive: Archive, *, per_host: int, host_gap_s: float, bulk_gap_s: float) -> None:
        self.per_host = per_host
        self._archive = archive
        self._host_gap_s = host_gap_s
        self._bulk_gap_s = bulk_gap_s

    def subjects(self, conn: Conn, keys: Sequence[int]) -> list[tuple[int, PageRequest]]:
        """The addresses, and the earliest next request to their hosts for every other worker."""
        requests = addresses.requests(conn, keys)
        work.pace_hosts(conn, [request.host for request in requests], gap_s=self._host_gap_s)
        work.pace_bulk(conn, [request.host for request in requests if request.priority >= BULK], gap_s=self._bulk_gap_s)
        return [(request.address_id, request) for request in requests]

    def request(self, request: PageRequest) -> Request:
        """A page that we have is asked for by its own validators: 304 costs neither side much."""
        return Request(
            url=request.url, kind="page", robots=True, etag=request.etag, last_modified=request.last_modified
        )

    def decide(self, conn: Conn, request: PageRequest, reply: HttpReply) -> Fetched:  # noqa: ARG002  nothing to look up
        """What one answer is: a page, a refusal, or a failure to be tried again."""
        return decide(request, reply, now=datetime.now(UTC))

    def write(self, conn: Conn, fetched: Sequence[Fetched]) -> StepReport:
        """Archive new bytes, then index them with the log of fetches and the work for extract."""
        known = pages.known(conn, [(f.request.address_id, f.body_sha256) for f in fetched if f.body_sha256])
        recorded = self._archived(fetched, known)
        page_ids = pages.record(conn, recorded)
        asked = [page.address_id for page in recorded if page.fetch.outcome in _ASKS_EXTRACT]
        priorities = {f.request.address_id: f.request.priority for f in fetched}
        work.pass_on(conn, "extract", {address_id: priorities[address_id] for address_id in asked})
        # Within one worker the web keeps distances; the next worker learns of them here. The claim's own were from before the
        # request, which may have waited for robots.txt.
        work.pace_hosts(conn, [f.request.host for f in fetched], gap_s=self._host_gap_s)
        throttled = {
            f.request.host: float(f.fetch.retry_after_s)
            for f in fetched
            if f.fetch.cause == "throttled" and f.fetch.retry_after_s is not None
        }
        work.block_hosts(conn, throttled)
        slow = {f.request.host: f.crawl_delay_s for f in fetched if f.crawl_delay_s > self._host_gap_s}
        work.keep_distance(conn, slow)
        return sum((_report(page, page_ids) for page in recorded), StepReport())

    def _archived(self, fetched: Sequence[Fetched], known: dict[tuple[int, bytes], int]) -> list[pages.FetchedPage]:
        """Write the bodies that the archive does not have, one file for all of them."""
        new = [f for f in fetched if f.body_sha256 and (f.request.address_id, f.body_sha256) not in known]
        responses = [f.fetch.response for f in new if f.fetch.response]
        now = datetime.now(UTC)
        refs = self._archive.write(responses, now=now, name=uuid4().hex) if responses else []
        written = {f.request.address_id: ref for f, ref in zip(new, refs, strict=True)}
        return [
            pages.FetchedPage(
                address_id=f.request.address_id,
                fetch=f.fetch if f.request.address_id in written else _as_known(f, known),
                plan=f.plan,
                archived=written.get(f.request.address_id),
                known_page_id=known.get((f.request.address_id, f.body_sha256)) if f.body_sha256 else _the_same(f),
            )
            for f in fetched
        ]


def decide(request: PageRequest, reply: HttpReply, *, now: datetime) -> Fetched:
    """What becomes of the page, and of the work row: done, to be tried again, or a dead letter."""
    fetch = page_fetch(reply, now=now, conditional=bool(request.etag or request.last_modified))
    response = fetch.response
    return Fetched(
        request=request,
        fetch=fetch,
        plan=plan_recheck(request, fetch, now=now),
        body_sha256=hashlib.sha256(response.body).digest() if response and fetch.outcome == "stored" else None,
        crawl_delay_s=reply.crawl_delay_s if isinstance(reply, HttpResponse) else 0.0,
        verdict=_verdict(request.address_id, fetch),
    )


def _verdict(address_id: int, fetch: Fetch) -> Verdict:
    if fetch.outcome != "failed":
        return Done(key=address_id)
    cause, detail = fetch.cause or "internal", fetch.detail or "no detail"
    if fetch.retry_after_s is None:
        return Dead(key=address_id, cause=cause, detail=detail)
    return Again(key=address_id, cause=cause, detail=detail, after_s=fetch.retry_after_s)


def _the_same(fetched: Fetched) -> int | None:
    """The page that a 304 speaks of."""
    return fetched.request.page_id if fetched.fetch.outcome == "unchanged" else None


def _as_known(fetched: Fetched, known: Mapping[tuple[int, bytes], int]) -> Fetch:
    """Bytes that we have need not be those of the last look."""
    request, digest = fetched.request, fetched.body_sha256
    if digest is None:
        return fetched.fetch
    is_the_last = known.get((request.address_id, digest)) in {request.page_id, None}
    return replace(fetched.fetch, outcome="unchanged" if is_the_last else "returned")


def _report(page: pages.FetchedPage, page_ids: dict[int, int]) -> StepReport:
    outcome = page.fetch.outcome
    return StepReport(
        seen=1,
        changed=int(outcome in {"stored", "returned"} and page.address_id in page_ids),
        unchanged=int(outcome == "unchanged"),
        skipped=int(outcome not in {"stored", "returned", "unchanged", "failed"}),
        failed=int(outcome == "failed"),
        outcomes={page.fetch.cause or outcome: 1},
    )

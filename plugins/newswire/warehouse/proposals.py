"""Feeds that are proposed to a person: where to look for them, what was found, what was decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from newswire.core.urls import address_key
from newswire.records import FeedProposal, OpenedProposal, Proposed, SiteReason, SiteToLook
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

ANSWERED_WITHIN = timedelta(days=14)  # a question that stands for longer is gone
_LEAST_ARTICLES = 5  # fewer in a month are no reason to go to a publisher's door


def sites(conn: Conn, *, reasons: Sequence[SiteReason], most: int) -> list[SiteToLook]:
    """Publishers of whom a feed is missing, for one of these reasons; none that was looked at within 30 days."""
    return rows(conn, "proposals.sites", SiteToLook, kinds=list(reasons), least_articles=_LEAST_ARTICLES, most=most)


def begin(conn: Conn, *, run_id: str) -> None:
    """Forget what an earlier try of this run noted, and the questions that nobody answered."""
    with conn.transaction():
        run(conn, "proposals.forget_run", run=run_id)
        run(conn, "proposals.lapse", after=ANSWERED_WITHIN + timedelta(days=1))


def record(conn: Conn, found: Proposed, *, run_id: str, again: bool) -> Proposed:
    """Note that a site was looked at; returns what is proposed of it: no feed that is known, waits, or was rejected as it is."""
    with conn.transaction():
        opened = {one.url: one.proposal_id for one in _open(conn, found, run_id=run_id, again=again)}
        run(
            conn,
            "proposals.record_look",
            domain=found.site.domain,
            url=found.site.url,
            reason=found.site.reason,
            run=run_id,
            feeds=len(found.feeds),
            proposed=len(opened),
            problem=found.problem,
        )
    feeds = tuple(feed for feed in found.feeds if feed.url in opened)
    return replace(found, feeds=feeds, ids=tuple(opened[feed.url] for feed in feeds))


def _open(conn: Conn, found: Proposed, *, run_id: str, again: bool) -> list[OpenedProposal]:
    return rows(
        conn,
        "proposals.open_new",
        OpenedProposal,
        domain=found.site.domain,
        reason=found.site.reason,
        run=run_id,
        again=again,
        **_columns(found.feeds),
    )


def _columns(feeds: Sequence[FeedProposal]) -> dict[str, list[object]]:
    return {
        "feed_keys": [address_key(feed.url) for feed in feeds],
        "urls": [feed.url for feed in feeds],
        "founds": [feed.found for feed in feeds],
        "formats": [feed.format for feed in feeds],
        "titles": [feed.title for feed in feeds],
        "languages": [feed.language for feed in feeds],
        "items": [feed.items for feed in feeds],
        "newest_ats": [feed.newest_at for feed in feeds],
        "items_a_days": [feed.items_a_day for feed in feeds],
        "own_links": [feed.own_links for feed in feeds],
        "topics": [json.dumps(feed.topics) for feed in feeds],
        "samples": [json.dumps(feed.samples) for feed in feeds],
        "offer_sha256s": [feed.offer_sha256 for feed in feeds],
    }


def decide(
    conn: Conn, proposal_ids: Sequence[int], *, chosen: Sequence[str], decided_by: str | None, note: str | None
) -> int:
    """Keep what was said of proposals: the chosen are subscribed to, the others rejected, or lapsed where nobody answered."""
    return run(
        conn,
        "proposals.decide",
        proposal_ids=list(proposal_ids),
        chosen=list(chosen),
        decided_by=decided_by,
        note=note or None,
    )

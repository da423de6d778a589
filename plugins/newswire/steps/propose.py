"""Propose feeds: look where one seems to be missing, and have a person decide which are subscribed to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newswire.core.language import detect_language
from newswire.core.proposals import TopicsOf, worth_proposing
from newswire.core.topics import Matcher, read_topic
from newswire.errors import ConfigError
from newswire.records import Entry, Proposed, SiteReason, SiteToLook, StepReport, Subscription
from newswire.steps.discover import discover
from newswire.steps.look import Eyes
from newswire.warehouse import feeds, proposals, topics
from newswire.warehouse.connection import Conn

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where one run looks for feeds."""

    sites: tuple[SiteToLook, ...]  # none: where one seems to be missing, for these reasons
    reasons: tuple[SiteReason, ...]
    most: int  # sites
    run_id: str
    again: bool  # proposes also what was rejected before


def propose(conn: Conn, eyes: Eyes, search: Search) -> list[Proposed]:
    """Look at sites, one after the other; returns what a person has to decide, and which sites cannot be read.

    Killed anywhere, the same run begins anew.
    """
    proposals.begin(conn, run_id=search.run_id)
    sites = search.sites or proposals.sites(conn, reasons=search.reasons, most=search.most)
    topics_of = _topics_of(conn)
    found = (_look(eyes, site, topics_of) for site in sites)
    return [proposals.record(conn, one, run_id=search.run_id, again=search.again) for one in found]


def _look(eyes: Eyes, site: SiteToLook, topics_of: TopicsOf) -> Proposed:
    try:
        found = discover(eyes, site.url)
    except ConfigError as error:
        log.info("%s", error)
        return Proposed(site=site, problem=str(error))
    return Proposed(site=site, feeds=worth_proposing(found.feeds, topics_of=topics_of, now=datetime.now(UTC)))


def _topics_of(conn: Conn) -> TopicsOf:
    """Which topics in force apply to an item of a feed, judged by what the feed tells of it."""
    matcher = Matcher([read_topic(topic.definition, path=f"{topic.slug}.yaml") for topic in topics.in_force(conn)])

    def of(entry: Entry) -> list[str]:
        title, text = entry.title or "", entry.content or entry.summary or ""
        language = detect_language(f"{title}\n{text}", hint=entry.language)
        return [match.topic for match in matcher.match_text(title=title, text=text, language=language)]

    return of


def decide(
    conn: Conn,
    proposal_ids: Sequence[int],
    *,
    chosen: Sequence[str],
    groups: Sequence[str] = (),
    decided_by: str | None,
    note: str | None,
    interval_s: int,
) -> StepReport:
    """Subscribe to what was chosen and remember the rest. `decided_by` None: nobody answered, and it may be proposed again."""
    wanted = [Subscription(url=url, groups=tuple(groups), note=note) for url in chosen]
    with conn.transaction():
        subscribed = feeds.subscribe(conn, wanted, interval_s=interval_s)
        decided = proposals.decide(conn, proposal_ids, chosen=chosen, decided_by=decided_by, note=note)
    new = sum(feed.is_new for feed in subscribed)
    left = "lapsed" if decided_by is None else "rejected"
    return StepReport(
        seen=len(proposal_ids), changed=decided, outcomes={"subscribed": new, left: len(proposal_ids) - len(chosen)}
    )

"""Feeds, their publishers and entries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from newswire.core.urls import address_key, host_of, normalize_url, registrable_domain
from newswire.records import (
    DueFeed,
    Entry,
    KnownEntry,
    ParsedFeed,
    PollPlan,
    SavedEntry,
    SubscribedFeed,
    Subscription,
)
from newswire.warehouse import addresses
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll as it is recorded: the plan, the document if there was a new one, and which entries are new or revised."""

    feed_id: int
    plan: PollPlan
    parsed: ParsedFeed | None
    fresh: tuple[Entry, ...]  # new or revised
    new_entries: int
    status: int | None
    wire_bytes: int | None
    seconds: float


def subscribe(conn: Conn, subscriptions: Sequence[Subscription], *, interval_s: int) -> list[SubscribedFeed]:
    """Add feeds and their publishers; known ones are brought up to date. New feeds are due at once."""
    if not subscriptions:
        return []
    urls = [subscription.url for subscription in subscriptions]
    domains = [subscription.domain or registrable_domain(subscription.url) for subscription in subscriptions]
    with conn.transaction():
        run(
            conn,
            "publishers.ensure",
            domains=domains,
            names=[s.publisher for s in subscriptions],
            countries=[s.country for s in subscriptions],
            languages=[s.language for s in subscriptions],
        )
        return rows(
            conn,
            "feeds.subscribe",
            SubscribedFeed,
            feed_keys=[address_key(url) for url in urls],
            urls=urls,
            hosts=[host_of(url) for url in urls],
            titles=[s.title for s in subscriptions],
            domains=domains,
            interval_s=interval_s,
        )


def poll_now(conn: Conn, urls: Sequence[str]) -> list[SubscribedFeed]:
    """Make feeds due at once; returns those that are known and not paused."""
    return rows(conn, "feeds.poll_now", SubscribedFeed, feed_keys=[address_key(url) for url in urls])


def pause(conn: Conn, urls: Sequence[str], *, paused: bool) -> int:
    """Pause feeds or resume them; returns how many."""
    return run(conn, "feeds.pause", feed_keys=[address_key(url) for url in urls], paused=paused)


def due(conn: Conn, feed_ids: Sequence[int]) -> list[DueFeed]:
    """What a poll needs to know of these feeds; paused ones are left out."""
    return rows(conn, "feeds.due", DueFeed, keys=list(feed_ids))


def known_entries(conn: Conn, feed_id: int, entries: Sequence[Entry]) -> dict[bytes, bytes]:
    """Digest of the content by entry key, for those of a feed's entries that the warehouse has."""
    keys = [entry.entry_key for entry in entries]
    known = rows(conn, "entries.known", KnownEntry, feed_ids=[feed_id] * len(keys), entry_keys=keys)
    return {bytes(entry.entry_key): bytes(entry.content_sha256) for entry in known}


def record(conn: Conn, polls: Sequence[Poll]) -> None:
    """Write polls with everything that follows from them: entries, addresses, work for fetch, the state of each feed."""
    entries = [(poll.feed_id, entry) for poll in polls for entry in poll.fresh]
    if entries:
        _record_entries(conn, entries)
    run(
        conn,
        "feeds.record_polls",
        feed_ids=[poll.feed_id for poll in polls],
        outcomes=[poll.plan.outcome for poll in polls],
        details=[poll.plan.detail for poll in polls],
        statuses=[poll.status for poll in polls],
        etags=[poll.plan.etag for poll in polls],
        last_modifieds=[poll.plan.last_modified for poll in polls],
        body_sha256s=[poll.plan.body_sha256 for poll in polls],
        failures=[poll.plan.failures for poll in polls],
        intervals_s=[poll.plan.interval_s for poll in polls],
        formats=[poll.parsed and poll.parsed.format for poll in polls],
        titles=[poll.parsed and poll.parsed.title for poll in polls],
        languages=[poll.parsed and poll.parsed.language for poll in polls],
        items=[poll.parsed and poll.parsed.items for poll in polls],
        new_entries=[poll.new_entries for poll in polls],
        revised_entries=[len(poll.fresh) - poll.new_entries for poll in polls],
        wire_bytes=[poll.wire_bytes for poll in polls],
        seconds=[poll.seconds for poll in polls],
    )


def _record_entries(conn: Conn, entries: Sequence[tuple[int, Entry]]) -> None:
    links = [_usable(entry.link) for _, entry in entries]
    addresses.ensure(conn, [link for link in links if link])
    identity = {
        "feed_ids": [feed_id for feed_id, _ in entries],
        "entry_keys": [entry.entry_key for _, entry in entries],
        "content_sha256s": [entry.content_sha256 for _, entry in entries],
    }
    run(conn, "entries.keep_revisions", **identity)
    saved = rows(
        conn,
        "entries.upsert",
        SavedEntry,
        **identity,
        guids=[entry.guid for _, entry in entries],
        address_keys=[address_key(link) if link else None for link in links],
        titles=[entry.title for _, entry in entries],
        summaries=[entry.summary for _, entry in entries],
        contents=[entry.content for _, entry in entries],
        authors=[json.dumps(entry.authors) for _, entry in entries],
        languages=[entry.language for _, entry in entries],
        published_raws=[entry.published_raw for _, entry in entries],
        published_ats=[entry.published_at for _, entry in entries],
        date_qualities=[entry.date_quality for _, entry in entries],
    )
    linked = [entry for entry in saved if entry.address_id is not None]
    run(
        conn,
        "entries.ask_fetches",
        address_ids=[entry.address_id for entry in linked],
        revisions=[entry.revision for entry in linked],
    )


def _usable(link: str | None) -> str | None:
    """The link as it was given, if it is an address at all; without one the entry stays, with the outcome `no_link`."""
    try:
        return link if link and normalize_url(link) else None
    except ValueError:
        return None

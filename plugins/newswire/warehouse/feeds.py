"""Feeds, their publishers and entries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newswire.core.feed_lists import merged
from newswire.core.urls import address_key, host_of, registrable_domain
from newswire.records import (
    LIVE,
    DueFeed,
    Entry,
    FeedHealth,
    FeedUrl,
    KnownEntry,
    KnownFeed,
    Move,
    ParsedFeed,
    PollPlan,
    Rate,
    SavedEntry,
    SubscribedFeed,
    Subscription,
    ValueSource,
)
from newswire.warehouse import entries, publishers
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


def subscribe(
    conn: Conn,
    subscriptions: Sequence[Subscription],
    *,
    interval_s: int,
    said_by: ValueSource = "user",
    replace: bool = False,
) -> list[SubscribedFeed]:
    """Add feeds and their publishers; known ones are brought up to date. New feeds are due at once.

    Groups and tags are added to those that a feed has, or take their place with `replace`. `said_by` decides whether what
    is said of a publisher is believed over what is known of it.
    """
    wanted = merged(subscriptions)
    if not wanted:
        return []
    keys = [address_key(s.url) for s in wanted]
    with conn.transaction():
        domains = _domains(conn, wanted, keys)
        publishers.ensure(conn, domains, wanted, said_by=said_by)
        return rows(
            conn,
            "feeds.subscribe",
            SubscribedFeed,
            feed_keys=keys,
            urls=[s.url for s in wanted],
            hosts=[host_of(s.url) for s in wanted],
            titles=[s.title for s in wanted],
            domains=domains,
            languages=[s.language for s in wanted],
            groups=[json.dumps(s.groups) for s in wanted],
            tags=[json.dumps(s.tags) for s in wanted],
            owners=[s.owner for s in wanted],
            notes=[s.note for s in wanted],
            connections=[s.connection for s in wanted],
            interval_s=interval_s,
            replace=replace,
        )


def _domains(conn: Conn, subscriptions: Sequence[Subscription], keys: Sequence[bytes]) -> list[str]:
    """Whose feeds these are: as said, else as known, else by their addresses."""
    found = rows(conn, "feeds.known_domains", KnownFeed, feed_keys=list(keys))
    known = {bytes(feed.feed_key): feed.domain for feed in found}
    return [s.domain or known.get(key) or registrable_domain(s.url) for s, key in zip(subscriptions, keys, strict=True)]


def subscriptions(conn: Conn) -> list[Subscription]:
    """All feeds, with what people said of them and their publishers."""
    return rows(conn, "feeds.subscriptions", Subscription)


def unknown(conn: Conn, wanted: Sequence[Subscription], *, ever: bool = False) -> list[Subscription]:
    """Those that are not subscribed to; with `ever`, those that never were: a feed that was removed is not among them."""
    found = rows(conn, "feeds.known_domains", KnownFeed, feed_keys=[address_key(s.url) for s in wanted])
    known = {bytes(feed.feed_key) for feed in found if ever or not feed.is_removed}
    return [s for s in wanted if address_key(s.url) not in known]


def in_group(conn: Conn, group: str) -> list[str]:
    """The addresses of a group's feeds, with those of the groups within it."""
    return [feed.url for feed in rows(conn, "feeds.in_group", FeedUrl, group_name=group)]


def health(conn: Conn, urls: Sequence[str] | None = None) -> list[FeedHealth]:
    """How these feeds are; None: all."""
    keys = None if urls is None else [address_key(url) for url in urls]
    return rows(conn, "feeds.health", FeedHealth, feed_keys=keys)


def poll_now(conn: Conn, urls: Sequence[str]) -> list[SubscribedFeed]:
    """Make feeds due at once; returns those that are known, not paused, and were not asked within the last minute."""
    return rows(conn, "feeds.poll_now", SubscribedFeed, feed_keys=[address_key(url) for url in urls])


def pause(conn: Conn, urls: Sequence[str], *, paused: bool) -> int:
    """Pause feeds or resume them; returns how many."""
    return run(conn, "feeds.pause", feed_keys=[address_key(url) for url in urls], paused=paused)


def remove(conn: Conn, urls: Sequence[str]) -> list[str]:
    """Poll feeds no more; what they brought stays. Returns the addresses of those that were subscribed to."""
    return [feed.url for feed in rows(conn, "feeds.remove", FeedUrl, feed_keys=[address_key(url) for url in urls])]


def due(conn: Conn, feed_ids: Sequence[int]) -> list[DueFeed]:
    """What a poll needs to know of these feeds; paused ones are left out."""
    return rows(conn, "feeds.due", DueFeed, keys=list(feed_ids))


def known_entries(conn: Conn, feed_id: int, seen: Sequence[Entry]) -> dict[bytes, bytes]:
    """Digest of the content by entry key, for those of a feed's entries that the warehouse has."""
    keys = [entry.entry_key for entry in seen]
    known = rows(conn, "entries.known", KnownEntry, feed_ids=[feed_id] * len(keys), entry_keys=keys)
    return {bytes(entry.entry_key): bytes(entry.content_sha256) for entry in known}


def record(conn: Conn, polls: Sequence[Poll]) -> None:
    """Write polls with everything that follows from them: entries, addresses, work for fetch, the state of each feed."""
    fresh = [(poll.feed_id, entry) for poll in polls for entry in poll.fresh]
    if fresh:
        record_entries(conn, fresh)
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
        **_learnt([poll.plan for poll in polls]),
    )
    publishers.learn_from_feeds(conn, [poll.feed_id for poll in polls if poll.parsed is not None])
    _record_moves(conn, [(poll.feed_id, poll.plan.move) for poll in polls if poll.plan.move])


def _learnt(plans: Sequence[PollPlan]) -> dict[str, list[Any]]:
    """What the policy keeps of each feed, one list a column."""
    return {
        "failure_scores": [plan.failure_score for plan in plans],
        **rate_columns([plan.rate for plan in plans]),
        "window_items": [plan.window_items for plan in plans],
        "overflowed": [plan.overflowed for plan in plans],
        "max_ages_s": [plan.hints.max_age_s for plan in plans],
        "ttls_s": [plan.hints.ttl_s for plan in plans],
        "skip_hours": [plan.hints.skip_hours for plan in plans],
        "skip_days": [plan.hints.skip_days for plan in plans],
        "last_whole_ats": [plan.last_whole_at for plan in plans],
        "ask_wholes": [plan.ask_whole for plan in plans],
        "validator_trusts": [plan.validator_trust for plan in plans],
        "hub_urls": [plan.hub and plan.hub.hub_url for plan in plans],
        "topic_urls": [plan.hub and plan.hub.topic_url for plan in plans],
        "pushes_missed": [plan.push_missed for plan in plans],
    }


def rate_columns(rates: Sequence[Rate | None]) -> dict[str, list[Any]]:
    """Rates as one list a column."""
    return {
        "rate_items": [rate and rate.items for rate in rates],
        "rate_days": [rate and rate.days for rate in rates],
        "rate_hours": [rate and f"{{{','.join(map(repr, rate.hours))}}}" for rate in rates],
        "rate_squares": [rate and rate.squares for rate in rates],
        "rate_ats": [rate and rate.at for rate in rates],
    }


def _record_moves(conn: Conn, moves: Sequence[tuple[int, Move]]) -> None:
    """Sightings of new addresses, and those that are adopted."""
    if moves:
        run(conn, "feeds.see_moves", **_moved(moves))
    adopted = [(feed_id, move) for feed_id, move in moves if move.adopt]
    if adopted:
        hosts = [host_of(move.url) for _, move in adopted]
        run(conn, "feeds.adopt_moves", **_moved(adopted), hosts=hosts)


def _moved(moves: Sequence[tuple[int, Move]]) -> dict[str, list[Any]]:
    return {
        "feed_ids": [feed_id for feed_id, _ in moves],
        "address_keys": [address_key(move.url) for _, move in moves],
        "urls": [move.url for _, move in moves],
    }


def record_entries(conn: Conn, found: Sequence[tuple[int, Entry]]) -> None:
    """Write new and revised entries of feeds, and ask for the pages they lead to."""
    feed_ids = [feed_id for feed_id, _ in found]
    columns = entries.columns(conn, [entry for _, entry in found])
    identity = {name: columns[name] for name in ("entry_keys", "content_sha256s")}
    run(conn, "entries.keep_revisions", feed_ids=feed_ids, **identity)
    saved = rows(conn, "entries.upsert", SavedEntry, feed_ids=feed_ids, **columns)
    entries.ask_fetches(conn, saved, priority=LIVE)

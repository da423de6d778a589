"""What hubs pushed: kept until it is taken, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newswire.records import Callback, CallbackUrl, DropReason, Entry, KeptPush, PushHealth, PushPlan, WaitingPush
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

_MOST_AN_HOUR = 240  # of one feed: a wire that publishes every 15 seconds
_MOST_WAITING_BYTES = 256 * 1024 * 1024  # of all feeds; what was taken keeps its digest only
_KEPT_DAYS = 35  # longer than any lease, whose secret could sign a push played again


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One push as it is recorded: what it taught, and which of its entries are new or revised."""

    push_id: int
    feed_id: int
    plan: PushPlan
    fresh: tuple[Entry, ...] = ()  # new or revised
    new_entries: int = 0


def keep(conn: Conn, callback: Callback, body: bytes, content_type: str | None) -> DropReason | None:
    """Keep a push and ask for it to be taken; why it was dropped instead, None: it was kept."""
    [kept] = rows(
        conn,
        "pushes.keep",
        KeptPush,
        feed_id=callback.feed_id,
        hub_url=callback.hub_url,
        body=body,
        content_type=content_type,
        most_an_hour=_MOST_AN_HOUR,
        most_waiting_bytes=_MOST_WAITING_BYTES,
    )
    if kept.push_id is not None:
        return None
    return "repeated" if kept.had_room else "no_room"


def drop(conn: Conn, callback: Callback, reason: DropReason) -> None:
    """Count a push that is not kept."""
    run(conn, "pushes.drop_one", hub_subscription_id=callback.hub_subscription_id, reason=reason)


def waiting(conn: Conn, push_ids: Sequence[int]) -> list[WaitingPush]:
    """Those of these pushes that were not taken, as they came."""
    return rows(conn, "pushes.waiting", WaitingPush, keys=list(push_ids))


def record(conn: Conn, taken: Sequence[Taken]) -> None:
    """Write what pushes brought: entries, addresses, work for fetch, and what the feeds have learnt."""
    entries = [(push.feed_id, entry) for push in taken for entry in push.fresh]
    if entries:
        feeds.record_entries(conn, entries)
    rates = [push.plan.rate for push in taken]
    run(
        conn,
        "pushes.record",
        push_ids=[push.push_id for push in taken],
        outcomes=[push.plan.outcome for push in taken],
        details=[push.plan.detail for push in taken],
        new_entries=[push.new_entries for push in taken],
        revised_entries=[len(push.fresh) - push.new_entries for push in taken],
        **feeds.rate_columns(rates),
    )


def forget(conn: Conn) -> int:
    """Remove the digests of pushes that cannot be played again; returns how many."""
    return run(conn, "pushes.forget", days=_KEPT_DAYS)


def callback_url(conn: Conn) -> str | None:
    """Where hubs reach us, as `subscribe_hubs` last knew; None: nowhere."""
    return rows(conn, "hubs.callback", CallbackUrl)[0].url


def health(conn: Conn) -> list[PushHealth]:
    """How the pushes of every feed are that names a hub."""
    return rows(conn, "pushes.health", PushHealth)

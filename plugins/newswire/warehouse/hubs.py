"""Subscriptions at hubs (WebSub): which are wanted, what hubs said, and what the address stands for that they call."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from newswire.core.websub import patience_s
from newswire.records import Callback, HubRequest, HubSubscriptionId, HubWish
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

_RANDOM_BYTES = 32  # 43 characters, for callback and secret each: nobody guesses them
_GIVEN_UP_AFTER = 3  # times that a hub was told in vain that we leave
_KEPT_DAYS = 35


def tidy(conn: Conn) -> None:
    """End what ran out, leave what is not wanted any more, forget what ended long ago."""
    with conn.transaction():
        run(conn, "hubs.end_leases")
        run(conn, "hubs.leave")
        run(conn, "hubs.give_up", most=_GIVEN_UP_AFTER)
        run(conn, "hubs.forget", days=_KEPT_DAYS)


def note_callback(conn: Conn, callback_url: str | None) -> None:
    """Tell the warehouse where hubs reach us (None: nowhere), for whoever asks why nothing is pushed."""
    run(conn, "hubs.note_callback", callback_url=callback_url)


def renew_soon(conn: Conn) -> int:
    """Have every lease followed by one with a new callback and secret, within the hour; returns how many."""
    return run(conn, "hubs.renew_soon")


def begin(conn: Conn, *, limit: int) -> int:
    """Make subscriptions, each with a callback and a secret of its own, for feeds that should have one; returns how many."""
    with conn.transaction():
        wishes = rows(conn, "hubs.wishes", HubWish, limit=limit)
        if not wishes:
            return 0
        return run(
            conn,
            "hubs.begin",
            feed_ids=[wish.feed_id for wish in wishes],
            hub_urls=[wish.hub_url for wish in wishes],
            topic_urls=[wish.topic_url for wish in wishes],
            tokens=[secrets.token_urlsafe(_RANDOM_BYTES) for _ in wishes],
            secrets=[secrets.token_urlsafe(_RANDOM_BYTES) for _ in wishes],
        )


def take_due(conn: Conn, *, limit: int, per_hub: int) -> list[HubRequest]:
    """What hubs are to be asked now, marked as asked before it is."""
    with conn.transaction():
        due = rows(conn, "hubs.due", HubRequest, limit=limit, per_hub=per_hub)
        patiences = [patience_s(request.failures, jitter=secrets.randbelow(1000) / 1000) for request in due]
        run(conn, "hubs.note_asked", ids=[request.hub_subscription_id for request in due], patiences_s=patiences)
    return due


def note_answers(conn: Conn, answers: Mapping[int, tuple[str | None, float]]) -> None:
    """Why hubs refused (None: they will verify), and how many seconds they want to be left alone, by subscription."""
    run(
        conn,
        "hubs.note_answers",
        ids=list(answers),
        details=[detail for detail, _ in answers.values()],
        waits_s=[wait_s for _, wait_s in answers.values()],
    )


# --- What hubs say at the callback -----------------------------------------------------------------------------------


def at_token(conn: Conn, token: str) -> Callback | None:
    """What a callback's address stands for; None: nothing."""
    return next(iter(rows(conn, "hubs.at_token", Callback, token=token)), None)


def verify(conn: Conn, token: str, *, topic_url: str, lease_s: int) -> bool:
    """Confirm that we asked for this topic, for as long as the hub grants; False: we did not."""
    return bool(rows(conn, "hubs.verify", HubSubscriptionId, token=token, topic_url=topic_url, lease_s=lease_s))


def confirm_leaving(conn: Conn, token: str, *, topic_url: str) -> bool:
    """Confirm that we want to be pushed this topic no more; False: we do."""
    return bool(rows(conn, "hubs.confirm_leaving", HubSubscriptionId, token=token, topic_url=topic_url))


def deny(conn: Conn, token: str, *, topic_url: str, reason: str) -> bool:
    """Take a hub's no; False: it was never asked for this."""
    return bool(rows(conn, "hubs.deny", HubSubscriptionId, token=token, topic_url=topic_url, reason=reason))

"""Alerts: their files as last read, what they may be about, and what was told to whom."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from newswire.records import (
    AlertFile,
    AlertInForce,
    AlertLine,
    AlertLogLine,
    DayCount,
    Delivery,
    DeliveryKey,
    FoundArticle,
    LateCount,
    Message,
    MessageTime,
    Notice,
    NoticeKey,
    TroubledFeed,
    WaitingNotice,
)
from newswire.warehouse import work
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

LooksAt = Literal["articles", "clock"]

# --- Files -----------------------------------------------------------------------------------------------------------


def offer(
    conn: Conn, *, name: str, definition: str, file_sha256: bytes, looks_at: LooksAt | None, condition_sha256: bytes
) -> None:
    """Put what a good file says in force; `looks_at` None: it is switched off."""
    run(
        conn,
        "alerts.offer",
        name=name,
        definition=definition,
        file_sha256=file_sha256,
        looks_at=looks_at,
        condition_sha256=condition_sha256,
    )


def report_problem(conn: Conn, *, name: str, problem: str, file_sha256: bytes) -> None:
    """Leave word of a file that cannot be used; the version in force stays."""
    run(conn, "alerts.report_problem", name=name, problem=problem, file_sha256=file_sha256)


def withdraw_others(conn: Conn, names: Sequence[str]) -> None:
    """The alerts whose files are gone look for nothing any more."""
    run(conn, "alerts.withdraw", names=list(names))


def files(conn: Conn) -> dict[str, bytes]:
    """The alert files as they were last read: name and digest."""
    return {file.name: file.file_sha256 for file in rows(conn, "alerts.files", AlertFile)}


def listed(conn: Conn) -> list[AlertLine]:
    """Every alert that has a file, by name."""
    return rows(conn, "alerts.listed", AlertLine)


# --- Looks -----------------------------------------------------------------------------------------------------------


def ask(conn: Conn, looks_at: LooksAt) -> None:
    """Have the alerts look that this concerns, in the caller's transaction."""
    run(conn, "alerts.ask", looks_at=looks_at)


def in_force(conn: Conn, alert_ids: Sequence[int]) -> list[AlertInForce]:
    """Those of these alerts that look for something."""
    return rows(conn, "alerts.in_force", AlertInForce, alert_ids=list(alert_ids))


def looked(conn: Conn, alert_id: int, *, to: datetime) -> None:
    """Remember how far an alert has looked."""
    run(conn, "alerts.looked", alert_id=alert_id, looked_to=to)


def articles(
    conn: Conn, *, query: str | None, topics: Sequence[str], narrowed: Mapping[str, object]
) -> list[FoundArticle]:
    """New articles of these topics, or that a search finds, with what proves it."""
    if query is None:
        return rows(conn, "alerts.tagged", FoundArticle, topics=list(topics), **narrowed)
    return rows(conn, "alerts.searched", FoundArticle, query=query, topics=list(topics), **narrowed)


def days(conn: Conn, topic: str | None, *, since: date) -> dict[date, int]:
    """How many originals each day has, of a topic or of everything."""
    return {row.day: row.count for row in rows(conn, "alerts.days", DayCount, topic=topic, since=since)}


def troubled_feeds(conn: Conn, *, states: Sequence[str], groups: Sequence[str], hours: float) -> list[TroubledFeed]:
    """Feeds in these states, failing ones for so long at least."""
    return rows(conn, "alerts.troubled_feeds", TroubledFeed, states=list(states), groups=list(groups), hours=hours)


def late(conn: Conn, *, above_s: float, within_min: int) -> LateCount:
    """How many of the articles of the last minutes took longer."""
    return rows(conn, "alerts.late", LateCount, above_s=above_s, within_min=within_min)[0]


# --- Notices and messages --------------------------------------------------------------------------------------------


def known(conn: Conn, notice_keys: Sequence[bytes]) -> set[bytes]:
    """Those of these notices that were found before."""
    found = rows(conn, "alerts.known", NoticeKey, notice_keys=list(notice_keys)) if notice_keys else []
    return {row.notice_key for row in found}


def waiting(conn: Conn, alert_id: int) -> list[WaitingNotice]:
    """What no message tells yet."""
    return rows(conn, "alerts.waiting", WaitingNotice, alert_id=alert_id)


def recent_messages(conn: Conn, alert_id: int) -> list[datetime]:
    """When the messages of the last hour were made."""
    return [row.made_at for row in rows(conn, "alerts.recent", MessageTime, alert_id=alert_id)]


def keep_notices(conn: Conn, alert_id: int, found: Mapping[bytes, Notice], *, found_at: datetime) -> None:
    """Keep what was found. A notice that is there already is left alone."""
    if found:
        run(
            conn,
            "alerts.keep_notices",
            alert_id=alert_id,
            found_at=found_at,
            notice_keys=list(found),
            article_ids=[notice.article_id for notice in found.values()],
            tolds=[json.dumps(notice.told(), ensure_ascii=False) for notice in found.values()],
        )


def make_message(
    conn: Conn, alert_id: int, message: Message, channels: Mapping[str, dict[str, Any]], *, made_at: datetime
) -> None:
    """Make a message of notices and ask for its delivery to each channel, by place."""
    made = rows(
        conn,
        "alerts.make_message",
        DeliveryKey,
        alert_id=alert_id,
        webhook_id=message.webhook_id,
        made_at=made_at,
        title=message.title,
        plain=message.plain,
        body=message.body,
        notice_keys=list(message.notice_keys),
        places=list(channels),
        channels=[json.dumps(channel) for channel in channels.values()],
    )
    run(conn, "alerts.tell_notices", webhook_id=message.webhook_id, notice_keys=list(message.notice_keys))
    # A lane for each channel: one message at a time, so that a slow receiver holds up nobody else.
    lanes = [f"alert {delivery.place}" for delivery in made]
    work.ask(conn, "send", [delivery.delivery_id for delivery in made], lanes=lanes)


def deliveries(conn: Conn, delivery_ids: Sequence[int]) -> list[Delivery]:
    """What is to be sent; what was sent already is left out."""
    return rows(conn, "alerts.deliveries", Delivery, delivery_ids=list(delivery_ids))


def note_answers(
    conn: Conn,
    delivery_ids: Sequence[int],
    *,
    attempts: Sequence[int],
    answers: Sequence[str],
    are_sent: Sequence[bool],
) -> None:
    """Note how each try ended."""
    run(
        conn,
        "alerts.note_answers",
        delivery_ids=list(delivery_ids),
        attempts=list(attempts),
        answers=list(answers),
        are_sent=list(are_sent),
    )


def log(conn: Conn, alert: str | None, *, limit: int) -> list[AlertLogLine]:
    """What was sent lately, newest first."""
    return rows(conn, "alerts.log", AlertLogLine, alert=alert, limit=limit)

"""Alert: look whether there is something to tell, keep it as notices, and make the messages that go out now.

What is found is kept under a key made from the alert, its question and its subject, and the messages with their deliveries
are made in the same transaction that ends the work: a look that is killed is done again and finds the same, told once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import singledispatch

from newswire.core.alerts import Alert, Articles, Checks, Feeds, Late, Volume, read_alert
from newswire.core.alerts.collecting import Collected, collect
from newswire.core.alerts.definition import Condition
from newswire.core.alerts.telling import about_articles, about_check, about_day, about_feed, about_lateness, message
from newswire.core.alerts.volume import WEEKS, judge
from newswire.records import AlertInForce, Batch, Done, Notice, StepReport, Verdict, WaitingNotice
from newswire.warehouse import alerts, checks, work
from newswire.warehouse.connection import Conn

BATCH = 20

# Longer than any transaction that tags may last: what a look could not see yet, the next one sees.
_OVERLAP = timedelta(minutes=15)
_NEWS_FOR = timedelta(days=7)  # an article that was published before is no news, whenever it is tagged


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a look is about: what became known since an instant, of things not older than another one, until now."""

    known_since: datetime
    published_since: datetime
    now: datetime
    last_found_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    known: AlertInForce
    alert: Alert
    found: dict[bytes, Notice]
    collected: Collected
    now: datetime
    verdict: Verdict


def look(conn: Conn, batch: Batch, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> StepReport:
    """Have these alerts look."""
    known = {alert.alert_id: alert for alert in alerts.in_force(conn, batch.keys)}
    gone = work.drop(conn, batch, [key for key in batch.keys if key not in known])
    return gone + sum((_settle(conn, batch, _look(conn, one, clock())) for one in known.values()), StepReport())


def find(conn: Conn, alert: Alert, span: Span) -> list[Notice]:
    """What an alert has to tell of a span of time, told before or not."""
    return _find(alert.when, conn, alert, span)


def _look(conn: Conn, known: AlertInForce, now: datetime) -> _Look:
    alert = read_alert(known.definition, path=f"{known.name}.yaml")
    span = Span(
        known_since=known.looked_to - _OVERLAP,
        published_since=max(known.since, now - _NEWS_FOR),
        now=now,
        last_found_at=known.last_found_at,
    )
    found = {alert.notice_key(notice.subject): notice for notice in find(conn, alert, span)}
    fresh = {key: notice for key, notice in found.items() if key not in alerts.known(conn, list(found))}
    waiting = alerts.waiting(conn, known.alert_id) + [
        WaitingNotice(notice_key=key, found_at=now, told=notice.told()) for key, notice in fresh.items()
    ]
    collected = collect(alert, waiting, alerts.recent_messages(conn, known.alert_id), now=now)
    again_s = max((collected.again_at - now).total_seconds(), 1) if collected.again_at else None
    verdict = Done(key=known.alert_id, due_in_s=again_s)
    return _Look(known=known, alert=alert, found=fresh, collected=collected, now=now, verdict=verdict)


def _settle(conn: Conn, batch: Batch, one: _Look) -> StepReport:
    return work.settle(conn, batch, [one], _write)


def _write(conn: Conn, looks: Sequence[_Look]) -> StepReport:
    for one in looks:
        alerts.keep_notices(conn, one.known.alert_id, one.found, found_at=one.now)
        channels = {channel.place: channel.as_dict() for channel in one.alert.to}
        for group in one.collected.groups:
            made = message(one.alert, group, at=one.now.isoformat())
            alerts.make_message(conn, one.known.alert_id, made, channels, made_at=one.now)
        alerts.looked(conn, one.known.alert_id, to=one.now)
    found, made_ = sum(len(one.found) for one in looks), sum(len(one.collected.groups) for one in looks)
    return StepReport(
        seen=len(looks),
        changed=sum(bool(one.found) for one in looks),
        unchanged=sum(not one.found for one in looks),
        outcomes={"notices": found, "messages": made_},
    )


# --- What each kind of alert finds -----------------------------------------------------------------------------------


@singledispatch
def _find(when: Condition, conn: Conn, alert: Alert, span: Span) -> list[Notice]:
    raise NotImplementedError(type(when).__name__)


@_find.register
def _(when: Articles, conn: Conn, alert: Alert, span: Span) -> list[Notice]:  # noqa: ARG001
    narrowed = {
        "tagged_since": span.known_since,
        "published_since": span.published_since,
        "core_only": when.core_only,
        "copies": when.copies,
        "languages": list(when.languages),
        "countries": list(when.countries),
    }
    return about_articles(when, alerts.articles(conn, query=when.query, topics=when.topics, narrowed=narrowed))


@_find.register
def _(when: Volume, conn: Conn, alert: Alert, span: Span) -> list[Notice]:
    if _too_soon(alert, span):
        return []
    today = span.now.astimezone(UTC).date()
    first = min(span.known_since.astimezone(UTC).date(), today - timedelta(days=1))
    counts = alerts.days(conn, when.topic, since=first - timedelta(weeks=WEEKS))
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    judged = [judge(day, counts, when, is_over=_is_over(day, span.now)) for day in days]
    return [about_day(unusual, when.topic) for unusual in judged if unusual]


def _is_over(day: date, now: datetime) -> bool:
    """Whether what was published on a day has had time to come in."""
    return now >= datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=26)


@_find.register
def _(when: Feeds, conn: Conn, alert: Alert, span: Span) -> list[Notice]:  # noqa: ARG001
    return [
        about_feed(feed)
        for feed in alerts.troubled_feeds(conn, states=when.states, groups=when.groups, hours=when.hours)
    ]


@_find.register
def _(when: Late, conn: Conn, alert: Alert, span: Span) -> list[Notice]:
    if _too_soon(alert, span):
        return []
    count = alerts.late(conn, above_s=when.above_s, within_min=when.within_min)
    notice = about_lateness(when, count, f"{span.now:%Y-%m-%dT%H:%MZ}")
    return [notice] if notice else []


@_find.register
def _(when: Checks, conn: Conn, alert: Alert, span: Span) -> list[Notice]:  # noqa: ARG001
    return [about_check(check) for check in checks.wrong(conn) if check.severity in when.severities]


def _too_soon(alert: Alert, span: Span) -> bool:
    """Whether the same was told a moment ago: what goes on is not told again and again."""
    return span.last_found_at is not None and span.now - span.last_found_at < alert.again_after


def preview(conn: Conn, alert: Alert, *, days: int, now: datetime) -> list[Notice]:
    """What an alert would have told of the last days, newest last; nothing is written or sent."""
    since = now - timedelta(days=days)
    return find(conn, replace(alert, enabled=True), Span(known_since=since, published_since=since, now=now))

"""What a notice and a message say: to programs as JSON, to people as plain text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from newswire.core.alerts.definition import Alert, Articles, Late
from newswire.core.alerts.volume import Unusual
from newswire.records import FoundArticle, LateCount, Message, Notice, TroubledFeed, WaitingNotice, WrongCheck

_MAX_TITLE_CHARS = 200


def about_articles(condition: Articles, found: Sequence[FoundArticle]) -> list[Notice]:
    """One notice an article, with all its topics and the strongest proof."""
    by_article: dict[int, list[FoundArticle]] = {}
    for one in found:
        by_article.setdefault(one.article_id, []).append(one)
    return [_about_article(condition, every) for every in by_article.values()]


def _about_article(condition: Articles, every: Sequence[FoundArticle]) -> Notice:
    best = max(every, key=lambda one: (one.level == "core", one.score, one.topic or ""))
    tags = [f"{one.topic} ({one.level}, score {one.score:g})" for one in every if one.topic]
    reasons = [f"tagged {', '.join(tags)}"] if tags else []
    reasons += [f"found by {condition.query}"] if condition.query else []
    return Notice(
        subject=best.url,
        title=best.title,
        why="; ".join(reasons),
        url=best.url,
        sentence=best.evidence,
        article_id=best.article_id,
        facts={
            "language": best.language,
            "publisher": best.publisher,
            "country": best.country,
            "at": best.at.isoformat(),
            "is_copy": best.is_copy,
            "topics": sorted({one.topic for one in every if one.topic}),
        },
    )


def about_day(unusual: Unusual, topic: str | None) -> Notice:
    """A day with much or little news."""
    what = "much" if unusual.direction == "spike" else "little"
    return Notice(
        subject=f"{unusual.direction} {unusual.day}",
        title=f"Unusually {what} on {topic or 'everything'}: {unusual.count} articles, {unusual.usual:g} are usual",
        why=unusual.in_words(),
        facts={
            "topic": topic,
            "day": unusual.day.isoformat(),
            "direction": unusual.direction,
            "count": unusual.count,
            "usual": unusual.usual,
            "deviations": round(unusual.score, 2),
        },
    )


def about_feed(feed: TroubledFeed) -> Notice:
    """A feed in trouble; the same trouble is told once."""
    return Notice(
        subject=f"{feed.url} {feed.state} since {feed.since.isoformat()}",
        title=f"{feed.title or feed.url} is {feed.state}",
        why=feed.why or f"{feed.state} since {feed.since:%Y-%m-%d %H:%M}",
        url=feed.url,
        facts={"state": feed.state, "since": feed.since.isoformat(), "publisher": feed.publisher},
    )


def about_lateness(rule: Late, count: LateCount, at: str) -> Notice | None:
    """Late delivery, if it is worth telling."""
    share = 100 * count.late / count.articles if count.articles else 0
    if count.articles < rule.at_least or share <= rule.percent:
        return None
    took = f"{timedelta(seconds=round(count.median_s or 0))} at the median, {timedelta(seconds=round(count.worst_s or 0))} at worst"
    return Notice(
        subject=f"late {at}",
        title=f"News comes late: {count.late} of {count.articles} articles took more than {rule.above_s:g} s",
        why=f"in the last {rule.within_min} minutes {share:.0f} % came late, {rule.percent:g} % may; it took {took}",
        facts={"articles": count.articles, "late": count.late, "median_s": count.median_s, "worst_s": count.worst_s},
    )


def about_check(check: WrongCheck) -> Notice:
    """A check that finds something; told once until it is healthy again."""
    return Notice(
        subject=f"{check.name} since {check.wrong_since.isoformat()}",
        title=f"{check.severity}: {check.name} finds {check.rows} rows",
        why=f"{check.why}, since {check.wrong_since:%Y-%m-%d %H:%M}",
        facts={"check": check.name, "severity": check.severity, "rows": check.rows},
    )


def message(alert: Alert, notices: Sequence[WaitingNotice], *, at: str) -> Message:
    """The message that tells these notices. The same notices make the same id, whoever composes it."""
    keys = tuple(one.notice_key for one in notices)
    told = [one.told for one in notices]
    title = _title(alert, told)
    body = {
        "type": f"alert.{alert.kind}",
        "timestamp": at,
        "data": {"alert": alert.id, "title": title, "description": alert.description, "notices": told},
    }
    return Message(
        webhook_id="msg_" + hashlib.sha256(b"".join(keys)).hexdigest()[:32],
        title=title,
        plain="\n\n".join(map(_paragraph, told)),
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        notice_keys=keys,
    )


def _title(alert: Alert, told: Sequence[dict[str, Any]]) -> str:
    said = told[0]["title"] if len(told) == 1 else f"{len(told)} notices, the first: {told[0]['title']}"
    return " ".join(f"{alert.id}: {said}".split())[:_MAX_TITLE_CHARS]


def _paragraph(told: dict[str, Any]) -> str:
    about = " · ".join(str(told[name]) for name in ("publisher", "language", "at") if name in told)
    lines = [
        told["title"],
        about,
        f"“{told['sentence']}”" if "sentence" in told else "",
        told["why"],
        told.get("url", ""),
    ]
    return "\n".join(line for line in lines if line)

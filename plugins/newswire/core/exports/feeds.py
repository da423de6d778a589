"""Rows as feeds: any search, example or mart that has `url`, `title` and an instant can be subscribed to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from newswire.core.text import clean_text
from newswire.errors import ConfigError

# What an item says, by the names that marts give it; the first that is there counts.
_SUMMARY = ("evidence", "headline", "summary")
_INSTANT = ("at", "published_at", "first_at", "day")


def rss(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> Iterator[bytes]:
    """RSS 2.0. Raises ConfigError when the rows have no `url` or no `title`."""
    _check(columns)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{_xml(title)}</title><link>https://newswire.invalid/</link><description>{_xml(title)}</description>\n"
    ).encode()
    for row in rows:
        yield _rss_item(dict(zip(columns, row, strict=True))).encode()
    yield b"</channel></rss>\n"


def json_feed(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> Iterator[bytes]:
    """JSON Feed 1.1. Raises ConfigError when the rows have no `url` or no `title`."""
    _check(columns)
    head = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title}, ensure_ascii=False)
    yield f'{head[:-1]}, "items": ['.encode()
    separator = "\n"
    for row in rows:
        item = _json_item(dict(zip(columns, row, strict=True)))
        yield f"{separator}{json.dumps(item, ensure_ascii=False)}".encode()
        separator = ",\n"
    yield b"\n]}\n"


def _check(columns: Sequence[str]) -> None:
    missing = [name for name in ("url", "title") if name not in columns]
    if missing:
        raise ConfigError(
            f"these rows have no {' and no '.join(missing)}, so they cannot be a feed; choose csv or jsonl"
        )


def _rss_item(row: Mapping[str, Any]) -> str:
    instant, summary = _instant(row), _summary(row)
    parts = [
        f"<title>{_xml(row['title'])}</title><link>{_xml(row['url'])}</link>",
        f'<guid isPermaLink="true">{_xml(row["url"])}</guid>',
        f"<pubDate>{format_datetime(instant)}</pubDate>" if instant else "",
        f"<description>{_xml(summary)}</description>" if summary else "",
    ]
    return f"<item>{''.join(parts)}</item>\n"


def _json_item(row: Mapping[str, Any]) -> dict[str, str]:
    instant = _instant(row)
    item = {
        "id": row["url"],
        "url": row["url"],
        "title": row["title"],
        "content_text": _summary(row) or row["title"],
        "date_published": instant and instant.isoformat(),
        "language": row.get("language"),
    }
    return {name: value for name, value in item.items() if value}


def _summary(row: Mapping[str, Any]) -> str | None:
    return next((row[name] for name in _SUMMARY if row.get(name)), None)


def _instant(row: Mapping[str, Any]) -> datetime | None:
    value = next((row[name] for name in _INSTANT if row.get(name)), None)
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None


def _xml(text: object) -> str:
    return escape(clean_text(str(text)))

"""Captured feeds and pages: real documents from a folder, served byte for byte at addresses of their own hosts.

The folder holds `feeds/real.csv` (columns file, format, lang, entries, host and more), `feeds/real.zip` with those files,
and `pages/*.jsonl.gz`, one page a line (id, url, html). A feed does not say where it was captured, so it gets an address
made of its host and its file. A page keeps its own address; one that has none, a front page's, or one that several pages
claim gets one of its own. Pages are announced in feeds made here. Every address is http, whatever it was when captured.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit
from zipfile import ZipFile

from newswire.newsroom.answers import Answer, Document
from newswire.newsroom.model import Subscription

ITEMS_PER_FEED = 200
ANNOUNCER = "captured-pages.example"

_FEED_TYPES = (  # by the beginning of the format's name
    ("rss1.0", "application/rdf+xml"),
    ("rss0.90", "application/rdf+xml"),
    ("rss", "application/rss+xml"),
    ("atom", "application/atom+xml"),
    ("jsonfeed", "application/feed+json"),
    ("", "application/xml"),
)
_PUBLIC_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*")
# Characters that a captured address may hold unescaped; an escape stays as it is.
_AS_CAPTURED = "%/:=&?~+!$,;'@()*[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedFeed:
    """A captured feed, and what a reader should find in it."""

    url: str
    file: str
    format: str
    language: str | None
    entries: int
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPage:
    """A captured page; `packed` is its HTML in UTF-8, compressed because all of them together are large."""

    url: str
    id: str
    packed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A feed made here that links captured pages."""

    url: str
    pages: tuple[CapturedPage, ...]


class Captures:
    """Answers for the hosts of captured documents."""

    def __init__(self, archive: Path, feeds: Sequence[CapturedFeed], pages: Sequence[CapturedPage]) -> None:
        self.feeds = tuple(feeds)
        self.pages = tuple(pages)
        self.announcements = tuple(_announcements(pages))
        self._archive = archive
        self._feeds = {_place(feed.url): feed for feed in feeds}
        self._pages = {_place(page.url): page for page in pages}
        self._pages_by_path = _alone_at_their_path(pages)
        self._announcements = {_place(announcement.url): announcement for announcement in self.announcements}

    def subscriptions(self) -> list[Subscription]:
        """The captured feeds, then the feeds that announce captured pages."""
        captured = [_subscription(feed.url, feed.language) for feed in self.feeds]
        return captured + [_subscription(announcement.url, None) for announcement in self.announcements]

    def listing(self) -> dict[str, Any]:
        """What is served, for a comparison with what was read."""
        return {
            "feeds": [asdict(feed) for feed in self.feeds],
            "announcements": [
                {"url": announcement.url, "entries": len(announcement.pages)} for announcement in self.announcements
            ],
            "pages": [{"id": page.id, "url": page.url} for page in self.pages],
        }

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        """The captured document at an address; a query may lack its campaign tags where that is unambiguous."""
        place = (host, path.rstrip("/"), unquote_plus(query))
        if (feed := self._feeds.get(place)) is not None:
            return Document(body=self._read(feed), content_type=feed.content_type)
        if (announcement := self._announcements.get(place)) is not None:
            return Document(body=_print_announcement(announcement), content_type="application/rss+xml; charset=utf-8")
        page = self._pages.get(place) or self._pages_by_path.get(place[:2])
        if page is None:
            return None
        return Document(body=zlib.decompress(page.packed), content_type="text/html; charset=utf-8")

    def _read(self, feed: CapturedFeed) -> bytes:
        with ZipFile(self._archive) as archive:
            return archive.read(feed.file)


def captures(folder: Path) -> Captures:
    """The captures of a folder.

    Raises OSError or KeyError where the folder has another form.
    """
    with (folder / "feeds" / "real.csv").open(newline="", encoding="utf-8") as table:
        feeds = [_captured_feed(row) for row in csv.DictReader(table)]
    pages = _captured_pages(sorted((folder / "pages").glob("*.jsonl.gz")))
    return Captures(folder / "feeds" / "real.zip", feeds, pages)


def _captured_feed(row: Mapping[str, str]) -> CapturedFeed:
    return CapturedFeed(
        url=_feed_url(row["host"].lower(), row["file"]),
        file=row["file"],
        format=row["format"],
        language=row["lang"] or None,
        entries=int(row["entries"]),
        content_type=next(media_type for start, media_type in _FEED_TYPES if row["format"].startswith(start)),
    )


def _feed_url(host: str, file: str) -> str:
    """Unique because of the digest, readable because of the name."""
    digest = hashlib.sha256(file.encode()).hexdigest()[:10]
    if not _PUBLIC_HOST.fullmatch(host):
        host = f"captured-{digest}.example"
    return f"http://{host}/captured/{digest}/{_slug(file.rpartition('/')[2])}"


def _captured_pages(files: Iterable[Path]) -> list[CapturedPage]:
    rows = [(row["id"], row["url"], _pack(row["html"])) for file in files for row in _rows(file)]
    claims = Counter(_place(url) for _, url, _ in rows if url)
    return [
        CapturedPage(url=_page_url(page_id, url, claims), id=page_id, packed=packed) for page_id, url, packed in rows
    ]


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _pack(html: str) -> bytes:
    return zlib.compress(html.encode("utf-8", "replace"), level=1)


def _page_url(page_id: str, url: str | None, claims: Counter[tuple[str, str, str]]) -> str:
    """The page's own address over http, if it is the page's own; else one made of its id."""
    if not url:
        return f"http://{_slug(page_id).lower()}.example/article.html"
    host, path, query = place = _place(url)
    if claims[place] > 1 or not (path or query):
        return f"http://{host}/captured/{_slug(page_id)}.html"
    parts = urlsplit(url.strip())
    return f"http://{host}{quote(parts.path, safe=_AS_CAPTURED)}" + (f"?{parts.query}" if query else "")


def _place(url: str) -> tuple[str, str, str]:
    """Host, path and query as the server sees them: ASCII host, decoded, without scheme, port or last slash."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").encode("idna").decode()
    return host, unquote(parts.path).rstrip("/"), unquote_plus(parts.query)


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.") or "feed"


def _alone_at_their_path(pages: Sequence[CapturedPage]) -> dict[tuple[str, str], CapturedPage]:
    """Pages that can be told apart without their query, by host and path."""
    counts = Counter(_place(page.url)[:2] for page in pages)
    return {_place(page.url)[:2]: page for page in pages if counts[_place(page.url)[:2]] == 1}


def _announcements(pages: Sequence[CapturedPage]) -> Iterator[Announcement]:
    for number, start in enumerate(range(0, len(pages), ITEMS_PER_FEED), start=1):
        batch = tuple(pages[start : start + ITEMS_PER_FEED])
        yield Announcement(url=f"http://{ANNOUNCER}/feeds/{number}.xml", pages=batch)


def _print_announcement(announcement: Announcement) -> bytes:
    """RSS with links alone: no dates and no summaries are claimed for what others wrote."""
    items = "\n".join(
        f"<item><title>{escape(page.id)}</title><link>{escape(page.url)}</link><guid>{escape(page.url)}</guid></item>"
        for page in announcement.pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>\n'
        f"<title>Captured pages</title><link>http://{ANNOUNCER}/</link><description>Captured pages</description>\n"
        f"{items}\n</channel></rss>\n"
    ).encode()


def _subscription(url: str, language: str | None) -> Subscription:
    host = urlsplit(url).netloc
    return Subscription(url=url, publication=host, domain=host, country=None, language=language)

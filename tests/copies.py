"""Made-up articles for tests and benches of grouping: originals, copies cut and extended, forms, revisions, deletions.

A function of its seed. What is like what is left to the rule: these are here to arrive in many orders, or in great numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate
from random import Random

from newswire.records import Article, Source
from newswire.warehouse import addresses, articles, work
from newswire.warehouse.articles import ReadArticle
from newswire.warehouse.connection import Conn

BEGINNING = datetime(2026, 3, 2, 6, tzinfo=UTC)
_SYLLABLES = [
    a + b
    for a in ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z"]
    for b in ["a", "e", "i", "o", "u", "ai", "ou"]
]
_FORM = (
    "trading on the {place} exchange closed at {level} points after {share} shares changed hands in the {part} session"
)


@dataclass(frozen=True)
class Text:
    """One version; an empty text is a deletion."""

    title: str
    text: str
    syndicated_from: str | None = None
    authors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """An article: who publishes it where and when, and its versions in their order."""

    url: str
    at: datetime
    versions: tuple[Text, ...]


class Press:
    """Writes pieces."""

    def __init__(self, seed: int, *, words: int = 120, days: float = 9) -> None:
        self._random = Random(seed)
        self._words, self._days = words, days
        self._names = ["".join(self._random.choices(_SYLLABLES, k=self._random.randint(1, 3))) for _ in range(6_000)]
        # As in any language, few words make up most of a text.
        self._often = list(accumulate(1 / (rank + 3) for rank in range(len(self._names))))

    def pieces(self, count: int, *, revised: float = 0.15, deleted: float = 0.05) -> list[Piece]:
        """So many articles: about half repeat another in some way, one in ten fills in a form."""
        written: list[Text] = []
        found = []
        for number in range(count):
            text = self._next(written)
            written.append(text)
            url = f"https://paper{self._random.randrange(40)}.example/{number}"
            at = BEGINNING + timedelta(days=self._random.random() * self._days)
            found.append(Piece(url, at, self._versions(text, revised=revised, deleted=deleted)))
        return found

    def original(self) -> Text:
        """A text that repeats nothing."""
        length = self._random.randint(self._words // 2, self._words * 3 // 2)
        return Text(" ".join(self._some(7)), self._sentences(length))

    def _next(self, written: Sequence[Text]) -> Text:
        chance = self._random.random()
        if chance < 0.1:
            return self._form()
        if chance < 0.55 or not written:
            return self.original()
        return self._repeat(self._random.choice(written))

    def _repeat(self, text: Text) -> Text:
        words = text.text.split()
        way = self._random.randrange(5)
        if way == 0:
            return text
        if way == 1:
            return Text(text.title, " ".join(words[: int(len(words) * self._random.uniform(0.4, 0.9))]))
        if way == 2:
            return Text(text.title, f"{self._sentences(25)} {text.text} {self._sentences(40)}")
        if way == 3:
            changed = [word if self._random.random() > 0.06 else self._some(1)[0] for word in words]
            return Text(" ".join(self._some(6)), " ".join(changed))
        return Text(f"Update: {text.title}", f"{text.text} {self._sentences(12)}")

    def _form(self) -> Text:
        lines = [
            _FORM.format(place=name, level=self._random.randrange(9000), share=self._random.randrange(99), part=part)
            for name, part in zip(self._some(3), ("morning", "noon", "evening"), strict=True)
        ]
        return Text("markets at the close", ". ".join(lines))

    def _versions(self, text: Text, *, revised: float, deleted: float) -> tuple[Text, ...]:
        versions = [text]
        while self._random.random() < revised:
            versions.append(self._repeat(self._random.choice([text, self.original()])))
        if self._random.random() < deleted:
            versions.append(Text(text.title, ""))
        return tuple(versions)

    def _some(self, count: int) -> list[str]:
        return self._random.choices(self._names, cum_weights=self._often, k=count)

    def _sentences(self, words: int) -> str:
        return " ".join(
            str(self._random.randrange(2000)) if self._random.random() < 0.02 else word for word in self._some(words)
        )


def publish(conn: Conn, some: Sequence[tuple[Piece, int]]) -> None:
    """Store versions of different pieces and ask for their grouping, as extraction does."""
    with conn.transaction():
        addresses.ensure(conn, [piece.url for piece, _ in some])
        asked = "SELECT url, address_id FROM news.addresses WHERE url = ANY (%s)"
        ids = dict(conn.execute(asked, [[piece.url for piece, _ in some]]).fetchall())
        read = [
            ReadArticle(source=_source(ids[piece.url], piece), article=_article(piece, version))
            for piece, version in some
        ]
        saved = articles.save(conn, read)
        work.ask(conn, "group", sorted(article.article_id for article in saved))


# All that was decided, by natural keys.
_DECIDED = {
    "pairs": """
        SELECT least(a.url, b.url), greatest(a.url, b.url), pair.kind, pair.containment, pair.jaccard, pair.numbers_alike
        FROM news.duplicate_pairs AS pair
        JOIN news.articles AS a ON a.article_id = pair.article_a
        JOIN news.articles AS b ON b.article_id = pair.article_b
    """,
    "copies": """
        SELECT article.url, original.url, via.url, copy.kind, copy.reason, copy.first_reason
        FROM news.copies AS copy
        JOIN news.articles AS article ON article.article_id = copy.article_id
        JOIN news.articles AS original ON original.article_id = copy.original_id
        JOIN news.articles AS via ON via.article_id = copy.via_id
    """,
    "stories": """
        SELECT article.url, first.url, member.evidence::text
        FROM news.story_members AS member
        JOIN news.articles AS article ON article.article_id = member.article_id
        JOIN news.articles AS first ON first.article_id = member.story_id
    """,
    "hot": "SELECT day, anchor FROM news.hot_anchors",
}


def state(conn: Conn) -> dict[str, list[tuple]]:
    """All that was decided: pairs, copies, stories, and the anchors that count no more."""
    return {name: sorted(conn.execute(query).fetchall(), key=repr) for name, query in _DECIDED.items()}


def _source(address_id: int, piece: Piece) -> Source:
    return Source(
        address_id=address_id, url=piece.url, fetch_outcome=None, page_id=None, final_url=None, content_type=None,
        fetched_at=None, archive_path=None, archive_offset=None, archive_length=None, body_sha256=None, entry_title=None,
        entry_summary=None, entry_content=None, entry_language=None, entry_authors=(), entry_published_at=None,
        entry_date_quality=None,
        first_seen_at=piece.at + timedelta(minutes=5),
    )  # fmt: skip


def _article(piece: Piece, version: int) -> Article:
    text = piece.versions[version]
    return Article(
        url=piece.url, title=text.title, text=text.text, language="und", authors=text.authors, published_at=piece.at,
        site_name=None, text_source="page", extractor="test", syndicated_from=text.syndicated_from,
        content_sha256=sha256(f"{text.title}\n{text.text}".encode()).digest(),
    )  # fmt: skip

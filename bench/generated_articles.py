"""Articles made up for benches, in bulk: the same ones for the same seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
DAYS, PUBLISHERS, SENTENCES = 20, 97, 12
HEADLINES = ("Wheat rises in port", "Wheat falls in port", "Barley and wheat wait in port")
# Dense: half of them are about a shipped topic, so that an article has six proofs where the labelled documents have two.
SAID = (
    "The wheat harvest was poor, and the mills that buy it look for grain in other countries this year.",
    "Ministers met in the capital to speak of the budget, the roads, and the schools of the province.",
    "Rare earths from the new mine are separated in a plant that was built with help from the state.",
    "The central bank left its interest rate where it was, and said that prices rise more slowly now.",
    "Talks on a ceasefire in Ukraine go on in a hotel by the sea, an envoy said on the telephone.",
    "Barley is dear as well, a trader said, and nobody knows what the winter will bring to the fields.",
    "A tanker with liquefied gas waits for the ice to break, as it did in the spring of the last year.",
    "The museum opens its doors again on Sunday, after a year of repairs to the roof and the stairs.",
)


class Made(NamedTuple):
    number: int
    url: str
    host: str
    at: datetime
    title: str
    text: str

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.url.encode()).digest()


def load(server: str, count: int, *, seed: int = 1) -> None:
    """COPY so many articles of some 1,200 characters into an empty warehouse; `server` is its superuser's address.

    Without triggers: what is not measured (the words for the search) is not made, and keys refer to each other in a circle.
    """
    with psycopg.connect(server) as conn:
        conn.execute("SET session_replication_role = replica")
        for table, columns, rows in (
            ("publishers", "publisher_id, domain", _publishers()),
            ("addresses", "address_id, address_key, url, host, article_id", map(_address, made(count, seed))),
            (
                "articles",
                "article_id, address_id, url, publisher_id, current_version_id, first_seen_at, seen_by, at, day",
                map(_article, made(count, seed)),
            ),
            (
                "article_versions",
                "version_id, article_id, content_sha256, title, text, language, authors, text_source, extractor",
                map(_version, made(count, seed)),
            ),
        ):
            _copy(conn, table, columns, rows)


def made(count: int, seed: int) -> Iterator[Made]:
    chance = random.Random(seed)
    for number in range(1, count + 1):
        host = f"paper-{number % PUBLISHERS}.example"
        yield Made(
            number=number,
            url=f"https://{host}/{number}",
            host=host,
            at=FIRST + timedelta(days=number % DAYS),
            title=f"{chance.choice(HEADLINES)} {number}",
            text="\n".join(chance.choices(SAID, k=SENTENCES)),
        )


def _copy(conn: psycopg.Connection[Any], table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    with conn.cursor().copy(f"COPY news.{table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _publishers() -> Iterator[Sequence[object]]:
    return ((number + 1, f"paper-{number}.example") for number in range(PUBLISHERS))


def _address(one: Made) -> Sequence[object]:
    return (one.number, one.digest, one.url, one.host, one.number)


def _article(one: Made) -> Sequence[object]:
    publisher = one.number % PUBLISHERS + 1
    return (one.number, one.number, one.url, publisher, one.number, one.at, "archive", one.at, one.at.date())


def _version(one: Made) -> Sequence[object]:
    return (one.number, one.number, one.digest, one.title, one.text, "en", [], "page", "bench")

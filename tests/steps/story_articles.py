"""A small press of invented words, for tests of stories: events that are reported once or often, and some that drift."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from newswire.core.fingerprints import SIGNATURE_VERSION
from newswire.core.stories import (
    SHARED_KEY_TERMS,
    WINDOW,
    Frequencies,
    choose_representatives,
    same_story,
    story_features,
)
from newswire.core.urls import address_key
from newswire.records import StoryArticle, StoryFeatures, StoryLink, StoryRank
from newswire.warehouse.connection import Conn
from newswire.warehouse.stories import MAX_EARLIER

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
LANGUAGE = "xx"  # no table: the length of a term decides how much it tells
SYLLABLES = ["ka", "lo", "mi", "re", "tun", "vas", "bel", "dor", "fi", "gan", "hul", "jor", "nes", "pil", "sur", "zem"]


@dataclass(frozen=True)
class Report:
    """One article of the press, with the text it had at first and the one it has in the end (None: taken down)."""

    url: str
    at: datetime
    title: str
    first_text: str
    text: str | None
    copy_of: str | None = None


def press(events: int, seed: int = 1) -> tuple[Report, ...]:
    """Reports on invented events over eight days: some revised, some taken down, some copied."""
    dice = random.Random(seed)
    return tuple(report for number in range(events) for report in _event(dice, number))


def _event(dice: random.Random, number: int) -> list[Report]:
    words = [_word(dice) for _ in range(60)]
    began = START + timedelta(hours=dice.randrange(24 * 8))
    drift = dice.choice([0, 0, 3, 6])  # words that each report leaves behind: a chain without a common core
    reports = []
    for index in range(dice.choice([1, 2, 3, 6, 9])):
        known = words[index * drift : index * drift + 26] or words[-26:]
        at = began + timedelta(hours=dice.randrange(1, 20) * index)
        reports.append(_report(dice, f"https://paper{dice.randrange(6)}.example/{number}-{index}", at, known))
    if len(reports) > 2:
        original = dice.choice(reports)
        url = f"https://copies.example/{number}"
        later = original.at + timedelta(hours=1)
        reports.append(Report(url, later, original.title, original.first_text, original.first_text, original.url))
    return reports


def _report(dice: random.Random, url: str, at: datetime, known: list[str]) -> Report:
    title = " ".join(dice.sample(known[:12], 5)).capitalize()
    text, before = _text(dice, known), _text(dice, known)
    fate = dice.random()
    return Report(url, at, title, before if fate < 0.3 else text, None if fate > 0.93 else text)


def _text(dice: random.Random, known: list[str]) -> str:
    sentences = (" ".join(["the", *dice.sample(known, 9)]) + "." for _ in range(6))
    return " ".join(sentence.capitalize() for sentence in sentences)


def _word(dice: random.Random) -> str:
    word = "".join(dice.choice(SYLLABLES) for _ in range(3))
    return word.capitalize() if dice.random() < 0.3 else word


# --- In the warehouse ------------------------------------------------------------------------------------------------


def insert(conn: Conn, reports: Sequence[Report]) -> dict[str, int]:
    """The articles, known but without a text yet; returns their ids by address."""
    for domain in sorted({report.url.split("/")[2] for report in reports}):
        conn.execute("INSERT INTO news.publishers (domain) VALUES (%s)", [domain])
    return {report.url: _insert(conn, report) for report in reports}


def _insert(conn: Conn, report: Report) -> int:
    host = report.url.split("/")[2]
    row = conn.execute(
        """
        WITH address AS (
            INSERT INTO news.addresses (address_key, url, host) VALUES (%s, %s, %s) RETURNING address_id
        )
        INSERT INTO news.articles (address_id, url, publisher_id, first_seen_at, seen_by, published_at, at, day)
        SELECT address.address_id, %s, publisher.publisher_id, %s, 'live', %s, %s, %s
        FROM address, news.publishers AS publisher
        WHERE publisher.domain = %s
        RETURNING article_id
        """,
        [address_key(report.url), report.url, host, report.url, *[report.at] * 3, report.at.date(), host],
    ).fetchone()
    assert row is not None
    return int(row[0])


def write(conn: Conn, article_id: int, title: str, text: str | None) -> None:
    """Give an article the text that it has from now on (None: it is taken down)."""
    if text is None:
        conn.execute("UPDATE news.articles SET current_version_id = NULL WHERE article_id = %s", [article_id])
        return
    conn.execute(
        """
        WITH version AS (
            INSERT INTO news.article_versions AS version (
                article_id, content_sha256, title, text, language, authors, text_source, extractor
            )
            VALUES (%(id)s, sha256(%(content)s::bytea), %(title)s, %(text)s, %(language)s, '{}', 'page', 'test')
            ON CONFLICT (article_id, content_sha256) DO UPDATE SET extractor = 'test'
            RETURNING version.version_id
        )
        UPDATE news.articles SET current_version_id = version.version_id FROM version WHERE article_id = %(id)s
        """,
        {"id": article_id, "content": f"{title}\n{text}", "title": title, "text": text, "language": LANGUAGE},
    )


def copy(conn: Conn, article_id: int, original_id: int) -> None:
    """Say that an article is a copy, as grouping does."""
    conn.execute(
        """
        INSERT INTO news.duplicates (article_id, original_id, signature, via_id, kind, reason, first_reason, containment, jaccard, title_share, numbers, numbers_alike)
        SELECT %(copy)s, %(original)s, %(signature)s::text, %(original)s, 'exact', 'the same text', 'published first', 1, 1, 1, 0, 0
        """,
        {"copy": article_id, "original": original_id, "signature": SIGNATURE_VERSION},
    )


# --- In memory -------------------------------------------------------------------------------------------------------


@cache
def expected(reports: tuple[Report, ...], at_most: int = MAX_EARLIER) -> dict[str, tuple[str, float | None]]:
    """The story and score of every article that is there in the end, by address: from the whole set, at once."""
    articles = [
        story_features(
            StoryArticle(
                article_id=0,
                version_id=0,
                url=report.url,
                title=report.title,
                text=report.text,
                language=LANGUAGE,
                at=report.at,
                is_copy=False,
            ),
            Frequencies(language=LANGUAGE, shares={}),
        )
        for report in reports
        if report.text is not None and report.copy_of is None
    ]
    ranks = {number: (one.at, one.url) for number, one in enumerate(articles)}
    links = [
        StoryLink(earlier_id=earlier, later_id=later, score=evidence.score)
        for later in ranks
        for earlier in _compared(articles, ranks, later)[:at_most]
        if (evidence := same_story(articles[earlier], articles[later])) is not None
    ]
    members = choose_representatives(ranks, links)
    return {articles[number].url: (articles[member.story_id].url, member.score) for number, member in members.items()}


def _compared(articles: Sequence[StoryFeatures], ranks: dict[int, StoryRank], later: int) -> list[int]:
    """The earlier articles that share enough terms with one, those that share most first."""
    own = articles[later]
    shared = {number: len({*one.key_terms} & {*own.key_terms}) for number, one in enumerate(articles)}
    near = [
        number
        for number, one in enumerate(articles)
        if ranks[number] < ranks[later]
        and own.at - one.at <= WINDOW
        and shared[number] >= SHARED_KEY_TERMS
        and {*one.rare_terms} & {*own.rare_terms}
    ]
    return sorted(near, key=lambda number: (-shared[number], ranks[number]))

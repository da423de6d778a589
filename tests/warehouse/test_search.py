"""Search finds words in the forms that people write them, in every language, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from databases import copied
from newswire.warehouse import search
from newswire.warehouse.connection import Conn, connect

LANGUAGES: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "search_cases.yaml").read_text(encoding="utf-8"))
CASES = [(language, query, found) for language, said in LANGUAGES.items() for query, found in said["queries"].items()]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

PLANT = """
    WITH address AS (
        INSERT INTO news.addresses (address_key, url, host) VALUES (sha256(convert_to(%(url)s::text, 'UTF8')), %(url)s::text, 'a.example') RETURNING address_id
    ), publisher AS (
        INSERT INTO news.publishers (domain) VALUES ('a.example') ON CONFLICT (domain) DO UPDATE SET domain = excluded.domain
        RETURNING publisher_id
    ), article AS (
        INSERT INTO news.articles (address_id, url, publisher_id, first_seen_at, seen_by, at, day)
        SELECT address_id, %(url)s::text, publisher_id, %(at)s::timestamptz, 'live', %(at)s::timestamptz, (%(at)s::timestamptz AT TIME ZONE 'UTC')::date
        FROM address, publisher
        RETURNING article_id
    )
    INSERT INTO news.article_versions (article_id, content_sha256, title, text, language, authors, text_source, extractor)
    SELECT article_id, sha256(convert_to(%(text)s::text, 'UTF8')), %(title)s::text, %(text)s::text, %(language)s::text, '{}', 'page', 'test'
    FROM article
    RETURNING article_id, version_id
"""


def plant(conn: Conn, name: str, language: str, text: str, *, title: str = "-", at: datetime = NOW) -> int:
    """An article with one version, made current as the steps do it."""
    asked = {
        "url": f"https://a.example/{language}/{name}",
        "at": at,
        "title": title,
        "text": text,
        "language": language,
    }
    article_id, version_id = conn.execute(PLANT, asked).fetchone()
    conn.execute("UPDATE news.articles SET current_version_id = %s WHERE article_id = %s", [version_id, article_id])
    return article_id


def names(found: list[Any]) -> set[str]:
    return {hit.url.rsplit("/", 1)[1] for hit in found}


@pytest.fixture(scope="module")
def library(postgres, template) -> Iterator[Conn]:
    """All texts of all languages, in one warehouse."""
    with copied(postgres, template) as warehouse, connect(warehouse.dsn(), name="test") as conn:
        for language, said in LANGUAGES.items():
            for name, text in said["texts"].items():
                plant(conn, name, language, text)
        yield conn


@pytest.mark.parametrize(("language", "query", "found"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_a_query_finds_its_articles_and_no_other(library: Conn, language, query, found):
    assert names(search.articles(library, query, languages=[language])) == set(found)


def test_there_are_sixty_cases_in_twelve_languages():
    assert (len(CASES) >= 60, len(LANGUAGES)) == (True, 12)


def test_without_a_language_every_language_is_searched_in_its_own_way(library: Conn):
    assert names(search.articles(library, "переговоры OR 稀土 OR negotiations")) >= {"peregovory", "xitu", "export"}


@pytest.mark.parametrize("query", ["", "the of", '"', "-", "OR", '* - " OR', "& | !", "') --", "a" * 5000])
def test_a_query_that_says_nothing_finds_nothing_and_breaks_nothing(library: Conn, query):
    assert search.articles(library, query) == []


@pytest.mark.parametrize(
    ("language", "query", "marked"),
    [
        ("en", "exports", "«exports»"),
        ("zh", "稀土库存", "«稀土库存»"),
        ("uk", "переговорів", "«переговор»и"),
        ("ko", "희토류", "«희토류»를"),
    ],
)
def test_a_hit_shows_the_words_around_it(library: Conn, language, query, marked):
    [hit] = search.articles(library, query, languages=[language])
    assert marked in hit.headline


def test_a_hit_in_the_title_weighs_more_and_age_weighs_less(conn: Conn):
    plant(conn, "body", "en", "A paper on holmium.", title="Chemistry")
    plant(conn, "title", "en", "A paper.", title="Holmium")
    plant(conn, "old", "en", "A paper.", title="Holmium", at=NOW - timedelta(days=90))
    found = [hit.url.rsplit("/", 1)[1] for hit in search.articles(conn, "holmium", languages=["en"])]
    assert found[0] == "title"
    assert set(found[1:]) == {"body", "old"}


def test_search_is_narrowed_by_time_and_language(conn: Conn):
    plant(conn, "now", "pt-BR", "terras raras")
    plant(conn, "before", "pt", "terras raras", at=NOW - timedelta(days=10))
    assert names(search.articles(conn, "terras raras", languages=["pt"])) == {"now", "before"}
    assert names(search.articles(conn, "terras raras", languages=["pt-BR"])) == {"now"}
    assert names(search.articles(conn, "terras raras", languages=["pt"], since=NOW - timedelta(days=1))) == {"now"}
    assert names(search.articles(conn, "terras raras", until=NOW - timedelta(days=1))) == {"before"}


def test_a_revised_article_is_found_by_what_it_says_now(conn: Conn):
    article_id = plant(conn, "revised", "en", "The deal was about scandium.")
    [version_id] = conn.execute(
        """INSERT INTO news.article_versions (article_id, content_sha256, title, text, language, authors, text_source, extractor)
        VALUES (%s, 'x', '-', 'The deal was about yttrium.', 'en', '{}', 'page', 'test') RETURNING version_id""",
        [article_id],
    ).fetchone()
    conn.execute("UPDATE news.articles SET current_version_id = %s WHERE article_id = %s", [version_id, article_id])
    assert search.articles(conn, "scandium") == []
    assert names(search.articles(conn, "yttrium")) == {"revised"}


def test_a_text_too_rich_in_words_is_found_by_its_title(conn: Conn):
    rich = " ".join(f"{n:x}" * 9 for n in range(40_000, 42_000))
    plant(conn, "rich", "en", rich, title="Gadolinium")
    assert names(search.articles(conn, "gadolinium")) == {"rich"}


def test_documents_of_an_older_making_are_made_again(conn: Conn):
    plant(conn, "old", "en", "terbium")
    conn.execute("UPDATE news.search_documents SET search_version = 0, document = ''")
    assert search.articles(conn, "terbium") == []
    assert search.refresh(conn, limit=10) == 1
    assert names(search.articles(conn, "terbium")) == {"old"}
    assert search.refresh(conn, limit=10) == 0

"""What the sample publications should have come to, held against the rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from newswire.core.urls import address_key
from newswire.records import ArticleLine, SightingLine

TOPICS = ("rare-earths", "ukraine-negotiations")  # the newsroom's ledger speaks of these two


def differences(
    ledger: Sequence[Mapping[str, Any]], articles: Sequence[ArticleLine], sightings: Sequence[SightingLine]
) -> list[str]:
    """What is not as the newsroom published it, in words; empty when the rows are right."""
    by_address = {address_key(article.url): article for article in articles}
    outcomes = {address_key(sighting.link): sighting.outcome for sighting in sightings if sighting.link}
    expected = {address_key(row["url"]) for row in ledger if row["outcome"] == "article"}
    found = [
        difference
        for row in ledger
        for difference in (_of_article(row, by_address) if row["outcome"] == "article" else _of_refusal(row, outcomes))
    ]
    return found + [f"not published by anybody: {a.url}" for key, a in by_address.items() if key not in expected]


def fingerprint(articles: Sequence[ArticleLine], sightings: Sequence[SightingLine]) -> str:
    """SHA-256 of the rows by their natural keys. How many versions a poll caught, and every instant, is left to chance."""
    rows = [
        *(
            (one.url, one.title, one.language, one.publisher, one.original_url, one.topics, one.evidence)
            for one in articles
        ),
        *((one.link, one.outcome, one.detail) for one in sightings),
    ]
    return hashlib.sha256("\n".join(sorted(json.dumps(row) for row in rows)).encode()).hexdigest()


def _of_article(row: Mapping[str, Any], articles: Mapping[bytes, ArticleLine]) -> Iterator[str]:
    article = articles.get(address_key(row["url"]))
    if article is None:
        yield f"missing: {row['url']}"
        return
    original = article.original_url and address_key(article.original_url)
    repeats = row["duplicate_of"] or row["near_duplicate_of"]
    expected_original = repeats and address_key(repeats)
    for what, is_, should in (
        ("title", article.title, row["title"]),
        ("language", article.language, row["language"]),
        ("topics", _topics(article), _expected_topics(row)),
        ("original", original, expected_original),
    ):
        if is_ != should:
            yield f"{what} of {row['url']}: {is_!r}, not {should!r}"


def _of_refusal(row: Mapping[str, Any], outcomes: Mapping[bytes, str]) -> Iterator[str]:
    outcome = outcomes.get(address_key(row["link"]))
    if outcome != row["outcome"]:
        yield f"outcome of {row['link']}: {outcome!r}, not {row['outcome']!r}"


def _topics(article: ArticleLine) -> dict[str, str]:
    pairs = [pair.split(" ") for pair in article.topics.split(", ") if pair]
    return {topic: level for topic, level in pairs if topic in TOPICS}


def _expected_topics(row: Mapping[str, Any]) -> dict[str, str]:
    return {topic: level for topic, level in row["topics"].items() if topic in TOPICS}

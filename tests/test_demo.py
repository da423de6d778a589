"""The demo's last word: when two systems have the same rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newswire.demo.sample import fingerprint
from newswire.records import ArticleLine, SightingLine

ONE = ArticleLine(
    url="https://harbour-tribune.example/one",
    title="One",
    language="en",
    publisher="The Harbour Tribune",
    versions=1,
    original_url=None,
    topics="rare-earths core",
    evidence="Rare earths.",
)
OTHER = replace(ONE, url="https://harbour-tribune.example/other")
SEEN = SightingLine(link=ONE.url, outcome="article", detail=None)


def test_rows_are_the_same_in_any_order_and_however_many_versions_were_caught() -> None:
    caught = replace(ONE, versions=3)
    assert fingerprint([ONE, OTHER], [SEEN]) == fingerprint([OTHER, caught], [SEEN])


@pytest.mark.parametrize(
    "change", [{"title": "Another"}, {"topics": ""}, {"original_url": OTHER.url}, {"evidence": None}], ids=str
)
def test_a_row_that_says_something_else_is_seen(change: dict[str, str]) -> None:
    assert fingerprint([replace(ONE, **change), OTHER], [SEEN]) != fingerprint([ONE, OTHER], [SEEN])


def test_a_row_too_many_or_too_few_is_seen() -> None:
    assert len({fingerprint(*rows) for rows in (([ONE], [SEEN]), ([ONE, ONE], [SEEN]), ([], [SEEN]), ([ONE], []))}) == 4

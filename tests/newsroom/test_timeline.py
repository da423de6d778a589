"""The order of publication: fixed, fair, and never a copy before its original."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newswire.newsroom.generator import Generator
from newswire.newsroom.model import ledger_of
from newswire.newsroom.publications import publications
from newswire.newsroom.timeline import plan_releases

EDITION = Generator(5).edition(feeds=9, articles=120, copies=0.3, near_copies=0.1, updates=0.2).publications

# Generated newspapers print copies last. Upside down, a copy would come first if nobody held it back.
UPSIDE_DOWN = tuple(replace(paper, manuscripts=paper.manuscripts[::-1]) for paper in EDITION)


def releases(printed, share=0.4):
    timeline = plan_releases(printed, opening_share=share)
    return timeline.opening + timeline.later


@pytest.mark.parametrize("printed", [publications(), EDITION], ids=["samples", "generated"])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_every_version_is_released_exactly_once(printed, share):
    expected = {(row.url, version) for row in ledger_of(printed) for version in range(row.versions)}
    released = [(release.url, release.version) for release in releases(printed, share)]
    assert len(released) == len(expected)
    assert set(released) == expected


@pytest.mark.parametrize("printed", [publications(), EDITION, UPSIDE_DOWN], ids=["samples", "generated", "upside down"])
def test_an_original_comes_before_its_copies(printed):
    order = [release.url for release in releases(printed) if release.version == 0]
    copies = [row for row in ledger_of(printed) if row.duplicate_of or row.near_duplicate_of]
    assert copies
    for row in copies:
        assert order.index(row.duplicate_of or row.near_duplicate_of) < order.index(row.url)


@pytest.mark.parametrize("printed", [publications(), EDITION], ids=["samples", "generated"])
def test_the_versions_of_an_article_come_in_order(printed):
    order = releases(printed)
    for row in ledger_of(printed):
        assert [release.version for release in order if release.url == row.url] == list(range(row.versions))


def test_revisions_come_while_readers_are_there_and_not_all_at_once():
    later = plan_releases(publications(), opening_share=0.4).later
    places = [place for place, release in enumerate(later) if release.version > 0]
    assert len(places) == 2
    assert places[1] - places[0] > 5


def test_the_agency_publishes_its_story_at_the_opening_and_the_papers_follow():
    timeline = plan_releases(publications(), opening_share=0.4)
    opening = {release.url for release in timeline.opening}
    copies = [row for row in ledger_of(publications()) if row.duplicate_of]
    assert all(row.duplicate_of in opening for row in copies)
    assert sum(row.url not in opening for row in copies) >= 1


def test_the_order_is_always_the_same():
    assert releases(publications()) == releases(publications())

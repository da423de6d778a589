"""The sample publications hold what the demo promises, and the ledger knows it."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from newswire.newsroom.publications import ledger, publications, read_offset, subscriptions

ROWS = ledger()
ARTICLES = [row for row in ROWS if row.outcome == "article"]
MANUSCRIPTS = [manuscript for publication in publications() for manuscript in publication.manuscripts]

# Han and kana say in one character what Latin script says in two or three.
DENSE_SCRIPTS = {"zh", "ja", "ko"}


def manuscript_at(url):
    return next(
        manuscript
        for publication in publications()
        for manuscript in publication.manuscripts
        if publication.url_of(manuscript) == url
    )


def test_twelve_feeds_in_all_four_formats():
    assert len(subscriptions()) == len({subscription.url for subscription in subscriptions()}) == 12
    assert {publication.feed.format for publication in publications()} == {"rss", "atom", "json", "sitemap"}


def test_every_publication_is_its_own_host_below_a_reserved_domain():
    domains = [subscription.domain for subscription in subscriptions()]
    assert len(set(domains)) == 12
    assert all(domain.endswith(".example") for domain in domains)


def test_sixty_three_articles_one_dead_link_and_one_forbidden_page():
    assert Counter(row.outcome for row in ROWS) == {"article": 63, "gone": 1, "robots": 1}


def test_every_address_is_of_its_own():
    assert len({row.url for row in ROWS}) == len({row.link for row in ROWS}) == 65


def test_articles_come_in_thirteen_languages():
    languages = sorted({row.language for row in ARTICLES})
    assert languages == ["ar", "de", "en", "es", "fr", "hi", "ja", "ko", "pl", "ru", "tr", "uk", "zh"]


def test_articles_come_in_seven_scripts():
    letters = {letter for manuscript in MANUSCRIPTS for version in manuscript.versions for letter in version.title}
    scripts = {unicodedata.name(letter).split()[0] for letter in letters if letter.isalpha()}
    assert scripts >= {"LATIN", "CYRILLIC", "ARABIC", "DEVANAGARI", "CJK", "HIRAGANA", "HANGUL"}


def test_about_ten_articles_on_each_topic_and_most_on_neither():
    topics = Counter(topic for row in ARTICLES for topic in row.topics)
    assert topics == {"rare-earths": 11, "ukraine-negotiations": 13}
    assert sum(not row.topics for row in ARTICLES) == 40


def test_each_topic_is_mentioned_once_without_being_the_subject():
    mentions = [topic for row in ARTICLES for topic, level in row.topics.items() if level == "mention"]
    assert sorted(mentions) == ["rare-earths", "ukraine-negotiations"]


def test_one_french_article_is_about_both_topics():
    [row] = [row for row in ARTICLES if len(row.topics) == 2]
    assert (row.language, dict(row.topics)) == ("fr", {"rare-earths": "core", "ukraine-negotiations": "core"})


def test_the_french_article_ends_with_a_promotional_line_that_another_article_carries_too():
    last = [version.paragraphs[-1] for m in MANUSCRIPTS for version in m.versions if version.paragraphs]
    [(line, count)] = Counter(line for line in last if "250 sites" in line).items()
    assert count == 2
    assert "négociations" in line
    assert "Ukraine" in line


def test_three_papers_carry_the_story_of_the_agency_word_for_word():
    copies = [row for row in ARTICLES if row.duplicate_of is not None]
    [original] = {row.duplicate_of for row in copies}
    assert len({row.domain for row in copies}) == len(copies) == 3
    assert all(manuscript_at(row.url).versions == manuscript_at(original).versions for row in copies)


def test_one_article_quotes_a_paragraph_of_that_story_and_repeats_none():
    [original] = {row.duplicate_of for row in ARTICLES} - {None}
    [told] = manuscript_at(original).versions
    quoting = [
        m for m in MANUSCRIPTS if m.copy_of is None and any(told.paragraphs[1] in p for p in m.versions[0].paragraphs)
    ]
    [article] = [manuscript for manuscript in quoting if manuscript.versions != manuscript_at(original).versions]
    assert set(article.versions[0].paragraphs).isdisjoint(told.paragraphs)


def test_no_other_article_repeats_a_text():
    texts = Counter(manuscript_at(row.url).versions for row in ARTICLES if row.duplicate_of is None)
    assert set(texts.values()) == {1}


def test_one_article_changes_twice():
    [changing] = [manuscript for manuscript in MANUSCRIPTS if len(manuscript.versions) > 1]
    assert len(changing.versions) == 3
    assert len({version.title for version in changing.versions}) == 3
    assert len({version.summary for version in changing.versions}) == 3
    assert len({version.paragraphs for version in changing.versions}) == 3


def test_two_items_of_one_feed_share_a_guid():
    guids = Counter((p.domain, m.guid) for p in publications() for m in p.manuscripts if m.guid is not None)
    assert list(guids.values()) == [2]


@pytest.mark.parametrize("row", ARTICLES, ids=lambda row: row.url)
def test_every_article_is_long_enough_to_be_told_from_a_teaser(row):
    for version in manuscript_at(row.url).versions:
        assert 4 <= len(version.paragraphs) <= 8
        assert len("".join(version.paragraphs)) >= (340 if row.language in DENSE_SCRIPTS else 880)


def test_zones_are_read_with_their_sign():
    assert read_offset("+05:30").total_seconds() == 5.5 * 3600
    assert read_offset("-05:00").total_seconds() == -5 * 3600

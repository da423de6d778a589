"""Generated editions: repeatable, as asked for, and without accidental likeness."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from hashlib import blake2b

import pytest

from newsroom.asking import asking
from newswire.newsroom.generator import Generator
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom

EDITION = Generator(1).edition(
    feeds=28, articles=1_000, copies=0.1, near_copies=0.05, updates=0.06, stories=0.2, topics=0.3
)
ROWS = EDITION.ledger()

# Words, or in Chinese single characters, as duplicate detection counts them.
TOKEN = re.compile(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+")


def texts(edition):
    return {
        publication.url_of(manuscript): manuscript.versions
        for publication in edition.publications
        for manuscript in publication.manuscripts
    }


def runs(text, length):
    tokens = TOKEN.findall(" ".join(text.paragraphs).casefold())
    return {" ".join(tokens[start : start + length]) for start in range(len(tokens) - length + 1)}


def names(text):
    """Candidates for names: words, or in Chinese three characters."""
    return runs(text, 1) | runs(text, 3)


def anchors(text):
    """The sixteen lowest hashes of five-word runs: two articles that share two of them would be compared as copies."""
    hashes = (int.from_bytes(blake2b(run.encode(), digest_size=4).digest(), "big") for run in runs(text, 5))
    return sorted(hashes)[:16]


def unrelated(edition):
    """Articles that neither repeat another nor share a story or a second version."""
    versions = texts(edition)
    rows = [row for row in edition.ledger() if not (row.duplicate_of or row.near_duplicate_of or row.story)]
    return {row.url: versions[row.url][0] for row in rows}


def test_the_same_seed_makes_the_same_edition():
    again = Generator(1).edition(
        feeds=28, articles=1_000, copies=0.1, near_copies=0.05, updates=0.06, stories=0.2, topics=0.3
    )
    assert again == EDITION


def test_another_seed_makes_other_texts():
    other = texts(Generator(2).edition(feeds=28, articles=1_000))
    assert not set(other.values()) & set(texts(EDITION).values())


def test_shares_are_kept():
    assert len(ROWS) == len({row.url for row in ROWS}) == 1_000
    assert sum(row.duplicate_of is not None for row in ROWS) == 100
    assert sum(row.near_duplicate_of is not None for row in ROWS) == 50
    assert sum(row.versions == 2 for row in ROWS) == 60
    originals = [row for row in ROWS if not (row.duplicate_of or row.near_duplicate_of)]
    assert sum(bool(row.topics) for row in originals) == pytest.approx(0.3 * 850, rel=0.1)
    assert sum(row.story is not None for row in originals) == pytest.approx(0.2 * 850, rel=0.15)


def test_both_topics_come_up_about_equally():
    topics = Counter(topic for row in ROWS for topic in row.topics)
    assert set(topics) == {"rare-earths", "ukraine-negotiations"}
    assert min(topics.values()) > 0.35 * topics.total()


def test_seven_languages_take_turns():
    languages = Counter(row.language for row in ROWS)
    assert set(languages) == {"en", "fr", "de", "es", "ru", "uk", "zh"}
    assert max(languages.values()) < 1.5 * min(languages.values())


def test_copies_are_exact_and_stand_in_another_feed():
    versions, rows = texts(EDITION), {row.url: row for row in ROWS}
    for row in ROWS:
        if row.duplicate_of:
            assert versions[row.url] == versions[row.duplicate_of]
            assert rows[row.duplicate_of].feed_url != row.feed_url


def test_near_copies_share_most_but_not_all_of_the_text():
    versions = texts(EDITION)
    for row in ROWS:
        if row.near_duplicate_of:
            copy, original = (runs(versions[url][0], 3) for url in (row.url, row.near_duplicate_of))
            assert 0.4 < len(copy & original) / len(copy | original) < 1


def test_an_update_changes_title_and_lead_and_keeps_the_body():
    for first, second in (versions for versions in texts(EDITION).values() if len(versions) == 2):
        assert first.title != second.title
        assert first.paragraphs[0] != second.paragraphs[0]
        assert first.paragraphs[1:] == second.paragraphs[1 : len(first.paragraphs)]


def test_the_articles_of_a_story_share_names_that_no_other_article_knows():
    versions, stories = texts(EDITION), defaultdict(list)
    for row in ROWS:
        if row.story and not (row.duplicate_of or row.near_duplicate_of):
            stories[row.story].append(versions[row.url][0])
    elsewhere = set().union(*(names(text) for text in unrelated(EDITION).values()))
    assert stories
    for told in stories.values():
        assert 2 <= len(told) <= 5
        assert len({text.paragraphs for text in told}) == len(told)
        assert set.intersection(*(names(text) for text in told)) - elsewhere


def test_unrelated_articles_share_no_run_of_eight_words():
    owners = defaultdict(set)
    for url, text in unrelated(EDITION).items():
        for run in runs(text, 8):
            owners[run].add(url)
    assert {run: urls for run, urls in owners.items() if len(urls) > 1} == {}


def test_no_two_unrelated_articles_share_two_anchors():
    owners, shared = defaultdict(list), Counter()
    for url, text in unrelated(EDITION).items():
        for anchor in anchors(text):
            shared.update((url, other) for other in owners[anchor])
            owners[anchor].append(url)
    assert [pair for pair, count in shared.items() if count > 1] == []


def test_titles_are_not_repeated():
    titles = Counter(text.title for text in unrelated(EDITION).values())
    assert titles.most_common(1)[0][1] == 1


def test_originals_claim_to_be_older_than_their_copies():
    ages = {p.url_of(m): m.age_s for p in EDITION.publications for m in p.manuscripts}
    repeats = [(row.url, row.duplicate_of or row.near_duplicate_of) for row in ROWS]
    assert all(ages[url] < ages[original] for url, original in repeats if original)


def test_an_edition_of_one_feed_holds_no_copies():
    assert len(Generator(1).edition(feeds=1, articles=5, copies=0).ledger()) == 5
    with pytest.raises(ValueError, match="second feed"):
        Generator(1).edition(feeds=1, articles=20)


def test_ten_thousand_articles_take_seconds():
    started = time.process_time()
    Generator(9).edition(feeds=100, articles=10_000)
    assert time.process_time() - started < 20


def test_an_edition_is_served_like_any_publication():
    edition = Generator(4).edition(feeds=10, articles=60)
    with running_newsroom(Newsroom(edition.publications)) as running:
        ask = asking(running.port)
        assert running.status()["published"] == 60
        assert {ask(subscription.url).status for subscription in running.subscriptions()} == {200}
        assert {ask(row.url).status for row in edition.ledger()} == {200}

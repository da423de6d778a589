import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newswire.core.duplicates import group_copies
from newswire.records import Candidate

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
A, B = b"a" * 32, b"b" * 32


def candidate(article_id, url, *, text=A, published_at=NOON, first_seen_at=NOON):
    return Candidate(
        article_id=article_id, url=url, text_sha256=text, published_at=published_at, first_seen_at=first_seen_at
    )


def originals(candidates):
    """Which article repeats which, by address."""
    url = {candidate.article_id: candidate.url for candidate in candidates}
    return {url[copy.article_id]: url[copy.original_id] for copy in group_copies(candidates)}


def test_copies_point_to_the_one_published_first():
    late = candidate(1, "https://a.example/", published_at=NOON + timedelta(hours=2))
    first = candidate(2, "https://b.example/")
    assert originals([late, first]) == {"https://a.example/": "https://b.example/"}


def test_other_texts_are_no_copies():
    assert group_copies([candidate(1, "https://a.example/"), candidate(2, "https://b.example/", text=B)]) == ()
    assert group_copies([candidate(1, "https://a.example/")]) == ()
    assert group_copies([]) == ()


def test_an_undated_article_is_never_put_before_a_dated_one():
    undated = candidate(1, "https://a.example/", published_at=None, first_seen_at=NOON - timedelta(days=3))
    assert originals([undated, candidate(2, "https://b.example/")]) == {"https://a.example/": "https://b.example/"}


def test_a_day_without_its_hour_is_not_put_before_those_of_the_day_that_name_it():
    day_only = candidate(1, "https://a.example/", published_at=NOON.replace(hour=0))
    same_day, day_before = (
        candidate(2, "https://b.example/"),
        candidate(3, "https://c.example/", published_at=NOON - timedelta(days=1)),
    )
    assert originals([day_only, same_day])["https://a.example/"] == "https://b.example/"
    assert originals([day_only, candidate(4, "https://d.example/", published_at=NOON + timedelta(days=1))]) == {
        "https://d.example/": "https://a.example/"
    }
    assert set(originals([day_only, same_day, day_before]).values()) == {"https://c.example/"}


def test_equal_dates_are_ordered_by_address():
    assert originals([candidate(1, "https://b.example/"), candidate(2, "https://a.example/")]) == {
        "https://b.example/": "https://a.example/"
    }


def test_when_we_saw_an_article_does_not_decide():
    early = candidate(1, "https://b.example/", first_seen_at=NOON - timedelta(hours=5))
    late = candidate(2, "https://a.example/", first_seen_at=NOON + timedelta(hours=5))
    assert originals([early, late]) == {"https://b.example/": "https://a.example/"}


def test_the_reason_names_the_original_and_both_dates():
    (copy,) = group_copies(
        [candidate(1, "https://a.example/", published_at=NOON + timedelta(hours=2)), candidate(2, "https://b.example/")]
    )
    assert copy.kind == "exact"
    assert copy.reason == (
        "same text as https://b.example/, published 2026-05-01 12:00 UTC; this one 2026-05-01 14:00 UTC"
    )


def test_the_reason_says_what_is_not_known():
    undated = candidate(1, "https://a.example/", published_at=None)
    (copy,) = group_copies([undated, candidate(2, "https://b.example/")])
    assert copy.reason.endswith("; this one is undated")
    (copy,) = group_copies([undated, candidate(2, "https://b.example/", published_at=None)])
    assert copy.reason.endswith("; neither is dated")


# --- Arrival ---------------------------------------------------------------------------------------------------------

DATES = st.none() | st.integers(0, 72).map(lambda hours: NOON + timedelta(hours=hours))
SETS = st.lists(
    st.tuples(st.integers(0, 30).map("https://{}.example/".format), st.sampled_from([A, B]), DATES),
    unique_by=lambda article: article[0],
    max_size=12,
)


def arrived(articles, order):
    """The same articles as another order of arrival makes them: other numbers, other first sights."""
    shuffled = random.Random(order).sample(articles, len(articles))
    return [
        candidate(number, url, text=text, published_at=date, first_seen_at=NOON + timedelta(minutes=7 * number))
        for number, (url, text, date) in enumerate(shuffled)
    ]


@given(SETS, st.integers(), st.integers())
def test_no_order_of_arrival_changes_who_repeats_whom(articles, one_order, another_order):
    assert originals(arrived(articles, one_order)) == originals(arrived(articles, another_order))


@given(SETS, st.integers())
def test_deciding_batch_by_batch_ends_as_deciding_at_once(articles, order):
    """Each batch decides anew on every text it touches, from all candidates seen so far: what the step does."""
    candidates, known, links = arrived(articles, order), defaultdict(list), {}
    for start in range(0, len(candidates), 3):
        batch = candidates[start : start + 3]
        for new in batch:
            known[new.text_sha256].append(new)
        touched = [seen for text in {new.text_sha256 for new in batch} for seen in known[text]]
        links = {copy: original for copy, original in links.items() if copy not in {seen.url for seen in touched}}
        links |= originals(touched)
    assert links == originals(candidates)


@given(SETS, st.integers())
def test_every_copy_points_to_an_article_that_is_no_copy(articles, order):
    copies = group_copies(arrived(articles, order))
    assert {copy.original_id for copy in copies}.isdisjoint(copy.article_id for copy in copies)
    texts = {text for _, text, _ in articles}
    assert len(copies) == len(articles) - len(texts)

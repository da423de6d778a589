import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.duplicates import TESTS, compare, group_copies, measure
from newswire.core.fingerprints import fingerprint
from newswire.records import DuplicatePair, GroupMember

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

# --- Two articles ----------------------------------------------------------------------------------------------------

NAMES = [
    a + b
    for a in ["mor", "vel", "tas", "kin", "ola", "bren", "sud", "gar"]
    for b in ["den", "lia", "rov", "mund", "est", "ick", "ana", "oth"]
]


def prose(seed, length, *, numbers=True):
    """Text without meaning, in which no two seeds agree on a run of words."""
    chosen = random.Random(seed)
    return " ".join(
        str(chosen.randrange(1000)) if numbers and chosen.random() < 0.03 else chosen.choice(NAMES)
        for _ in range(length)
    )


def like(a, b, **known):
    return compare(fingerprint(*a, **known), fingerprint(*b, **known))


STORY = ("Council votes to reopen the old baths", prose(1, 240))
OTHER = ("Harbour queue grows before the storm", prose(2, 240))


def test_the_same_text_is_an_exact_copy_under_any_title():
    assert like(STORY, ("Baths to reopen", STORY[1].upper())).kind == "exact"


def test_other_texts_are_no_copies():
    assert like(STORY, OTHER) is None


def test_an_edited_copy_is_near_and_its_shares_prove_it():
    copy = like(STORY, (STORY[0], " ".join(STORY[1].split()[:-30]) + " " + prose(3, 20, numbers=False)))
    assert copy.kind == "near"
    assert 0.8 < copy.jaccard < copy.containment <= 1
    assert copy.title_share == 1
    assert copy.numbers_alike / copy.numbers > 0.75


def test_a_copy_cut_short_and_one_inside_a_longer_text_are_contained():
    cut = (STORY[0], " ".join(STORY[1].split()[:100]))
    wrapped = (STORY[0], f"{prose(4, 200, numbers=False)} {STORY[1]} {prose(5, 200, numbers=False)}")
    for other in (cut, wrapped):
        copy = like(STORY, other)
        assert copy.kind == "contained"
        assert copy.containment > 0.9
        assert copy.jaccard < 0.5


def test_an_article_that_quotes_another_is_no_copy():
    quoting = (
        "What the vote means for swimmers",
        f"{prose(6, 300)} {' '.join(STORY[1].split()[60:110])} {prose(7, 200)}",
    )
    assert like(STORY, quoting) is None


def test_a_digest_that_lists_a_brief_among_others_is_no_copy():
    brief = ("Trains late after the storm", prose(8, 110, numbers=False))
    digest = ("The day in short", " ".join([prose(9, 300), brief[1], prose(10, 300)]))
    failed = [test.otherwise for test in TESTS if not test.holds(measure(fingerprint(*brief), fingerprint(*digest)))]
    assert like(brief, digest) is None
    assert failed == ["one quotes the other, or lists it among others"]


def form(level, shares):
    begin, end = prose(11, 40, numbers=False), prose(12, 80, numbers=False)
    figures = f"closed at {level} points after {shares} shares of {level + 7} firms changed hands"
    return ("Market report", f"The index of {begin} {figures} {end}")


def test_a_form_with_other_figures_is_no_copy():
    assert like(form(9120, 311), form(8410, 290)) is None
    assert like(form(9120, 311), form(9120, 311)).kind == "exact"


def test_a_column_of_another_day_is_no_copy_of_itself():
    today = fingerprint("Weather", prose(13, 90, numbers=False) + " 3 4 5 6 7", source_id=1, at=NOON)
    tomorrow = fingerprint(
        "Weather", prose(13, 90, numbers=False) + " 3 4 5 6 8", source_id=1, at=NOON + timedelta(days=1)
    )
    assert compare(today, tomorrow) is None
    assert compare(today, replace(tomorrow, at=NOON + timedelta(hours=5))).kind == "near"  # a correction
    assert compare(today, replace(tomorrow, source_id=2)).kind == "near"


def test_a_short_text_needs_its_title():
    brief = prose(14, 60, numbers=False)
    edited = brief + " " + prose(15, 8, numbers=False)
    assert like(("Trains late", brief), ("Trains late", edited)).kind == "near"
    assert like(("Trains late", brief), ("Rail chaos", edited)) is None


def test_a_text_that_proves_nothing_is_like_nothing_not_even_itself():
    assert like(("Video", "Watch the ferry come in."), ("Video", "Watch the ferry come in.")) is None


TEXTS = st.builds(prose, st.integers(0, 5), st.integers(25, 200))
PRINTS = st.builds(
    fingerprint,
    st.sampled_from(["", "Council votes again", "Weather"]),
    st.lists(TEXTS, min_size=1, max_size=3).map(" ".join),
    source_id=st.sampled_from([None, 1, 2]),
    at=st.sampled_from([None, NOON, NOON + timedelta(days=2)]),
)


@given(PRINTS, PRINTS)
def test_it_does_not_matter_which_article_is_named_first(a, b):
    assert compare(a, b) == compare(b, a)
    assert measure(a, b) == measure(b, a)


@given(PRINTS)
def test_every_article_that_says_something_is_its_own_exact_copy(a):
    assert compare(a, a).kind == "exact"


@given(st.integers(0, 50), st.integers(60, 150), st.integers(0, 90))
def test_appending_to_the_longer_text_never_lowers_containment(seed, length, more):
    """On sketches that hold every run."""
    shorter, longer = prose(seed, length // 2), prose(seed, length)
    before, after = (
        measure(fingerprint("t", shorter), fingerprint("t", f"{longer} {prose(seed + 1, extra)}")).containment
        for extra in (0, more)
    )
    assert after >= before


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.otherwise)
def test_every_test_says_what_it_asks_and_shows(test):
    measures = measure(fingerprint(*STORY), fingerprint(*OTHER))
    assert test.asks
    assert test.shows(measures)
    assert test.otherwise


# --- A group of articles ---------------------------------------------------------------------------------------------

A, B = b"a" * 16, b"b" * 16


def member(article_id, url, *, text=None, at=NOON, published_at=None, words=200):
    return GroupMember(
        article_id=article_id,
        url=url,
        address_key=sha256(url.encode()).digest(),
        published_at=published_at or at,
        at=at,
        text_key=text,
        words=words,
    )


def pair(one, other, *, kind="near", jaccard=0.8):
    return DuplicatePair(
        article_a=min(one.article_id, other.article_id),
        article_b=max(one.article_id, other.article_id),
        kind=kind,
        containment=0.9,
        jaccard=jaccard,
        title_share=1.0,
        numbers=9,
        numbers_alike=8,
    )


def later(hours):
    return NOON + timedelta(hours=hours)


def originals(members, pairs=()):
    """Which article repeats which, by address."""
    url = {member.article_id: member.url for member in members}
    return {url[copy.article_id]: url[copy.original_id] for copy in group_copies(members, pairs)}


def test_copies_point_to_the_one_published_first():
    late, first = member(1, "https://a.example/", text=A, at=later(2)), member(2, "https://b.example/", text=A)
    assert originals([late, first]) == {"https://a.example/": "https://b.example/"}


def test_strangers_stay_alone():
    assert group_copies([member(1, "https://a.example/", text=A), member(2, "https://b.example/", text=B)], []) == ()
    assert group_copies([member(1, "https://a.example/"), member(2, "https://b.example/")], []) == ()
    assert group_copies([], []) == ()


def test_a_copy_that_is_not_like_the_original_is_joined_by_way_of_another():
    first, second, third = (member(n, f"https://{n}.example/", at=later(n)) for n in (1, 2, 3))
    copies = group_copies([third, first, second], [pair(first, second), pair(second, third)])
    assert [(copy.article_id, copy.original_id, copy.via_id) for copy in copies] == [(2, 1, 1), (3, 1, 2)]
    assert copies[1].reason.endswith("https://2.example/, itself a copy")


def test_of_several_ways_to_the_original_the_strongest_is_shown():
    first, strong, weak, last = (member(n, f"https://{n}.example/", at=later(n)) for n in (1, 2, 3, 4))
    pairs = [pair(first, strong), pair(first, weak), pair(weak, last, jaccard=0.6), pair(strong, last, jaccard=0.7)]
    assert group_copies([first, strong, weak, last], pairs)[2].via_id == strong.article_id


def test_a_day_without_its_hour_is_not_put_before_those_of_the_day_that_name_it():
    day_only = member(1, "https://a.example/", text=A, at=NOON.replace(hour=0))
    same_day, day_before = (
        member(2, "https://b.example/", text=A),
        member(3, "https://c.example/", text=A, at=later(-24)),
    )
    assert originals([day_only, same_day])["https://a.example/"] == "https://b.example/"
    assert set(originals([day_only, same_day, day_before]).values()) == {"https://c.example/"}


def test_equal_times_are_ordered_by_address_whatever_the_numbers_are():
    one, other = "https://a.example/", "https://b.example/"
    forth = originals([member(1, one, text=A), member(2, other, text=A)])
    back = originals([member(2, one, text=A), member(1, other, text=A)])
    assert forth == back


def test_the_reason_names_the_proof_and_who_was_first_by_whose_word():
    first, copy = (
        member(1, "https://a.example/"),
        member(2, "https://b.example/", at=later(2), published_at=later(-999)),
    )
    (found,) = group_copies([copy, first], [pair(first, copy)])
    assert found.reason == "90% of the shorter text is the same, 80% of both; numbers agree 8 of 9: https://a.example/"
    assert found.first_reason == (
        "first is https://a.example/, dated 2026-05-01 12:00 UTC; this one without a date to believe, seen 2026-05-01 14:00 UTC"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (100, "90% of it stands in a text 2.0 times as long; numbers agree 8 of 9: https://a.example/"),
        (500, "it is 2.5 times as long and holds 90% of the text; numbers agree 8 of 9: https://a.example/"),
    ],
)
def test_what_is_contained_says_in_which_direction(words, says):
    first, copy = member(1, "https://a.example/"), member(2, "https://b.example/", at=later(2), words=words)
    (found,) = group_copies([copy, first], [pair(first, copy, kind="contained", jaccard=0.4)])
    assert found.reason == says


SETS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([None, A, B]), st.integers(0, 72)),
    unique_by=lambda article: article[0],
    max_size=12,
)
LINKS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from([0.5, 0.6, 0.9])), max_size=14)


def arrived(articles, links, order):
    """The same articles and pairs as another order of arrival makes them: other numbers, another order."""
    chosen = random.Random(order)
    shuffled = chosen.sample(articles, len(articles))
    members = {
        number: member(position, f"https://{number}.example/", text=text, at=later(hours))
        for position, (number, text, hours) in enumerate(shuffled)
    }
    known = {(min(a, b), max(a, b)): share for a, b, share in sorted(links) if a != b and {a, b} <= members.keys()}
    pairs = [pair(members[a], members[b], jaccard=share) for (a, b), share in known.items()]
    return list(members.values()), chosen.sample(pairs, len(pairs))


@given(SETS, LINKS, st.integers(), st.integers())
def test_no_order_of_arrival_changes_who_repeats_whom(articles, links, one, other):
    told = []
    for order in (one, other):
        members, pairs = arrived(articles, links, order)
        url = {member.article_id: member.url for member in members}
        copies = group_copies(members, pairs)
        told.append([(url[c.article_id], url[c.original_id], url[c.via_id], c.reason, c.first_reason) for c in copies])
    assert told[0] == told[1]


@given(SETS, LINKS, st.integers())
def test_every_copy_points_to_an_article_that_is_no_copy(articles, links, order):
    members, pairs = arrived(articles, links, order)
    copies = group_copies(members, pairs)
    assert {copy.original_id for copy in copies}.isdisjoint(copy.article_id for copy in copies)
    assert len({copy.article_id for copy in copies}) == len(copies)
    joined = {copy.article_id for copy in copies} | {copy.original_id for copy in copies}
    assert {end for known in pairs for end in (known.article_a, known.article_b)} <= joined

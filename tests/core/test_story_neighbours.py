"""Neighbours: who shares enough terms, a rare one among them, and is near in time; of earlier ones those that share most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newswire.core.stories import SHARED_KEY_TERMS, WINDOW, find_neighbours
from newswire.records import StoryNeighbour, StoryTerms

START = datetime(2026, 3, 2, tzinfo=UTC)


@st.composite
def articles(draw: st.DrawFn) -> list[StoryTerms]:
    """A few, of few terms, so that many share some; several at one time, so that addresses decide."""
    made = []
    for number in range(draw(st.integers(1, 12))):
        terms = draw(st.sets(st.integers(0, 9), max_size=8))
        made.append(
            StoryTerms(
                article_id=number,
                url=f"https://example.com/{draw(st.integers(0, 99)):02}/{number}",
                language="en",
                at=START + draw(st.integers(0, 6)) * timedelta(days=1),
                key_terms=tuple(sorted(terms)),
                rare_terms=tuple(sorted(term for term in terms if term < 3)),
                earlier=draw(st.none() | st.integers(0, 300)),
                enough=draw(st.none() | st.integers(4, 9)),
            )
        )
    return made


def naive(asked: list[StoryTerms], others: list[StoryTerms], at_most: int) -> list[StoryNeighbour]:
    """Each with each."""
    found = []
    for one in asked:
        near = [
            (len({*one.key_terms} & {*other.key_terms}), other)
            for other in others
            if other.article_id != one.article_id
            and abs(other.at - one.at) <= WINDOW
            and {*one.rare_terms} & {*other.rare_terms}
        ]
        near = [(shared, other) for shared, other in near if shared >= SHARED_KEY_TERMS]
        before = sorted(
            ((shared, other) for shared, other in near if (other.at, other.url) < (one.at, one.url)),
            key=lambda pair: (-pair[0], pair[1].at, pair[1].url),
        )
        after = [(shared, other) for shared, other in near if (other.at, other.url) > (one.at, one.url)]
        for is_earlier, some in ((True, before[:at_most]), (False, after)):
            found += [
                StoryNeighbour(
                    article_id=one.article_id,
                    other_id=other.article_id,
                    is_earlier=is_earlier,
                    shared=shared,
                    earlier=len(before),
                    other_earlier=other.earlier,
                    other_enough=other.enough,
                )
                for shared, other in some
            ]
    return sorted(found, key=lambda one: (one.article_id, one.other_id))


@given(everyone=articles(), first=st.integers(0, 11), at_most=st.integers(1, 4))
def test_neighbours_are_those_that_comparing_each_with_each_finds(everyone, first, at_most):
    asked = everyone[first:] or everyone
    assert find_neighbours(asked, iter(everyone), at_most=at_most) == naive(asked, everyone, at_most)


@given(everyone=articles())
def test_the_order_of_the_others_plays_no_part(everyone):
    there, back = (find_neighbours(everyone, some, at_most=2) for some in (everyone, everyone[::-1]))
    assert there == back

"""Which articles are near enough to be compared: they share key terms, and a rare one among them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from newswire.core.stories.likeness import SHARED_KEY_TERMS, WINDOW
from newswire.records import StoryNeighbour, StoryTerms

Alike = tuple[StoryTerms, int]  # another article, and how many key terms it shares


def find_neighbours(
    articles: Sequence[StoryTerms], others: Iterable[StoryTerms], *, at_most: int
) -> list[StoryNeighbour]:
    """Who of the others is near these articles, all of one language, in the order of both numbers.

    Of earlier ones so many as share most, of equals the first by rank; of later ones all. An article is not its own neighbour.
    """
    holders = _Holders(articles)
    alike: dict[int, list[Alike]] = defaultdict(list)
    for other in others:
        for place, shared in holders.sharing(other):
            article = articles[place]
            if other.article_id != article.article_id and abs(other.at - article.at) <= WINDOW:
                alike[place].append((other, shared))
    found = [one for place, some in alike.items() for one in _listed(articles[place], some, at_most)]
    return sorted(found, key=lambda one: (one.article_id, one.other_id))


class _Holders:
    """Which of some articles have a term: so one look at another article serves them all."""

    def __init__(self, articles: Sequence[StoryTerms]) -> None:
        self._key: dict[int, list[int]] = defaultdict(list)
        self._rare: dict[int, list[int]] = defaultdict(list)
        for place, article in enumerate(articles):
            for term in article.key_terms:
                self._key[term].append(place)
            for term in article.rare_terms:
                self._rare[term].append(place)

    def sharing(self, other: StoryTerms) -> Iterator[tuple[int, int]]:
        """The places of those that share enough, and how many terms they share."""
        near = set(chain.from_iterable(self._rare[term] for term in self._rare.keys() & other.rare_terms))
        shared = Counter(chain.from_iterable(self._key[term] for term in self._key.keys() & other.key_terms))
        return ((place, shared[place]) for place in near if shared[place] >= SHARED_KEY_TERMS)


def _listed(article: StoryTerms, alike: Iterable[Alike], at_most: int) -> Iterator[StoryNeighbour]:
    rank = (article.at, article.url)
    earlier: list[Alike] = []
    later: list[Alike] = []
    for one in alike:
        (earlier if (one[0].at, one[0].url) < rank else later).append(one)
    earlier.sort(key=lambda one: (-one[1], one[0].at, one[0].url))
    for other, shared in earlier[:at_most]:
        yield _neighbour(article, other, shared, len(earlier), is_earlier=True)
    for other, shared in later:
        yield _neighbour(article, other, shared, len(earlier), is_earlier=False)


def _neighbour(
    article: StoryTerms, other: StoryTerms, shared: int, earlier: int, *, is_earlier: bool
) -> StoryNeighbour:
    return StoryNeighbour(
        article_id=article.article_id,
        other_id=other.article_id,
        is_earlier=is_earlier,
        shared=shared,
        earlier=earlier,
        other_earlier=other.earlier,
        other_enough=other.enough,
    )

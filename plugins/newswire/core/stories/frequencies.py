"""How common the terms of a language are: a frozen table, so that a score depends on two articles and nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newswire.core.stories.words import terms

# What is rarer counts alike: tables down to 1/20,000 tell events no better (dense stream .908 against .909) and are 8 times
# as long.
_RAREST_SHARE = 0.001
_COMMONEST_SHARE = 0.999
# An event has words that fewer than one in 200 articles has. To find others by these alone reads a tenth of what all key terms
# lead to, and costs .0015 of F1 (dense stream; one in 100: .0011, one in 500: .014).
_RARE_SHARE = 0.005
# A word of frequency p stands in 1 - exp(-200 p) of the articles: news repeats its words, so an article of 700 words is no
# more than 200 drawn by chance (100 and 200 tell events alike, 1,000 worse).
_WORDS_DRAWN = 200
MIN_ARTICLES = 2_000  # below, a share of 1/1,000 is a guess

# Without a table, a word is as common as words of its length are: mean rarity in the running text of eleven languages.
_RARITY_BY_LENGTH = (0.7, 0.7, 0.7, 1.3, 2.3, 3.4, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """The share of articles of a language that hold a term. Terms that are not in the table are rare; an empty table says
    nothing, then the length of the term does.
    """

    language: str
    shares: Mapping[str, float]

    def rarity(self, term: str) -> float:
        """How much a term tells: 0 for what every article has, 6.9 for what one in a thousand has."""
        if not self.shares:
            return _RARITY_BY_LENGTH[min(len(term), len(_RARITY_BY_LENGTH) - 1)]
        return -math.log(min(max(self.shares.get(term, 0.0), _RAREST_SHARE), _COMMONEST_SHARE))

    def is_rare(self, term: str) -> bool:
        """Whether few articles hold it; without a table, whether it is as long as cut terms are."""
        if not self.shares:
            return len(term) >= len(_RARITY_BY_LENGTH) - 1
        return self.shares.get(term, 0.0) < _RARE_SHARE


def frequencies_of_words(language: str, words: Mapping[str, float]) -> Frequencies:
    """The table of a language from the frequencies of its words in running text."""
    drawn: Counter[str] = Counter()
    for word, frequency in words.items():
        for term in set(terms(word)):
            drawn[term] += frequency  # type: ignore[assignment]  # typeshed counts in whole numbers
    return _table(language, ((term, 1 - math.exp(-_WORDS_DRAWN * frequency)) for term, frequency in drawn.items()))


def frequencies_of_articles(language: str, texts: Iterable[str]) -> Frequencies | None:
    """The table of a language from articles in it; None where there are too few to tell."""
    holding: Counter[str] = Counter()
    articles = 0
    for text in texts:
        holding.update(set(terms(text)))
        articles += 1
    if articles < MIN_ARTICLES:
        return None
    return _table(language, ((term, count / articles) for term, count in holding.items()))


def _table(language: str, shares: Iterable[tuple[str, float]]) -> Frequencies:
    kept = {term: round(share, 4) for term, share in shares if share > _RAREST_SHARE}
    return Frequencies(language=language, shares=dict(sorted(kept.items())))

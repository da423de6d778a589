"""Terms that separate the articles of a topic from those that come close: what its patterns lack, what they should mask."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log, sqrt

from newswire.core.topics.definition import Threshold, Topic
from newswire.core.topics.folding import fold
from newswire.core.topics.languages import base_language
from newswire.core.topics.patterns import is_unspaced

MIN_DOCUMENTS = 3  # fewer prove nothing
MIN_Z = 1.96  # 95 of 100 terms that mean nothing stay below
READ_CHARS = 2000  # what an article is about it says early
_WORDS = re.compile(r"[^\W\d_]{3,}")
_MIN_LETTERS = 4
_NEAR_MISS = (Threshold(level="mention", score=0.5, title_hit=False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An article that has the topic, or comes close and has it not."""

    language: str
    title: str
    text: str
    applies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A term of one language, and how many articles of each kind hold it."""

    language: str
    term: str
    tagged: int
    of_tagged: int
    near_misses: int
    of_near_misses: int
    z: float  # standard errors from meaning nothing; above 0 it speaks for the topic

    @property
    def speaks_for(self) -> bool:
        return self.z > 0


def almost(topic: Topic) -> Topic:
    """The topic with a threshold so low that whatever comes close matches."""
    return replace(topic, thresholds=_NEAR_MISS)


def suggestions(topic: Topic, samples: Iterable[Sample], *, limit: int = 10) -> list[Suggestion]:
    """The terms that separate best, by language: at most `limit` for the topic and as many against it."""
    by_language: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_language[base_language(sample.language)].append(sample)
    found: list[Suggestion] = []
    for language, some in sorted(by_language.items()):
        ranked = sorted(_ranked(topic, language, some), key=lambda one: (-one.z, one.term))
        found += [one for one in ranked if one.z > 0][:limit] + [one for one in ranked[::-1] if one.z < 0][:limit]
    return found


def _ranked(topic: Topic, language: str, samples: Sequence[Sample]) -> Iterator[Suggestion]:
    """Log-odds of a term among tagged articles and near misses, in standard errors, with half a document added to each."""
    tagged, missed = Counter[str](), Counter[str]()
    for sample in samples:
        (tagged if sample.applies else missed).update(_terms(sample))
    of_tagged = sum(sample.applies for sample in samples)
    of_missed = len(samples) - of_tagged
    known = {pattern.literal for group in topic.groups.values() for pattern in group}
    for term in tagged | missed:
        a, b = tagged[term], missed[term]
        if a + b < MIN_DOCUMENTS or any(literal in term for literal in known):
            continue
        counts = (a + 0.5, of_tagged - a + 0.5, b + 0.5, of_missed - b + 0.5)
        z = (log(counts[0] / counts[1]) - log(counts[2] / counts[3])) / sqrt(sum(1 / count for count in counts))
        if abs(z) >= MIN_Z:
            yield Suggestion(
                language=language,
                term=term,
                tagged=a,
                of_tagged=of_tagged,
                near_misses=b,
                of_near_misses=of_missed,
                z=round(z, 2),
            )


def _terms(sample: Sample) -> set[str]:
    """Words and pairs of words; in scripts without spaces every two to four signs."""
    terms: set[str] = set()
    for line in fold(f"{sample.title}\n{sample.text[:READ_CHARS]}").text.split("\n"):
        words = _WORDS.findall(line)
        for word in words:
            if is_unspaced(word):
                terms.update(word[at : at + size] for size in (2, 3, 4) for at in range(len(word) - size + 1))
            elif len(word) >= _MIN_LETTERS:
                terms.add(word)
        terms.update(f"{one} {other}" for one, other in pairwise(words) if not is_unspaced(one + other))
    return terms

"""Do two articles report one event? Six features that a reader can check, weighed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from operator import mul

from newswire.records import StoryEvidence, StoryFeatures

# A logistic score: weights learned from 328,000 labelled pairs of a dense stream of US news (861 of one event), then rounded
# towards each other, because lead and names carry where bodies are short. docs/stories.md has the figures.
_WEIGHTS = {"body": 10, "lead": 3, "title": 9, "names": 3, "numbers": 1, "time": 5}
_BIAS = -14
_THRESHOLD = 0.2
# Words that weigh less are not made up for by all names and numbers together; the last part is for rounding.
_NEVER = math.log(_THRESHOLD / (1 - _THRESHOLD)) - _BIAS - _WEIGHTS["names"] - _WEIGHTS["numbers"] - 1e-9
_FEW_NUMBERS = 3  # one number of two is chance
_DAYS_OF_NEWS = 1.5  # after so many days, nearness in time counts a third
WINDOW = timedelta(days=4)  # after it, a new report on an old event is a new story
# Fewer, and two articles are not compared. F1 of the dense stream with 3, 4, 5, 6: .9156, .9139, .9107, .9025; each more leaves out
# two of five pairs.
SHARED_KEY_TERMS = 4
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMeasures:
    """Two articles held against each other: what they share, and the six features, each between 0 and 1."""

    days: float  # between them
    names: frozenset[str]
    numbers: frozenset[str]
    features: Mapping[str, float]

    @property
    def score(self) -> float:
        """How likely they are to report one event."""
        return 1 / (1 + math.exp(-_BIAS - _evidence_of(self.features)))


def same_story(a: StoryFeatures, b: StoryFeatures) -> StoryEvidence | None:
    """What proves that two articles report one event; None: they do not. The same whichever comes first."""
    if a.language != b.language or abs(a.at - b.at) > WINDOW:
        return None
    words = _words(a, b)
    if _evidence_of(words) < _NEVER:
        return None
    measures = _measured(a, b, words)
    return _evidence(a, b, measures) if measures.score >= _THRESHOLD else None


def measure(a: StoryFeatures, b: StoryFeatures) -> StoryMeasures:
    """Hold two articles against each other."""
    return _measured(a, b, _words(a, b))


def _measured(a: StoryFeatures, b: StoryFeatures, words: Mapping[str, float]) -> StoryMeasures:
    names, numbers = frozenset(a.names.keys() & b.names.keys()), a.numbers & b.numbers
    features = {
        **words,
        "names": _share(_sum(a.names, names), _sum(a.names, a.names), _sum(b.names, b.names)),
        "numbers": len(numbers) / max(_FEW_NUMBERS, min(len(a.numbers), len(b.numbers))),
    }
    return StoryMeasures(days=_days(a, b), names=names, numbers=numbers, features=features)


def _words(a: StoryFeatures, b: StoryFeatures) -> dict[str, float]:
    """The features that settle nearly all pairs: most have no words in common, and names would not make up for it."""
    return {
        "body": _cosine(a.body, b.body),
        "lead": _cosine(a.lead, b.lead),
        "title": (_told(a, b) + _told(b, a)) / 2,
        "time": math.exp(-_days(a, b) / _DAYS_OF_NEWS),
    }


def _evidence_of(features: Mapping[str, float]) -> float:
    return math.fsum(_WEIGHTS[name] * value for name, value in features.items())


def _days(a: StoryFeatures, b: StoryFeatures) -> float:
    return abs(a.at - b.at) / timedelta(days=1)


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    common = a.keys() & b.keys()
    return math.fsum(map(mul, map(a.__getitem__, common), map(b.__getitem__, common)))


def _told(a: StoryFeatures, b: StoryFeatures) -> float:
    """What part of the title of `a` the title and the lead of `b` tell too."""
    return math.fsum(share for term, share in a.title.items() if term in b.lead or term in b.title)


def _sum(weights: Mapping[str, float], names: Iterable[str]) -> float:
    return math.fsum(weights[name] for name in names)


def _share(part: float, one: float, other: float) -> float:
    return part / min(one, other) if one and other else 0.0


def _evidence(a: StoryFeatures, b: StoryFeatures, measures: StoryMeasures) -> StoryEvidence:
    terms = {term: a.body[term] * b.body[term] for term in a.body.keys() & b.body.keys() - measures.names}
    names = {name: a.body.get(name, 0.0) * b.body.get(name, 0.0) for name in measures.names}
    return StoryEvidence(
        score=round(measures.score, 4),
        days=round(measures.days, 2),
        names=_in_full(a, b, _heaviest(names)),
        terms=_in_full(a, b, _heaviest({term: weight for term, weight in terms.items() if not term.isdecimal()})),
        numbers=tuple(sorted(measures.numbers, key=lambda number: (-len(number), number))[:_SHOWN]),
        features={name: round(value, 3) for name, value in measures.features.items()},
    )


def _heaviest(weights: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(weights, key=lambda term: (-weights[term], term))[:_SHOWN])


def _in_full(a: StoryFeatures, b: StoryFeatures, terms: Iterable[str]) -> tuple[str, ...]:
    """The terms as one of the articles writes them, the shorter form of two."""
    return tuple(
        min(
            (side.written[term] for side in (a, b) if term in side.written),
            key=lambda word: (len(word), word.isupper(), word),
            default=term,
        )
        for term in terms
    )

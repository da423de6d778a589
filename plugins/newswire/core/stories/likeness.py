"""Do two articles report one event? Six features that a reader can check, weighed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from newswire.records import StoryEvidence, StoryFeatures

# A logistic score: weights learned from 328,000 labelled pairs of a dense stream of US news (861 of one event), then rounded
# towards each other, because lead and names carry where bodies are short. docs/stories.md has the figures.
_WEIGHTS = {"body": 10, "lead": 3, "title": 9, "names": 3, "numbers": 1, "time": 5}
_BIAS = -14
_THRESHOLD = 0.2
_DAYS_OF_NEWS = 1.5  # after so many days, nearness in time counts a third
WINDOW = timedelta(days=4)  # after it, a new report on an old event is a new story
SHARED_KEY_TERMS = 3  # fewer, and two articles are not compared: .1 to .5 % of unrelated pairs pass
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What two articles have in common."""

    names: frozenset[str]
    numbers: frozenset[str]


def same_story(a: StoryFeatures, b: StoryFeatures) -> StoryEvidence | None:
    """What proves that two articles report one event; None: they do not. The same whichever comes first."""
    if a.language != b.language or abs(a.at - b.at) > WINDOW:
        return None
    days = abs(a.at - b.at) / timedelta(days=1)
    shared = _Shared(names=frozenset(a.names.keys() & b.names.keys()), numbers=a.numbers & b.numbers)
    features = _features(a, b, shared, days)
    score = 1 / (1 + math.exp(-_BIAS - math.fsum(_WEIGHTS[name] * value for name, value in features.items())))
    return _evidence(a, b, shared, features, score=score, days=days) if score >= _THRESHOLD else None


def _features(a: StoryFeatures, b: StoryFeatures, shared: _Shared, days: float) -> dict[str, float]:
    """The six features, each between 0 and 1."""
    few = 3  # one number of two is chance
    return {
        "body": _cosine(a.body, b.body),
        "lead": _cosine(a.lead, b.lead),
        "title": (_told(a, b) + _told(b, a)) / 2,
        "names": _share(_sum(a.names, shared.names), _sum(a.names, a.names), _sum(b.names, b.names)),
        "numbers": len(shared.numbers) / max(few, min(len(a.numbers), len(b.numbers))),
        "time": math.exp(-days / _DAYS_OF_NEWS),
    }


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    return math.fsum(a[term] * b[term] for term in a.keys() & b.keys())


def _told(a: StoryFeatures, b: StoryFeatures) -> float:
    """What part of the title of `a` the title and the lead of `b` tell too."""
    return math.fsum(share for term, share in a.title.items() if term in b.lead or term in b.title)


def _sum(weights: Mapping[str, float], names: Iterable[str]) -> float:
    return math.fsum(weights[name] for name in names)


def _share(part: float, one: float, other: float) -> float:
    return part / min(one, other) if one and other else 0.0


def _evidence(
    a: StoryFeatures, b: StoryFeatures, shared: _Shared, features: Mapping[str, float], *, score: float, days: float
) -> StoryEvidence:
    terms = {term: a.body[term] * b.body[term] for term in a.body.keys() & b.body.keys() - shared.names}
    names = {name: a.body.get(name, 0.0) * b.body.get(name, 0.0) for name in shared.names}
    return StoryEvidence(
        score=round(score, 4),
        days=round(days, 2),
        names=_in_full(a, b, _heaviest(names)),
        terms=_in_full(a, b, _heaviest({term: weight for term, weight in terms.items() if not term.isdecimal()})),
        numbers=tuple(sorted(shared.numbers, key=lambda number: (-len(number), number))[:_SHOWN]),
        features={name: round(value, 3) for name, value in features.items()},
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

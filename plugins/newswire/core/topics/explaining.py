"""Why a topic applies to an article, or does not: what was found, what counted, and why the rest did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newswire.core.topics.definition import Rule, Topic
from newswire.core.topics.scoring import (
    MASK,
    Hit,
    Hits,
    apart,
    belongs_elsewhere,
    capped,
    counted_hits,
    evidence_of,
    is_excluded,
    is_free,
    level_of,
    nearest_hit,
    visible_hits,
)
from newswire.core.topics.zones import Layout
from newswire.records import Evidence, Level, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A pattern that was found and does not count."""

    pattern: str
    zone: Zone
    words: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What one topic finds in one article."""

    topic: str
    level: Level | None  # None: no tag
    score: float
    needed: str  # what the levels ask for, in words
    evidence: tuple[Evidence, ...]  # what counts, strongest first
    left_out: tuple[LeftOut, ...]


def explain(topic: Topic, hits: Hits, layout: Layout) -> Explanation:
    """The account of one topic: the same steps as `judge`, with what fell by the wayside."""
    visible = visible_hits(topic, hits)
    counted = capped(topic, counted_hits(topic, visible))
    score = round(sum(part.weight for part in counted), 2)
    kept = {(part.hit.start, part.hit.end) for part in counted}
    return Explanation(
        topic=topic.id,
        level=level_of(topic.thresholds, score, counted),
        score=score,
        needed=_needed(topic),
        evidence=tuple(evidence_of(counted, layout)),
        left_out=tuple(_left_out(topic, hits, visible, layout, kept)),
    )


def _needed(topic: Topic) -> str:
    return "; ".join(
        f"{threshold.level}: "
        + " or ".join(
            ["a counted term in the title"] * threshold.title_hit
            + [f"score {threshold.score:g}"] * (threshold.score is not None)
        )
        for threshold in topic.thresholds
    )


def _left_out(topic: Topic, hits: Hits, visible: Hits, layout: Layout, kept: set[tuple[int, int]]) -> Iterator[LeftOut]:
    countable = {rule.count for rule in topic.rules}
    for group in sorted(countable & hits.keys()):
        for hit in sorted(hits[group], key=lambda hit: (hit.start, hit.end)):
            if (hit.start, hit.end) not in kept:
                yield LeftOut(
                    pattern=hit.pattern.text,
                    zone=hit.zone,
                    words=layout.words(hit.start, hit.end),
                    reason=_reason(topic, hit, hits, visible),
                )


def _reason(topic: Topic, hit: Hit, hits: Hits, visible: Hits) -> str:
    if not topic.zones[hit.zone]:
        return f"the {hit.zone} has no weight"
    if not is_free(hit, apart(hits.get(MASK, ()))):
        return "it is masked"
    refusals = [_refusal(rule, hit, visible) for rule in topic.rules if rule.count == hit.group]
    if all(refusals):
        return "; ".join(refusal for refusal in refusals if refusal)
    return f"a stronger term covers it, or the {hit.zone} has its {topic.cap_per_zone} strongest already"


def _refusal(rule: Rule, hit: Hit, visible: Hits) -> str | None:
    """Why a rule does not count a hit; None if it does."""
    if is_excluded(rule, visible):
        return f"the article has {' or '.join(sorted({absence.group for absence in rule.exclude}))}, which excludes it"
    near = [(condition, nearest_hit(hit, condition, visible)) for condition in rule.near]
    missing = [
        f"no {condition.group} within {condition.chars} characters" for condition, other in near if other is None
    ]
    if missing:
        return " and ".join(missing)
    if belongs_elsewhere(hit, rule, [other for _, other in near if other is not None], visible):
        return f"{' or '.join(sorted({condition.group for condition in rule.forbid_near}))} stands nearer"
    return None

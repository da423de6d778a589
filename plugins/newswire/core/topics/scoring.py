"""From hits to a tag: which hits count, what they add up to, and the evidence."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate, chain
from operator import attrgetter
from typing import NamedTuple

from newswire.core.text import sentence_around
from newswire.core.topics.definition import Nearness, Rule, Threshold, Topic
from newswire.core.topics.patterns import Pattern
from newswire.core.topics.zones import Layout
from newswire.records import Evidence, Level, TopicMatch, Zone

STRETCH_CHARS = 3000  # about a page
MAX_SENTENCE_CHARS = 300
MASK = ""  # the group of the patterns that hide what they cover


class Hit(NamedTuple):
    """A pattern found in an article. Offsets count title, line break and text."""

    start: int
    end: int
    group: str
    pattern: Pattern
    strength: float  # the weight of the pattern, times that of the rule that counts it
    zone: Zone


class Counted(NamedTuple):
    """A hit that adds `weight` to the score, and the hits near it that allow it to."""

    weight: float
    zone: Zone
    hit: Hit
    near: tuple[Hit, ...]


Hits = Mapping[str, Sequence[Hit]]  # by group, in order


class Chances:
    """What can be said before a topic is judged: most articles have a word or two of most topics, and no more."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.countable = frozenset(rule.count for rule in topic.rules)
        self._needs = [{rule.count, *(near.group for near in rule.near)} for rule in topic.rules]
        self._most = max(rule.weight for rule in topic.rules)
        self._least = min((one.score for one in topic.thresholds if one.score is not None), default=math.inf)

    def may_apply(self, groups: AbstractSet[str]) -> bool:
        """Whether something is there of all groups that one of the rules asks for."""
        return any(groups >= need for need in self._needs)

    def may_reach(self, hits: Hits) -> bool:
        """Whether the hits that rules count could be enough, were all of them allowed."""
        score = 0.0
        for hit in chain.from_iterable(hits.values()):
            if hit.zone == "title":
                return True
            score += self.topic.zones[hit.zone] * hit.strength * self._most
        return score >= self._least


def judge(topic: Topic, hits: Hits, layout: Layout) -> TopicMatch | None:
    """The match that these hits prove, or None if they are too few or too weak."""
    visible = visible_hits(topic, hits)
    counted = capped(topic, counted_hits(topic, visible))
    score = round(sum(part.weight for part in counted), 2)
    level = level_of(topic.thresholds, score, counted)
    if level is None:
        return None
    return TopicMatch(topic=topic.id, level=level, score=score, evidence=tuple(evidence_of(counted, layout)))


# --- Which hits count ------------------------------------------------------------------------------------------------


def visible_hits(topic: Topic, hits: Hits) -> Hits:
    """The hits outside of masked spans and of zones without weight, in order."""
    masks = apart(hits.get(MASK, ()))
    return {
        group: sorted(
            (hit for hit in found if topic.zones[hit.zone] and is_free(hit, masks)),
            key=_start,
        )
        for group, found in hits.items()
        if group != MASK
    }


_start = attrgetter("start")


def apart(hits: Iterable[Hit]) -> list[Hit]:
    """Of hits that overlap the strongest; of equals the longest, then the first, then by the pattern's text. In order."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (-hit.strength, hit.start - hit.end, hit.start, hit.pattern.text)):
        if is_free(hit, kept):
            insort(kept, hit, key=_start)
    return kept


def is_free(hit: Hit, others: Sequence[Hit]) -> bool:
    """Whether a hit overlaps none of others that stand apart, in order."""
    at = bisect_left(others, hit.start, key=_start)
    return (at == 0 or others[at - 1].end <= hit.start) and (at == len(others) or hit.end <= others[at].start)


def counted_hits(topic: Topic, visible: Hits) -> list[Counted]:
    """What the rules count, strongest first. A span counts once, whichever rules count it."""
    allowed: dict[Hit, tuple[Hit, ...]] = {}
    for rule in topic.rules:
        allowed |= _allowed(rule, visible)
    counted = [Counted(topic.zones[hit.zone] * hit.strength, hit.zone, hit, allowed[hit]) for hit in apart(allowed)]
    return sorted(counted, key=lambda part: (-part.weight, part.hit.start))


def _allowed(rule: Rule, visible: Hits) -> dict[Hit, tuple[Hit, ...]]:
    """The hits that a rule counts, each with the nearest hits that its conditions ask for."""
    if is_excluded(rule, visible):
        return {}
    allowed = {}
    for hit in visible.get(rule.count, ()):
        near = [nearest_hit(hit, condition, visible) for condition in rule.near]
        reached = tuple(other for other in near if other is not None)
        if len(reached) == len(near) and not belongs_elsewhere(hit, rule, reached, visible):
            strong = hit if rule.weight == 1 else hit._replace(strength=hit.strength * rule.weight)
            allowed[strong] = reached
    return allowed


def is_excluded(rule: Rule, visible: Hits) -> bool:
    return any(hit.zone in absence.zones for absence in rule.exclude for hit in visible.get(absence.group, ()))


def nearest_hit(hit: Hit, condition: Nearness, visible: Hits) -> Hit | None:
    """The nearest hit of the group, if it is near enough."""
    others = visible.get(condition.group, ())
    at = bisect_left(others, hit.start, key=_start)
    nearest = min(others[max(0, at - 1) : at + 1], key=lambda other: _distance(hit, other), default=None)
    return nearest if nearest is not None and _distance(hit, nearest) <= condition.chars else None


def _distance(hit: Hit, other: Hit) -> int:
    return abs(hit.start - other.start)


def belongs_elsewhere(hit: Hit, rule: Rule, near: Sequence[Hit], visible: Hits) -> bool:
    """Whether a forbidden hit stands near, and nearer than all that the rule asks for.

    What must be near to two others belongs to them: a third between it and the farther one makes another pair.
    """
    reach = max((_distance(hit, other) for other in near), default=None)
    for condition in rule.forbid_near:
        forbidden = nearest_hit(hit, condition, visible)
        if forbidden is not None and (reach is None or _distance(hit, forbidden) < reach):
            return True
    return False


# --- What they add up to ---------------------------------------------------------------------------------------------


def capped(topic: Topic, counted: Sequence[Counted]) -> list[Counted]:
    """The strongest of each zone: a term repeated all through a text proves no more than a few times."""
    seen: Counter[Zone] = Counter()
    kept = []
    for part in _without_scattered(counted):
        seen[part.zone] += 1
        if seen[part.zone] <= topic.cap_per_zone:
            kept.append(part)
    return kept


def _without_scattered(counted: Sequence[Counted]) -> Sequence[Counted]:
    """Of the body only the stretch that proves most: mentions far apart do not make a passage about the topic."""
    body = sorted((part.hit.start, part.weight) for part in counted if part.zone == "body")
    if not body or body[-1][0] - body[0][0] <= STRETCH_CHARS:
        return counted
    begin = _richest_stretch(body)
    return [part for part in counted if part.zone != "body" or 0 <= part.hit.start - begin <= STRETCH_CHARS]


def _richest_stretch(body: Sequence[tuple[int, float]]) -> int:
    """Where the stretch begins that holds most weight; the first of equals."""
    starts = [start for start, _ in body]
    sums = [0.0, *accumulate(weight for _, weight in body)]
    held = [sums[bisect_right(starts, start + STRETCH_CHARS)] - sums[at] for at, start in enumerate(starts)]
    return starts[held.index(max(held))]


def level_of(thresholds: Iterable[Threshold], score: float, counted: Sequence[Counted]) -> Level | None:
    title_hit = any(part.zone == "title" and part.hit.strength >= 1 for part in counted)
    for threshold in thresholds:
        if (threshold.title_hit and title_hit) or (threshold.score is not None and score >= threshold.score):
            return threshold.level
    return None


# --- The evidence ----------------------------------------------------------------------------------------------------


def evidence_of(counted: Sequence[Counted], layout: Layout) -> Iterator[Evidence]:
    """What was counted, strongest first; then, without weight, what it had to be near to and its sentence hides."""
    further: dict[Hit, None] = {}
    for part in counted:
        proof = _proof(part.hit, part.zone, part.weight, layout)
        yield proof
        further |= dict.fromkeys(hit for hit in part.near if layout.words(hit.start, hit.end) not in proof.sentence)
    for hit in further:
        yield _proof(hit, hit.zone, 0.0, layout)


def _proof(hit: Hit, zone: Zone, weight: float, layout: Layout) -> Evidence:
    field, shift = (layout.title, 0) if zone == "title" else (layout.text, layout.text_start)
    start, end = hit.start - shift, hit.end - shift
    return Evidence(
        group=hit.group,
        pattern=hit.pattern.text,
        zone=zone,
        start=start,
        end=end,
        weight=round(weight, 2),
        sentence=_quotation(field, start, end, zone),
    )


def _quotation(field: str, start: int, end: int, zone: Zone) -> str:
    """The sentence around a hit; a title is quoted whole."""
    if zone == "title" and len(field) <= MAX_SENTENCE_CHARS:
        return field
    paragraph_start = field.rfind("\n", 0, start) + 1  # no sentence goes beyond it, and a short text is read faster
    paragraph_end = field.find("\n", start)
    paragraph = field[paragraph_start : paragraph_end if paragraph_end >= 0 else len(field)]
    return sentence_around(paragraph, start - paragraph_start, end - paragraph_start, max_chars=MAX_SENTENCE_CHARS)

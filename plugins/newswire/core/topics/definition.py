"""What a topic is: the records that a definition file compiles to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newswire.core.topics.patterns import Pattern
from newswire.records import Level, Zone

ZONE_WEIGHTS: Mapping[Zone, float] = {"title": 5.0, "lead": 2.0, "body": 1.0, "summary": 4.0, "tail": 0.0}
CAP_PER_ZONE = 4
APPROVE_ABOVE = 0.1
# Title 5 and threshold 4: one term of full weight in the title or in a short summary is enough for a mention. On raw
# streams a hit in the title is right in 91 to 96 of 100 cases, a mention in 67 to 78 (measured on 163,000 entries).


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """A hit of `group` that begins at most `chars` characters before or after."""

    group: str
    chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """No hit of `group` in any of `zones`."""

    group: str
    zones: frozenset[Zone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which hits count: those of a group, near others, far from others, in articles without others."""

    count: str
    weight: float = 1.0
    near: tuple[Nearness, ...] = ()  # each must be there
    forbid_near: tuple[Nearness, ...] = ()  # none may be there, unless what `near` asks for is at least as near
    exclude: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What an article must reach for a level: the score, or a counted term of full weight in the title."""

    level: Level
    score: float | None
    title_hit: bool


THRESHOLDS = (
    Threshold(level="core", score=6.0, title_hit=True),
    Threshold(level="mention", score=4.0, title_hit=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An article that the topic must match (at `level`, if given), or must not match."""

    line: int  # in the definition file
    matches: bool
    language: str
    title: str
    text: str
    level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A user's standing interest, compiled from its definition."""

    id: str
    path: str
    name: Mapping[str, str]  # by language
    description: str
    parent: str | None  # another topic of which this is a part; it need not exist
    links: Mapping[str, str]  # the same subject in other vocabularies: iptc, wikidata
    approve_above: float  # the share of its tags that a new version may change without a person's approval
    thresholds: tuple[Threshold, ...]  # strongest first
    zones: Mapping[Zone, float]
    cap_per_zone: int
    groups: Mapping[str, tuple[Pattern, ...]]
    mask: tuple[Pattern, ...]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]

    @property
    def languages(self) -> frozenset[str]:
        """The languages it has patterns in, "*" aside."""
        return frozenset(pattern.language for group in self.groups.values() for pattern in group) - {"*"}

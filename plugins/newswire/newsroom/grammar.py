"""Grammars of `grammars/*.yaml`: patterns with slots, and the words that fill them, one file a language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from newswire.newsroom.model import Labels
from newswire.newsroom.publications import read_offset

_FOLDER = Path(__file__).parent / "grammars"
_SLOT = re.compile(r"\{(\w+)\}")

# Fixed words and slots of a pattern in turn: the fixed words stand at even places.
Pattern = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """Sentences by their place in an article."""

    titles: tuple[Pattern, ...]
    leads: tuple[Pattern, ...]
    bodies: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How articles in one language are made."""

    language: str
    country: str
    utc_offset: timedelta
    labels: Labels
    space: str  # between sentences
    masthead: Pattern
    thing: Pattern
    person: Pattern
    firm: Pattern
    causes: tuple[Pattern, ...]
    words: Mapping[str, tuple[str, ...]]  # by slot
    names: Mapping[str, tuple[tuple[str, ...], ...]]  # parts of invented names, by kind
    plain: Patterns
    topics: Mapping[str, Patterns]

    def word(self, slot: str, random: Random) -> str:
        """One of the words for a slot."""
        return _one(self.words[slot], random)

    def name(self, kind: str, random: Random) -> str:
        """A name put together from its parts."""
        return "".join([_one(part, random) for part in self.names[kind]])


@cache
def grammars() -> tuple[Grammar, ...]:
    """All grammars, in the order of their languages."""
    return tuple(_grammar(path.stem, yaml.safe_load(path.read_bytes())) for path in sorted(_FOLDER.glob("*.yaml")))


def split_pattern(pattern: str) -> Pattern:
    """`"In {place} it rains"` as `("In ", "place", " it rains")`."""
    return tuple(_SLOT.split(pattern))


def _grammar(language: str, written: Mapping[str, Any]) -> Grammar:
    names = {kind: tuple(map(tuple, written[kind])) for kind in ("surname", "place")}
    names["stem"] = names[written["firm_stem"]][: written.get("firm_stem_parts")]
    return Grammar(
        language=language,
        country=written["country"],
        utc_offset=read_offset(written["zone"]),
        labels=Labels(**written["labels"]),
        space=written["space"],
        masthead=split_pattern(written["masthead"]),
        thing=split_pattern(written["thing"]),
        person=split_pattern(written["person"]),
        firm=split_pattern(written["firm_pattern"]),
        causes=tuple(map(split_pattern, written["cause"])),
        words={slot: tuple(written.get(slot, ())) for slot in _WORD_SLOTS} | {"suffix": tuple(written["firm"])},
        names=names,
        plain=_patterns(written),
        topics={topic: _patterns(patterns) for topic, patterns in written["topics"].items()},
    )


_WORD_SLOTS = ("first", "adjective", "noun", "verb", "unit", "month")


def _patterns(written: Mapping[str, Any]) -> Patterns:
    return Patterns(
        titles=tuple(map(split_pattern, written["titles"])),
        leads=tuple(map(split_pattern, written["leads"])),
        bodies=tuple(map(split_pattern, written["bodies"])),
    )


def _one(choices: Sequence[str], random: Random) -> str:
    return choices[int(random.random() * len(choices))]  # three times as fast as Random.choice

"""The scene of an article: its people, places and firms, which come back from sentence to sentence."""

from __future__ import annotations

from itertools import cycle
from random import Random

from newswire.newsroom.grammar import Grammar, Pattern

_PEOPLE, _PLACES, _FIRMS = 3, 2, 2


class Scene:
    """Fills the slots of patterns: people, places and firms take turns, all else is drawn afresh.

    The articles of one story share a scene, as reports of one event share its names.
    """

    def __init__(self, grammar: Grammar, random: Random) -> None:
        self.grammar = grammar
        self._random = random
        self._people = cycle([self._person() for _ in range(_PEOPLE)])
        self._places = cycle([grammar.name("place", random) for _ in range(_PLACES)])
        self._firms = cycle([self._firm() for _ in range(_FIRMS)])

    def sentence(self, pattern: Pattern) -> str:
        """A pattern with its slots filled, beginning with a capital letter."""
        text = self.fill(pattern)
        return text[:1].upper() + text[1:]

    def fill(self, pattern: Pattern) -> str:
        """A pattern with its slots filled."""
        parts = list(pattern)
        for place in range(1, len(parts), 2):
            parts[place] = self._value(parts[place])
        return "".join(parts)

    def _value(self, slot: str) -> str:  # noqa: PLR0911 - one line for each kind of slot
        match slot:
            case "place":
                return next(self._places)
            case "firm":
                return next(self._firms)
            case "person":
                return next(self._people)[0]
            case "surname":
                return next(self._people)[1]
            case "thing":
                return self.fill(self.grammar.thing)
            case "cause":
                return self.fill(self._random.choice(self.grammar.causes))
            case "name":
                return self.grammar.name("stem", self._random)
            case "n":
                return self._number()
            case _:
                return self.grammar.word(slot, self._random)

    def _person(self) -> tuple[str, str]:
        """A full name, and the surname alone."""
        surname = self.grammar.name("surname", self._random)
        first = self.grammar.word("first", self._random)
        return _join(self.grammar.person, {"first": first, "surname": surname}), surname

    def _firm(self) -> str:
        stem, suffix = self.grammar.name("stem", self._random), self.grammar.word("suffix", self._random)
        return _join(self.grammar.firm, {"stem": stem, "suffix": suffix})

    def _number(self) -> str:
        """A number ending in 5 to 9: after these, Slavic languages put what is counted in the genitive plural."""
        tens, ones = 10 + int(self._random.random() * 980), 5 + int(self._random.random() * 5)
        return f"{tens}{ones}"


def _join(pattern: Pattern, values: dict[str, str]) -> str:
    return "".join(values[part] if number % 2 else part for number, part in enumerate(pattern))

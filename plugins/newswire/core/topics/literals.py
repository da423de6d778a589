"""Many literals looked for at once: the one door to the automaton (Aho-Corasick)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick

# The automaton takes UTF-8. PostgreSQL refuses these too, so they come only from tests.
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


class Literals:
    """Finds every occurrence of every literal, also where they overlap."""

    def __init__(self, literals: Sequence[str]) -> None:
        self._automaton = AhoCorasick(literals)

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Number of the literal, start and end of each occurrence."""
        try:
            return self._automaton.find_matches_as_indexes(text, overlapping=True)
        except UnicodeEncodeError:
            return self._automaton.find_matches_as_indexes(_LONE_SURROGATES.sub("\ufffd", text), overlapping=True)

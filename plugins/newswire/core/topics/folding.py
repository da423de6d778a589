"""Text folded for comparison, with the way back to the offsets of the original.

Capitals, typographic variants and optional signs must not decide whether a pattern is found. Nearly every character is
folded to exactly one character, so offsets stay as they are; only the rare rest (ligatures, soft hyphens, runs of
spaces) is kept in a list of pieces with their origins.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

# Left: what is replaced, one character each. Right: by what. Lower case only, as the text is lowered before.
_ALIKE = {
    "’‘ʼ＇`´′‛": "'",
    "-‐‑‒–—―−": " ",
    "\t\xa0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000": " ",
    "\r\x0b\x0c\x85\u2028\u2029": "\n",
    "…": ".",
    "ё": "е",
    "ı": "i",  # the capital I is lowered to i in every language
    "ş": "ș",  # Romanian is written with cedilla or comma
    "ţ": "ț",
    # Greek capitals carry no accents, and sigma has a final form.
    "ς": "σ",
    "ά": "α",
    "έ": "ε",
    "ή": "η",
    "ίϊΐ": "ι",
    "ό": "ο",
    "ύϋΰ": "υ",
    "ώ": "ω",
    # Arabic: hamza on alef, final ya and ta marbuta are written with and without.
    "أإآٱ": "ا",
    "ىی": "ي",
    "ک": "ك",
    "ة": "ه",
    # Full-width punctuation, so that Chinese text needs no pieces.
    "，": ",",
    "：": ":",
    "；": ";",
    "（": "(",
    "）": ")",
    "？": "?",
    "！": "!",
    "％": "%",
}
_REPLACEMENTS = tuple((char, by) for chars, by in _ALIKE.items() for char in chars)
_ASCII_REPLACEMENTS = tuple((char, by) for char, by in _REPLACEMENTS if char.isascii())

# Soft hyphen, joiners and direction marks; Arabic vowel signs and the stretching dash; the dot that Hindi print puts
# under a letter or leaves out.
_IGNORED = "\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u0640\u093c" + "".join(
    map(chr, range(0x064B, 0x0653))
)
_WITHOUT_IGNORED = str.maketrans("", "", _IGNORED)
_SPACES = re.compile("  +")


class Piece(NamedTuple):
    """Where a part of the folded text comes from: original[start:end]."""

    start: int
    end: int
    same_length: bool  # one character for each: offsets inside can be counted


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text. Without pieces its offsets are those of the original."""

    text: str
    starts: Sequence[int] = ()  # offset in the folded text where each piece begins, ascending
    pieces: Sequence[Piece] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the original that holds all of text[start:end], which is not empty."""
        if not self.pieces:
            return start, end
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        head, tail = self.pieces[first], self.pieces[last]
        return (
            head.start + start - self.starts[first] if head.same_length else head.start,
            tail.start + end - self.starts[last] if tail.same_length else tail.end,
        )


@dataclass(frozen=True, slots=True)
class _Squeezed(Folded):
    """Text in which only runs of spaces became shorter: `starts` follow the runs, `dropped` counts what is gone by then."""

    dropped: Sequence[int] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        return (
            start + self.dropped[bisect_right(self.starts, start)],
            end + self.dropped[bisect_right(self.starts, end)],
        )


def fold(text: str) -> Folded:
    """The text as patterns are compared with it.

    Lower case, NFKC, variants of one sign unified, every run of spaces and dashes one space, line breaks kept.
    Composed text (NFC) is expected; other text is folded too, only decomposed Hangul stays as it is.
    """
    alike = _unified(text)
    if not _is_composed(alike):
        return _in_pieces(alike, _unusual(alike))
    if "  " in alike:
        return _squeezed(alike)
    return Folded(alike)


def _unified(text: str) -> str:
    """One character for each character. The dotted capital I is the only one whose lower case is longer."""
    lowered = text.replace("İ", "i").lower()
    for char, by in _ASCII_REPLACEMENTS if lowered.isascii() else _REPLACEMENTS:
        lowered = lowered.replace(char, by)
    return lowered


def _is_composed(text: str) -> bool:
    """Whether NFKC would change nothing and nothing is to be ignored."""
    return text.isascii() or (unicodedata.is_normalized("NFKC", text) and not any(map(text.__contains__, _IGNORED)))


def _squeezed(text: str) -> Folded:
    parts, starts, dropped, position = [], [], [0], 0
    while (run := text.find("  ", position)) >= 0:
        end = run + 2
        while text.startswith(" ", end):
            end += 1
        parts.append(text[position : run + 1])
        dropped.append(dropped[-1] + end - run - 1)
        starts.append(end - dropped[-1])
        position = end
    parts.append(text[position:])
    return _Squeezed("".join(parts), starts, (), dropped)


def _in_pieces(text: str, unusual: re.Pattern[str]) -> Folded:
    parts: list[str] = []
    starts: list[int] = []
    pieces: list[Piece] = []
    position = length = 0
    for start, end, new in _changes(text, unusual):
        if start > position:
            starts.append(length)
            pieces.append(Piece(position, start, True))
            parts.append(text[position:start])
            length += start - position
        if new:
            starts.append(length)
            pieces.append(Piece(start, end, False))
            parts.append(new)
            length += len(new)
        position = end
    starts.append(length)
    pieces.append(Piece(position, len(text), True))
    parts.append(text[position:])
    return Folded("".join(parts), starts, pieces)


def _changes(text: str, unusual: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    """Spans whose folded form has another length, with that form, in order."""
    for match in unusual.finditer(text):
        old = match[0]
        new = " " if old.startswith("  ") else _folded_cluster(old)
        if new != old:
            yield match.start(), match.end(), new


def _unusual(text: str) -> re.Pattern[str]:
    """Finds runs of spaces, letters with their marks, and characters that NFKC changes or that are ignored."""
    others = sorted(char for char in set(text) if not char.isascii())
    marks = "".join(char for char in others if _is_mark(char))
    return _pattern_of(marks, "".join(char for char in others if _is_odd(char)))


@lru_cache(maxsize=10_000)
def _is_mark(char: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFKC", char)[0]) > 0


@lru_cache(maxsize=10_000)
def _is_odd(char: str) -> bool:
    return char in _IGNORED or not unicodedata.is_normalized("NFKC", char)


@lru_cache(maxsize=256)
def _pattern_of(marks: str, odd: str) -> re.Pattern[str]:
    choices = ["  +"]
    if marks:
        choices.append(f"[^ ][{re.escape(marks)}]+")
    if odd:
        choices.append(f"[{re.escape(odd)}]")
    return re.compile("|".join(choices), re.DOTALL) if len(choices) > 1 else _SPACES


@lru_cache(maxsize=10_000)
def _folded_cluster(cluster: str) -> str:
    return _unified(unicodedata.normalize("NFKC", cluster)).translate(_WITHOUT_IGNORED)

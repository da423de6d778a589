"""What makes a pattern a bad one: too short to mean anything, mistyped, or without effect."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from newswire.core.topics.patterns import Pattern, find_span, is_unspaced

_MIN_LATIN_LETTERS = 4  # "uran" is in "Quran", and words of three letters mean something in every language
_MIN_LETTERS = 3
_MIN_SIGNS = 2
_AFTER_LATIN = "\u0250"  # the first letter that no European alphabet in Latin letters has
_MIXED = re.compile("[a-z][а-я]|[а-я][a-z]")
_FILLER = "qxq"  # letters that no pattern holds


def pattern_problem(pattern: Pattern) -> str | None:
    """What is wrong with a pattern by itself, as `problem; mend`; None if nothing is."""
    letters = _letters(" ".join(part.literal for part in pattern.parts))
    problems = _sign_problems(pattern, letters) if is_unspaced(letters) else _letter_problems(pattern, letters)
    return next(problems, None)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum() or unicodedata.category(char).startswith("M"))


def _sign_problems(pattern: Pattern, signs: str) -> Iterator[str]:
    if len(signs) < _MIN_SIGNS:
        yield f"{pattern.text!r} is a single sign; write a word of two signs or more"
    if any(
        (part.open_left and is_unspaced(part.literal[0])) or (part.open_right and is_unspaced(part.literal[-1]))
        for part in pattern.parts
    ):
        yield f"{pattern.text!r} is found inside words anyway; remove the *"


def _letter_problems(pattern: Pattern, letters: str) -> Iterator[str]:
    if not letters:
        yield f"{pattern.text!r} has no letters; write a word"
    if _MIXED.search(letters):
        yield f"{pattern.text!r} mixes Latin and Cyrillic letters; type the word in one alphabet"
    if pattern.exact:
        return
    least = _MIN_LATIN_LETTERS if max(letters, default="") < _AFTER_LATIN else _MIN_LETTERS
    if len(letters) < least:
        yield f"{pattern.text!r} has fewer than {least} letters; add a word, or write {{{pattern.text}: {{exact: true}}}}"
    if len(_letters(pattern.literal)) < _MIN_SIGNS:
        yield f"{pattern.text!r} begins with a single letter; begin with a longer word"
    if any(part.open_left and len(_letters(part.literal)) < _MIN_LATIN_LETTERS for part in pattern.parts):
        yield f"{pattern.text!r} is inside many words; write {_MIN_LATIN_LETTERS} letters or more after the first *"


def idle_problem(pattern: Pattern, others: Sequence[Pattern]) -> str | None:
    """Which other pattern makes this one idle, as `problem; mend`: it is found in every text that holds this one.

    `others` are the patterns of the group that apply to the same texts.
    """
    sample = _sample(pattern)
    for other in others:
        if other is pattern or not _could_replace(other, pattern) or not _is_found(other, sample):
            continue
        if other.text == pattern.text:
            return f"{pattern.text!r} stands twice; remove one"
        return f"{pattern.text!r} adds nothing to {other.text!r}; remove it or give it another weight"
    return None


def _could_replace(other: Pattern, pattern: Pattern) -> bool:
    return other.weight == pattern.weight and (not other.exact or other.text == pattern.text)


def _sample(pattern: Pattern) -> str:
    """A folded text that holds the pattern, with further letters and words wherever it is open to them."""
    sample = ""
    for part in pattern.parts:
        sample += " " * bool(sample) + f"{_FILLER} " * part.gap_words
        sample += _FILLER * part.open_left + part.literal + _FILLER * part.open_right
    return sample


def _is_found(pattern: Pattern, text: str) -> bool:
    at = text.find(pattern.literal)
    while at >= 0:
        if find_span(text, at, at + len(pattern.literal), pattern.parts) is not None:
            return True
        at = text.find(pattern.literal, at + 1)
    return False

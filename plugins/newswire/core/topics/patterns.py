"""The pattern language of topic definitions: words, open ends and gaps; no regular expressions.

    peace talks      these words; any run of spaces, hyphens and dashes stands between them
    переговор*       a word that begins so
    *verhandlung*    a word that holds this
    selten* erd*     open ends inside a phrase
    end ..3 war      up to three words between
    稀土             scripts without spaces: anywhere

A pattern compiles to parts. The literal of its first part is what the automaton looks for; `find_span` then checks the
edges and reads the rest of the pattern from there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from newswire.core.topics.folding import fold

MAX_GAP_WORDS = 9


class PatternProblem(ValueError):
    """A pattern cannot be read; the message is `problem; what to do`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of words that is found as one literal."""

    literal: str  # folded
    open_left: bool  # letters may stand before it in the same word
    open_right: bool  # letters may follow it in the same word
    gap_words: int  # words that may stand between this part and the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A term of a topic in one language."""

    text: str  # as written in the definition
    language: str  # "*": any
    weight: float
    exact: bool  # the capitals must be those of `text`
    parts: tuple[Part, ...]

    def __hash__(self) -> int:
        """Of the text alone: hits are looked up by their patterns, and a text knows its hash."""
        return hash(self.text)

    @property
    def literal(self) -> str:
        return self.parts[0].literal


def parse_pattern(text: str, *, language: str, weight: float = 1.0, exact: bool = False) -> Pattern:
    """Compile a pattern. Raises PatternProblem."""
    parts = _parts(fold(text.strip()).text.split(" "), text)
    if exact and (len(parts) > 1 or parts[0].open_left):
        raise PatternProblem(
            "an exact pattern has open ends or gaps; write it as plain words, at most with * at the end"
        )
    return Pattern(text=text, language=language, weight=weight, exact=exact, parts=parts)


def _parts(words: list[str], text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    gap: int | None = None
    for word in words:
        if word.startswith(".."):
            if gap is not None or not parts:
                raise PatternProblem("a gap stands between two words; write e.g. 'end ..3 war'")
            gap = _gap_words(word)
            continue
        body = word.strip("*")
        if not body or "*" in body or len(word) > len(body) + 2:
            raise PatternProblem(f"{word or text!r} is no word; * stands at the beginning or end of a word")
        part = Part(literal=body, open_left=word[0] == "*", open_right=word[-1] == "*", gap_words=gap or 0)
        if gap is None and parts and not parts[-1].open_right and not part.open_left:
            part = _joined(parts.pop(), part)
        parts.append(part)
        gap = None
    if gap is not None:
        raise PatternProblem("a gap stands between two words; write e.g. 'end ..3 war'")
    return tuple(parts)


def _gap_words(word: str) -> int:
    if not re.fullmatch(r"\.\.[1-9]", word):
        raise PatternProblem(f"{word!r} is no gap; write ..1 to ..{MAX_GAP_WORDS}, the words that may stand between")
    return int(word[2:])


def _joined(first: Part, second: Part) -> Part:
    return Part(
        literal=f"{first.literal} {second.literal}",
        open_left=first.open_left,
        open_right=second.open_right,
        gap_words=first.gap_words,
    )


# --- Signs -----------------------------------------------------------------------------------------------------------

# Scripts written without spaces between words, or (Korean) with endings that a boundary would only hide.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u31ff\u3400-\u9fff\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_BETWEEN, _LETTER, _SIGN = 0, 1, 2  # between words | part of a word | a sign that is a word of its own


class _Kinds(dict[str, int]):
    """The kind of every character met so far."""

    def __missing__(self, char: str) -> int:
        self[char] = kind = _kind(char)
        return kind


def _kind(char: str) -> int:
    if not (char.isalnum() or unicodedata.category(char) in {"Mn", "Mc"}):
        return _BETWEEN
    return _SIGN if _UNSPACED.match(char) else _LETTER


_KINDS = _Kinds()


def is_unspaced(text: str) -> bool:
    """Whether the text holds signs of a script that is written without spaces."""
    return _UNSPACED.search(text) is not None


# --- Reading a pattern in folded text --------------------------------------------------------------------------------


def find_span(text: str, start: int, end: int, parts: tuple[Part, ...]) -> tuple[int, int] | None:
    """The match whose first literal is text[start:end], or None if the text there is not as the pattern says.

    Open ends take in the whole word. Of several ways to fill the gaps the shortest counts.
    """
    if start > 0 and _KINDS[text[start - 1]] == _LETTER == _KINDS[text[start]]:
        if not parts[0].open_left:
            return None
        start = _word_start(text, start)
    if len(parts) > 1 and text.find(parts[1].literal, end) < 0:  # mostly so, and seen at once
        return None
    last = _find_end(text, end, parts)
    return None if last is None else (start, last)


def _find_end(text: str, end: int, parts: tuple[Part, ...]) -> int | None:
    """Where the match ends whose first literal ends at `end`."""
    if end < len(text) and _KINDS[text[end]] == _LETTER == _KINDS[text[end - 1]]:
        if not parts[0].open_right:
            return None
        end = _word_end(text, end + 1)
    return end if len(parts) == 1 else _find_rest(text, end, parts[1:])


def _find_rest(text: str, position: int, parts: tuple[Part, ...]) -> int | None:
    part = parts[0]
    if part.gap_words == 0:
        return _find_part(text, position + 1, parts) if text.startswith(" ", position) else None
    for _ in range(part.gap_words + 1):
        position = _next_word(text, position)
        end = _find_part(text, position, parts)
        if end is not None:
            return end
        position = _after_word(text, position)
    return None


def _find_part(text: str, start: int, parts: tuple[Part, ...]) -> int | None:
    """Where the match ends if its next part stands in the word at `start`."""
    literal = parts[0].literal
    last = _after_word(text, start) if parts[0].open_left else start + 1
    for at in range(start, last):
        if text.startswith(literal, at):
            end = _find_end(text, at + len(literal), parts)
            if end is not None:
                return end
    return None


def _word_start(text: str, position: int) -> int:
    """The first of the letters that stand before this position without a gap."""
    while position > 0 and _KINDS[text[position - 1]] == _LETTER:
        position -= 1
    return position


def _word_end(text: str, position: int) -> int:
    """The end of the letters that follow from this position without a gap."""
    while position < len(text) and _KINDS[text[position]] == _LETTER:
        position += 1
    return position


def _next_word(text: str, position: int) -> int:
    """Skip what stands between two words of a paragraph."""
    while position < len(text) and _KINDS[text[position]] == _BETWEEN and text[position] != "\n":
        position += 1
    return position


def _after_word(text: str, position: int) -> int:
    """The end of the word that begins at `position`; `position` itself at the end of a paragraph."""
    if position >= len(text) or text[position] == "\n":
        return position
    return _word_end(text, position) if _KINDS[text[position]] == _LETTER else position + 1

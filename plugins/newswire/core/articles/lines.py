"""Lines of an extracted text that are not the story. Every rule is small, named, and safe for a sentence of prose."""

from __future__ import annotations

import re
from typing import NamedTuple

from newswire.core.articles.headline import squeezed
from newswire.core.articles.labels import CREDIT, INVITATION, PLACEHOLDER, READ_MORE
from newswire.core.articles.rules import ALL_RULES, Rules

_HEAD_LINES = 5
_LABEL_LINE_CHARS = 260  # longer lines are paragraphs, whatever they begin with
_LABELS = {"read_more": READ_MORE, "invitations": INVITATION, "credits": CREDIT, "placeholders": PLACEHOLDER}


class Dropped(NamedTuple):
    """A line that was left out, and the rule that did."""

    rule: str
    line: str


def story(text: str, *, titles: tuple[str, ...], authors: tuple[str, ...], rules: Rules = ALL_RULES) -> str:
    """The lines that tell the story: without invitations, credits, placeholders, and the head that metadata repeats."""
    return sort_lines(text, titles=titles, authors=authors, rules=rules)[0]


def sort_lines(
    text: str, *, titles: tuple[str, ...], authors: tuple[str, ...], rules: Rules = ALL_RULES
) -> tuple[str, tuple[Dropped, ...]]:
    """The lines that tell the story, and the others with the rule that says so."""
    lines = [line for line in map(_without_bullet, text.split("\n")) if line]
    marked = [(line, furniture_rule(line, rules)) for line in lines]
    kept = [line for line, rule in marked if rule is None]
    head = [line for line in kept[:_HEAD_LINES] if "head_lines" in rules and is_head(line, titles, authors)]
    told = [line for line in kept[:_HEAD_LINES] if line not in head] + kept[_HEAD_LINES:]
    furniture = [Dropped(rule, line) for line, rule in marked if rule is not None]
    return "\n".join(told), (*(Dropped("head_lines", line) for line in head), *furniture)


def is_furniture(line: str) -> bool:
    """A line of the page's furniture, told by the phrase it begins with."""
    return furniture_rule(line) is not None


def furniture_rule(line: str, rules: Rules = ALL_RULES) -> str | None:
    """The rule by which a line is furniture of the page; None: it is not."""
    if len(line) > _LABEL_LINE_CHARS:
        return None
    return next((rule for rule, label in _LABELS.items() if rule in rules and label.match(line)), None)


def is_head(line: str, titles: tuple[str, ...], authors: tuple[str, ...]) -> bool:
    """A line before the story that says again what the metadata hold: headline, byline, date."""
    return is_date_line(line) or is_byline(line, authors) or any(repeats_title(line, title) for title in titles)


_BULLET = re.compile(r"^(?:[-|]\s+)+")  # not the dash: Nordic and French speech begins with it


def _without_bullet(line: str) -> str:
    """The line without the marks that an extractor puts before list items and around table cells."""
    return _BULLET.sub("", line).rstrip(" |")


_DATE_CHARS = 90
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|(?:19|20)\d\d[年년]|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\b\d{1,2}[:.]\d\d(?:\b|h)|\b\d{1,2} ?h ?\d\d\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_DATE_WORDS = 8


def is_date_line(line: str) -> bool:
    """A short line around a date or a time, with no sentence in it."""
    return (
        len(line) <= _DATE_CHARS
        and _DATE.search(line) is not None
        and len(_WORD.findall(line)) <= _DATE_WORDS
        and sum(map(str.isdigit, line)) >= len(line) * 0.15
    )


_BYLINE = re.compile(
    r"(?:by|von|par|por|di|door|av|af|text|texto|texte|testo|tekst|autor|autora|author|auteur|autore|autorka|автор|от|"
    r"текст|yazan|oleh|penulis|reporter|记者|記者|文/|作者)\b\s?[:：]?\s*\S",
    re.IGNORECASE,
)
_BYLINE_CHARS = 80


def is_byline(line: str, authors: tuple[str, ...]) -> bool:
    """A short line that is an author's name, or begins as bylines do and holds no sentence."""
    if len(line) > _BYLINE_CHARS or line.endswith((".", "!", "?", "。", "…", ":")):
        return False
    named = squeezed(line) in map(squeezed, authors)
    return named or (_BYLINE.match(line) is not None and _is_mostly_names(line))


def _is_mostly_names(line: str) -> bool:
    """Most words after the first are capitalised (or of a script without capitals)."""
    rest = _WORD.findall(line)[1:]
    return bool(rest) and sum(not word[0].islower() for word in rest) >= 0.6 * len(rest)


_TITLE_SHARE = 0.6


def repeats_title(line: str, title: str) -> bool:
    """The headline again: whole, with a kicker before it, or a large part of it."""
    shorter, longer = sorted((squeezed(line), squeezed(title)), key=len)
    return bool(shorter) and shorter in longer and len(shorter) >= _TITLE_SHARE * len(longer)

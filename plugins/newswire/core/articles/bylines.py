"""Who wrote an article: the claims of the page, cleaned, else what its byline shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from newswire.core.articles.claims import PageClaims
from newswire.core.articles.headline import squeezed
from newswire.core.articles.queries import query

_MAX_AUTHORS = 20


def read_authors(tree: HtmlElement, claims: PageClaims) -> tuple[str, ...]:
    """The authors in their order, one name each: people first; the publisher itself only where it names nobody else."""
    site = squeezed(claims.site_name or "")
    claimed = names_in(claims.authors)
    people = tuple(name for name in claimed if squeezed(name) != site)
    return people or names_in(_shown_bylines(tree)) or claimed


def names_in(bylines: Iterable[str]) -> tuple[str, ...]:
    """The names in bylines: `By Ann Lee, Bo Chen and C. Diaz (Reuters)` holds three; addresses and dates are no names."""
    names = (_bare(name) for byline in bylines if not _ADDRESS.search(byline) for name in _parts(byline))
    return tuple(dict.fromkeys(name for name in names if _is_name(name)))[:_MAX_AUTHORS]


_ADDRESS = re.compile(r"https?:|www\.|@|\[at\]", re.IGNORECASE)
_INTRODUCTION = re.compile(
    r"^(?:(?:written|words|story|posted|published|post author|erstellt|veröffentlicht|eingestellt|artikel|beitrag|"
    r"interview|text|texte|publié|rédigé|escrito|scritto|napisał[a]?)?\s*:?\s*\b"
    r"(?:by|von|par|por|di|door|av|af|autor(?:in|a|e)?|author|oleh|от|автор)\b\s*:?\s+|interview:|text:)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[;/|•·、]\s*|\s*,?\s+(?:and|und|et|y|og|och|i|и|та|&|with|mit)\s+")
_COMMA = re.compile(r"\s*[,，]\s*")


def _parts(byline: str) -> Iterator[str]:
    """A byline cut at its conjunctions; at its commas only where each piece looks like a whole name."""
    for part in _BETWEEN.split(_INTRODUCTION.sub("", byline.strip())):
        pieces = _COMMA.split(part)
        whole = all(len(piece.split()) in _WORDS_OF_A_NAME for piece in pieces)
        yield from pieces if whole else pieces[:1]


_WORDS_OF_A_NAME = range(2, 5)
_ADDITION = re.compile(r"\s*[(\[*].*$|\s+[-–—]\s.*$|\s+\d.*$", re.DOTALL)


def _bare(name: str) -> str:
    """The name without what stands behind it in brackets, after a dash, or from a number on."""
    return _ADDITION.sub("", _INTRODUCTION.sub("", name)).strip(" ,.:;-–")


_NAME_CHARS = range(2, 61)
_MOST_WORDS = 6


def _is_name(text: str) -> bool:
    return len(text) in _NAME_CHARS and len(text.split()) <= _MOST_WORDS and not any(map(str.isdigit, text))


_BYLINES = tuple(
    query(path)
    for path in (
        "//*[@rel='author' or @itemprop='author']",
        "//*[contains(@class, 'byline') or contains(@class, 'author-name') or contains(@class, 'authorname')]",
        "//*[contains(@class, 'author') or contains(@class, 'autor') or contains(@class, 'auteur')]",
    )
)
_BYLINE_CHARS = 100


def _shown_bylines(tree: HtmlElement) -> tuple[str, ...]:
    """The first short text among the elements of the first kind of byline that the page has."""
    for bylines in _BYLINES:
        texts = (" ".join(" ".join(element.itertext()).split()) for element in bylines(tree)[:_MAX_AUTHORS])
        found = next((text for text in texts if 0 < len(text) <= _BYLINE_CHARS), None)
        if found:
            return (found,)
    return ()

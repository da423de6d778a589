"""Which of the many titles of a page is the headline: what its structured data declare, in the form that readers see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from lxml.html import HtmlElement

from newswire.core.articles.claims import PageClaims
from newswire.core.fingerprints import words

_MAX_TITLE_CHARS = 500
_MAX_VISIBLE = 20


def read_headline(tree: HtmlElement, claims: PageClaims) -> str | None:
    """The declared headline as the page shows it, else as declared, else a visible one that some claim repeats.

    The name of the site is taken off. Without any of these: the best claim, or the only thing that is visible.
    """
    declared = _without_site(claims.headline, claims.site_name) if claims.headline else None
    visible = [text for text in map(_text, islice(tree.iter("h1"), _MAX_VISIBLE)) if text]
    titles = (
        _first(text for text in visible if declared and _completes(text, declared)),
        declared,
        _first(text for text in visible if any(_same(text, claim) for claim in claims.titles)),
        _first(text for text in visible if any(_begins(text, claim, claims.site_name) for claim in claims.titles)),
        _first(_without_site(claim, claims.site_name) for claim in claims.titles),
        _first(visible),
    )
    title = _first(titles)
    return title[:_MAX_TITLE_CHARS] if title else None


_CUT_CHARS = 60  # letters and digits; search engines cut after 110 characters, some publishers earlier


def _completes(text: str, declared: str) -> bool:
    """The same words in visible typography, or the whole of a headline that was cut for search engines."""
    shown, wanted = squeezed(text), squeezed(declared)
    return shown == wanted or (len(wanted) >= _CUT_CHARS and shown.startswith(wanted))


def _text(element: HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _first(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text), None)


def _same(a: str, b: str) -> bool:
    return squeezed(a) == squeezed(b)


def squeezed(text: str) -> str:
    """Letters and digits of a text alone: how two titles are compared."""
    return "".join(words(text))


_MIN_HEADLINE_CHARS = 8


def _begins(text: str, claim: str, site_name: str | None) -> bool:
    """The claim is the visible headline and something more, or a part of it; the name of the site confirms nothing."""
    shown, claimed = squeezed(text), squeezed(claim)
    if len(shown) < _MIN_HEADLINE_CHARS or (site_name and shown == squeezed(site_name)):
        return False
    return shown in claimed or (2 * len(claimed) >= len(shown) and claimed in shown)


_SEPARATOR = re.compile(r"\s+[|–—·•»«:-]+\s+|\s*[|»]\s*")
_SITE_CHARS = 40


def _without_site(title: str, site_name: str | None) -> str:
    """A title without the name of the site behind it: what follows the last separator, if it is the name or short."""
    *_, last = [None, *_SEPARATOR.finditer(title)]
    if last is None or not title[: last.start()].strip():
        return title
    tail = title[last.end() :]
    named = bool(squeezed(site_name or "")) and squeezed(site_name or "") in squeezed(tail)
    told = len(tail) <= _SITE_CHARS and len(tail) < last.start() and "|" in last[0]
    return title[: last.start()].strip() if named or told else title

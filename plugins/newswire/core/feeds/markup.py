"""Text to XML that no parser chokes on: one pass for what XML forbids and feeds contain all the same."""

from __future__ import annotations

import html
import re
from html.entities import html5
from typing import NamedTuple

from newswire.core.feeds.refusals import NotAFeed, UnreadableFeed

_COMMENT = r"<!--.*?(?:-->|\Z)"
_CDATA = r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
# XML 1.0, 2.2: what is no character.
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# --- The root --------------------------------------------------------------------------------------------------------

_ROOTS = frozenset({"rss", "rdf", "feed", "urlset", "sitemapindex", "channel"})
_ELEMENT = re.compile(
    rf"{_COMMENT}|{_CDATA}|<\?.*?(?:\?>|\Z)|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>"
    r"|<(?P<tag>(?:[\w.-]+:)?(?P<name>[a-zA-Z][\w.-]*))",
    re.DOTALL | re.IGNORECASE,
)
# What broken sites print in front of their feed: warnings and snippets.
_NOISE = frozenset({"a", "b", "br", "div", "font", "i", "p", "pre", "script", "span", "strong", "style"})


class Root(NamedTuple):
    """Where a feed begins inside a document."""

    kind: str  # rss | rdf | feed | urlset | sitemapindex | channel
    tag: str  # as written, with its prefix
    start: int


def find_root(text: str) -> Root:
    """The root element of the feed; noise in front of it is forgiven. Raises NotAFeed when the root is no feed's."""
    for element in _ELEMENT.finditer(text):
        name = (element["name"] or "").lower()
        if name in _ROOTS:
            return Root(name, element["tag"], element.start())
        if name in {"html", "head", "body"}:
            raise NotAFeed("a web page")
        if name and name not in _NOISE:
            raise NotAFeed(f"XML of another kind: <{element['tag'][:40]}>")
    raise NotAFeed(f"no feed in it; it begins with {text.strip()[:40]!r}")


# --- The document ----------------------------------------------------------------------------------------------------

_ENTITY = re.compile(r"<!ENTITY\s+([\w.:-]+)\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_MADE_OF_ENTITIES = re.compile(r"&(?!#|(?:amp|lt|gt|quot|apos);)|%[\w.:-]+;")
_MAX_ENTITIES = 500
_MAX_GROWTH = 1_000_000  # characters that the entities of a DTD may add
_REFERENCE = re.compile(
    rf"(?P<verbatim>{_CDATA}|{_COMMENT})"
    r"|&(?:\#(?P<decimal>\d+)|\#[xX](?P<hex>[0-9a-fA-F]+)|(?P<name>[a-zA-Z_][\w.:-]*));"
    r"|&",
    re.DOTALL,
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_MAX_DIGITS = 10


def well_behaved(text: str, root: Root) -> str:
    """The feed alone, under a plain declaration: no DTD, no undefined reference, no forbidden character.

    Raises UnreadableFeed for entities that are made of entities, or that grow beyond a megabyte.
    """
    entities = _entities(text[: root.start])
    feed = _NO_CHARACTER.sub("", text[root.start : _end(text, root)])
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _mend_references(feed, entities)


def _end(text: str, root: Root) -> int:
    """Where the root element ends; what broken sites print after it is left out."""
    closing = text.rfind(f"</{root.tag}", root.start)
    return text.find(">", closing) + 1 or len(text) if closing > 0 else len(text)


def _entities(prolog: str) -> dict[str, str]:
    """The entities of the DTD that stand for text. External ones are never loaded."""
    declared = {name: double or single for name, double, single in _ENTITY.findall(prolog)}
    if len(declared) > _MAX_ENTITIES or any(map(_MADE_OF_ENTITIES.search, declared.values())):
        raise UnreadableFeed("the DTD declares entities that are made of entities, or too many")
    return {name: _NO_CHARACTER.sub("", html.unescape(value)) for name, value in declared.items()}


def _mend_references(feed: str, entities: dict[str, str]) -> str:
    """Every reference outside CDATA means a character, or becomes the text that it looks like."""
    growth = 0

    def mended(reference: re.Match[str]) -> str:
        nonlocal growth
        if reference["verbatim"]:
            return reference[0]
        if reference["name"] in entities:
            growth += len(entities[reference["name"]])
            if growth > _MAX_GROWTH:
                raise UnreadableFeed("the entities of the DTD grow beyond a megabyte")
        return _meaning(reference, entities)

    return _REFERENCE.sub(mended, feed)


def _meaning(reference: re.Match[str], entities: dict[str, str]) -> str:
    name = reference["name"]
    if reference["decimal"] or reference["hex"]:
        return html.escape(_character(reference))
    if name in _XML_NAMES:
        return reference[0]
    if name in entities:
        return html.escape(entities[name])
    if name and f"{name};" in html5:
        return html.escape(html5[f"{name};"])
    return "&amp;" + reference[0][1:]


def _character(reference: re.Match[str]) -> str:
    """The character of a numeric reference; 128-159 mean windows-1252, as in HTML; what is no character is lost."""
    digits = (reference["decimal"] or reference["hex"]).lstrip("0") or "0"
    if len(digits) > _MAX_DIGITS:
        return "\ufffd"
    return _NO_CHARACTER.sub("", html.unescape(f"&#{'x' if reference['hex'] else ''}{digits};"))

"""OPML 2.0 (http://opml.org/spec2.opml): outlines of feeds in folders.

Folders are groups, `category` holds tags. What OPML has no word for stands in attributes of our own namespace. Entities are
refused: a few lines of them become gigabytes, and no feed reader writes any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from newswire.core.feed_lists.said import LIST_MARK, group_name, subscription
from newswire.errors import ConfigError
from newswire.records import ReadList, Subscription

_PREFIX = "newswire:"
_NAMESPACE = "https://github.com/newswire-project/newswire/opml"
_OWN = ("publisher", "domain", "country", "kind", "owner", "note", "connection")
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_MENDS = {
    expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]: "a bare & is written &amp;, a bare < is written &lt;",
    expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: "close every <outline> before its folder",
    expat.errors.codes[
        expat.errors.XML_ERROR_UNDEFINED_ENTITY
    ]: "write the character itself; only &amp; &lt; &gt; are known",
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]: "save the file as UTF-8",
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "the file ends too early: is it empty or cut off?",
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "the file ends too early: is it cut off?",
}


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_opml(document: bytes, *, name: str) -> ReadList:
    """The feeds of an OPML document. Raises ConfigError, `name:line: problem; mend`."""
    reader = _Reader(name)
    try:
        reader.parser.Parse(document, True)
    except expat.ExpatError as error:
        mend = _MENDS.get(error.code, "mend it there, or export it again from where it came")
        raise ConfigError(f"{name}:{error.lineno}: {expat.ErrorString(error.code)}; {mend}") from error
    return ReadList(subscriptions=tuple(reader.found), problems=tuple(reader.problems))


class _Reader:
    """Follows the outlines of a document; `folders` has, for each open element, the name that it adds to the path."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Subscription] = []
        self.problems: list[str] = []
        self.folders: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.EntityDeclHandler = self._refuse_entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        if not self.folders and element.lower() != "opml":
            raise self._error(f"<{element}> is not OPML; give an OPML file, or a table with a column `url`")
        outline = {key.lower().removeprefix(_PREFIX): value for key, value in attributes.items()}
        is_folder = element == "outline" and not _is_feed(outline)
        self.folders.append(outline.get("text") or outline.get("title") or "" if is_folder else "")
        if element == "outline" and not is_folder:
            self._read(outline)

    def _end(self, _: str) -> None:
        self.folders.pop()

    def _read(self, outline: Mapping[str, str]) -> None:
        try:
            self.found.append(subscription(_said(outline, group=group_name([_flat(name) for name in self.folders]))))
        except ValueError as error:
            self.problems.append(f"{self.name}:{self.parser.CurrentLineNumber}: {error}")

    def _refuse_entity(self, entity: str, *_: Any) -> None:
        raise self._error(f"it declares the entity {entity!r}; write the text itself in its place")

    def _error(self, problem: str) -> ConfigError:
        return ConfigError(f"{self.name}:{self.parser.CurrentLineNumber}: {problem}")


def _is_feed(outline: Mapping[str, str]) -> bool:
    """Links and inclusions of other lists, which have a `url`, are none."""
    return "xmlurl" in outline or outline.get("type", "").lower() == "rss"


def _said(outline: Mapping[str, str], *, group: str) -> dict[str, str | None]:
    said: dict[str, str | None] = {field: outline.get(field) for field in _OWN}
    return {
        **said,
        "url": outline.get("xmlurl"),
        "title": outline.get("title") or outline.get("text"),
        "domain": outline.get("domain") or _host(outline.get("htmlurl")),
        "language": _language(outline.get("language")),
        "groups": group,
        "tags": outline.get("category", "").replace(",", LIST_MARK),
    }


def _host(url: str | None) -> str | None:
    """The host of a feed's site, where it is a web address: other readers write all sorts of things there."""
    match = re.match(r"https?://([^/?#@\s]+\.[^/?#@:\s]+)", url or "", re.IGNORECASE)
    return match[1] if match else None


def _language(tag: str | None) -> str | None:
    """OPML 2.0 has `unknown` for feeds that declare none."""
    return None if tag is None or tag.lower() == "unknown" else tag


def _flat(folder: str) -> str:
    """The name of one folder: what would read as two groups, or two lists, does not."""
    return folder.replace("/", "-").replace(LIST_MARK, ",")


# --- Writing ---------------------------------------------------------------------------------------------------------

_Tree = dict[str, Any]  # a folder's folders by name; its feeds under ""


def write_opml(subscriptions: Sequence[Subscription], *, title: str = "Newswire") -> str:
    """An OPML document; a feed of several groups stands in each of their folders."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<opml version="2.0" xmlns:newswire="{_NAMESPACE}">',
            f"  <head><title>{quoteattr(title)[1:-1]}</title></head>",
            "  <body>",
            *_folder(_tree(subscriptions), "    "),
            "  </body>",
            "</opml>",
            "",
        ]
    )


def _tree(subscriptions: Sequence[Subscription]) -> _Tree:
    top: _Tree = {}
    for one in subscriptions:
        for group in one.groups or ("",):
            place = top
            for name in filter(None, group.split("/")):
                place = place.setdefault(name, {})
            place.setdefault("", []).append(one)
    return top


def _folder(tree: _Tree, indent: str) -> Iterable[str]:
    for name in sorted(tree.keys() - {""}):
        yield f"{indent}<outline text={_quoted(name)}>"
        yield from _folder(tree[name], indent + "  ")
        yield f"{indent}</outline>"
    yield from (f"{indent}<outline {_attributes(one)}/>" for one in tree.get("", ()))


def _attributes(one: Subscription) -> str:
    standard = {
        "type": "rss",
        "text": one.title or one.publisher or one.url,
        "title": one.title,
        "xmlUrl": one.url,
        "language": one.language,
        "category": ",".join(one.tags),
    }
    own = {f"{_PREFIX}{field}": getattr(one, field) for field in _OWN}
    return " ".join(f"{key}={_quoted(value)}" for key, value in {**standard, **own}.items() if value)


def _quoted(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("", text))

"""The innermost blocks of a page: which are prose, and which are nothing but links to other pages."""

from __future__ import annotations

from lxml.html import HtmlElement

from newswire.core.articles.labels import READ_MORE
from newswire.core.articles.queries import Query, query

_PROSE_CHARS = 70
_CONTAINERS = "p h1 h2 h3 h4 h5 h6 div ul ol table section article blockquote figure pre form".split()  # noqa: SIM905 - read as a list of words


def _innermost(tags: str, condition: str) -> Query:
    """A query for blocks that meet the condition and hold no other block."""
    own = " or ".join(f"self::{tag}" for tag in tags.split())
    return query(f"//*[{own}][not({' or '.join(_CONTAINERS)})][{condition}]")


_TEASERS = _innermost("p h2 h3 h4 h5 h6 div", ".//a")
_PROSE = _innermost("p div li td section article", f"string-length() >= {_PROSE_CHARS}")
_LISTS = query("//*[self::ul or self::ol][li//a]")

# --- Layout ----------------------------------------------------------------------------------------------------------

_LAYOUT_TABLES = query("//table[.//td[p or div or table or h1 or h2 or h3]]")
_PARTS_OF_A_TABLE = ("table", "tbody", "tr", "td", "th")


def unfold_layout_tables(tree: HtmlElement) -> None:
    """Make plain blocks, in place, of tables that hold the layout of a page: as a table, a cell would be one line."""
    for table in _LAYOUT_TABLES(tree):
        for part in table.iter(*_PARTS_OF_A_TABLE):
            part.tag = "div"


# --- Links -----------------------------------------------------------------------------------------------------------

# Shares of text inside links, fitted on the development pages.
_TEASER_SHARE = 0.85
_LABELLED_TEASER_SHARE = 0.35
_LIST_SHARE = 0.9
_LIST_ITEM_CHARS = range(15, 161)  # shorter items are tags of the story, longer ones are prose
_MAX_TEASER_CHARS = 400


def prune_link_blocks(tree: HtmlElement) -> None:
    """Remove, in place, paragraphs and lists whose text is almost all link text: teasers, read-more lines, menus."""
    for element in _LISTS(tree):
        if _is_link_list(element):
            _remove(element)
    for element in _TEASERS(tree):
        if _is_teaser(element):
            _remove(element)


def _is_link_list(element: HtmlElement) -> bool:
    chars = len(_text(element))
    items = len(element.findall("li"))
    return chars // items in _LIST_ITEM_CHARS and _link_chars(element) >= _LIST_SHARE * chars


def _is_teaser(element: HtmlElement) -> bool:
    text = _text(element)
    if not 0 < len(text) <= _MAX_TEASER_CHARS:
        return False
    share = _link_chars(element) / len(text)
    return share >= _TEASER_SHARE or (share >= _LABELLED_TEASER_SHARE and READ_MORE.match(text) is not None)


def _link_chars(element: HtmlElement) -> int:
    return sum(len(_text(link)) for link in element.iter("a"))


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _remove(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


# --- Prose -----------------------------------------------------------------------------------------------------------

_PROSE_LINK_SHARE = 0.3


def long_paragraphs(tree: HtmlElement) -> list[str]:
    """The prose of a page, whatever its place: innermost blocks of some length that are not mostly links."""
    texts = ((element, _text(element)) for element in _PROSE(tree))
    return [
        text
        for element, text in texts
        if len(text) >= _PROSE_CHARS and _link_chars(element) < _PROSE_LINK_SHARE * len(text)
    ]

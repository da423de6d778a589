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


def unfold_layout_tables(tree: HtmlElement, *, loose_text: bool = True) -> None:
    """Make plain blocks, in place, of tables that hold the layout of a page: as a table, a cell would be one line."""
    for table in _LAYOUT_TABLES(tree):
        for part in table.iter(*_PARTS_OF_A_TABLE):
            part.tag = "div"
            if loose_text:
                _wrap_loose_text(part)


_BREAKS = frozenset([*_CONTAINERS, "br", "hr", "center", "dl", "tr", "td", "li"])


def _wrap_loose_text(block: HtmlElement) -> None:
    """Make paragraphs, in place, of prose that stands bare between the blocks of a cell: extractors take paragraphs only.

    Old pages begin so: the first paragraph bare, the others in `p` or between line breaks.
    """
    children = list(block)
    breaks = [place for place, child in enumerate(children) if child.tag in _BREAKS]
    if not breaks:
        return
    for start, end in zip([-1, *breaks], [*breaks, len(children)], strict=True):
        _wrap(block, children[start] if start >= 0 else None, children[start + 1 : end])


def _wrap(block: HtmlElement, before: HtmlElement | None, inline: list[HtmlElement]) -> None:
    """Put the text behind `before` (None: at the start of the block) and the inline elements after it into a paragraph."""
    bare = (block.text if before is None else before.tail) or ""
    if len(bare.strip()) + sum(len(_text(child)) + len((child.tail or "").strip()) for child in inline) < _PROSE_CHARS:
        return
    paragraph = block.makeelement("p")
    paragraph.text = bare
    if before is None:
        block.text = None
        block.insert(0, paragraph)
    else:
        before.tail = None
        before.addnext(paragraph)
    paragraph.extend(inline)


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
    if not 0 < len(text) <= _MAX_TEASER_CHARS or _heads_prose(element):
        return False
    share = _link_chars(element) / len(text)
    return share >= _TEASER_SHARE or (share >= _LABELLED_TEASER_SHARE and READ_MORE.match(text) is not None)


_PARAGRAPHS_OF_A_STORY = 2


def _heads_prose(element: HtmlElement) -> bool:
    """Whether it is a heading among the paragraphs of a story: linked or not, it heads them. Teasers have one each."""
    parent = element.getparent()
    if element.tag not in _HEADINGS or parent is None:
        return False
    return sum(_is_prose(sibling) for sibling in parent.iterchildren("p")) >= _PARAGRAPHS_OF_A_STORY


_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])


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
    return [text for element, text in texts if _is_mostly_prose(element, len(text))]


def _is_prose(element: HtmlElement) -> bool:
    return _is_mostly_prose(element, len(_text(element)))


def _is_mostly_prose(element: HtmlElement, chars: int) -> bool:
    return chars >= _PROSE_CHARS and _link_chars(element) < _PROSE_LINK_SHARE * chars

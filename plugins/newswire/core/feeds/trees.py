"""XML as a forgiving tree, asked by local names: feeds use namespaces as they like."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from newswire.core.feeds.refusals import UnreadableFeed


def tree_of(xml: str) -> etree._Element:
    """The root element, with everything mended that can be. Raises UnreadableFeed where nothing can."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True
    )
    try:
        root = etree.fromstring(xml.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableFeed(f"not XML: {error}") from error
    if root is None:
        raise UnreadableFeed("no element in it")
    return root


def named(root: etree._Element, *names: str) -> Iterator[etree._Element]:
    """All elements below (or at) an element with one of these local names, in lower case, in document order."""
    return (element for element in root.iter() if local_name(element) in names)


def first_text(element: etree._Element, *names: str) -> str | None:
    """The text of the first child with one of these names, the names in order of preference; None where it is empty."""
    for name in names:
        for child in element:
            if local_name(child) == name and (text := text_of(child)):
                return text
    return None


def text_of(element: etree._Element) -> str:
    """All text inside an element, markup inside it left out."""
    return "".join(map(str, element.itertext())).strip()


def local_name(element: etree._Element) -> str:
    """The name without namespace or undeclared prefix, in lower case; empty for a processing instruction."""
    if not isinstance(element.tag, str):
        return ""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower()

"""XML as a forgiving tree, asked by local names: feeds use namespaces as they like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

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


def first_of(texts: Mapping[str, str], *names: str) -> str | None:
    """What one of these names has, in order of preference; None where none has any."""
    return next((texts[name] for name in names if name in texts), None)


def child_texts(element: etree._Element) -> dict[str, str]:
    """The first text of each child's name: one pass where several names are to be asked for."""
    texts: dict[str, str] = {}
    for child in element:
        name = local_name(child)
        if name not in texts and (text := text_of(child)):
            texts[name] = text
    return texts


def text_of(element: etree._Element) -> str:
    """All text inside an element, markup inside it left out."""
    return "".join(map(str, element.itertext())).strip()


def local_name(element: etree._Element) -> str:
    """The name without namespace or undeclared prefix, in lower case; empty for a processing instruction."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=256)  # a document of 20,000 items has a dozen names, each asked for a hundred thousand times
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()

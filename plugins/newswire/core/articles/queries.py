"""XPath with types: compiled queries for elements and texts. They run in C, because every page has thousands of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

Texts = Callable[[HtmlElement], list[str]]
Query = Callable[[HtmlElement], list[HtmlElement]]
Number = Callable[[HtmlElement], float]


def query(path: str) -> Query:
    """Compile an XPath that selects elements."""
    return cast("Query", etree.XPath(path))


def text_query(path: str) -> Texts:
    """Compile an XPath that selects text nodes."""
    return cast("Texts", etree.XPath(path))


def number_query(path: str) -> Number:
    """Compile an XPath that counts."""
    return cast("Number", etree.XPath(path))

"""The text of an article out of its page: the fast extractor, the thorough one where doubt remains, and a witness."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from newswire.core.articles.blocks import long_paragraphs, prune_link_blocks, unfold_layout_tables
from newswire.core.articles.queries import number_query
from newswire.core.articles.rules import ALL_RULES, Rules
from newswire.core.fingerprints import words

# Never text of a story; without them all that follows is a fifth faster. Not `form`, `aside` and `button`: some sites wrap
# whole stories in them. Not `head`: where a page leaves `body` out, the parser puts the story there.
_NO_STORY = "audio canvas dialog embed footer iframe img input link nav object picture script select source style svg template textarea video".split()  # noqa: SIM905 - read as a list of words

_PROSE_OF_A_STORY = 700  # a page with less is a listing or a very short item: its links may be its text


Method = Literal["fast", "thorough", "structured_data", "entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The text of a page, one line a paragraph ("" when there is none), and what the page around it is made of."""

    text: str
    method: Method  # what it comes from: an extractor, or a witness that told more
    page_chars: int  # all that can be read on the page
    prose: tuple[int, ...]  # lengths of its long paragraphs, wherever they stand


def read_body(
    tree: HtmlElement, *, article_body: str, feed_body: str, is_typed: bool, rules: Rules = ALL_RULES
) -> Body:
    """Find the text of the page. The tree is changed.

    `article_body` is the text that the publisher's structured data claims, `feed_body` what the feed carried ("" without):
    witnesses against what the extractors found, believed only where they tell clearly more. Where the first ends clearly
    earlier, that is believed too; feeds are often cut off.
    `is_typed`: the page says that it is an article.
    """
    etree.strip_elements(tree, *_NO_STORY, etree.Comment, with_tail=False)
    page_chars = int(_PAGE_CHARS(tree))
    if "layout_tables" in rules:
        unfold_layout_tables(tree, loose_text="loose_text" in rules)
    prose = long_paragraphs(tree)
    if "link_blocks" in rules and sum(map(len, prose)) >= _PROSE_OF_A_STORY:
        prune_link_blocks(tree)
    text = _extracted(tree, fast=True)
    method: Method = "fast"
    if "thorough_on_doubt" in rules and is_suspicious(text, prose, is_typed=is_typed):
        text, method = _extracted(tree, fast=False) or text, "thorough"
    if "article_body" in rules and (heard := with_witness(text, article_body)) != text:
        text, method = heard, "structured_data" if heard == article_body else method
    if "feed_body" in rules and with_witness(text, feed_body, may_cut=False) != text:
        text, method = feed_body, "entry"
    return Body(text=text, method=method, page_chars=page_chars, prose=tuple(map(len, prose)))


_PAGE_CHARS = number_query("string-length(normalize-space(//body))")


def _extracted(tree: HtmlElement, *, fast: bool) -> str:
    document = bare_extraction(tree, fast=fast, include_comments=False)
    return (getattr(document, "text", None) or "").strip()


# --- Doubt -----------------------------------------------------------------------------------------------------------

_SHORT_TEXT_CHARS = 400
_FULL_TEXT_CHARS = 1_500
_MENU_LINE_CHARS = 32
_MENU_SHARE = 0.4
_STYLE_RULE = re.compile(r"\{[^{};]{1,80}:[^{};]{1,80};")
_COVERED_PROSE = 0.5


def is_suspicious(text: str, prose: list[str], *, is_typed: bool = True) -> bool:
    """Whether the fast extractor may have taken the wrong block: a menu, very short, or short beside the page's prose.

    A page with little prose that does not say it is an article is a listing, on which the fast one is often wrong.

    A longer text that leaves much of the prose out is right to do so: the rest is comments and other stories.
    """
    return (
        len(text) < _SHORT_TEXT_CHARS
        or (not is_typed and sum(map(len, prose)) < _PROSE_OF_A_STORY)
        or is_menu(text)
        or (len(text) < _FULL_TEXT_CHARS and covered_prose(text, prose) < _COVERED_PROSE)
    )


def is_menu(text: str) -> bool:
    """Many short lines, or rules of a style sheet: not what people write."""
    lines = text.split("\n")
    short = sum(len(line) < _MENU_LINE_CHARS for line in lines)
    return short > _MENU_SHARE * len(lines) or _STYLE_RULE.search(text) is not None


def covered_prose(text: str, prose: list[str]) -> float:
    """The share of the page's long paragraphs, by length, whose beginning the text holds."""
    total = sum(map(len, prose))
    squeezed = _squeezed(text)
    covered = sum(len(paragraph) for paragraph in prose if _squeezed(paragraph[:60])[5:35] in squeezed)
    return covered / total if total else 1.0


def _squeezed(text: str) -> str:
    return "".join(text.split())


# --- Witness ---------------------------------------------------------------------------------------------------------

_WITNESS_WORDS = 60
_TELLS_MORE = 1.5
_LITTLE_COVERED = 0.6
_WELL_COVERED = 0.85
_TAIL_SHARE = 0.3
_SHINGLE = 4
Shingles = set[tuple[str, ...]]


def with_witness(text: str, witness: str, *, may_cut: bool = True) -> str:
    """The text, replaced where the witness tells clearly more, cut where the witness ends and a small tail goes on."""
    claimed = words(witness)
    if len(claimed) < _WITNESS_WORDS:
        return text
    found, told = _shingles(words(text)), _shingles(claimed)
    covered = len(found & told) / len(told)
    if covered < _LITTLE_COVERED and len(told) > _TELLS_MORE * len(found):
        return witness
    if may_cut and covered >= _WELL_COVERED:
        return _without_tail(text, told)
    return text


def _shingles(tokens: list[str]) -> Shingles:
    return set(zip(*(tokens[start:] for start in range(_SHINGLE)), strict=False))


def _without_tail(text: str, told: Shingles) -> str:
    """The text up to the last line that the witness tells too, if what follows is small."""
    lines = text.split("\n")
    last = max((number for number, line in enumerate(lines) if _is_told(line, told)), default=len(lines) - 1)
    tail = sum(len(words(line)) for line in lines[last + 1 :])
    return "\n".join(lines[: last + 1]) if tail <= _TAIL_SHARE * len(words(text)) else text


def _is_told(line: str, told: Shingles) -> bool:
    own = _shingles(words(line))
    return bool(own) and 2 * len(own & told) >= len(own)

"""The text of an article out of its page: the fast extractor, the thorough one where doubt remains, and a witness."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from newswire.core.articles.blocks import long_paragraphs, prune_link_blocks, unfold_layout_tables
from newswire.core.fingerprints import words

# Never text of a story; without them all that follows is a fifth faster. Not `form`, `aside` and `button`: some sites wrap
# whole stories in them.
_NO_STORY = "audio canvas dialog embed footer iframe input link nav object script select source style svg template textarea video".split()  # noqa: SIM905 - read as a list of words

_PROSE_OF_A_STORY = 700  # a page with less is a listing or a very short item: its links may be its text


def read_body(tree: HtmlElement, *, article_body: str) -> str:
    """The text of the page, one line a paragraph; "" when there is none. The tree is changed.

    `article_body` is the text that the publisher's structured data claims ("" without): a witness against what the
    extractors found, believed only where it tells clearly more or ends clearly earlier.
    """
    etree.strip_elements(tree, *_NO_STORY, with_tail=False)
    unfold_layout_tables(tree)
    prose = long_paragraphs(tree)
    if sum(map(len, prose)) >= _PROSE_OF_A_STORY:
        prune_link_blocks(tree)
    text = _extracted(tree, fast=True)
    if is_suspicious(text, prose):
        text = _extracted(tree, fast=False) or text
    return with_witness(text, article_body)


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


def is_suspicious(text: str, prose: list[str]) -> bool:
    """Whether the fast extractor may have taken the wrong block: a menu, very short, or short beside the page's prose.

    A longer text that leaves much of the prose out is right to do so: the rest is comments and other stories.
    """
    return (
        len(text) < _SHORT_TEXT_CHARS
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


def with_witness(text: str, witness: str) -> str:
    """The text, replaced where the witness tells clearly more, cut where the witness ends and a small tail goes on."""
    claimed = words(witness)
    if len(claimed) < _WITNESS_WORDS:
        return text
    found, told = _shingles(words(text)), _shingles(claimed)
    covered = len(found & told) / len(told)
    if covered < _LITTLE_COVERED and len(told) > _TELLS_MORE * len(found):
        return witness
    if covered >= _WELL_COVERED:
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

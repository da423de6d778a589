"""What every text of an article goes through at the end: clean characters, and the question whether it is enough."""

from __future__ import annotations

import hashlib
import re

from newswire.core.text import clean_text

# Marks for the layout of a browser. A soft hyphen inside a word would hide it from topics and fingerprints.
_LAYOUT_MARKS = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")


def readable(text: str) -> str:
    """Clean text (NFC) with single spaces, without layout marks and empty lines."""
    spaced = _SPACES.sub(" ", _LAYOUT_MARKS.sub("", clean_text(text)))
    return "\n".join(line for line in map(str.strip, spaced.split("\n")) if line)


# A character of Chinese, Japanese or Korean tells about as much as three letters.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LETTERS_OF_A_STORY = 120  # two lines; the shortest of 640 real stories has 153
_LETTERS_OF_A_TEXT = 40  # a sentence: a flash of an agency


def is_enough(text: str) -> bool:
    """Whether a text is long enough to be a story in any script."""
    return _letters(text) >= _LETTERS_OF_A_STORY


def is_text(text: str) -> bool:
    """Whether a text says anything: what a page shows as its story may be one sentence."""
    return _letters(text) >= _LETTERS_OF_A_TEXT


def is_dense(text: str) -> bool:
    """Whether a text is written without spaces between its words."""
    return _DENSE.search(text) is not None


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text)) + 2 * len(_DENSE.findall(text))


def content_digest(title: str, text: str) -> bytes:
    """What tells versions of an article apart."""
    return hashlib.sha256(f"{title}\n{text}".encode()).digest()

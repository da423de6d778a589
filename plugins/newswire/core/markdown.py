"""Text of the web inside Markdown: it says what it says and does nothing."""

from __future__ import annotations

import re

_MOST_CHARS = 400
_ACTS = re.compile(r"([\\`*_\[\]<>|~])")


def plain(text: str) -> str:
    """In one line, without an effect on what surrounds it."""
    return _ACTS.sub(r"\\\1", " ".join(text.split())[:_MOST_CHARS])

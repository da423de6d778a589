"""Items that were read before are cut out of the text before feedparser, the slow part, sees it.

Reading an item costs a hundred times what slicing it out costs, and most items of a document were there last time. So the
text of each item is digested; one with a known digest is cut, and only its entry's key takes part, because items that
share a guid are told apart by their order. Where it is not certain that nothing but the known is missing, the whole text is
read: after `Uncertain`, for items inside items, and without a memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from newswire.core.feeds.markup import Root
from newswire.records import FeedMemory

_DIGEST_BYTES = 16
_KEY_BYTES = 32
_MOST_ITEMS = 2_000  # beyond it the newest are chosen, for which all must be read (items.py)

# The tags of items, and what may hold such tags without meaning them. Attributes may contain ">".
_ATTRIBUTES = r"(?:[^<>\"']|\"[^\"]*\"|'[^']*')*"
_TOKEN = re.compile(
    r"<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>"
    rf"|(?P<close>/?)(?P<tag>(?:[\w.-]+:)?(?:item|entry))(?=[\s/>]){_ATTRIBUTES}(?<!/)(?P<alone>/?)>)",
    re.DOTALL | re.IGNORECASE,
)


class Uncertain(Exception):
    """Something besides the known items may be missing: the whole document must be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A document by its items, in its order."""

    text: str
    spans: tuple[slice, ...]
    digests: tuple[bytes, ...]
    keys: tuple[bytes | None, ...]  # of the entries of the items that were cut; None: an item to read

    def without(self, memory: FeedMemory) -> Outline:
        """The document without the items that are known."""
        known = _recalled(memory)
        keys = tuple(known.get(digest) for digest in self.digests)
        gone = [span for span, key in zip(self.spans, keys, strict=True) if key]
        return replace(self, text=_without(self.text, gone), keys=keys)


def outline_of(text: str, root: Root) -> Outline | None:
    """The items of a document; None where it cannot be taken apart with certainty."""
    if "<!ENTITY" in text[: root.start]:  # what its text means is said elsewhere
        return None
    try:
        spans = tuple(_spans(text, root.start))
    except Uncertain:
        return None
    digests = tuple(_digest(text[span]) for span in spans)
    return (
        Outline(text=text, spans=spans, digests=digests, keys=(None,) * len(spans))
        if len(spans) <= _MOST_ITEMS
        else None
    )


def remembered(context: bytes, items: Sequence[tuple[bytes, bytes]]) -> FeedMemory:
    """What the next document may be compared with: the digests of items, each with the key of its entry."""
    return FeedMemory(
        context=context,
        item_digests=b"".join(digest for digest, _ in items),
        entry_keys=b"".join(key for _, key in items),
    )


def _recalled(memory: FeedMemory) -> dict[bytes, bytes]:
    digests, keys = _parts(memory.item_digests, _DIGEST_BYTES), _parts(memory.entry_keys, _KEY_BYTES)
    return dict(zip(digests, keys, strict=True))


def _parts(joined: bytes, size: int) -> list[bytes]:
    return [joined[start : start + size] for start in range(0, len(joined), size)]


def context_of(text: str, root: Root, url: str, site_url: str | None) -> bytes:
    """What an item means besides its own text: the names declared at the root, and what its links are relative to."""
    tag = text[root.start : text.find(">", root.start) + 1]
    return _digest("\0".join((tag, url, site_url or "")))


def _spans(text: str, start: int) -> Iterator[slice]:
    """Each item from its first tag to its last. Raises Uncertain for items inside items, and for unequal tags."""
    opened: re.Match[str] | None = None
    for token in _TOKEN.finditer(text, start):
        if token["tag"] is None:
            continue
        if (opened is None) == bool(token["close"]):
            raise Uncertain
        if opened is None and not token["alone"]:
            opened = token
            continue
        if opened is not None and opened["tag"] != token["tag"]:
            raise Uncertain
        yield slice((opened or token).start(), token.end())
        opened = None
    if opened is not None:
        raise Uncertain


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def _without(text: str, gone: Sequence[slice]) -> str:
    """What is left of a text when some of its parts, given in order, are taken out."""
    starts = [0, *(span.stop for span in gone)]
    stops = [*(span.start for span in gone), len(text)]
    return "".join(text[start:stop] for start, stop in zip(starts, stops, strict=True))

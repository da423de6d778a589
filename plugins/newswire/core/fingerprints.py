"""Fingerprints of articles: what stays of a piece of writing when it is copied, cut, extended or set in other type.

`fingerprint` is a function of title and text alone, needs nothing but the standard library, and gives some 300 numbers, few
enough to keep for every version of an article. `core/duplicates.py` compares two of them.

Every figure here was chosen on the development half of the labelled pairs that `make bench-duplicates` scores
(docs/duplicates.md), where it is not said otherwise; each is part of the rule that SIGNATURE_VERSION names.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from heapq import nsmallest

from newswire.records import Fingerprint

SIGNATURE_VERSION = "copies-2"  # fingerprints and the rule that compares them; two versions are never compared


def fingerprint(title: str, text: str, *, source_id: int | None = None, at: datetime | None = None) -> Fingerprint:
    """What comparing needs of an article; `source_id` and `at` say who published it and when, where that is known."""
    headline, body = words(title), words(text)
    if len(headline) + len(body) < _WORDS_OF_A_TEXT:
        return _nothing(len(body), source_id=source_id, at=at)
    title_hashes, hashes = [_hash(word) for word in headline], [_hash(word) for word in body]
    sketch = sorted({*runs_of(hashes, _SKETCH_RUN)})
    return Fingerprint(
        source_id=source_id,
        at=at,
        words=len(body),
        text_key=_text_key(headline, body),
        anchors=_sorted(_anchors(title_hashes, hashes)),
        sketch=tuple(sketch[:_SKETCH_SIZE]),
        cut=sketch[_SKETCH_SIZE - 1] if len(sketch) > _SKETCH_SIZE else _NO_CUT,
        title=_sorted({word - _HALF for word in title_hashes}),
        numbers=_sorted(_numbers(body)),
        opening=tuple(dict.fromkeys(run >> _OPENING_SHIFT for run in runs_of(hashes[:_OPENING_WORDS], _SKETCH_RUN))),
    )


def lead(opening: Sequence[int]) -> Sequence[int]:
    """The first half of an opening: the runs of the first sentence or two."""
    return opening[: _LEAD_WORDS - _SKETCH_RUN + 1]


def below(sketch: Sequence[int], cut: int) -> Sequence[int]:
    """The part of a sketch up to a cut: two sketches are compared where both are whole, below the smaller cut."""
    return sketch[: bisect_right(sketch, cut)]


# --- Words -----------------------------------------------------------------------------------------------------------

# Scripts that write without spaces: each character is a word. (Han, kana, Thai, Lao, Burmese, Khmer.)
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_INDIC = "\u0900-\u0963\u0966-\u0dff"  # their vowel signs are marks, no letters, and belong to the word
_WORDS = re.compile(rf"[{_UNSPACED}]|(?:[^\W_{_UNSPACED}]|[{_INDIC}])+")


def words(text: str) -> list[str]:
    """The words of a text in their order, folded (NFKC, case), so that typography, punctuation and layout do not count."""
    return _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())


# --- Equal texts -----------------------------------------------------------------------------------------------------

WORDS_THAT_PROVE = 100  # a shorter text is a copy only under the same title: wire briefs repeat their formulas
_WORDS_OF_A_TEXT = 20  # with its title; below, equal words are a caption, a placeholder or chance
_KEY_BYTES = 16  # of SHA-256: two of 10^15 texts collide with a chance of one in 10^8


def _nothing(body: int, *, source_id: int | None, at: datetime | None) -> Fingerprint:
    """The fingerprint of a text too short to prove anything: it is like no other."""
    return Fingerprint(
        source_id=source_id, at=at, words=body, text_key=None, anchors=(), sketch=(), cut=_NO_CUT, title=(), numbers=(),
        opening=(),
    )  # fmt: skip


def _text_key(headline: list[str], body: list[str]) -> bytes:
    """Equal keys prove the same text (of a short one: the same title and text).

    Letters and digits alone count, without the spaces between words, because paragraphs, hyphens and soft hyphens move
    when a text is taken over.
    """
    told = body if len(body) >= WORDS_THAT_PROVE else [*headline, "\n", *body]
    return hashlib.sha256("".join(told).encode("utf-8", "surrogatepass")).digest()[:_KEY_BYTES]


# --- Runs of words, as numbers ---------------------------------------------------------------------------------------

_ANCHOR_RUN = 5  # words
# Over eight families of hashes, two shared ones find these shares of the real and of the made copies (with the title's one):
# 16 + 4 .991 and .998, 20 + 4 .998 and .998, 20 + 6 1.000 and .999; each costs 40 bytes an article, so 18 + 4. The lead has its own: a
# teaser shares little else.
_ANCHORS = 18
_LEAD_ANCHORS = 4
_TITLE_WORDS = 3  # a shorter title ("Live", "Editorial") is shared by strangers
_LEAD_WORDS = 40  # one or two sentences
_OPENING_WORDS = 80  # where a lead is looked for in the other article: a rewritten first sentence moves it down
_OPENING_SHIFT = 16  # half a hash is enough to tell 78 runs: a chance hit in a thousand
_SKETCH_RUN = 3
_SKETCH_SIZE = 256  # F1 on real pairs: .897 with 64, .904 with 128, .910 with 256, .910 with 1,024
_HALF = 1 << 31  # numbers are signed, as the warehouse's int4: a chance hit of two anchors takes two collisions in 2^32
_NO_CUT = _HALF - 1  # of a sketch that holds every run of its text
_LOW_64 = (1 << 64) - 1
_KEYS = tuple(
    int.from_bytes(hashlib.blake2b(f"place {at} of a run".encode(), digest_size=8).digest(), "big") for at in range(5)
)


def runs_of(hashed: Sequence[int], run: int) -> list[int]:
    """A number for every run of so many words (given by their hashes); for all of them together where there are fewer.

    Multilinear hashing: the upper half of a sum of products with fixed 64-bit keys. It is as even as a hash of the joined
    words, which the lowest-hash samples rely on, and three times as fast.
    """
    length = min(run, len(hashed))
    places = ([key * word for word in hashed[at:]] for at, key in enumerate(_KEYS[:length]))
    return [((sum(products) & _LOW_64) >> 32) - _HALF for products in zip(*places)]  # noqa: B905  the shortest ends it


def _anchors(headline: Sequence[int], body: Sequence[int]) -> set[int]:
    """Few runs that nearly every copy keeps: the lowest of the text, the lowest of its lead, the whole title."""
    runs = nsmallest(_ANCHORS, {*runs_of(body, _ANCHOR_RUN)})
    lead = nsmallest(_LEAD_ANCHORS, {*runs_of(body[:_LEAD_WORDS], _ANCHOR_RUN)})
    return {*runs, *lead, *_whole(headline)}


def _whole(headline: Sequence[int]) -> set[int]:
    """The title as one anchor, made of all its words."""
    if len(headline) < _TITLE_WORDS:
        return set()
    return {_hash(",".join(map(str, headline))) - _HALF}


@lru_cache(maxsize=1 << 15)
def _hash(word: str) -> int:
    """The same 32 bits on every machine and for ever."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


def _sorted(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))


# --- Numbers ---------------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"\d+")
_COUNT_WORDS = frozenset("one two three four five six seven eight nine ten".split())  # noqa: SIM905 - a list of words


def _numbers(body: Sequence[str]) -> set[int]:
    """The numbers of a text, each occurrence: `3` twice is `3#1` and `3#2`. Forms filled in anew differ in nothing else."""
    found = Counter(_DIGITS.findall(" ".join(body))) + Counter(word for word in body if word in _COUNT_WORDS)
    return {_hash(f"{number}#{n}") - _HALF for number, count in found.items() for n in range(1, count + 1)}

"""What stories are told by: the terms, names and numbers of a text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator

# Scripts that write without spaces are read two characters at a time. (Thai, Lao, Burmese, Khmer, kana, Han.)
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_INDIC = "\u0900-\u0963\u0966-\u0dff"  # their vowel signs are marks, no letters, and belong to the word
_WORDS = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?:[^\W_{_UNSPACED}]|[{_INDIC}])+")
_STEM_LETTERS = 6  # a stemmer for every language: inflection is at the end of words

# A capital after the end of a sentence, a quotation mark or a line break says nothing.
_SENTENCE_STARTS = re.compile(r"(?:[.!?:…。]+[\"'»”’)\]]*\s+|\n+|^)[\"'«“‘„(\[—–-]*\s*")
_WRITTEN_WORDS = re.compile(r"[^\W\d_](?:[^\W_]|[’'\-&](?=[^\W_]))*")
_GENITIVES = re.compile(r"[’']s?$")

_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_YEARS = re.compile(r"(?:19|20)\d\d")  # every report of a year has it


def terms(text: str) -> list[str]:
    """The words of a text in their order, folded and cut to their first letters; pairs of characters where no spaces are."""
    return [term for word in _WORDS.finditer(unicodedata.normalize("NFKC", text)) for term in _terms_of(word)]


def _terms_of(word: re.Match[str]) -> Iterator[str]:
    if word["unspaced"] is None:
        yield word[0].casefold()[:_STEM_LETTERS]
    elif len(word[0]) == 1:
        yield word[0]
    else:
        yield from (word[0][at : at + 2] for at in range(len(word[0]) - 1))


def written(text: str, wanted: Container[str], names: Container[str]) -> dict[str, str]:
    """How cut terms are written where they first come up, for people; names with their capitals."""
    found: dict[str, str] = {}
    for word in _WORDS.finditer(unicodedata.normalize("NFKC", text)):
        term = word[0].casefold()[:_STEM_LETTERS]
        if word["unspaced"] is None and term in wanted and term not in found:
            found[term] = _as_name(word[0]) if term in names else word[0].casefold()
    return {term: word for term, word in found.items() if word != term}


def _as_name(word: str) -> str:
    """Datelines shout; short capitals are abbreviations."""
    return word.capitalize() if word.isupper() and len(word) >= _STEM_LETTERS else word


def names(text: str) -> Counter[str]:
    """How often each term is written with a capital where no sentence begins. German nouns are among them: they are rare
    enough where they tell something.
    """
    starts = {start.end() for start in _SENTENCE_STARTS.finditer(text)}
    written = (word for word in _WRITTEN_WORDS.finditer(text) if word[0][0].isupper() and word.start() not in starts)
    found = (term for word in written for term in terms(_GENITIVES.sub("", word[0])))
    return Counter(term for term in found if len(term) > 1)


def numbers(text: str) -> frozenset[str]:
    """The numbers of a text as written, without the marks of thousands and without years."""
    return frozenset(found.replace(",", "") for found in _NUMBERS.findall(text) if not _YEARS.fullmatch(found))

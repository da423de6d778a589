"""Fingerprints of texts: what stays equal when one piece of writing appears again in other typography."""

from __future__ import annotations

import hashlib
import re
import unicodedata

FINGERPRINT_VERSION = "copies-1"  # two versions are never compared

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

_WORDS_THAT_PROVE = 100  # a shorter text is a copy only under the same title: wire briefs repeat their formulas
_WORDS_OF_A_TEXT = 20  # with its title; below, equal words are a caption, a placeholder or chance


def text_digest(title: str, text: str) -> bytes | None:
    """SHA-256 over the letters and digits of a text (of a short one: of title and text), 32 bytes.

    Equal digests prove a copy; None: too short to prove anything. Letters and digits alone are hashed, without the
    spaces between words, because paragraphs, hyphens and soft hyphens move when a text is taken over.
    """
    if not is_groupable(title, text):
        return None
    body = words(text)
    told = body if len(body) >= _WORDS_THAT_PROVE else [*words(title), "\n", *body]
    return hashlib.sha256("".join(told).encode("utf-8", "surrogatepass")).digest()


def is_groupable(title: str, text: str) -> bool:
    """Whether title and text hold enough words that the same words elsewhere are the same piece of writing."""
    return len(words(title)) + len(words(text)) >= _WORDS_OF_A_TEXT
